/* SPDX-License-Identifier: Apache-2.0 */
/* The decision: who has its turn gets a board, makes a claim, or has another run asked to yield. */
#include "core/plan/plan_private.h"

static enum run_turn kind_of(const struct turn *turn)
{
	if (turn->board)
		return RUN_OUT_OF_TURN;
	return turn->fair->member->org == turn->flow->member->org ? RUN_IN_TURN : RUN_BY_GUARANTEE;
}

static struct plan_action place(struct plan *plan, const struct turn *turn, struct plan_ask *ask, int64_t now_us)
{
	struct plan_run *run = list_container(ask->runs.next, struct plan_run, link);
	struct plan_board *board = turn->board ? turn->board : plan_choose_board(plan, run);

	plan_run_charge(plan, run, turn->flow->level, kind_of(turn));
	plan_run_dequeue(plan, run, now_us);
	plan_run_start(plan, run, board, now_us);
	plan_flow_served(plan, turn->flow, now_us);
	return (struct plan_action){.kind = PLAN_PLACE, .run = run, .board = board};
}

static struct plan_action preempt(struct plan *plan, const struct turn *turn, struct plan_ask *ask, int64_t now_us)
{
	struct plan_run *run = list_container(ask->runs.next, struct plan_run, link), *other = turn->board->run;

	other->is_asked_to_yield = true;
	plan_claim_board(plan, run, turn->board, turn->flow->level, kind_of(turn), now_us);
	return (struct plan_action){.kind = PLAN_PREEMPT, .run = other, .board = turn->board};
}

/* A gang whose organisation's cap leaves no room has the next boards of the organisation. */
static void take_gang(struct plan *plan, const struct turn *turn, struct plan_ask *lead, int64_t now_us)
{
	struct plan_org *org = lead->job->member->org;

	if (plan_org_lacks_room(org, lead->job->waiting + org->reserved))
		plan_org_save(plan, lead->job);
	else
		plan_claim_gang(plan, lead, turn->flow->level, kind_of(turn), now_us);
}

/* PLAN_NOTHING: a gang had its turn. */
static struct plan_action take_turn(struct plan *plan, const struct turn *turn, int64_t now_us)
{
	struct plan_ask *ask = plan_turn_ask(plan, turn->flow, now_us);

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

	plan_hold_expire(plan, now_us);
	plan_short_gangs_requeue(plan, now_us);
	plan_class_retry(plan, now_us);
	if (plan_reserved_next(plan, now_us, &action))
		return action;
	while (action.kind == PLAN_NOTHING && !plan_claim_next(plan, now_us, &action) &&
	       !list_empty(&plan->dirty_pools)) {
		struct plan_pool *pool = list_container(plan->dirty_pools.next, struct plan_pool, dirty_link);
		struct turn turn = plan_turn_in_pool(plan, pool, now_us);

		if (turn.flow)
			action = take_turn(plan, &turn, now_us);
		else if (list_empty(&pool->dirty))
			list_remove(&pool->dirty_link);
	}
	return action;
}
