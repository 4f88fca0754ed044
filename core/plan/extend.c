/* SPDX-License-Identifier: Apache-2.0 */
/* A run that is to have its board for longer: not beyond what was promised to others. */
#include "core/plan/plan_private.h"

static int64_t sooner_of(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* What is reserved from a time on looks for another board, when the run may last longer than that. */
static void make_way(struct plan *plan, const struct plan_board *board, int64_t until_us, int64_t now_us)
{
	list_for_each_safe (link, &board->reservations) {
		struct plan_reservation *reservation = list_container(link, struct plan_reservation, board_link);

		if (reservation->from_us < until_us)
			plan_reserved_house(plan, reservation, now_us);
	}
}

/* The end that breaks nothing. */
static int64_t latest_us(const struct plan_run *run, int64_t old_until_us)
{
	const struct plan_org *org = run->ask->job->member->org;
	int64_t until_us = plan_run_until_us(run), latest_us = PLAN_NEVER;

	if (run->board->claim && until_us > old_until_us)
		return old_until_us;
	if (!list_empty(&run->board->reservations))
		latest_us = list_container(run->board->reservations.next, struct plan_reservation, board_link)->from_us;
	for (const struct plan_place *place = run->board->place; place; place = place->parent)
		latest_us = sooner_of(latest_us, plan_reserved_breaks_us(place));
	if (org->cap > 0 && org->reserved > 0 && plan_org_lacks_room(org, org->reserved) &&
	    old_until_us <= org->reserved_us)
		latest_us = sooner_of(latest_us, org->reserved_us);
	return latest_us;
}

int plan_run_extend(struct plan *plan, struct plan_run *run, int64_t limit_us, int64_t now_us, int64_t *ret_latest_us)
{
	struct plan_pool *pool = run->ask->class->selector.pool;
	int64_t old_us = run->limit_us, latest;

	if (limit_us > pool->limit_us)
		pool->limit_us = limit_us;
	if (limit_us > plan->limit_us)
		plan->limit_us = limit_us;
	plan_reserved_bring_near(plan, now_us);
	run->limit_us = limit_us;
	make_way(plan, run->board, plan_run_until_us(run), now_us);
	latest = latest_us(run, run->started_us + old_us);
	if (plan_run_until_us(run) <= latest)
		return 0;
	run->limit_us = old_us;
	*ret_latest_us = latest;
	return ERR_BUSY;
}
