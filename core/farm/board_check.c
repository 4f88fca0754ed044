/* SPDX-License-Identifier: Apache-2.0 */
/* Whether a board is known to work: what casts doubt on it, and its health check.
 *
 * Happy path: something casts doubt on a board (it was brought up again, a person had it, nobody saw it work for long)
 * -> suspect -> a job of kind check runs the golden image on it, past the queue -> passed -> free.
 * Ways it goes otherwise: there is no golden image for it -> that it was brought up is the check. The check fails ->
 * the agent takes the board up anew, then it is checked again; the third time it is quarantined. The check says
 * nothing of the board (cancelled, agent lost, not taken) -> again, a few times. Nothing of this stands between a run
 * that ended by itself and the next one. */
#include <stdio.h>

#include "core/base/mem.h"
#include "core/farm/farm_state.h"
#include "core/farm/state_board.h"
#include "core/farm/state_image.h"
#include "core/farm/state_job.h"
#include "core/farm/state_run.h"
#include "core/health/check.h"

#define CHECKS_LOOKED_AT 64 /* boards that wait for a token, at a time */

/* The first doubt is the one that is told. */
void board_doubt(struct farm *farm, struct board *board, const char *why)
{
	if (board->record.unproven[0])
		return;
	mem_text_into(board->record.unproven, sizeof(board->record.unproven), why);
	board_keep(farm, board);
}

void board_prove(struct farm *farm, struct board *board)
{
	board->record.unproven[0] = '\0';
	board->record.checks_failed = board->record.runs_since_pass = board->record.checks_spoiled = 0;
	board->record.proven_at_us = farm_unix(farm);
	board_keep(farm, board);
}

void board_check_when_due(struct farm *farm, struct board *board)
{
	const struct board_record *record = &board->record;
	char why[BOARD_UNPROVEN_MAX];

	if (!golden_of(farm, board) ||
	    !check_is_due(&farm->config.check, record->runs_since_pass, record->proven_at_us, farm_unix(farm)))
		return;
	(void)snprintf(why, sizeof(why), "%u runs ended since it was last seen to work, %lld min ago",
		       record->runs_since_pass, (long long)((farm_unix(farm) - record->proven_at_us) / 60000000));
	board_doubt(farm, board, why);
}

int64_t board_check_due_us(const struct farm *farm, const struct board *board)
{
	if (board->record.state != BOARD_FREE || !farm->config.check.after_us || !board->record.proven_at_us ||
	    !golden_of(farm, board))
		return NEVER_US;
	return farm_now(farm) + farm->config.check.after_us - (farm_unix(farm) - board->record.proven_at_us);
}

/* --- the check --- */

static bool has_tokens(const struct board *board)
{
	for (const struct plan_place *place = board->plan.place; place; place = place->parent) {
		if (place->draining || (place->tokens && place->in_use + place->kept >= place->tokens))
			return false;
	}
	return true;
}

static void begin(struct farm *farm, struct board *board)
{
	const struct golden_entry *golden = golden_of(farm, board);
	struct job_spec *spec = golden ? golden_spec(golden) : NULL;
	char name[sizeof(((struct job_record *)0)->name)];
	struct job *job;
	struct run *run;

	if (!spec) {
		board_put_away(farm, board, FARM_ITSELF, "its golden image cannot be read any more; set it anew");
		board_update(farm, board);
		return;
	}
	(void)snprintf(name, sizeof(name), "health check of %s", board->record.name);
	spec->retries = 0;
	job = own_job_add(farm, JOB_IS_CHECK, board->record.org, name, golden->record.suite, spec);
	run = own_job_run(farm, job, 0, &golden->record.image, board->record.type, board->record.name);
	own_job_tell(farm, job);
	run_assign_now(farm, run, board);
}

void checks_begin(struct farm *farm)
{
	size_t looked = 0;

	while (!list_empty(&farm->to_check) && looked++ < CHECKS_LOOKED_AT) {
		struct board *board = list_container(farm->to_check.next, struct board, check_link);

		list_remove(&board->check_link);
		if (has_tokens(board))
			begin(farm, board);
		else
			list_append(&farm->to_check, &board->check_link);
	}
}

static enum check_end end_of(const struct run *run)
{
	switch (run->record.verdict) {
	case RUN_PASSED:
		return CHECK_PASSED;
	case RUN_FAILED:
	case RUN_INCONCLUSIVE:
		return CHECK_FAILED;
	case RUN_INFRASTRUCTURE:
		/* of the agent's own, or the farm's, says nothing of the board */
		return !run->ended_by_agent || run->record.cause == CAUSE_AGENT_RESTARTED ||
				       run->record.cause == CAUSE_INTERNAL ||
				       run->record.cause == CAUSE_IMAGE_UNAVAILABLE
			       ? CHECK_SPOILED
			       : CHECK_FAILED;
	default:
		return CHECK_SPOILED;
	}
}

static void after_check(struct farm *farm, const struct run *run, struct board *board)
{
	enum check_end end = end_of(run);
	char why[FARM_TEXT_MAX];

	board->record.checks_failed += end == CHECK_FAILED;
	board->record.checks_spoiled += end == CHECK_SPOILED;
	(void)snprintf(why, sizeof(why), "its health check, run %lld, ended %s: %.250s", (long long)run->record.id,
		       cause_name(run->record.cause), run->record.text);
	switch (check_next(&farm->config.check, end, board->record.checks_failed, board->record.checks_spoiled)) {
	case CHECK_PROVEN:
		board_prove(farm, board);
		break;
	case CHECK_RECOVER:
		mem_text_into(board->record.unproven, sizeof(board->record.unproven), why);
		board_take_up(farm, board, why);
		break;
	case CHECK_AGAIN:
		board_keep(farm, board);
		break;
	case CHECK_GIVE_UP:
		board_put_away(farm, board, FARM_ITSELF, why);
		break;
	}
}

void board_run_ended(struct farm *farm, const struct run *run, struct board *board)
{
	board->unkept = true;
	image_run_ended(farm, run, board);
	switch (run->job->record.kind) {
	case JOB_IS_CHECK:
		after_check(farm, run, board);
		return;
	case JOB_IS_LEASE:
		board->record.flashed_run = 0;
		trial_flashed(farm, board, NULL);
		board_doubt(farm, board, "a person had it");
		return;
	case JOB_IS_TEST:
	case JOB_IS_DIAGNOSIS:
		break;
	}
	if (!run->ended_by_agent)
		return;
	if (run->record.verdict == RUN_PASSED) {
		board->record.runs_since_pass = board->record.checks_spoiled = 0;
		board->record.proven_at_us = farm_unix(farm);
	} else if (run->record.verdict == RUN_FAILED || run->record.verdict == RUN_INCONCLUSIVE) {
		board->record.runs_since_pass++;
		board_check_when_due(farm, board);
	}
}
