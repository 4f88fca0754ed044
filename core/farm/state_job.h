/* SPDX-License-Identifier: Apache-2.0 */
/* Jobs in memory: taking them in, their life, and when they may start. */
#ifndef ASSAY_FARM_STATE_JOB_H
#define ASSAY_FARM_STATE_JOB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/list.h"
#include "core/base/map.h"
#include "core/farm/farm_state.h"
#include "core/plan/plan.h"
#include "core/spec/spec.h"
#include "core/spec/spec_when.h"

struct board;
struct run;

/* A job waits for another. */
struct dependency {
	struct list link; /* of the other's dependents, or farm.settling */
	struct job *job;  /* who waits; NULL: not used */
	int64_t on;       /* the other */
	enum run_verdict verdict;
};

/* A job that is not finished, or whose end is not durable yet. */
struct job {
	struct job_record record; /* spec NULL here: it is parsed below */
	struct map_node node;     /* farm.jobs by id */
	struct job_spec *spec;
	struct list runs; /* struct run.job_link, all attempts, by id */
	size_t open_runs; /* not finished */
	char *why_cancelled;
	struct diagnosis_record *diagnosis; /* of one of that kind */
	unsigned diagnosed;                 /* failures of it that were looked into */
	struct hold *hold;                  /* of a lease; NULL */
	struct plan_job plan;               /* until it is finished */
	struct plan_ask *asks;              /* one for each of spec->runs; .job is NULL until a run asks */
	/* when it may start; of use while timed_link is in a list */
	struct job_terms terms;
	struct list timed_link; /* farm.timed */
	int64_t look_us;        /* monotonic: when that changes */
	struct dependency *dependencies;
	size_t waits_for;       /* of those */
	struct list dependents; /* struct dependency.link */
};

/* job.c */
struct job *job_find(const struct farm *farm, int64_t id);
struct job *job_add(struct farm *farm, const struct job_record *record, struct job_spec *spec);
void job_keep(struct farm *farm, const struct job *job); /* a record of it as it is now */
void job_run_started(struct farm *farm, struct job *job);
void job_run_finished(struct farm *farm, struct job *job); /* ends the job when it was the last */
void job_cancel(struct farm *farm, struct job *job, const char *reason);
void job_forget(struct farm *farm, struct job *job); /* out of memory, with its runs */
void job_destroy(struct job *job);

/* submit.c: the job of a specification, which is taken over on success: checked as a whole (problems, which are
 * init'ed, say what is wrong) and then durable. hold: of a lease, else NULL. */
int submit_spec(struct farm *farm, const struct principal *who, const struct submission *submission,
		struct job_spec *spec, enum job_kind kind, const struct hold_record *hold, on_submitted_fn on_submitted,
		void *context, struct doc_problems *problems, struct err *err);

/* submit.c: a job that the farm hands in by itself, inside a call, as part of a night. Returns its number; 0: problems
 * or err say what is wrong. With only_look it is not taken, and what is returned is 0 or 1. */
int64_t job_hand_in(struct farm *farm, const struct principal *who, const struct submission *submission, int64_t night,
		    bool only_look, struct doc_problems *problems, struct err *err);

/* own_job.c: jobs of the farm's own, FARM_ITSELF owns them. spec is taken over; own_job_tell once all runs are added.
 */
struct job *own_job_add(struct farm *farm, enum job_kind kind, const char *org, const char *name, const char *suite,
			struct job_spec *spec);
struct run *own_job_run(struct farm *farm, struct job *job, uint32_t spec, const struct run_image *image,
			const char *board_type, const char *board);
void own_job_tell(struct farm *farm, struct job *job);

/* timing.c */
void timing_begin(struct farm *farm, struct job *job); /* it is planned, and has no runs yet */
void timing_end(struct job *job);                      /* it is forgotten */
void timing_look(struct farm *farm, struct job *job);  /* whether it may start now */
void timing_tick(struct farm *farm);
int64_t timing_due_us(const struct farm *farm);
void timing_job_over(struct farm *farm, struct job *job);         /* for who waits for it */
bool job_is_late(const struct farm *farm, const struct job *job); /* nothing of it starts any more */
/* "for job 12 to pass": false: its time is not what it waits for. */
bool timing_describe(const struct farm *farm, const struct job *job, char *ret_text, size_t size);

#endif
