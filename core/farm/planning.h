/* SPDX-License-Identifier: Apache-2.0 */
/* What the plan is told and what it decides; which boards a run could get, and in which states they are. */
#ifndef ASSAY_FARM_PLANNING_H
#define ASSAY_FARM_PLANNING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/farm/farm_state.h"
#include "core/plan/plan.h"
#include "core/spec/spec.h"

struct board;
struct job;
struct pool;
struct run;

/* planning.c */
void planning_init(struct farm *farm);
void planning_learn(struct farm *farm, const struct farm_records *records); /* how long runs take */
void planning_clear(struct farm *farm); /* what it was told of may be freed afterwards */
void job_plan(struct farm *farm, struct job *job);
void job_unplan(struct farm *farm, struct job *job); /* none of its runs waits or has a board */
struct plan_selector run_selector(const struct farm *farm, const struct run *run);

/* planning_words.c: a word that was never learned is no board's. */
void words_forget(struct farm *farm);
struct plan_traits board_traits(struct farm *farm, const struct board *board);
/* What a board must have for a run of a job of the kind. */
struct plan_traits run_traits(const struct farm *farm, const struct run_spec *run, const struct pool *pool,
			      enum job_kind kind);
void run_traits_learn(struct farm *farm, const struct run_spec *run, const struct pool *pool);
/* lack.c: the reason in words; where it is a tag, a feature or the site, which one. */
void board_lack(const struct board *board, const struct run_spec *run, enum job_kind kind, enum plan_reason reason,
		char *ret_text, size_t size);
/* Whether the board may be had one day: as plan_fits, but of a board whose agent was not there yet its equipment is not
 * known. */
struct plan_explanation board_fits(const struct plan_selector *selector, const struct plan_org *org,
				   const struct board *board);
/* Whether a lease can be promised from record.from_us on: 0, or ERR_BUSY, and *ret_earliest_us is when it could be, by
 * the unix clock, or 0: nobody knows. */
int planning_try(struct farm *farm, const struct run_spec *spec, const struct hold_record *record,
		 int64_t *ret_earliest_us);
/* A lease that is held, so much longer: 0, or ERR_BUSY for what was promised to others, and *ret_room_ms is what could
 * be added. */
int planning_extend(struct farm *farm, struct run *run, int64_t for_ms, int64_t *ret_room_ms);
void run_plan(struct farm *farm, struct run *run);                          /* it waits */
void run_plan_now(struct farm *farm, struct run *run, struct board *board); /* it has the board */
void run_plan_resume(struct farm *farm, struct run *run);     /* it has its board since before a restart */
void run_plan_done(struct farm *farm, const struct run *run); /* it ended by itself: how long it took */
void board_plan(struct farm *farm, struct board *board);
void board_plan_state(struct farm *farm, struct board *board);
void board_plan_image(struct farm *farm, struct board *board); /* what is in its flash */
void board_plan_moved(struct farm *farm, struct board *board);
void farm_plan(struct farm *farm); /* places what can be placed, and has the timer set for what can be later */

/* census.c */
/* How many boards that the run could get are in each state. */
struct census {
	size_t free, leased, running, recovering, suspect, quarantined, offline;
	size_t drained; /* of the free ones, those whose host or hub takes nothing new */
};

struct census run_census(const struct farm *farm, const struct run *run);
/* "for a board of type x: 2 running, 1 quarantined". */
void census_describe(const struct census *census, const struct run *run, char *ret_text, size_t size);

#endif
