/* SPDX-License-Identifier: Apache-2.0 */
/* A plan's life, and its names for things. */
#include "core/plan/plan.h"

#include <stdlib.h>

#include "core/base/mem.h"
#include "core/plan/plan_private.h"

struct plan *plan_create(const struct plan_config *config)
{
	struct plan *plan = mem_alloc(sizeof(*plan));

	plan->config = *config;
	if (plan->config.trust == 0)
		plan->config.trust = 1;
	map_init(&plan->classes);
	map_init(&plan->groups);
	map_init(&plan->parties);
	map_init(&plan->stands);
	map_init(&plan->flows);
	map_init(&plan->images);
	list_init(&plan->dirty_pools);
	list_init(&plan->claims);
	list_init(&plan->retries);
	list_init(&plan->short_jointly);
	plan_rank_set_init(&plan->held);
	plan_rank_set_init(&plan->reserved);
	plan_rank_set_init(&plan->near);
	plan_rank_set_init(&plan->patient);
	return plan;
}

void plan_destroy(struct plan *plan)
{
	if (!plan)
		return;
	plan_class_free_all(plan);
	plan_flow_free_all(plan);
	plan_stand_free_all(plan);
	plan_party_free_all(plan);
	plan_image_free_all(plan);
	plan_claim_free_all(plan);
	plan_reserved_free_all(plan);
	free(plan);
}
