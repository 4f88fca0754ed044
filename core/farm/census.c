/* SPDX-License-Identifier: Apache-2.0 */
/* The boards a run could get, counted by state, and that in words. */
#include <stdio.h>

#include "core/farm/farm_state.h"
#include "core/farm/planning.h"
#include "core/farm/state_board.h"
#include "core/farm/state_org.h"
#include "core/farm/state_rack.h"
#include "core/farm/state_run.h"

static void count_board(struct census *census, const struct board *board)
{
	switch (board->record.state) {
	case BOARD_OFFLINE:
		census->offline++;
		break;
	case BOARD_FREE:
		census->free++;
		census->drained += board_drain(board) != NULL;
		break;
	case BOARD_LEASED:
		census->leased++;
		break;
	case BOARD_SUSPECT:
		census->suspect++;
		break;
	case BOARD_RUNNING:
		census->running++;
		break;
	case BOARD_RECOVERING:
		census->recovering++;
		break;
	case BOARD_QUARANTINED:
		census->quarantined++;
		break;
	case BOARD_RETIRED: /* nobody's any more */
	case BOARD_STATE_COUNT:
		break;
	}
}

struct census run_census(const struct farm *farm, const struct run *run)
{
	struct plan_selector selector = run_selector(farm, run);
	const struct plan_org *org = &org_find(farm, run->record.org)->plan;
	const struct pool *pool = list_container(selector.pool, struct pool, plan);
	struct census census = {0};

	if (selector.board) {
		if (board_fits(&selector, org, list_container(selector.board, const struct board, plan)).reason ==
		    PLAN_WHY_NONE)
			count_board(&census, list_container(selector.board, const struct board, plan));
		return census;
	}
	list_for_each (link, &pool->boards) {
		const struct board *board = list_container(link, struct board, pool_link);

		if (board_fits(&selector, org, board).reason == PLAN_WHY_NONE)
			count_board(&census, board);
	}
	return census;
}

static size_t total(const struct census *census)
{
	return census->free + census->leased + census->running + census->recovering + census->suspect +
	       census->quarantined + census->offline;
}

void census_describe(const struct census *census, const struct run *run, char *ret_text, size_t size)
{
	const struct {
		size_t count;
		const char *word;
	} part[] = {{census->running, "running"},         {census->leased, "leased"},
		    {census->recovering, "recovering"},   {census->suspect, "suspect"},
		    {census->quarantined, "quarantined"}, {census->offline, "offline"},
		    {census->drained, "drained"}};
	bool pinned = run->record.wanted_board[0];
	size_t used = (size_t)snprintf(ret_text, size, pinned ? "for board %s" : "for a board of type %s",
				       pinned ? run->record.wanted_board : run->record.board_type);

	if (total(census) == 0 && used < size)
		(void)snprintf(ret_text + used, size - used, ": the farm has none");
	for (size_t i = 0, listed = 0; i < sizeof(part) / sizeof(part[0]) && used < size; i++) {
		if (part[i].count == 0)
			continue;
		if (pinned)
			used += (size_t)snprintf(ret_text + used, size - used, ": %s", part[i].word);
		else
			used += (size_t)snprintf(ret_text + used, size - used, "%s %zu %s", listed ? "," : ":",
						 part[i].count, part[i].word);
		listed++;
	}
}
