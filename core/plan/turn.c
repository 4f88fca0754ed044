/* SPDX-License-Identifier: Apache-2.0 */
/* Whose turn it is among what waits in the classes where a board can be had: because it is free; because it is kept for
 * a claim that begins late enough (back-fill); or by pre-emption. In a class the levels are gone through from the top,
 * in one the organisations, and only of those that may be first the flows. */
#include "core/plan/plan_private.h"

/* A way to a board, and what it asks of a flow. */
struct offer {
	enum plan_board_at at;
	int64_t limit_us;         /* KEPT: of the run */
	unsigned band;            /* YIELD: the flow's is above */
	struct plan_board *board; /* KEPT, YIELD */
	bool by_guarantee;        /* who is below its guarantee goes first */
	int64_t now_us;
};

/* --- Order ----------------------------------------------------------------------------------------------------- */

static struct share_place org_place(const struct plan_flow *flow)
{
	return plan_share_place_within(flow->party->share.parent, flow->level, flow->org_reserve);
}

static bool is_guaranteed(const struct plan_org *org)
{
	return org->in_use + org->kept < org->guaranteed;
}

/* Of one level: the shares of organisations, members, flows. */
static bool fair_before(const struct plan_flow *a, const struct plan_flow *b)
{
	const struct share *x = &a->party->share, *y = &b->party->share;
	int order = plan_share_place_compare(org_place(a), org_place(b));

	if (order == 0)
		order = plan_share_place_compare(plan_share_place_within(x, a->level, a->member_reserve),
						 plan_share_place_within(y, b->level, b->member_reserve));
	if (order == 0)
		order = plan_share_place_compare(plan_share_place(&a->share, a->level),
						 plan_share_place(&b->share, b->level));
	return order < 0;
}

static bool goes_before(const struct plan_flow *a, const struct plan_flow *b, bool by_guarantee)
{
	if (a->level != b->level)
		return a->level > b->level;
	if (by_guarantee && is_guaranteed(a->member->org) != is_guaranteed(b->member->org))
		return is_guaranteed(a->member->org);
	return fair_before(a, b);
}

/* Whether a flow of the stand can go before one of the same level: the reserve of the first is the best. */
static bool may_go_before(const struct plan_stand *stand, unsigned level, const struct plan_flow *flow,
			  bool by_guarantee)
{
	const struct plan_flow *first = list_container(stand->flows[level].next, struct plan_flow, stand_link);

	if (by_guarantee && is_guaranteed(stand->org) != is_guaranteed(flow->member->org))
		return is_guaranteed(stand->org);
	return plan_share_place_compare(plan_share_place_within(stand->share, level, first->org_reserve),
					org_place(flow)) <= 0;
}

/* --- Who may have one ------------------------------------------------------------------------------------------ */

/* A gang for which the organisation saves up boards goes alone; another waits until the first has its boards. */
static bool gang_may_go(const struct plan_org *org, const struct plan_job *job)
{
	if (org->gang)
		return false;
	return org->cap == 0 || job->waiting <= org->cap;
}

static bool org_may_go(const struct plan_org *org)
{
	return !plan_org_lacks_room(org, org->saver ? org->saver->waiting + org->reserved : 1);
}

struct plan_ask *plan_turn_ask(struct plan *plan, struct plan_flow *flow, int64_t now_us)
{
	const struct plan_job *saver = flow->member->org->saver;
	struct plan_ask *lead = saver ? plan_gang_lead(saver) : NULL;

	if (!saver)
		return plan_flow_head(plan, flow, now_us);
	return lead->flow == flow ? lead : NULL;
}

static bool is_candidate(struct plan *plan, struct plan_flow *flow, const struct offer *offer)
{
	const struct plan_ask *ask;

	if (offer->at == PLAN_AT_YIELD && flow->band <= offer->band)
		return false;
	ask = plan_turn_ask(plan, flow, offer->now_us);
	if (!ask || (offer->at == PLAN_AT_KEPT && ask->limit_us > offer->limit_us))
		return false;
	if (plan_org_is_reserved(flow->member->org, offer->at == PLAN_AT_YIELD ? PLAN_NEVER : ask->limit_us,
				 offer->now_us))
		return false;
	return !ask->job->is_gang || (offer->at == PLAN_AT_FREE && gang_may_go(flow->member->org, ask->job));
}

/* --- Whose turn ------------------------------------------------------------------------------------------------ */

static struct plan_flow *best_of_stand(struct plan *plan, struct plan_stand *stand, unsigned level,
				       const struct offer *offer, struct plan_flow *best)
{
	list_for_each_safe (link, &stand->flows[level]) {
		struct plan_flow *flow = list_container(link, struct plan_flow, stand_link);

		if ((!best || goes_before(flow, best, offer->by_guarantee)) && is_candidate(plan, flow, offer))
			best = flow;
	}
	return best;
}

static struct plan_flow *best_of_class(struct plan *plan, struct plan_class *class, const struct offer *offer)
{
	struct plan_flow *best = NULL;

	for (unsigned level = PLAN_BANDS; !best && level-- > 0;) {
		list_for_each_safe (link, &class->stands[level]) {
			struct plan_stand *stand = list_container(link - level, struct plan_stand, class_links);

			if (org_may_go(stand->org) && (!best || may_go_before(stand, level, best, offer->by_guarantee)))
				best = best_of_stand(plan, stand, level, offer, best);
		}
	}
	return best;
}

static void compare(struct turn *turn, const struct turn *other)
{
	if (!other->flow)
		return;
	if (!turn->flow || goes_before(other->flow, turn->flow, true)) {
		turn->flow = other->flow;
		turn->board = other->board;
	}
	if (!turn->fair || goes_before(other->fair, turn->fair, false))
		turn->fair = other->fair;
}

static struct turn turn_by_offer(struct plan *plan, struct plan_class *class, struct offer offer)
{
	struct turn turn = {.board = offer.board};

	offer.by_guarantee = true;
	turn.flow = turn.fair = best_of_class(plan, class, &offer);
	offer.by_guarantee = false;
	if (turn.flow && is_guaranteed(turn.flow->member->org))
		turn.fair = best_of_class(plan, class, &offer);
	return turn;
}

/* Until when what begins now may have an idle board that is kept. */
static int64_t kept_until_us(const struct plan_board *board)
{
	int64_t until_us = board->claim ? plan_claim_until_us(board->claim) : PLAN_NEVER, reserved_us;

	if (plan_place_is_draining(board->place) || (!board->claim && !plan_place_is_open(board->place)))
		return INT64_MIN;
	reserved_us = plan_is_reserved(board) ? plan_reserved_until_us(board) : PLAN_NEVER;
	return reserved_us < until_us ? reserved_us : until_us;
}

/* Idle boards that are kept for a claim or from a time on, for what ends before. */
static struct turn turn_to_fill(struct plan *plan, struct plan_class *class, int64_t now_us)
{
	struct turn best = {0};

	list_for_each (link, &class->kept) {
		struct plan_board *board = list_container(link, struct plan_fit, at_link)->board;
		int64_t until_us = kept_until_us(board);
		struct offer offer = {.at = PLAN_AT_KEPT, .board = board, .now_us = now_us};
		struct turn turn;

		if (until_us <= now_us)
			continue;
		offer.limit_us = until_us == PLAN_NEVER ? PLAN_NEVER : until_us - now_us;
		turn = turn_by_offer(plan, class, offer);
		compare(&best, &turn);
	}
	return best;
}

/* The next end that is expected of a run among the first of a list. */
static int64_t next_end_us(const struct list *fits, bool by_class, int64_t now_us)
{
	int64_t next_us = PLAN_NEVER;
	int looked = 0;

	list_for_each (link, fits) {
		const struct plan_fit *fit = by_class ? list_container(link, struct plan_fit, class_link)
						      : list_container(link, struct plan_fit, at_link);
		const struct plan_run *run = fit->board->run;
		int64_t end_us = run ? run->started_us + run->ask->estimate_us : now_us;

		if (end_us > now_us && end_us < next_us && !fit->board->claim)
			next_us = end_us;
		if (++looked == PLAN_LOOK)
			break;
	}
	return next_us;
}

/* Another run is expected to end before the flow has waited for as long as the one that would yield has run: breaking
 * it off would lose more than it saves. */
static bool is_patient(struct plan *plan, struct plan_class *class, const struct plan_flow *flow,
		       const struct plan_run *weakest, int64_t now_us)
{
	int64_t by_yield_us = next_end_us(&class->yield, false, now_us);
	int64_t next_us = next_end_us(&class->fits, true, now_us);

	next_us = by_yield_us < next_us ? by_yield_us : next_us;
	if (next_us == PLAN_NEVER || next_us - flow->since_us > now_us - weakest->started_us ||
	    next_us - flow->since_us > plan->config.patience_us)
		return false;
	plan_rank_remove(&plan->patient, &class->patient_node);
	plan_rank_add(&plan->patient, &class->patient_node, (struct rank_key){next_us, 0}, 1);
	return true;
}

/* The lower band yields, and in it who lost least: those that began last are looked at. */
static bool yields_before(const struct plan_run *a, const struct plan_run *b)
{
	if (a->ask->flow->band != b->ask->flow->band)
		return a->ask->flow->band < b->ask->flow->band;
	return a->started_us > b->started_us;
}

static struct turn turn_to_preempt(struct plan *plan, struct plan_class *class, int64_t now_us)
{
	struct plan_run *weakest = NULL;
	struct turn turn;
	struct offer offer = {.at = PLAN_AT_YIELD, .now_us = now_us};
	int looked = 0;

	for (struct list *link = class->yield.prev; link != &class->yield; link = link->prev) {
		struct plan_run *run = list_container(link, struct plan_fit, at_link)->board->run;

		if (plan_place_bears(run->board->place) && (!weakest || yields_before(run, weakest)))
			weakest = run;
		if (++looked == PLAN_LOOK)
			break;
	}
	if (!weakest)
		return (struct turn){0};
	offer.band = weakest->ask->flow->band;
	offer.board = weakest->board;
	turn = turn_by_offer(plan, class, offer);
	if (turn.flow && is_patient(plan, class, turn.flow, weakest, now_us))
		turn.flow = turn.fair = NULL;
	return turn;
}

/* An idle board. */
static struct turn turn_to_have(struct plan *plan, struct plan_class *class, int64_t now_us)
{
	struct turn turn = {0};

	if (!list_empty(&class->open))
		turn = turn_by_offer(plan, class, (struct offer){.at = PLAN_AT_FREE, .now_us = now_us});
	if (!turn.flow && !list_empty(&class->kept))
		turn = turn_to_fill(plan, class, now_us);
	return turn;
}

static struct turn turn_in_class(struct plan *plan, struct plan_class *class, int64_t now_us)
{
	struct turn turn;

	plan_class_age(plan, class, now_us);
	turn = turn_to_have(plan, class, now_us);
	if (!turn.flow && !list_empty(&class->yield))
		turn = turn_to_preempt(plan, class, now_us);
	return turn;
}

/* False: what is reserved made way for others, and all have to be looked at again. */
static bool look_at_all(struct plan *plan, struct plan_pool *pool, int64_t now_us, struct turn *best)
{
	*best = (struct turn){0};
	list_for_each_safe (link, &pool->dirty) {
		struct plan_class *class = list_container(link, struct plan_class, dirty_link);
		struct turn turn = turn_in_class(plan, class, now_us);

		if ((!turn.flow || turn.board) && !list_empty(&class->kept) &&
		    plan_reserved_make_way(plan, class, now_us))
			return false;
		compare(best, &turn);
		if (!turn.flow)
			list_remove(&class->dirty_link);
	}
	return true;
}

struct turn plan_turn_in_pool(struct plan *plan, struct plan_pool *pool, int64_t now_us)
{
	struct turn best;

	while (!look_at_all(plan, pool, now_us, &best))
		;
	return best;
}
