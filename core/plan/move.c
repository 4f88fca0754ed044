/* SPDX-License-Identifier: Apache-2.0 */
/* A board that is not what or where it was. */
#include "core/plan/plan_private.h"

int plan_board_change(struct plan *plan, struct plan_board *board, struct plan_pool *pool, struct plan_place *place,
		      struct plan_org *owner, const struct plan_traits *traits)
{
	struct plan_traits wanted = *traits; /* it may be the board's own */

	if (wanted.count > PLAN_MAX_TRAITS)
		return ERR_TOO_BIG;
	if (board->claim)
		plan_claim_unassign(plan, board->claim);
	plan_reserved_leave(plan, board);
	plan_class_delist(plan, board);
	if (board->run)
		plan_place_give_back(plan, board->place);
	list_remove(&board->pool_link);
	list_remove(&board->place_link);
	board->pool->board_count--;
	board->pool = pool;
	board->place = place;
	board->owner = owner;
	board->traits = wanted;
	list_append(&pool->boards, &board->pool_link);
	list_append(&place->boards, &board->place_link);
	pool->board_count++;
	if (board->run) {
		plan_place_take(plan, place);
		plan_place_check(plan, place);
	}
	plan_class_enlist(plan, board);
	plan_board_set_state(plan, board, board->state); /* what waits for boards of the pool is looked at again */
	return 0;
}
