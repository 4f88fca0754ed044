/* SPDX-License-Identifier: Apache-2.0 */
/* When a run is expected to start, by estimates, and when it does at the latest, by the bound that docs/plan.md proves.
 */
#include <stdlib.h>

#include "core/plan/plan_private.h"

#define MAX_SAMPLE 64 /* boards looked at */

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

enum guess { GUESS_SHORT, GUESS_USUAL, GUESS_LONG };

static int64_t estimate_of(const struct plan_ask *ask, enum guess guess)
{
	int64_t other_us = guess == GUESS_SHORT ? ask->estimate_short_us : ask->estimate_long_us;

	return guess == GUESS_USUAL || other_us == 0 ? ask->estimate_us : other_us;
}

static void look(const struct plan_class *class, enum guess guess, int64_t now_us, struct sample *sample)
{
	list_for_each (link, &class->fits) {
		const struct plan_board *board = list_container(link, struct plan_fit, class_link)->board;
		int64_t end_us = board->run ? board->run->started_us + estimate_of(board->run->ask, guess) : now_us;

		if (sample->looked == MAX_SAMPLE)
			break;
		sample->looked++;
		if (board->state == PLAN_BOARD_READY && !plan_place_is_draining(board->place))
			sample->free_at_us[sample->count++] = end_us > now_us ? end_us : now_us;
	}
	qsort(sample->free_at_us, sample->count, sizeof(int64_t), compare_times);
}

static const struct share *org_share(const struct plan_flow *flow)
{
	return flow->party->share.parent;
}

/* Runs of another flow of no lower level that go before the n-th of this one: all of a higher one, else by weight. */
static uint64_t before_of(const struct plan_flow *flow, const struct plan_flow *other, uint64_t n)
{
	const struct share *mine = org_share(flow), *theirs = org_share(other);
	uint64_t waiting = plan_rank_total(&other->asks), fair = n;

	if (other == flow)
		return 0;
	if (other->level > flow->level)
		return waiting;
	if (mine != theirs)
		fair = n * theirs->weight / mine->weight;
	return waiting < fair ? waiting : fair;
}

static uint64_t position_of(const struct plan_flow *flow, uint64_t before)
{
	uint64_t position = before;

	for (unsigned level = flow->level; level < PLAN_BANDS; level++) {
		list_for_each (link, &flow->class->stands[level]) {
			const struct plan_stand *stand = list_container(link - level, struct plan_stand, class_links);

			list_for_each (other, &stand->flows[level])
				position += before_of(flow, list_container(other, struct plan_flow, stand_link),
						      before + 1);
		}
	}
	return position;
}

/* Whether runs of another ask of the same quota go first, once there is room: between members shares may say otherwise.
 */
static bool goes_first(const struct plan_ask *other, const struct plan_ask *ask)
{
	if (other->flow->level != ask->flow->level)
		return other->flow->level > ask->flow->level;
	if (other->job->priority != ask->job->priority)
		return other->job->priority > ask->job->priority;
	return other->job->order < ask->job->order;
}

/* Runs that wait for room in the same quota, before this one. */
static uint64_t before_in_quota(const struct plan_run *run)
{
	const struct plan_ask *ask = run->ask;
	uint64_t before = 0;

	list_for_each (link, &ask->quota->asks) {
		const struct plan_ask *other = list_container(link, struct plan_ask, quota_link);

		if (other != ask && !other->job->is_gang && other->job->held_until_us == INT64_MIN &&
		    goes_first(other, ask))
			before += other->waiting;
	}
	for (const struct list *link = run->link.prev; link != &ask->runs; link = link->prev)
		before++;
	return before;
}

/* from_us: no board before that. */
static int64_t expected_us(const struct plan_run *run, uint64_t position, enum guess guess, int64_t from_us,
			   int64_t now_us)
{
	const struct plan_class *class = run->ask->class;
	struct sample sample = {.count = 0};
	int64_t free_us;

	look(class, guess, now_us, &sample);
	if (sample.count == 0)
		return PLAN_NEVER;
	position = position * sample.looked / class->board_count;
	free_us = sample.free_at_us[position % sample.count];
	return (free_us > from_us ? free_us : from_us) +
	       (int64_t)(position / sample.count) * estimate_of(run->ask, guess);
}

/* --- At the latest --------------------------------------------------------------------------------------------- */

/* What one tier of shares adds: siblings, and the sum of their weights. */
struct tier {
	double count, weight;
};

static struct tier tier_of(const struct plan_pool *pool, const struct share *mine)
{
	struct tier tier = {0};

	list_for_each (link, &pool->parties) {
		const struct share *share = &list_container(link, struct plan_party, pool_link)->share;

		if (share == mine || share->parent != mine->parent)
			continue;
		tier.count++;
		tier.weight += share->weight;
	}
	return tier;
}

/* Board time that siblings may be charged for before this share is served, of weight `weight`. */
static double ahead_us(struct tier tier, double weight, double debt_us, double each_us)
{
	return tier.weight / weight * debt_us + tier.count * each_us;
}

/* Boards of the class in service, less those that others have by guarantee. */
static int64_t served_by(const struct plan_flow *flow)
{
	const struct share *mine = org_share(flow);
	int64_t boards = (int64_t)flow->class->served;

	list_for_each (link, &flow->class->selector.pool->parties) {
		const struct plan_party *party = list_container(link, struct plan_party, pool_link);

		if (party->share.parent == mine->parent && &party->share != mine)
			boards -= ((const struct plan_org *)party->who)->guaranteed;
	}
	return boards;
}

int64_t plan_bound_us(const struct plan *plan, const struct plan_flow *flow, int64_t waited_us)
{
	const struct plan_pool *pool = flow->class->selector.pool;
	const struct share *member = &flow->party->share, *org = org_share(flow);
	double window = (double)plan->config.window_us, limit = (double)pool->limit_us;
	double ageing = (double)(PLAN_BANDS - 1 - flow->band) * (double)plan->config.age_us - (double)waited_us;
	double debt = 2 * window + limit * (double)(pool->board_count + pool->flow_count + 1);
	double others = (double)(flow->party->flows - 1), ahead, total;
	int64_t boards = served_by(flow);

	if (boards <= 0 || (plan->config.age_us <= 0 && flow->band < PLAN_BANDS - 1))
		return PLAN_NEVER;
	ahead = limit * (double)(pool->board_count + pool->flow_count);
	ahead += ahead_us((struct tier){others, others}, 1, debt, window + limit);
	ahead += ahead_us(tier_of(pool, member), member->weight, debt, window + limit);
	ahead += ahead_us(tier_of(pool, org), org->weight, debt, window + limit);
	total = (flow->band < PLAN_BANDS - 1 && ageing > 0 ? ageing : 0) + limit +
		((double)plan->config.trust * ahead + 3 * limit * (double)pool->reserved) / (double)boards;
	return total < (double)(PLAN_NEVER / 4) ? (int64_t)total : PLAN_NEVER;
}

/* The one at the head has waited already; each behind it begins anew. */
static int64_t latest_us(const struct plan *plan, const struct plan_flow *flow, uint64_t before, int64_t now_us)
{
	int64_t first = plan_bound_us(plan, flow, now_us - flow->since_us), next = plan_bound_us(plan, flow, 0);

	if (first == PLAN_NEVER || next == PLAN_NEVER || (double)next * (double)(before + 1) > (double)(PLAN_NEVER / 4))
		return PLAN_NEVER;
	return now_us + first + next * (int64_t)before;
}

struct plan_eta plan_eta(const struct plan *plan, const struct plan_run *run, int64_t now_us)
{
	const struct plan_flow *flow = run->ask->flow;
	struct plan_explanation why = plan_explain(plan, run, NULL, now_us);
	struct plan_eta eta = PLAN_ETA_UNKNOWN(0);

	if (run->reservation)
		eta.soonest_us = eta.expected_us = eta.slowest_us = run->reservation->from_us;
	if (why.reason == PLAN_WHY_QUOTA) { /* who uses it up began before now, and most asks of one are alike */
		eta.position = before_in_quota(run);
		eta.soonest_us = expected_us(run, eta.position, GUESS_SHORT, now_us, now_us);
		eta.expected_us = expected_us(run, eta.position, GUESS_USUAL, now_us + run->ask->estimate_us, now_us);
	}
	if (why.reason != PLAN_WHY_TURN)
		return eta;
	eta.position = position_of(flow, why.before);
	eta.soonest_us = expected_us(run, eta.position, GUESS_SHORT, now_us, now_us);
	eta.expected_us = expected_us(run, eta.position, GUESS_USUAL, now_us, now_us);
	eta.slowest_us = expected_us(run, eta.position, GUESS_LONG, now_us, now_us);
	if (!run->ask->job->is_gang)
		eta.latest_us = latest_us(plan, flow, why.before, now_us);
	return eta;
}
