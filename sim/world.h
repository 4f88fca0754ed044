/* SPDX-License-Identifier: Apache-2.0 */
/* A load's boards, hosts and organisations, as the plan knows them. */
#ifndef ASSAY_SIM_WORLD_H
#define ASSAY_SIM_WORLD_H

#include "core/plan/plan.h"
#include "sim/load.h"

struct world_board {
	struct plan_board board;
	uint64_t image; /* 0: nothing */
};

struct world_pool {
	struct plan_pool pool;
	const char *type; /* the load's */
	size_t first;     /* its first board, in the world's */
};

struct world_org {
	struct plan_org org;
	struct plan_member *members; /* as many as the load says */
};

struct world {
	struct plan *plan;
	struct world_pool *pools;
	size_t pool_count;
	struct plan_place *hosts;
	size_t host_count;
	struct world_board *boards;
	size_t board_count;
	struct world_org *orgs; /* as the load's */
	size_t org_count;
	char (*trait_names)[LOAD_NAME_MAX];
	enum plan_trait_kind *trait_kinds;
	size_t trait_count;
};

/* All boards are ready. The load must outlive the world. */
void world_init(struct world *world, const struct load *load);
void world_finish(struct world *world);

/* A type that some board has. */
struct world_pool *world_find_pool(struct world *world, const char *type);
struct plan_traits world_traits(struct world *world, const struct load_traits *traits);

#endif
