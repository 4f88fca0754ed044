/* SPDX-License-Identifier: Apache-2.0 */
/* Where shares stand, to be kept over a restart: how far what a share was charged puts it ahead of its parent's clock.
 * What is charged for runs that are not over is in it, so plan_run_resume charges that to nobody again. Flows keep
 * nothing: they are within one member. */
#include "core/plan/plan_private.h"

static bool is_org(const struct plan_party *party)
{
	return party->share.parent == &party->pool->share;
}

static bool debt_of(const struct plan_party *party, struct plan_debt *ret_debt)
{
	bool has_any = false;

	for (unsigned level = 0; level < PLAN_BANDS; level++) {
		ret_debt->us[level] = plan_share_ahead(&party->share, level);
		has_any = has_any || ret_debt->us[level] != 0;
	}
	return has_any;
}

void plan_debts(const struct plan *plan, plan_debt_fn *on_debt, void *context)
{
	for (struct map_node *node = map_next(&plan->parties, NULL); node; node = map_next(&plan->parties, node)) {
		const struct plan_party *party = map_container(node, struct plan_party, node);
		struct plan_debt debt;

		if (!debt_of(party, &debt))
			continue;
		if (is_org(party))
			on_debt(context, party->pool, party->who, NULL, &debt);
		else
			on_debt(context, party->pool, ((const struct plan_member *)party->who)->org, party->who, &debt);
	}
}

void plan_owe(struct plan *plan, struct plan_pool *pool, struct plan_org *org, struct plan_member *member,
	      const struct plan_debt *debt)
{
	struct plan_party *party = member ? plan_party_of(plan, pool, member) : plan_party_of_org(plan, pool, org);

	for (unsigned level = 0; level < PLAN_BANDS; level++)
		if (debt->us[level] != 0)
			plan_share_owe(&party->share, level, debt->us[level]);
	party->is_restored = true;
}
