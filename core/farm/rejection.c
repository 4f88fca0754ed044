/* SPDX-License-Identifier: Apache-2.0 */
/* Assigns that an agent does not take. */
#include <stdio.h>
#include <string.h>

#include "core/base/log.h"
#include "core/farm/farm_state.h"
#include "core/farm/state_board.h"
#include "core/farm/state_job.h"
#include "core/farm/state_run.h"

/* The run rather goes elsewhere, and the board is asked again ever later; one that is busy every time is out of
 * order. */
static void take_busy(struct farm *farm, struct run *run, struct board *board)
{
	char reason[FARM_TEXT_MAX];

	run->plan.avoid = &board->plan;
	if (++board->record.busy < FARM_MAX_BUSY) {
		board_says(board, BOARD_RUNNING, "");
		board->ask_again_us = farm_now(farm) + (FARM_BUSY_RETRY_US << (board->record.busy - 1));
		farm_due(farm, board->ask_again_us);
		board_keep(farm, board);
		return;
	}
	(void)snprintf(
		reason, sizeof(reason),
		"its agent says it is busy, %u times in a row, with nothing the farm knows of; last for run %lld",
		board->record.busy, (long long)run->record.id);
	log_warn(board->record.name, "%s", reason);
	board_put_away(farm, board, "farm", reason);
}

static void take_rejection(struct farm *farm, struct run *run, enum agent_rejection reason)
{
	struct board *board = run->board;

	switch (reason) {
	case AGENT_REJECT_OLD_FENCE:
		/* the agent has seen more than this store remembers (it was restored from a copy): catch up fast */
		lease_fence_off(farm, board, INT64_C(1) << (4 * (run->record.rejected + board->record.checks_spoiled)));
		break;
	case AGENT_REJECT_BUSY:
		take_busy(farm, run, board);
		break;
	case AGENT_REJECT_UNKNOWN_BOARD:
		board->listed = false;
		break;
	case AGENT_REJECT_QUARANTINED:
		board_says(board, BOARD_QUARANTINED, "its agent says so");
		break;
	case AGENT_REJECT_SHUTTING_DOWN:
		board_says(board, BOARD_RECOVERING, "its agent is shutting down");
		break;
	}
}

int farm_agent_rejected(struct farm *farm, const char *name, int64_t id, int64_t fence, enum agent_rejection reason,
			struct err *err)
{
	struct run *run = run_find(farm, id);
	struct board *board;

	(void)err;
	if (!run || run->frozen || run->record.fence != fence || run->record.state != RUN_IS_ASSIGNED ||
	    strcmp(run->record.agent, name) != 0)
		return 0; /* of an assign that is no more */
	log_info(name, "run %lld was rejected", (long long)id);
	farm_enter(farm);
	board = run->board;
	take_rejection(farm, run, reason);
	if (run->job->record.cancel_wanted)
		run_finish(farm, run, CAUSE_CANCELLED, "cancelled", false);
	else if (reason != AGENT_REJECT_BUSY && ++run->record.rejected >= FARM_MAX_REJECTIONS)
		run_finish(farm, run, CAUSE_INTERNAL, "its agents took none of the assigns", false);
	else if (run->job->record.kind == JOB_IS_CHECK)
		run_finish(farm, run, CAUSE_INTERNAL, "its agent did not take it", false);
	else
		run_give_back(farm, run);
	board_update(farm, board);
	farm_leave(farm);
	return 0;
}
