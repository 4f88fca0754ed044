/* SPDX-License-Identifier: Apache-2.0 */
/* Several boards at once: a maximum matching of parts to boards by augmenting paths, within what hosts and hubs bear.
 */
#include <string.h>

#include "core/plan/plan_private.h"

#define MAX_CANDIDATES 64 /* of a class */

struct candidates {
	const struct plan_class *class;
	struct plan_board *board[MAX_CANDIDATES]; /* free ones, then the others by when they are free at the latest */
	size_t count, free_count;
};

struct match {
	const struct claim_part *part;
	size_t count;
	struct candidates list[PLAN_MAX_GANG];
	size_t lists;
	const struct candidates *of[PLAN_MAX_GANG];
	struct plan_board *taken[PLAN_MAX_GANG];
	bool is_seen[PLAN_MAX_GANG];
	bool busy_too;
};

static int64_t free_at(const struct plan_board *board)
{
	return board->run ? plan_run_until_us(board->run) : INT64_MIN;
}

/* --- Candidates ------------------------------------------------------------------------------------------------ */

static void collect_free(struct candidates *list, size_t wanted)
{
	list_for_each (open, &list->class->open) {
		const struct plan_group *group = list_container(open, struct plan_group, open_link);
		size_t room = plan_place_room(group->place), taken = 0;

		list_for_each (link, &group->free) {
			if (taken++ == (room < wanted ? room : wanted))
				break;
			if (list->count == MAX_CANDIDATES)
				return;
			list->board[list->count++] = list_container(link, struct plan_fit, at_link)->board;
		}
	}
}

static void collect_kept(struct candidates *list)
{
	list_for_each (link, &list->class->kept) {
		if (list->count == MAX_CANDIDATES)
			return;
		list->board[list->count++] = list_container(link, struct plan_fit, at_link)->board;
	}
}

/* Keeps those that are free soonest, in that order, behind the free ones. */
static void insert_busy(struct candidates *list, struct plan_board *board)
{
	size_t at = list->count;

	if (list->count == MAX_CANDIDATES) {
		if (list->count == list->free_count || free_at(board) >= free_at(list->board[--at]))
			return;
	} else {
		list->count++;
	}
	for (; at > list->free_count && free_at(list->board[at - 1]) > free_at(board); at--)
		list->board[at] = list->board[at - 1];
	list->board[at] = board;
}

static void collect_busy(struct candidates *list, bool blind)
{
	int looked = 0;

	list_for_each (link, &list->class->fits) {
		struct plan_board *board = list_container(link, struct plan_fit, class_link)->board;

		if (looked++ == PLAN_MAX_LOOKED)
			return;
		if (board->run && board->state == PLAN_BOARD_READY &&
		    (blind || (!board->claim && !plan_is_reserved(board))) && plan_place_bears(board->place))
			insert_busy(list, board);
	}
}

static void collect(struct match *match, bool blind)
{
	for (size_t i = 0; i < match->count; i++) {
		const struct plan_class *class = match->part[i].run->ask->class;
		size_t at = 0;

		while (at < match->lists && match->list[at].class != class)
			at++;
		match->of[i] = &match->list[at];
		if (at < match->lists)
			continue;
		match->lists++;
		match->list[at].class = class;
		match->list[at].count = 0;
		collect_free(&match->list[at], match->count);
		if (blind)
			collect_kept(&match->list[at]);
		match->list[at].free_count = match->list[at].count;
		collect_busy(&match->list[at], blind);
	}
}

/* --- Augmenting paths ------------------------------------------------------------------------------------------ */

/* A busy board has its token already; a kept one, looked at blindly, too. */
static bool takes_token(const struct plan_board *board)
{
	return board->at == PLAN_AT_FREE;
}

static bool has_room(const struct plan_board *board)
{
	for (const struct plan_place *place = board->place; takes_token(board) && place; place = place->parent)
		if (place->tokens > 0 && place->in_use + place->kept + place->trial >= place->tokens)
			return false;
	return true;
}

/* With what is on trial, the board among it. */
static bool is_within(const struct plan_board *board)
{
	for (const struct plan_place *place = board->place; takes_token(board) && place; place = place->parent)
		if (place->tokens > 0 && place->in_use + place->kept + place->trial > place->tokens)
			return false;
	return true;
}

static void set_taken(struct match *match, size_t part, struct plan_board *board)
{
	struct plan_board *old = match->taken[part];

	for (struct plan_place *place = old && takes_token(old) ? old->place : NULL; place; place = place->parent)
		place->trial--;
	match->taken[part] = board;
	for (struct plan_place *place = board && takes_token(board) ? board->place : NULL; place; place = place->parent)
		place->trial++;
}

static bool augment(struct match *match, size_t part);

/* The part takes the board, and the other one, which stands in the way, looks for another. */
static bool displace(struct match *match, size_t part, struct plan_board *board, size_t other)
{
	struct plan_board *old = match->taken[other];

	if (match->is_seen[other])
		return false;
	set_taken(match, other, NULL);
	set_taken(match, part, board);
	if (is_within(board) && augment(match, other))
		return true;
	set_taken(match, part, NULL);
	set_taken(match, other, old);
	return false;
}

static size_t holder_of(const struct match *match, const struct plan_board *board)
{
	size_t part = 0;

	while (part < match->count && match->taken[part] != board)
		part++;
	return part;
}

static bool try_board(struct match *match, size_t part, struct plan_board *board)
{
	size_t holder = holder_of(match, board);

	if (holder < match->count)
		return displace(match, part, board, holder);
	if (has_room(board)) {
		set_taken(match, part, board);
		return true;
	}
	for (size_t other = 0; other < match->count; other++)
		if (match->taken[other] && displace(match, part, board, other))
			return true;
	return false;
}

static bool augment(struct match *match, size_t part)
{
	const struct candidates *list = match->of[part];
	size_t count = match->busy_too ? list->count : list->free_count;

	match->is_seen[part] = true;
	for (size_t i = 0; i < count; i++)
		if (try_board(match, part, list->board[i]))
			return true;
	return false;
}

/* As many parts as possible; true when all have a board. */
static bool augment_all(struct match *match, bool busy_too)
{
	bool all = true;

	match->busy_too = busy_too;
	for (size_t part = 0; part < match->count; part++) {
		memset(match->is_seen, 0, sizeof(match->is_seen));
		if (!match->taken[part] && !augment(match, part))
			all = false;
	}
	return all;
}

bool plan_match_parts(struct claim_part *part, size_t count, bool blind)
{
	struct match match = {.part = part, .count = count};
	bool found;

	collect(&match, blind);
	found = augment_all(&match, false) || augment_all(&match, true);
	for (size_t i = 0; i < count; i++) {
		struct plan_board *board = match.taken[i];

		set_taken(&match, i, NULL);
		if (found && !blind)
			part[i].board = board;
	}
	return found;
}
