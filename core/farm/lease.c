/* SPDX-License-Identifier: Apache-2.0 */
/* Leases: the exclusive right of a run to a board, under a number that only grows and that no other lease of the farm
 * has: what a rack says of a run under it is of just one board. */
#include "core/farm/farm_state.h"

#include <assert.h>

#include "core/base/mem.h"
#include "core/farm/state_board.h"
#include "core/farm/state_image.h"
#include "core/farm/state_job.h"
#include "core/farm/state_org.h"
#include "core/farm/state_run.h"

static void keep(struct farm *farm, const struct run *run, bool ended)
{
	struct lease_record *lease = change_add(farm->open, RECORD_LEASE);

	mem_text_into(lease->board, sizeof(lease->board), run->record.board);
	mem_text_into(lease->org, sizeof(lease->org), run->record.org);
	lease->fence = run->record.fence;
	lease->run = run->record.id;
	lease->begun_at_us = run->record.assigned_at_us;
	lease->ended_at_us = ended ? farm_unix(farm) : 0;
}

/* The board keeps it, so after a start the farm goes on behind the largest of them. */
static int64_t next_fence(struct farm *farm, struct board *board, int64_t by)
{
	farm->last_fence += by;
	board->record.fence = farm->last_fence;
	return board->record.fence;
}

void lease_open(struct farm *farm, struct board *board, struct run *run)
{
	assert(!board->run && !run->board);
	board->run = run;
	run->board = board;
	run->record.fence = next_fence(farm, board, 1);
	run->record.assigned_at_us = farm_unix(farm);
	mem_text_into(run->record.board, sizeof(run->record.board), board->record.name);
	mem_text_into(run->record.agent, sizeof(run->record.agent), board->record.agent);
	list_append(&farm->leased, &run->lease_link);
	board_time_look(farm, board);
	keep(farm, run, false);
}

void lease_close(struct farm *farm, struct run *run)
{
	assert(run->board && run->board->run == run);
	keep(farm, run, true);
	debts_keep_soon(farm);
	trial_excuse(farm, run, false);
	/* neither what is not worth anything to its asker nor the farm's own is anybody's share */
	plan_run_end(farm->plan, &run->plan, farm_now(farm), !run->yields && run->job->record.kind != JOB_IS_CHECK);
	board_time_keep(farm, run->board);
	run->board->run = NULL;
	run->board = NULL;
	list_remove(&run->lease_link);
}

void lease_fence_off(struct farm *farm, struct board *board, int64_t by)
{
	(void)next_fence(farm, board, by);
	board_keep(farm, board);
}
