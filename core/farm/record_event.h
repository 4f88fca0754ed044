/* SPDX-License-Identifier: Apache-2.0 */
/* The events of a farm: everything that happens in it, in the order in which it happened. */
#ifndef ASSAY_FARM_RECORD_EVENT_H
#define ASSAY_FARM_RECORD_EVENT_H

#include <stdint.h>

#include "core/farm/principal.h"
#include "core/farm/record_sizes.h"

/* Everything that happens in a farm. A job's events carry its number, a run's also the run's and its board. */
#define EVENT_TYPES(X)                                                                                                 \
	X(JOB_SUBMITTED, "job.submitted")                                                                              \
	X(JOB_CANCELLED, "job.cancelled") /* a cancel was asked for; job.finished follows */                           \
	X(JOB_FINISHED, "job.finished")                                                                                \
	X(RUN_QUEUED, "run.queued")     /* also: a further attempt, or given back by an agent */                       \
	X(RUN_ASSIGNED, "run.assigned") /* leased */                                                                   \
	X(RUN_STARTED, "run.started")   /* the agent's first report came */                                            \
	X(RUN_FINISHED, "run.finished")                                                                                \
	X(STEP_BEGUN, "step.begun")                                                                                    \
	X(STEP_ENDED, "step.ended")                                                                                    \
	X(CASE_ENDED, "case.ended")                                                                                    \
	X(BOARD_CHANGED, "board.changed")                                                                              \
	X(BOARD_QUARANTINED, "board.quarantined") /* these four say by whom and why */                                 \
	X(BOARD_RELEASED, "board.released")                                                                            \
	X(BOARD_RETIRED, "board.retired")                                                                              \
	X(BOARD_UNRETIRED, "board.unretired")                                                                          \
	X(RUN_EXPLAINED, "run.explained") /* a failure has an origin */                                                \
	X(IMAGE_HELD, "image.held")       /* what it did to boards: it gets no more of them */                         \
	X(IMAGE_RELEASED, "image.released")                                                                            \
	X(GOLDEN_SET, "golden.set")                                                                                    \
	X(GOLDEN_REMOVED, "golden.removed")                                                                            \
	X(AGENT_ONLINE, "agent.online")                                                                                \
	X(AGENT_OFFLINE, "agent.offline")                                                                              \
	X(SUITE_CHANGED, "suite.changed")                                                                              \
	X(WAIVER_ADDED, "waiver.added")                                                                                \
	X(ORG_CHANGED, "org.changed")   /* an organisation's shares, or a member's */                                  \
	X(RACK_CHANGED, "rack.changed") /* it, or a hub of it, is drained, or no longer */                             \
	X(WAIVER_WITHDRAWN, "waiver.withdrawn")                                                                        \
	X(BASELINE_ACCEPTED, "baseline.accepted")                                                                      \
	X(LEASE_LATE, "lease.late")       /* it was reserved for now, and there is no board for it */                  \
	X(LEASE_GRANTED, "lease.granted") /* the board is its holder's from now on */                                  \
	X(LEASE_EXTENDED, "lease.extended")                                                                            \
	X(LEASE_HANDED_OVER, "lease.handed-over")                                                                      \
	X(LEASE_EXPIRING, "lease.expiring") /* soon: told twice */                                                     \
	X(LEASE_ENDED, "lease.ended")                                                                                  \
	X(SCHEDULE_CHANGED, "schedule.changed")                                                                        \
	X(DROP_ADDED, "drop.added")                                                                                    \
	X(NIGHT_CHANGED, "night.changed")       /* it waits, began, finished or was skipped */                         \
	X(NIGHT_SUMMARISED, "night.summarised") /* and what came of it is kept */                                      \
	X(NIGHT_ACCEPTED, "night.accepted")                                                                            \
	X(NIGHT_DELIVERED, "night.delivered") /* or given up */                                                        \
	X(RECOVERY_BEGUN, "recovery.begun")   /* a board does not answer: its agent climbs the recovery ladder */      \
	X(RECOVERY_RUNG, "recovery.rung")     /* one rung was tried, or is not there */                                \
	X(RECOVERY_ENDED, "recovery.ended")                                                                            \
	X(BOARD_WORN, "board.worn") /* a sector of its flash nears its endurance; told once */

enum event_type {
#define X(name, text) EVENT_##name,
	EVENT_TYPES(X)
#undef X
};

const char *event_type_name(enum event_type type);

struct event_record {
	int64_t seq; /* 1, 2, 3 … no gaps */
	int64_t at_us;
	enum event_type type;
	char org[ORG_MAX];
	int64_t job, run;          /* 0: none */
	char board[FARM_NAME_MAX]; /* "" : none */
	const char *body;          /* the whole event as one JSON object: {"seq","at_us","type",…} */
};

#endif
