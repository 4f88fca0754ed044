/* SPDX-License-Identifier: Apache-2.0 */
/* Organisations and their members in memory, as they are planned for. */
#ifndef ASSAY_FARM_STATE_ORG_H
#define ASSAY_FARM_STATE_ORG_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/map.h"
#include "core/farm/farm_state.h"
#include "core/plan/plan.h"

/* An organisation, and one of its tokens, as they are planned for; made when they first ask for something. */
struct farm_org {
	char name[ORG_MAX];
	struct map_node node; /* farm.orgs by name */
	struct plan_org plan;
};

struct farm_member {
	char name[PRINCIPAL_MAX];
	struct map_node node; /* farm.members by name, then by organisation */
	struct plan_member plan;
};

struct farm_org *org_find(const struct farm *farm, const char *name);
struct farm_org *org_get(struct farm *farm, const char *name); /* made when there is none */
/* Whose boards of an organisation are: NULL, everybody's, of the farm's own. */
struct plan_org *org_owner(struct farm *farm, const char *name);

struct farm_member *member_get(struct farm *farm, const char *org, const char *name); /* made when there is none */

/* orgs.c */
void org_load(struct farm *farm, const struct org_record *record);
void member_load(struct farm *farm, const struct member_record *record);
void debts_load(struct farm *farm, const char *body); /* before any run */
void debts_keep_soon(struct farm *farm);
void debts_tick(struct farm *farm);

#endif
