/* SPDX-License-Identifier: Apache-2.0 */
/* The decision: whose turn it is among what waits in the classes where a board can be had. A board can be had because
 * it is free; or because it is kept for a claim that begins late enough (back-fill); or by pre-emption. */
#include "core/plan/plan_private.h"

/* What could be next, and whether somebody else would be if nobody had a guarantee. */
struct turn {
	struct plan_flow *flow; /* NULL: nobody */
	struct plan_flow *fair;
	struct plan_board *board; /* a kept one, or the one whose run is to yield; NULL: any free one */
};

/* What a board asks of a flow to be had by it. */
struct offer {
	enum plan_board_at at;
	int64_t limit_us; /* KEPT: of the run */
	unsigned band;    /* YIELD: the flow's is above */
};

static struct plan_flow *flow_in_class(struct list *link)
{
	return list_container(link, struct plan_flow, class_link);
}

/* --- Order ----------------------------------------------------------------------------------------------------- */

static bool is_guaranteed(const struct plan_flow *flow)
{
	const struct plan_org *org = flow->member->org;

	return org->in_use + org->kept < org->guaranteed;
}

/* Level first; then the shares of organisations, members, flows. */
static bool fair_before(const struct plan_flow *a, const struct plan_flow *b)
{
	const struct share *x = &a->party->share, *y = &b->party->share;
	int order;

	if (a->level != b->level)
		return a->level > b->level;
	order = share_place_compare(share_place_within(x->parent, a->level, a->org_reserve),
				    share_place_within(y->parent, b->level, b->org_reserve));
	if (order == 0)
		order = share_place_compare(share_place_within(x, a->level, a->member_reserve),
					    share_place_within(y, b->level, b->member_reserve));
	if (order == 0)
		order = share_place_compare(share_place(&a->share, a->level), share_place(&b->share, b->level));
	return order < 0;
}

static bool goes_before(const struct plan_flow *a, const struct plan_flow *b)
{
	if (a->level == b->level && is_guaranteed(a) != is_guaranteed(b))
		return is_guaranteed(a);
	return fair_before(a, b);
}

static void compare(struct turn *turn, struct plan_flow *flow, struct plan_flow *fair, struct plan_board *board)
{
	if (!turn->flow || goes_before(flow, turn->flow)) {
		turn->flow = flow;
		turn->board = board;
	}
	if (!turn->fair || fair_before(fair, turn->fair))
		turn->fair = fair;
}

/* --- Who may have one ------------------------------------------------------------------------------------------ */

/* A gang for which the organisation saves up boards goes alone; another waits until the first has its boards. */
static bool gang_may_go(const struct plan_org *org, const struct plan_job *job)
{
	if (org->gang)
		return false;
	return org->cap == 0 || job->waiting <= org->cap;
}

static bool org_may_go(const struct plan_flow *flow)
{
	const struct plan_org *org = flow->member->org;

	if (org->saver)
		return gang_lead(org->saver)->flow == flow && !org_lacks_room(org, org->saver->waiting);
	return !org_lacks_room(org, 1);
}

/* What the flow would have a board for now, if it may have one; NULL: nothing. */
static struct plan_ask *candidate(struct plan *plan, struct plan_flow *flow, const struct offer *offer, int64_t now_us)
{
	const struct plan_org *org = flow->member->org;
	struct plan_ask *ask;

	if (!org_may_go(flow))
		return NULL;
	ask = org->saver ? gang_lead(org->saver) : flow_head(plan, flow, now_us);
	if (!ask)
		return NULL;
	if (ask->job->is_gang && (offer->at != PLAN_AT_FREE || !gang_may_go(org, ask->job)))
		return NULL;
	if (offer->at == PLAN_AT_KEPT && ask->limit_us > offer->limit_us)
		return NULL;
	return offer->at == PLAN_AT_YIELD && flow->band <= offer->band ? NULL : ask;
}

/* --- Whose turn ------------------------------------------------------------------------------------------------ */

static void turn_by_offer(struct plan *plan, struct plan_class *class, const struct offer *offer,
			  struct plan_board *board, int64_t now_us, struct turn *turn)
{
	list_for_each_safe (link, &class->flows) {
		struct plan_flow *flow = flow_in_class(link);

		if (!candidate(plan, flow, offer, now_us))
			continue;
		flow_age(plan, flow, now_us);
		compare(turn, flow, flow, board);
	}
}

/* Idle boards that are kept for a claim, for what ends before it can begin. */
static void turn_to_fill(struct plan *plan, struct plan_class *class, int64_t now_us, struct turn *turn)
{
	list_for_each (link, &class->kept) {
		struct plan_board *board = list_container(link, struct plan_fit, at_link)->board;
		int64_t until_us = claim_until_us(board->claim);
		struct offer offer = {.at = PLAN_AT_KEPT};

		if (until_us <= now_us || place_is_draining(board->place))
			continue;
		offer.limit_us = until_us - now_us;
		turn_by_offer(plan, class, &offer, board, now_us, turn);
	}
}

/* The lower band yields, and in it who lost least. */
static bool yields_before(const struct plan_run *a, const struct plan_run *b)
{
	if (a->ask->flow->band != b->ask->flow->band)
		return a->ask->flow->band < b->ask->flow->band;
	return a->started_us > b->started_us;
}

static void turn_to_preempt(struct plan *plan, struct plan_class *class, int64_t now_us, struct turn *turn)
{
	struct plan_run *weakest = NULL;
	struct offer offer = {.at = PLAN_AT_YIELD};
	int looked = 0;

	list_for_each (link, &class->yield) {
		struct plan_run *run = list_container(link, struct plan_fit, at_link)->board->run;

		if (place_bears(run->board->place) && (!weakest || yields_before(run, weakest)))
			weakest = run;
		if (++looked == PLAN_LOOK)
			break;
	}
	if (!weakest)
		return;
	offer.band = weakest->ask->flow->band;
	turn_by_offer(plan, class, &offer, weakest->board, now_us, turn);
}

static struct turn turn_in_class(struct plan *plan, struct plan_class *class, int64_t now_us)
{
	const struct offer free_board = {.at = PLAN_AT_FREE};
	struct turn turn = {0};

	if (!list_empty(&class->open))
		turn_by_offer(plan, class, &free_board, NULL, now_us, &turn);
	if (!turn.flow)
		turn_to_fill(plan, class, now_us, &turn);
	if (!turn.flow)
		turn_to_preempt(plan, class, now_us, &turn);
	return turn;
}

/* Over the classes of a pool where something may be placed; those where nothing can be are left alone from now on. */
static struct turn turn_in_pool(struct plan *plan, struct plan_pool *pool, int64_t now_us)
{
	struct turn best = {0};

	list_for_each_safe (link, &pool->dirty) {
		struct plan_class *class = list_container(link, struct plan_class, dirty_link);
		struct turn turn = turn_in_class(plan, class, now_us);

		if (turn.flow)
			compare(&best, turn.flow, turn.fair, turn.board);
		else
			list_remove(&class->dirty_link);
	}
	return best;
}

/* --- Taking it ------------------------------------------------------------------------------------------------- */

static enum run_turn kind_of(const struct turn *turn)
{
	if (turn->board)
		return RUN_OUT_OF_TURN;
	return turn->fair->member->org == turn->flow->member->org ? RUN_IN_TURN : RUN_BY_GUARANTEE;
}

static struct plan_action place(struct plan *plan, const struct turn *turn, struct plan_ask *ask, int64_t now_us)
{
	struct plan_run *run = list_container(ask->runs.next, struct plan_run, link);
	struct plan_board *board = turn->board ? turn->board : choose_board(plan, run);

	run_charge(plan, run, turn->flow->level, kind_of(turn));
	run_dequeue(plan, run, now_us);
	run_start(plan, run, board, now_us);
	flow_served(plan, turn->flow, now_us);
	return (struct plan_action){.kind = PLAN_PLACE, .run = run, .board = board};
}

static struct plan_action preempt(struct plan *plan, const struct turn *turn, struct plan_ask *ask, int64_t now_us)
{
	struct plan_run *run = list_container(ask->runs.next, struct plan_run, link), *other = turn->board->run;

	other->is_asked_to_yield = true;
	claim_board(plan, run, turn->board, turn->flow->level, kind_of(turn), now_us);
	return (struct plan_action){.kind = PLAN_PREEMPT, .run = other, .board = turn->board};
}

/* A gang whose organisation's cap leaves no room has the next boards of the organisation. */
static void take_gang(struct plan *plan, const struct turn *turn, struct plan_ask *lead, int64_t now_us)
{
	struct plan_org *org = lead->job->member->org;

	if (org_lacks_room(org, lead->job->waiting))
		org_save(plan, lead->job);
	else
		claim_gang(plan, lead, turn->flow->level, kind_of(turn), now_us);
}

/* PLAN_NOTHING: a gang had its turn. */
static struct plan_action take_turn(struct plan *plan, const struct turn *turn, int64_t now_us)
{
	const struct plan_org *org = turn->flow->member->org;
	struct plan_ask *ask = org->saver ? gang_lead(org->saver) : flow_head(plan, turn->flow, now_us);

	if (turn->board && turn->board->run)
		return preempt(plan, turn, ask, now_us);
	if (!ask->job->is_gang)
		return place(plan, turn, ask, now_us);
	take_gang(plan, turn, ask, now_us);
	return (struct plan_action){.kind = PLAN_NOTHING};
}

struct plan_action plan_next(struct plan *plan, int64_t now_us)
{
	struct plan_action action = {.kind = PLAN_NOTHING};

	hold_expire(plan, now_us);
	short_gangs_requeue(plan, now_us);
	while (action.kind == PLAN_NOTHING && !claim_next(plan, now_us, &action) && !list_empty(&plan->dirty_pools)) {
		struct plan_pool *pool = list_container(plan->dirty_pools.next, struct plan_pool, dirty_link);
		struct turn turn = turn_in_pool(plan, pool, now_us);

		if (turn.flow)
			action = take_turn(plan, &turn, now_us);
		else if (list_empty(&pool->dirty))
			list_remove(&pool->dirty_link);
	}
	return action;
}
