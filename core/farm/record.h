/* SPDX-License-Identifier: Apache-2.0 */
/* The kinds of durable record there are. The farm writes them in changes (change.h), the store keeps them and gives
 * them back at start (farm_records.h). */
#ifndef ASSAY_FARM_RECORD_H
#define ASSAY_FARM_RECORD_H

#include <stdbool.h>

#include "core/base/list.h"
#include "core/farm/record_board.h"
#include "core/farm/record_event.h"
#include "core/farm/record_job.h"
#include "core/farm/record_night.h"
#include "core/farm/record_org.h"

#define RECORD_KINDS(X)                                                                                                \
	X(JOB, job, struct job_record)                                                                                 \
	X(RUN, run, struct run_record)                                                                                 \
	X(PROGRESS, progress, struct progress_record)                                                                  \
	X(STEP, step, struct step_record)                                                                              \
	X(CASE, result, struct case_record)                                                                            \
	X(MEASUREMENT, measurement, struct measurement_record)                                                         \
	X(ARTEFACT, artefact, struct artefact_record)                                                                  \
	X(ORG, organisation, struct org_record)                                                                        \
	X(MEMBER, member, struct member_record)                                                                        \
	X(DRAIN, drain, struct drain_record)                                                                           \
	X(DEBTS, debts, struct debts_record)                                                                           \
	X(WAIVER, waiver, struct waiver_record)                                                                        \
	X(ACCEPTED, accepted, struct accepted_record)                                                                  \
	X(SCHEDULE, schedule, struct schedule_record)                                                                  \
	X(DROP, drop, struct drop_record)                                                                              \
	X(NIGHT, night, struct night_record)                                                                           \
	X(SUMMARY, summary, struct summary_record)                                                                     \
	X(ACCEPTANCE, acceptance, struct acceptance_record)                                                            \
	X(DELIVERY, delivery, struct delivery_record)                                                                  \
	X(SECRET, secret, struct secret_record)                                                                        \
	X(GOLDEN, golden, struct golden_record)                                                                        \
	X(HELD_IMAGE, held_image, struct held_image_record)                                                            \
	X(TRIED_IMAGE, tried_image, struct tried_image_record)                                                         \
	X(DIAGNOSIS, diagnosis, struct diagnosis_record)                                                               \
	X(BOARD, board, struct board_record)                                                                           \
	X(BOARD_TIME, time, struct board_time_record)                                                                  \
	X(HOLD, hold, struct hold_record)                                                                              \
	X(LEASE, lease, struct lease_record)                                                                           \
	X(WEAR, wear, struct wear_record)                                                                              \
	X(RECOVERY, recovery, struct recovery_record)                                                                  \
	X(AGENT, agent, struct agent_record)                                                                           \
	X(BOARD_TYPE, type, struct board_type_record)                                                                  \
	X(SUITE, suite, struct suite_record)                                                                           \
	X(EVENT, event, struct event_record)                                                                           \
	X(CONSOLE, console, struct console_record)

enum record_kind {
#define X(name, member, type) RECORD_##name,
	RECORD_KINDS(X)
#undef X
};

const char *record_kind_name(enum record_kind kind);

/* One row as it shall be from now on (inserted or replaced by its key); an event is only ever added. A RECORD_RUN that
 * is finished also closes the run's console. */
struct record {
	struct list link;
	enum record_kind kind;
	bool superseded; /* the store's: another of the same transaction says all of it */
	union {
		void *any;
#define X(name, member, type) type *member;
		RECORD_KINDS(X)
#undef X
	} as;
};

#endif
