/* SPDX-License-Identifier: Apache-2.0 */
/* The decision: whose turn it is among what waits in the classes where a board can be had. */
#include "core/plan/plan_private.h"

/* What could be next, and whether somebody else would be if nobody had a guarantee. */
struct turn {
	struct plan_flow *flow; /* NULL: nobody */
	struct plan_flow *fair;
};

static struct plan_flow *flow_in_class(struct list *link)
{
	return list_container(link, struct plan_flow, class_link);
}

static bool is_guaranteed(const struct plan_flow *flow)
{
	const struct plan_org *org = flow->member->org;

	return org->in_use < org->guaranteed;
}

/* Level first; then shares from the root down to where the two part. */
static bool fair_before(const struct plan_flow *a, const struct plan_flow *b)
{
	const struct share *x = &a->share, *y = &b->share;

	if (a->level != b->level)
		return a->level > b->level;
	if (x->parent->parent != y->parent->parent)
		return share_before(x->parent->parent, y->parent->parent, a->level);
	if (x->parent != y->parent)
		return share_before(x->parent, y->parent, a->level);
	return share_before(x, y, a->level);
}

static bool goes_before(const struct plan_flow *a, const struct plan_flow *b)
{
	if (a->level == b->level && is_guaranteed(a) != is_guaranteed(b))
		return is_guaranteed(a);
	return fair_before(a, b);
}

static void compare(struct turn *turn, struct plan_flow *flow)
{
	if (!turn->flow || goes_before(flow, turn->flow))
		turn->flow = flow;
	if (!turn->fair || fair_before(flow, turn->fair))
		turn->fair = flow;
}

static bool can_go_on(const struct turn *turn, int64_t now_us)
{
	if (turn->flow && !flow_head(turn->flow, now_us))
		return false;
	return turn->fair == turn->flow || flow_head(turn->fair, now_us);
}

/* Whose turn it is in a class. The heads of those found can go on; flows without such leave the class. */
static struct turn turn_in_class(const struct plan *plan, struct plan_class *class, int64_t now_us)
{
	struct turn turn;

	do {
		turn = (struct turn){0};
		list_for_each (link, &class->flows) {
			struct plan_flow *flow = flow_in_class(link);

			if (org_is_at_cap(flow->member->org))
				continue;
			flow_age(plan, flow, now_us);
			compare(&turn, flow);
		}
	} while (!can_go_on(&turn, now_us));
	return turn;
}

/* Over the classes of a pool where something may be placed; those where nothing can be are left alone from now on. */
static struct turn turn_in_pool(const struct plan *plan, struct plan_pool *pool, int64_t now_us)
{
	struct turn best = {0};

	list_for_each_safe (link, &pool->dirty) {
		struct plan_class *class = list_container(link, struct plan_class, dirty_link);
		struct turn turn = {0};

		if (!list_empty(&class->open))
			turn = turn_in_class(plan, class, now_us);
		if (!turn.flow) {
			list_remove(&class->dirty_link);
			continue;
		}
		compare(&best, turn.flow);
		if (fair_before(turn.fair, best.fair))
			best.fair = turn.fair;
	}
	return best;
}

static struct plan_action place_next(struct plan *plan, const struct turn *turn, int64_t now_us)
{
	struct plan_flow *flow = turn->flow;
	struct plan_ask *ask = flow_head(flow, now_us);
	struct plan_run *run = list_container(ask->runs.next, struct plan_run, link);
	struct plan_board *board = choose_board(plan, run);
	struct run_start start = {
		.now_us = now_us,
		.level = flow->level,
		.in_turn = true,
		.by_guarantee = turn->fair->member->org != flow->member->org,
	};

	run_start(plan, run, board, start);
	run_unqueue(run);
	ask_settle(plan, ask, now_us);
	flow_served(flow, now_us);
	return (struct plan_action){.kind = PLAN_PLACE, .run = run, .board = board};
}

struct plan_action plan_next(struct plan *plan, int64_t now_us)
{
	hold_expire(plan, now_us);
	while (!list_empty(&plan->dirty_pools)) {
		struct plan_pool *pool = list_container(plan->dirty_pools.next, struct plan_pool, dirty_link);
		struct turn turn = turn_in_pool(plan, pool, now_us);

		if (turn.flow)
			return place_next(plan, &turn, now_us);
		list_remove(&pool->dirty_link);
	}
	return (struct plan_action){.kind = PLAN_NOTHING};
}
