/* SPDX-License-Identifier: Apache-2.0 */
/* Asks that share a quota: together, whatever jobs they are of, they have only so many boards at once. One whose turn
 * comes when the quota is used up is parked with it, so that it costs nobody anything, until there is room again. */
#include "core/plan/plan_private.h"

void plan_quota_init(struct plan_quota *quota, uint32_t most)
{
	quota->most = most;
	quota->in_use = 0;
	list_init(&quota->asks);
	list_init(&quota->parked);
}

bool plan_ask_is_at_quota(const struct plan_ask *ask)
{
	return ask->quota && !ask->job->is_gang && ask->quota->in_use >= ask->quota->most;
}

void plan_ask_count_in(struct plan_ask *ask)
{
	if (ask->quota)
		ask->quota->in_use++;
}

static void unpark(struct plan *plan, struct plan_quota *quota, int64_t now_us)
{
	while (!list_empty(&quota->parked)) {
		struct plan_ask *ask = list_container(quota->parked.next, struct plan_ask, parked_link);

		list_remove(&ask->parked_link);
		plan_ask_settle(plan, ask, now_us);
	}
}

void plan_ask_count_out(struct plan *plan, struct plan_ask *ask, int64_t now_us)
{
	struct plan_quota *quota = ask->quota;

	if (!quota)
		return;
	quota->in_use--;
	if (quota->in_use < quota->most)
		unpark(plan, quota, now_us);
}

void plan_quota_set(struct plan *plan, struct plan_quota *quota, uint32_t most, int64_t now_us)
{
	quota->most = most;
	plan->claims_dirty = true; /* what waits for a board that is kept may have to wait on */
	if (quota->in_use < most)
		unpark(plan, quota, now_us);
}

void plan_quota_lift(struct plan *plan, struct plan_quota *quota, int64_t now_us)
{
	while (!list_empty(&quota->asks)) {
		struct plan_ask *ask = list_container(quota->asks.next, struct plan_ask, quota_link);

		list_remove(&ask->quota_link);
		ask->quota = NULL;
	}
	quota->in_use = 0;
	unpark(plan, quota, now_us);
}
