/* SPDX-License-Identifier: Apache-2.0 */
/* Start-time fair queueing in a tree: P. Goyal, H. M. Vin, H. Cheng, "Start-time fair queuing", SIGCOMM 1996. */
#include "core/plan/share.h"

static bool is_before(int64_t a, int64_t b)
{
	return (int64_t)((uint64_t)a - (uint64_t)b) < 0;
}

static int64_t later_of(int64_t a, int64_t b)
{
	return is_before(a, b) ? b : a;
}

static int64_t plus(int64_t a, int64_t b)
{
	return (int64_t)((uint64_t)a + (uint64_t)b);
}

static int64_t weighted(const struct share *share, int64_t us)
{
	return us / (int64_t)share->weight;
}

static uint64_t next_turn(struct share *share)
{
	while (share->parent)
		share = share->parent;
	return ++share->turns;
}

void plan_share_init(struct share *share, struct share *parent, uint32_t weight)
{
	*share = (struct share){.parent = parent, .weight = weight};
}

static void set_start(struct share *share, unsigned level, int64_t start)
{
	share->level[level].start = start;
	share->level[level].turn = next_turn(share);
}

void plan_share_enter(struct share *leaf, unsigned level)
{
	for (struct share *share = leaf; share->parent; share = share->parent) {
		struct share_level *at = &share->level[level];

		if (at->active++ > 0)
			return;
		at->finish = later_of(at->finish, share->parent->level[level].clock);
		set_start(share, level, at->finish);
	}
}

void plan_share_leave(struct share *leaf, unsigned level)
{
	for (struct share *share = leaf; share->parent; share = share->parent)
		if (--share->level[level].active > 0)
			return;
}

void plan_share_forgive(struct share *share, unsigned level)
{
	struct share_level *at = &share->level[level];
	int64_t clock = share->parent->level[level].clock;

	at->finish = later_of(at->finish, clock);
	if (is_before(at->start, clock))
		set_start(share, level, clock);
}

struct share_place plan_share_place(const struct share *share, unsigned level)
{
	return (struct share_place){share->level[level].start, share->level[level].turn};
}

int64_t plan_share_reserve(const struct share *share, unsigned level, int64_t window_us)
{
	return plus(share->level[level].start, weighted(share, window_us));
}

int64_t plan_share_later(int64_t a, int64_t b)
{
	return later_of(a, b);
}

struct share_place plan_share_place_within(const struct share *share, unsigned level, int64_t reserve)
{
	struct share_place place = plan_share_place(share, level);

	if (is_before(reserve, place.start))
		place.start = reserve;
	return place;
}

int plan_share_place_compare(struct share_place a, struct share_place b)
{
	if (a.start != b.start)
		return is_before(a.start, b.start) ? -1 : 1;
	return (a.turn > b.turn) - (a.turn < b.turn);
}

void plan_share_charge(struct share *share, unsigned level, const struct share_cost *cost)
{
	struct share_level *at = &share->level[level];
	struct share_level *above = &share->parent->level[level];
	int64_t window = weighted(share, cost->window_us);
	int64_t charge = weighted(share, cost->cost_us);
	int64_t before = at->finish, most;

	if (cost->turn == SHARE_IN_TURN)
		above->clock = later_of(above->clock, cost->served_at);
	at->finish = plus(later_of(before, plus(above->clock, -window)), charge > 0 ? charge : 1);
	most = later_of(before, plus(above->clock, window));
	if (cost->turn == SHARE_OUT_OF_TURN && is_before(most, at->finish))
		at->finish = most;
	set_start(share, level, at->finish);
}

void plan_share_correct(struct share *share, unsigned level, int64_t difference_us)
{
	struct share_level *at = &share->level[level];

	at->finish = plus(at->finish, weighted(share, difference_us));
	if (is_before(at->finish, at->start))
		at->start = at->finish;
}

int64_t plan_share_ahead(const struct share *share, unsigned level)
{
	uint64_t ahead = (uint64_t)share->level[level].finish - (uint64_t)share->parent->level[level].clock;

	return (int64_t)ahead * (int64_t)share->weight;
}

void plan_share_owe(struct share *share, unsigned level, int64_t ahead_us)
{
	share->level[level].finish = plus(share->parent->level[level].clock, weighted(share, ahead_us));
}
