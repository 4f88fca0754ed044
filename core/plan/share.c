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

void share_init(struct share *share, struct share *parent, uint32_t weight)
{
	*share = (struct share){.parent = parent, .weight = weight};
}

static void set_start(struct share *share, unsigned level, int64_t start)
{
	share->level[level].start = start;
	share->level[level].turn = next_turn(share);
}

void share_enter(struct share *leaf, unsigned level)
{
	for (struct share *share = leaf; share->parent; share = share->parent) {
		struct share_level *at = &share->level[level];

		if (at->active++ > 0)
			return;
		at->finish = later_of(at->finish, share->parent->level[level].clock);
		set_start(share, level, at->finish);
	}
}

void share_leave(struct share *leaf, unsigned level)
{
	for (struct share *share = leaf; share->parent; share = share->parent)
		if (--share->level[level].active > 0)
			return;
}

void share_forgive(struct share *share, unsigned level)
{
	struct share_level *at = &share->level[level];
	int64_t clock = share->parent->level[level].clock;

	at->finish = later_of(at->finish, clock);
	if (is_before(at->start, clock))
		set_start(share, level, clock);
}

bool share_before(const struct share *a, const struct share *b, unsigned level)
{
	const struct share_level *x = &a->level[level], *y = &b->level[level];

	return x->start != y->start ? is_before(x->start, y->start) : x->turn < y->turn;
}

void share_charge(struct share *share, unsigned level, int64_t cost_us, enum share_turn turn, int64_t window_us)
{
	struct share_level *at = &share->level[level];
	struct share_level *above = &share->parent->level[level];
	int64_t window = weighted(share, window_us);
	int64_t charge = weighted(share, cost_us);
	int64_t before = at->finish, most;

	if (turn == SHARE_IN_TURN)
		above->clock = later_of(above->clock, at->start);
	at->finish = plus(later_of(before, plus(above->clock, -window)), charge > 0 ? charge : 1);
	most = later_of(before, plus(above->clock, window));
	if (turn == SHARE_OUT_OF_TURN && is_before(most, at->finish))
		at->finish = most;
	set_start(share, level, at->finish);
}

void share_correct(struct share *share, unsigned level, int64_t difference_us)
{
	struct share_level *at = &share->level[level];

	at->finish = plus(at->finish, weighted(share, difference_us));
	if (is_before(at->finish, at->start))
		at->start = at->finish;
}
