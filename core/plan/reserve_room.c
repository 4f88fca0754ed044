/* SPDX-License-Identifier: Apache-2.0 */
/* Where and when there is room for a reservation: on the board, at its hub and host, under the organisation's cap.
 * What runs now is over by its limit; what is not yet there is over before what is far (core/plan/reserve.c). */
#include "core/plan/plan_private.h"

#define MAX_STEPS 64 /* times that are tried on a board */

static int64_t later_of(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static int64_t sooner_of(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

int64_t plan_far_us(const struct plan *plan, int64_t now_us)
{
	return plan->limit_us > (PLAN_NEVER - now_us) / 2 ? PLAN_NEVER : now_us + 2 * plan->limit_us;
}

static struct plan_reservation *on_board(struct list *link)
{
	return list_container(link, struct plan_reservation, board_link);
}

static int64_t end_of(const struct plan_reservation *reservation)
{
	return reservation->from_us + reservation->run->ask->limit_us;
}

static bool overlaps(const struct plan_reservation *reservation, int64_t from_us, int64_t until_us)
{
	return reservation->from_us < until_us && end_of(reservation) > from_us;
}

/* --- Places ---------------------------------------------------------------------------------------------------- */

/* What takes tokens of a place in a span, and when the first of it is over (a claim's run: when all is far). */
struct taken {
	int64_t from_us, until_us, far_us;
	const struct plan_reservation *but;
	uint32_t count;
	int64_t ends_us;
};

static void take_until(struct taken *taken, int64_t ends_us)
{
	taken->count++;
	taken->ends_us = sooner_of(taken->ends_us, ends_us);
}

static void count_board(struct taken *taken, const struct plan_board *board)
{
	if (taken->from_us < taken->far_us && board->claim)
		take_until(taken, taken->far_us);
	else if (board->run && plan_run_until_us(board->run) > taken->from_us)
		take_until(taken, plan_run_until_us(board->run));
	list_for_each (link, &board->reservations) {
		const struct plan_reservation *reservation = on_board(link);

		if (reservation != taken->but && overlaps(reservation, taken->from_us, taken->until_us))
			take_until(taken, end_of(reservation));
	}
}

static void count_place(struct taken *taken, const struct plan_place *place)
{
	list_for_each (link, &place->boards)
		count_board(taken, list_container(link, struct plan_board, place_link));
	list_for_each (link, &place->hubs)
		count_place(taken, list_container(link, struct plan_place, hub_link));
}

uint32_t plan_room_taken(const struct plan_place *place, int64_t from_us, int64_t until_us)
{
	struct taken taken = {.from_us = from_us, .until_us = until_us, .far_us = PLAN_NEVER, .ends_us = PLAN_NEVER};

	count_place(&taken, place);
	return taken.count;
}

static int64_t when_places_bear(const struct plan_reservation *reservation, const struct plan_board *board,
				int64_t at_us, int64_t far_us)
{
	for (const struct plan_place *place = board->place; place; place = place->parent) {
		struct taken taken = {.from_us = at_us,
				      .until_us = at_us + reservation->run->ask->limit_us,
				      .far_us = far_us,
				      .but = reservation,
				      .ends_us = PLAN_NEVER};

		if (place->tokens == 0)
			continue;
		count_place(&taken, place);
		if (taken.count >= place->tokens)
			return taken.ends_us;
	}
	return at_us;
}

/* --- Boards ---------------------------------------------------------------------------------------------------- */

static int64_t when_board_serves(const struct plan_board *board, int64_t at_us, int64_t far_us)
{
	if (plan_place_is_draining(board->place) || board->state == PLAN_BOARD_RETIRED ||
	    board->state == PLAN_BOARD_QUARANTINED || board->state == PLAN_BOARD_OFFLINE)
		return PLAN_NEVER;
	return at_us <= far_us && (board->state != PLAN_BOARD_READY || board->claim) ? later_of(far_us, at_us + 1)
										     : at_us;
}

static int64_t when_board_is_free(const struct plan_reservation *reservation, const struct plan_board *board,
				  int64_t at_us, int64_t now_us)
{
	int64_t until_us = at_us + reservation->run->ask->limit_us;

	if (board->run && plan_run_until_us(board->run) > at_us)
		return plan_run_until_us(board->run);
	if (board->run && at_us <= now_us) /* it should be over */
		return now_us + 1;
	list_for_each (link, &board->reservations)
		if (on_board(link) != reservation && overlaps(on_board(link), at_us, until_us))
			return end_of(on_board(link));
	return at_us;
}

/* --- The cap --------------------------------------------------------------------------------------------------- */

static void count_reserved(struct taken *taken, const struct rank_set *set, const struct plan_org *org)
{
	for (struct rank_node *node = plan_rank_first(set); node; node = plan_rank_next(node)) {
		const struct plan_reservation *other = rank_container(node, struct plan_reservation, node);

		if (other != taken->but && other->run->ask->job->member->org == org &&
		    overlaps(other, taken->from_us, taken->until_us))
			take_until(taken, end_of(other));
	}
}

static int64_t when_cap_allows(const struct plan *plan, const struct plan_reservation *reservation, int64_t at_us,
			       int64_t far_us)
{
	const struct plan_org *org = reservation->run->ask->job->member->org;
	struct taken taken = {.from_us = at_us,
			      .until_us = at_us + reservation->run->ask->limit_us,
			      .far_us = far_us,
			      .but = reservation,
			      .ends_us = PLAN_NEVER};

	if (org->cap == 0)
		return at_us;
	count_reserved(&taken, &plan->reserved, org);
	count_reserved(&taken, &plan->near, org);
	if (at_us <= far_us && org->in_use + org->kept > 0) {
		take_until(&taken, later_of(far_us, at_us + 1));
		taken.count += org->in_use + org->kept - 1;
	}
	return taken.count >= org->cap ? taken.ends_us : at_us;
}

/* --- All ------------------------------------------------------------------------------------------------------- */

static int64_t room_on_board(const struct plan *plan, const struct plan_reservation *reservation,
			     const struct plan_board *board, int64_t now_us)
{
	int64_t far_us = plan_far_us(plan, now_us), at_us = later_of(reservation->from_us, now_us);

	for (int step = 0; step < MAX_STEPS; step++) {
		int64_t next_us = when_board_serves(board, at_us, far_us);

		if (next_us == at_us)
			next_us = when_board_is_free(reservation, board, at_us, now_us);
		if (next_us == at_us)
			next_us = when_places_bear(reservation, board, at_us, far_us);
		if (next_us == at_us)
			next_us = when_cap_allows(plan, reservation, at_us, far_us);
		if (next_us == at_us || next_us == PLAN_NEVER)
			return next_us;
		at_us = next_us;
	}
	return PLAN_NEVER;
}

static int64_t free_at(const struct plan_board *board)
{
	return board->run ? plan_run_until_us(board->run) : INT64_MIN;
}

/* As many boards as possible stay free for others: the one whose run ends last is taken. */
struct plan_room plan_room_find(const struct plan *plan, const struct plan_reservation *reservation, int64_t now_us)
{
	struct plan_room best = {.at_us = PLAN_NEVER};

	list_for_each (link, &reservation->run->ask->class->fits) {
		struct plan_board *board = list_container(link, struct plan_fit, class_link)->board;
		int64_t at_us = room_on_board(plan, reservation, board, now_us);

		if (at_us < best.at_us || (best.board && at_us == best.at_us && free_at(board) > free_at(best.board))) {
			best.at_us = at_us;
			best.board = board;
		}
	}
	return best;
}

bool plan_room_move(const struct plan *plan, const struct plan_reservation *reservation, int64_t now_us,
		    struct plan_board **ret_board)
{
	struct plan_board *best = NULL;
	int looked = 0;

	list_for_each (link, &reservation->run->ask->class->fits) {
		struct plan_board *board = list_container(link, struct plan_fit, class_link)->board;

		if (looked++ == PLAN_MAX_LOOKED)
			break;
		if (!board->run || board == reservation->board || (best && free_at(board) <= free_at(best)))
			continue;
		if (room_on_board(plan, reservation, board, now_us) == reservation->from_us)
			best = board;
	}
	if (best)
		*ret_board = best;
	return best != NULL;
}
