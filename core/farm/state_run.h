/* SPDX-License-Identifier: Apache-2.0 */
/* Runs in memory, and the leases under which they have their boards. */
#ifndef ASSAY_FARM_STATE_RUN_H
#define ASSAY_FARM_STATE_RUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/list.h"
#include "core/base/map.h"
#include "core/farm/farm_state.h"
#include "core/judge/asked.h"
#include "core/plan/plan.h"
#include "core/spec/spec.h"

struct board;
struct job;

#define FARM_MAX_REJECTIONS 5
#define FARM_MAX_BUSY       6
#define FARM_BUSY_RETRY_US  1000000 /* an agent that said "busy" is asked again; doubled each time */

struct run {
	struct run_record record;
	struct map_node node; /* farm.runs by id */
	struct job *job;
	struct list job_link;
	struct plan_run plan;   /* while it waits or has a board */
	struct board *board;    /* leased to it; NULL when none is */
	struct list lease_link; /* farm.leased */
	int64_t durable;        /* have, as far as it is durable */
	struct list ack_link;   /* farm.acks: its agent is to be told of durable */
	bool ended_by_agent;    /* finished by its run.ended, not by the farm */
	bool assign_sent;       /* the agent may know of it */
	bool assign_queued;     /* the assign is in the outbox */
	bool seen;              /* listed by the agent's last hello */
	bool cancel_sent;
	uint64_t failing; /* a hash of the names of the cases that failed; the whole of them when */
	bool failing_known;
	bool overdue;        /* passed all its limits and was cancelled for that */
	bool yields;         /* it was asked to give its board to a run of a higher band */
	bool held_back;      /* waits, but not in the plan: its image is held */
	bool excused;        /* counted in its trial's excused */
	bool frozen;         /* the store takes nothing of it, not even its end: left as it is stored */
	struct asked *asked; /* what it is held to, from its assign until it runs */
	int64_t limit_us;    /* monotonic; when it must have ended, then when it is given up */
	int64_t cancel_us;
	/* the step that has begun and not ended */
	struct step_record step;
	bool step_open;
};

/* run.c: run_enter is the one place that changes record.state. */
struct run *run_find(const struct farm *farm, int64_t id);
struct run *run_add(struct farm *farm, struct job *job, const struct run_record *record);
void run_keep(struct farm *farm, const struct run *run);
void run_keep_progress(struct farm *farm, const struct run *run); /* only how far it is */
void run_enter(struct run *run, enum run_state state);
void run_queue(struct farm *farm, struct run *run); /* waits for a board from now on */
void run_unqueue(struct farm *farm, struct run *run);
void run_assign(struct farm *farm, struct run *run, struct board *board);
void run_assign_now(struct farm *farm, struct run *run, struct board *board); /* past the queue */
void run_started(struct farm *farm, struct run *run);
void run_give_back(struct farm *farm, struct run *run); /* assigned -> queued */
/* Its board is to go to a run of a higher band; those of a gang give all theirs back. */
void run_preempt(struct farm *farm, struct run *run);
/* A further attempt, with the place in the queue that the job has. */
void run_retry(struct farm *farm, struct run *run);
/* How often it was tried, this attempt included; being pre-empted is none. */
uint32_t run_tries(const struct run *run);
/* Whether it is to be tried again, as it ended. */
bool run_wants_retry(const struct farm *farm, const struct run *run);
void run_cancel(struct farm *farm, struct run *run, const char *reason);
/* A further attempt that is left with quarantined boards only ends as the attempt before it did, and so does a night's
 * run: nobody waits for a board that needs a person. A first attempt goes on waiting, and says why, unless the one
 * board it asks for is retired. */
void run_end_hopeless(struct farm *farm);
/* Ends it. by_agent: record is filled from the agent's report; else cause and text are the farm's, and a lease it has
 * is fenced off. Then retries, and tells the job. */
void run_finish(struct farm *farm, struct run *run, enum cause cause, const char *text, bool by_agent);
void run_tick(struct farm *farm, struct run *run);
int64_t run_limit_us(const struct farm *farm, const struct run *run); /* monotonic, from now */
int64_t run_due_us(const struct farm *farm, const struct run *run);
const struct end_rule *run_end_rule(const struct run *run);
void run_destroy(struct run *run);

/* run_asked.c: what it is held to, resolved now for the type of its board; kept with its record. */
void run_ask(struct farm *farm, struct run *run);
void run_forget_asked(struct run *run);

/* lease.c: the one place where farm.last_fence and board.record.fence grow. */
void lease_open(struct farm *farm, struct board *board, struct run *run);
void lease_close(struct farm *farm, struct run *run); /* what a run used that yields is nobody's share */
void lease_fence_off(struct farm *farm, struct board *board, int64_t by);

#endif
