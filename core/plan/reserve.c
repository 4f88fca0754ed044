/* SPDX-License-Identifier: Apache-2.0 */
/* Boards from a time on. A reservation is promised when there is room for it on some board (reserve_room.c), and is
 * put on that board:
 *
 *   promised, far -> near -> its time comes: its run has the board.
 *
 * It is far while nothing that begins now can last until its time: a claim begins within the longest limit and lasts no
 * longer than that, so nothing has to be looked after before two of them. When it is near its board is given only to
 * what ends before (as those that are kept for a claim), a hub or host with tokens takes no more than leaves one, and
 * the organisation's cap leaves room. If that keeps others waiting and there is another board that will be free in
 * time, it moves there.
 *
 * What can go wrong: the board is lost, changed, or at a place that drains, and it looks for another; there is none,
 * or the run that should be over is not, and when its time comes that is told (PLAN_LATE), and it has the first board
 * that can be had, before anybody's turn. */
#include <stdlib.h>

#include "core/base/mem.h"
#include "core/plan/plan_private.h"

static struct plan_reservation *of_node(struct rank_node *node)
{
	return node ? rank_container(node, struct plan_reservation, node) : NULL;
}

static struct plan_reservation *on_board(struct list *link)
{
	return list_container(link, struct plan_reservation, board_link);
}

static struct plan_org *org_of(const struct plan_reservation *reservation)
{
	return reservation->run->ask->job->member->org;
}

/* --- What it keeps --------------------------------------------------------------------------------------------- */

static bool place_is_reserved(const struct plan_place *place)
{
	return place->tokens > 0 && place->reserved > 0;
}

bool plan_is_reserved(const struct plan_board *board)
{
	if (!list_empty(&board->reservations) && on_board(board->reservations.next)->is_near)
		return true;
	return place_is_reserved(board->place) || (board->place->parent && place_is_reserved(board->place->parent));
}

/* The first of the place's reservations for which no token would be left, if so many more were taken until then. */
static int64_t place_until_us(const struct plan_place *place, const struct plan_place *whole, uint32_t more)
{
	int64_t until_us = PLAN_NEVER;

	list_for_each (link, &place->boards) {
		const struct plan_board *board = list_container(link, struct plan_board, place_link);

		list_for_each (reserved, &board->reservations) {
			const struct plan_reservation *one = on_board(reserved);
			int64_t end_us = one->from_us + one->run->ask->limit_us;

			if (one->is_near && one->from_us < until_us &&
			    plan_room_taken(whole, one->from_us, end_us) + more > whole->tokens)
				until_us = one->from_us;
		}
	}
	list_for_each (link, &place->hubs) {
		int64_t hub_us = place_until_us(list_container(link, struct plan_place, hub_link), whole, more);

		until_us = hub_us < until_us ? hub_us : until_us;
	}
	return until_us;
}

int64_t plan_reserved_breaks_us(const struct plan_place *place)
{
	return place_is_reserved(place) ? place_until_us(place, place, 0) : PLAN_NEVER;
}

int64_t plan_reserved_until_us(const struct plan_board *board)
{
	int64_t until_us = PLAN_NEVER;

	if (!list_empty(&board->reservations) && on_board(board->reservations.next)->is_near)
		until_us = on_board(board->reservations.next)->from_us;
	for (const struct plan_place *place = board->place; place; place = place->parent) {
		int64_t place_us = place_is_reserved(place) ? place_until_us(place, place, 1) : PLAN_NEVER;

		until_us = place_us < until_us ? place_us : until_us;
	}
	return until_us;
}

bool plan_org_is_reserved(const struct plan_org *org, int64_t limit_us, int64_t now_us)
{
	return org->cap > 0 && org->reserved > 0 && plan_org_lacks_room(org, org->reserved + 1) &&
	       limit_us > org->reserved_us - now_us;
}

static void reserve_cap(struct plan *plan, struct plan_org *org)
{
	org->reserved = 0;
	for (struct rank_node *node = plan_rank_first(&plan->near); node; node = plan_rank_next(node)) {
		const struct plan_reservation *one = of_node(node);

		if (one->is_late || org_of(one) != org)
			continue;
		if (org->reserved++ == 0)
			org->reserved_us = one->from_us;
	}
	if (org->cap > 0)
		plan_org_resume(plan, org);
}

static void settle_place(struct plan *plan, struct plan_place *place)
{
	list_for_each (link, &place->boards)
		plan_board_settle(plan, list_container(link, struct plan_board, place_link));
	list_for_each (link, &place->hubs)
		settle_place(plan, list_container(link, struct plan_place, hub_link));
	plan_place_touch(plan, place);
}

void plan_reserved_place_changed(struct plan *plan, struct plan_place *place)
{
	settle_place(plan, place);
	plan->reserved_dirty = true;
}

static void keep_places(struct plan *plan, struct plan_board *board, uint32_t more)
{
	for (struct plan_place *place = board->place; place; place = place->parent) {
		place->reserved += more;
		if (place->tokens > 0)
			settle_place(plan, place);
	}
}

static void put_on(struct plan *plan, struct plan_reservation *reservation, struct plan_board *board)
{
	struct list *at = &board->reservations;

	while (at->prev != &board->reservations && on_board(at->prev)->from_us > reservation->from_us)
		at = at->prev;
	list_insert_before(at, &reservation->board_link);
	reservation->board = board;
	if (reservation->is_near)
		keep_places(plan, board, 1);
	plan_board_settle(plan, board);
}

static void take_off(struct plan *plan, struct plan_reservation *reservation)
{
	struct plan_board *board = reservation->board;

	if (!board)
		return;
	list_remove(&reservation->board_link);
	reservation->board = NULL;
	if (reservation->is_near)
		keep_places(plan, board, (uint32_t)-1);
	plan_board_settle(plan, board);
	list_for_each (link, &board->fits)
		plan_class_touch(plan, list_container(link, struct plan_fit, board_link)->group->class);
}

/* --- Its life -------------------------------------------------------------------------------------------------- */

static struct plan_reservation *make(struct plan *plan, struct plan_run *run, struct plan_ask *ask, int64_t from_us)
{
	struct plan_reservation *reservation = mem_alloc(sizeof(*reservation));

	plan_run_init(run, ask);
	run->reservation = reservation;
	reservation->run = run;
	reservation->from_us = from_us;
	list_init(&reservation->board_link);
	plan_rank_node_init(&reservation->node);
	plan_rank_add(&plan->reserved, &reservation->node, (struct rank_key){from_us, ask->job->order}, 1);
	ask->class->selector.pool->reserved++;
	return reservation;
}

static void drop(struct plan *plan, struct plan_reservation *reservation)
{
	struct plan_run *run = reservation->run;
	struct plan_org *org = org_of(reservation);
	bool was_near = reservation->is_near;

	take_off(plan, reservation);
	plan_rank_remove(was_near ? &plan->near : &plan->reserved, &reservation->node);
	run->ask->class->selector.pool->reserved--;
	run->reservation = NULL;
	free(reservation);
	if (was_near)
		reserve_cap(plan, org);
	plan->claims_dirty = !list_empty(&plan->claims);
}

int plan_reserve(struct plan *plan, struct plan_run *run, struct plan_ask *ask, int64_t from_us, int64_t now_us,
		 int64_t *ret_earliest_us)
{
	struct plan_reservation *reservation;
	struct plan_room room;

	if (ask->job->is_gang || from_us < now_us || from_us > PLAN_NEVER / 2)
		return ERR_INVALID;
	reservation = make(plan, run, ask, from_us);
	room = plan_room_find(plan, reservation, now_us);
	if (room.at_us != from_us) {
		*ret_earliest_us = room.at_us;
		drop(plan, reservation);
		return ERR_BUSY;
	}
	put_on(plan, reservation, room.board);
	plan_reserved_bring_near(plan, now_us);
	return 0;
}

void plan_reserve_resume(struct plan *plan, struct plan_run *run, struct plan_ask *ask, int64_t from_us, int64_t now_us)
{
	struct plan_reservation *reservation = make(plan, run, ask, from_us);
	struct plan_room room = plan_room_find(plan, reservation, now_us);

	if (room.board && room.at_us == from_us)
		put_on(plan, reservation, room.board);
	plan_reserved_bring_near(plan, now_us);
}

void plan_reserved_cancel(struct plan *plan, struct plan_run *run)
{
	drop(plan, run->reservation);
}

void plan_reserved_leave(struct plan *plan, struct plan_board *board)
{
	while (!list_empty(&board->reservations))
		take_off(plan, on_board(board->reservations.next));
	plan->reserved_dirty = true;
}

/* --- Boards for those that are near ---------------------------------------------------------------------------- */

static bool is_sound(const struct plan_reservation *reservation)
{
	const struct plan_board *board = reservation->board;

	if (!board || board->state != PLAN_BOARD_READY || plan_place_is_draining(board->place))
		return false;
	return !board->run || plan_run_until_us(board->run) <= reservation->from_us;
}

/* Who has none that will do stays where it is: the board may come back in time. */
void plan_reserved_house(struct plan *plan, struct plan_reservation *reservation, int64_t now_us)
{
	int64_t at_us = reservation->from_us > now_us ? reservation->from_us : now_us;
	struct plan_room room = plan_room_find(plan, reservation, now_us);

	if (!room.board || room.at_us > at_us || room.board == reservation->board)
		return;
	take_off(plan, reservation);
	put_on(plan, reservation, room.board);
}

static void house_all(struct plan *plan, int64_t now_us)
{
	plan->reserved_dirty = false;
	plan->homeless = 0;
	for (struct rank_node *node = plan_rank_first(&plan->near); node; node = plan_rank_next(node)) {
		struct plan_reservation *reservation = of_node(node);

		if (!is_sound(reservation))
			plan_reserved_house(plan, reservation, now_us);
		plan->homeless += !is_sound(reservation);
	}
	plan->reserved_dirty = false;
}

/* A gang that has no boards yet may begin at any time: what it takes of the cap is for who was promised it. */
static void free_cap(struct plan *plan, const struct plan_org *org, int64_t now_us)
{
	if (org->cap > 0 && org->gang && !org->gang->is_assigned && org->gang->started == 0)
		plan_claim_disband(plan, org->gang, now_us);
}

void plan_reserved_bring_near(struct plan *plan, int64_t now_us)
{
	int64_t far_us = plan_far_us(plan, now_us);
	struct plan_reservation *first;

	while ((first = of_node(plan_rank_first(&plan->reserved))) && first->from_us <= far_us) {
		plan_rank_remove(&plan->reserved, &first->node);
		plan_rank_add(&plan->near, &first->node, (struct rank_key){first->from_us, first->run->ask->job->order},
			      1);
		first->is_near = true;
		if (first->board) {
			keep_places(plan, first->board, 1);
			plan_board_settle(plan, first->board);
		}
		reserve_cap(plan, org_of(first));
		free_cap(plan, org_of(first), now_us);
		plan->reserved_dirty = true;
	}
}

bool plan_reserved_make_way(struct plan *plan, const struct plan_class *class, int64_t now_us)
{
	list_for_each (link, &class->kept) {
		struct plan_board *board = list_container(link, struct plan_fit, at_link)->board, *other;
		struct plan_reservation *first;

		if (board->claim || list_empty(&board->reservations))
			continue;
		first = on_board(board->reservations.next);
		if (!first->is_near || first->from_us <= now_us || !plan_room_move(plan, first, now_us, &other))
			continue;
		take_off(plan, first);
		put_on(plan, first, other);
		return true;
	}
	return false;
}

/* --- Its time -------------------------------------------------------------------------------------------------- */

static bool can_begin(const struct plan_reservation *reservation)
{
	const struct plan_board *board = reservation->board;

	return board && board->at == PLAN_AT_KEPT && !board->claim && plan_place_is_open(board->place) &&
	       on_board(board->reservations.next) == reservation && !plan_org_lacks_room(org_of(reservation), 1);
}

static struct plan_action begin(struct plan *plan, struct plan_reservation *reservation, int64_t now_us)
{
	struct plan_run *run = reservation->run;
	struct plan_board *board = reservation->board;

	drop(plan, reservation);
	plan_run_charge(plan, run, run->ask->flow->band, RUN_OUT_OF_TURN);
	plan_run_start(plan, run, board, now_us);
	return (struct plan_action){.kind = PLAN_PLACE, .run = run, .board = board};
}

static struct plan_action be_late(struct plan *plan, struct plan_reservation *reservation)
{
	reservation->is_late = true;
	take_off(plan, reservation);
	reserve_cap(plan, org_of(reservation));
	plan->reserved_dirty = true;
	return (struct plan_action){.kind = PLAN_LATE, .run = reservation->run};
}

bool plan_reserved_next(struct plan *plan, int64_t now_us, struct plan_action *ret_action)
{
	plan_reserved_bring_near(plan, now_us);
	if (plan->reserved_dirty)
		house_all(plan, now_us);
	for (struct rank_node *node = plan_rank_first(&plan->near); node; node = plan_rank_next(node)) {
		struct plan_reservation *reservation = of_node(node);

		if (reservation->from_us > now_us)
			return false;
		if (!can_begin(reservation) && !reservation->is_late)
			plan_reserved_house(plan, reservation, now_us);
		if (can_begin(reservation)) {
			*ret_action = begin(plan, reservation, now_us);
			return true;
		}
		if (!reservation->is_late) {
			*ret_action = be_late(plan, reservation);
			return true;
		}
		take_off(plan, reservation);
	}
	return false;
}

int64_t plan_reserved_wake_us(const struct plan *plan)
{
	const struct plan_reservation *far = of_node(plan_rank_first(&plan->reserved));
	int64_t near_us = PLAN_NEVER, far_us = PLAN_NEVER;

	if (far)
		far_us = plan->limit_us > far->from_us / 2 ? INT64_MIN : far->from_us - 2 * plan->limit_us;
	for (struct rank_node *node = plan_rank_first(&plan->near); node && near_us == PLAN_NEVER;
	     node = plan_rank_next(node))
		if (!of_node(node)->is_late)
			near_us = of_node(node)->from_us;
	return near_us < far_us ? near_us : far_us;
}

static void free_all(struct rank_set *set)
{
	struct plan_reservation *reservation;

	while ((reservation = of_node(plan_rank_first(set)))) {
		plan_rank_remove(set, &reservation->node);
		free(reservation);
	}
}

void plan_reserved_free_all(struct plan *plan)
{
	free_all(&plan->reserved);
	free_all(&plan->near);
}
