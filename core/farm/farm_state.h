/* SPDX-License-Identifier: Apache-2.0 */
/* The farm as it is in memory, its entering and leaving; shared by the files of this folder only. What a subject has in
 * memory, and which file moves it, stands in the header of the subject: state_job.h, state_run.h, state_hold.h,
 * state_board.h, state_rack.h, state_image.h, state_night.h, state_org.h, state_standard.h; planning.h has what the
 * plan is told and decides, outbox.h and event.h what the world hears. */
#ifndef ASSAY_FARM_FARM_STATE_H
#define ASSAY_FARM_FARM_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/list.h"
#include "core/base/map.h"
#include "core/farm/estimate.h"
#include "core/farm/farm.h"
#include "core/plan/plan.h"

#define FARM_ITSELF "farm" /* who decides and owns what no person did */
#define NEVER_US    INT64_MAX

struct farm {
	struct farm_ports ports;
	struct farm_config config;
	char id[40];
	int64_t last_job, last_run, last_seq, last_waiver, last_night;
	int64_t last_fence; /* of all boards: the largest that was given out */
	int64_t durable_seq;
	int64_t created_us; /* monotonic */

	struct change *open; /* what the call that is running changes; NULL outside of calls */
	int depth;           /* of calls, since a callback may call again */
	int64_t last_change, durable_change;
	struct list outbox; /* struct output, by change number */
	struct list acks;   /* struct run.ack_link */
	size_t uncommitted_bytes;
	bool flow_waits;
	struct err trouble; /* code 0: none */

	struct map goldens, images;
	struct list suspects; /* struct image_entry.link: struck and not held, the last struck last */
	size_t images_suspect;
	struct map trials;
	struct list tried; /* struct trial.link, the one known longest first */
	size_t tried_count;
	int64_t diagnosed_since_us; /* so many in the hour from then: */
	uint32_t diagnosed;
	struct list times;    /* struct board.time_link: a row of their time goes with this change */
	struct list to_check; /* struct board.check_link: suspect, with a golden image, no check under way */
	struct map jobs, runs, boards, agents, pools, suites, baselines;
	struct list waivers; /* struct waiver_entry.link */
	size_t waiver_count;
	struct list schedules, nights, secrets;
	struct map drops;
	struct list leased; /* struct run.lease_link */
	struct list holds;  /* struct hold.link */
	int64_t last_client;
	struct plan *plan;
	struct map orgs, members;
	struct map words;     /* planning_words.c: that boards or jobs used */
	struct list timed;    /* struct job.timed_link: those that may not start at any time */
	struct list settling; /* struct dependency.link: what they waited for is over */
	bool is_settling;
	int64_t debts_due_us; /* orgs.c: when they are kept; NEVER_US: nothing has changed */
	struct estimates estimates;
	size_t waiting;     /* runs that are queued */
	struct list barred; /* rewind.c: what the store refused something of */
	size_t barred_count;
	int64_t timer_us; /* armed for; NEVER_US: not */
};

/* farm.c: every entry into the farm stands between these two. leave plans, commits and lets out what may go. */
void farm_enter(struct farm *farm);
void farm_leave(struct farm *farm);
int64_t farm_now(const struct farm *farm);
int64_t farm_unix(const struct farm *farm);
void farm_due(struct farm *farm, int64_t due_us); /* farm_tick no later than that */
bool farm_degraded(const struct farm *farm);
/* What is answered while it is: no space, or that it may be asked again. */
int farm_refuse(const struct farm *farm, struct err *err);
void farm_arm(struct farm *farm);        /* the timer, for the earliest instant at which something runs out */
bool farm_is_one_line(const char *text); /* what a person gave as a reason: no control characters */

/* build.c: inside a call, an empty farm takes up the records; and everything but the outbox goes. */
int farm_build(struct farm *farm, const struct farm_records *records, struct err *err);
void farm_clear(struct farm *farm);

/* rewind.c */
void barred_finish(struct farm *farm);
/* Why nothing is taken of an agent at present; NULL: it is. */
const char *agent_barred(const struct farm *farm, const char *agent);

#endif
