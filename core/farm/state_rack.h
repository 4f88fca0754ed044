/* SPDX-License-Identifier: Apache-2.0 */
/* The boards' hosts in memory, their hubs, and what is drained of them. */
#ifndef ASSAY_FARM_STATE_RACK_H
#define ASSAY_FARM_STATE_RACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/list.h"
#include "core/base/map.h"
#include "core/farm/farm_state.h"
#include "core/plan/plan.h"
#include "core/spec/equipment.h"

struct board;

struct agent {
	struct agent_record record;
	struct map_node node; /* farm.agents by name */
	struct list boards;   /* struct board.agent_link */
	struct plan_place plan;
	struct list hubs;           /* struct hub.link */
	struct drain_record *drain; /* NULL: it takes what comes */
	char site[TAG_SIZE];
	uint32_t limit;  /* boards at a time; 0: all */
	int64_t gone_us; /* monotonic, while not online */
	bool recovers;   /* it knows how to take a board up when told to */
	bool is_fresh;   /* its last hello was the first since it was started */
};

/* A hub of an agent's host; kept once it was told of. */
struct hub {
	struct list link;
	struct agent *agent;
	struct equipment_hub about;
	struct drain_record *drain;
	struct plan_place plan;
};

/* agent.c */
int hello_check(struct farm *farm, const struct principal *who, const struct agent_hello *hello,
		struct agent_refusal *ret_refusal, struct err *err);
struct agent *agent_find(const struct farm *farm, const char *name);
struct agent *agent_add(struct farm *farm, const struct agent_record *record);
void agent_keep(struct farm *farm, struct agent *agent);
void agent_destroy(struct agent *agent);
struct hub *hub_find(const struct agent *agent, const char *name);
struct hub *hub_get(struct farm *farm, struct agent *agent, const char *name); /* made when there is none */

/* drains.c */
void drain_load(struct farm *farm, const struct drain_record *record);
const struct drain_record *board_drain(const struct board *board); /* NULL: neither its host nor its hub */
json_t *drain_json(const struct drain_record *record);

#endif
