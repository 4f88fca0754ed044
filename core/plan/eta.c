/* SPDX-License-Identifier: Apache-2.0 */
/* When a run is expected to start, by estimates, and when it does at the latest, by the bound that docs/plan.md proves.
 */
#include <stdlib.h>

#include "core/plan/plan_private.h"

#define MAX_SAMPLE 256 /* boards looked at */

/* --- Expected -------------------------------------------------------------------------------------------------- */

/* Boards of the class: how many are in service, and when each is free by its run's estimate. */
struct sample {
	int64_t free_at_us[MAX_SAMPLE];
	size_t count, looked;
};

static int compare_times(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static void look(const struct plan_class *class, int64_t now_us, struct sample *sample)
{
	list_for_each (link, &class->fits) {
		const struct plan_board *board = list_container(link, struct plan_fit, class_link)->board;
		int64_t end_us = board->run ? board->run->started_us + board->run->ask->estimate_us : now_us;

		if (sample->looked == MAX_SAMPLE)
			break;
		sample->looked++;
		if (board->state == PLAN_BOARD_READY && !place_is_draining(board->place))
			sample->free_at_us[sample->count++] = end_us > now_us ? end_us : now_us;
	}
	qsort(sample->free_at_us, sample->count, sizeof(int64_t), compare_times);
}

static const struct share *org_share(const struct plan_flow *flow)
{
	return flow->party->share.parent;
}

/* Runs of another flow that go before the n-th of this one: all of a higher level, none of a lower, else by weight. */
static uint64_t before_of(const struct plan_flow *flow, const struct plan_flow *other, uint64_t n)
{
	const struct share *mine = org_share(flow), *theirs = org_share(other);
	uint64_t waiting = rank_total(&other->asks), fair = n;

	if (other->level != flow->level)
		return other->level > flow->level ? waiting : 0;
	if (mine != theirs)
		fair = n * theirs->weight / mine->weight;
	return waiting < fair ? waiting : fair;
}

static uint64_t position_of(const struct plan_flow *flow, uint64_t before)
{
	uint64_t position = before;

	list_for_each (link, &flow->class->flows) {
		const struct plan_flow *other = list_container(link, struct plan_flow, class_link);

		if (other != flow)
			position += before_of(flow, other, before + 1);
	}
	return position;
}

static int64_t expected_us(const struct plan_run *run, uint64_t position, int64_t now_us)
{
	const struct plan_class *class = run->ask->class;
	struct sample sample = {.count = 0};

	look(class, now_us, &sample);
	if (sample.count == 0)
		return PLAN_NEVER;
	position = position * sample.looked / class->board_count;
	return sample.free_at_us[position % sample.count] + (int64_t)(position / sample.count) * run->ask->estimate_us;
}

/* --- At the latest --------------------------------------------------------------------------------------------- */

struct bound {
	double window_us, limit_us;
	double ahead_us; /* board time that siblings may be charged for before the flow is served */
};

/* What siblings at one tier may be charged while this share, which owes debt_us and is charged ahead_us by then, waits.
 */
static double siblings_us(const struct bound *bound, double weight, double siblings_weight, double siblings,
			  double debt_us)
{
	return siblings_weight / weight * (debt_us + bound->ahead_us) + siblings * (bound->window_us + bound->limit_us);
}

static void add_parties(struct bound *bound, const struct plan_pool *pool, const struct share *mine, double debt_us)
{
	double count = 0, weight = 0;

	list_for_each (link, &pool->parties) {
		const struct share *share = &list_container(link, struct plan_party, pool_link)->share;

		if (share == mine || share->parent != mine->parent)
			continue;
		count++;
		weight += share->weight;
	}
	bound->ahead_us += siblings_us(bound, mine->weight, weight, count, debt_us);
}

/* Boards of the class in service, less those that others have by guarantee. */
static int64_t served_by(const struct plan_flow *flow)
{
	const struct share *mine = org_share(flow);
	int64_t boards = 0;

	list_for_each (link, &flow->class->fits) {
		const struct plan_board *board = list_container(link, struct plan_fit, class_link)->board;

		boards += board->state == PLAN_BOARD_READY && !place_is_draining(board->place);
	}
	list_for_each (link, &flow->class->selector.pool->parties) {
		const struct plan_party *party = list_container(link, struct plan_party, pool_link);

		if (party->share.parent == mine->parent && &party->share != mine)
			boards -= ((const struct plan_org *)party->who)->guaranteed;
	}
	return boards;
}

int64_t bound_us(const struct plan *plan, const struct plan_flow *flow, int64_t waited_us)
{
	const struct plan_pool *pool = flow->class->selector.pool;
	struct bound bound = {.window_us = (double)plan->config.window_us, .limit_us = (double)pool->limit_us};
	double ageing_us = (double)(PLAN_BANDS - 1 - flow->band) * (double)plan->config.age_us;
	double siblings = (double)(flow->party->flows - 1);
	double debt_us = bound.window_us + bound.limit_us * (double)(pool->board_count + 1), total_us;
	int64_t boards = served_by(flow);

	if (boards <= 0 || (plan->config.age_us <= 0 && flow->band < PLAN_BANDS - 1))
		return PLAN_NEVER;
	bound.ahead_us = bound.limit_us * (double)pool->board_count;
	bound.ahead_us += siblings_us(&bound, 1, siblings, siblings, debt_us);
	add_parties(&bound, pool, &flow->party->share, debt_us);
	add_parties(&bound, pool, org_share(flow), debt_us);
	ageing_us = ageing_us > (double)waited_us ? ageing_us - (double)waited_us : 0;
	total_us = ageing_us + bound.limit_us + (double)plan->config.trust * bound.ahead_us / (double)boards;
	return total_us < (double)(PLAN_NEVER / 4) ? (int64_t)total_us : PLAN_NEVER;
}

/* The one at the head has waited already; each behind it begins anew. */
static int64_t latest_us(const struct plan *plan, const struct plan_flow *flow, uint64_t before, int64_t now_us)
{
	int64_t first = bound_us(plan, flow, now_us - flow->since_us), next = bound_us(plan, flow, 0);

	if (first == PLAN_NEVER || next == PLAN_NEVER || (double)next * (double)(before + 1) > (double)(PLAN_NEVER / 4))
		return PLAN_NEVER;
	return now_us + first + next * (int64_t)before;
}

struct plan_eta plan_eta(const struct plan *plan, const struct plan_run *run, int64_t now_us)
{
	const struct plan_flow *flow = run->ask->flow;
	struct plan_explanation why = plan_explain(plan, run, NULL, now_us);
	struct plan_eta eta = {.expected_us = PLAN_NEVER, .latest_us = PLAN_NEVER};

	if (why.reason != PLAN_WHY_TURN)
		return eta;
	eta.position = position_of(flow, why.before);
	eta.expected_us = expected_us(run, eta.position, now_us);
	if (!run->ask->job->is_gang)
		eta.latest_us = latest_us(plan, flow, why.before, now_us);
	return eta;
}
