/* SPDX-License-Identifier: Apache-2.0 */
/* Builds the plan's elements out of a load. */
#include "sim/world.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"

static uint32_t trait_id(struct world *world, enum plan_trait_kind kind, const char *name)
{
	size_t count = world->trait_count;

	for (size_t i = 0; i < count; i++)
		if (world->trait_kinds[i] == kind && strcmp(world->trait_names[i], name) == 0)
			return plan_trait(kind, (uint32_t)i);
	world->trait_names = mem_resize_array(world->trait_names, count + 1, LOAD_NAME_MAX);
	world->trait_kinds = mem_resize_array(world->trait_kinds, count + 1, sizeof(enum plan_trait_kind));
	mem_text_into(world->trait_names[count], LOAD_NAME_MAX, name);
	world->trait_kinds[count] = kind;
	world->trait_count++;
	return plan_trait(kind, (uint32_t)count);
}

struct plan_traits world_traits(struct world *world, const struct load_traits *traits)
{
	struct plan_traits found = {0};

	for (size_t i = 0; i < traits->count; i++) {
		uint32_t trait = trait_id(world, traits->item[i].kind, traits->item[i].name);
		bool is_known = false;

		for (size_t k = 0; k < found.count; k++)
			is_known |= found.trait[k] == trait;
		if (!is_known)
			found.trait[found.count++] = trait;
	}
	return found;
}

struct world_pool *world_find_pool(struct world *world, const char *type)
{
	for (size_t i = 0; i < world->pool_count; i++)
		if (strcmp(world->pools[i].type, type) == 0)
			return &world->pools[i];
	return NULL;
}

static void add_orgs(struct world *world, const struct load *load)
{
	world->orgs = mem_alloc_array(load->org_count + 1, sizeof(*world->orgs));
	world->org_count = load->org_count;
	for (size_t i = 0; i < load->org_count; i++) {
		const struct load_org *from = &load->orgs[i];
		struct world_org *org = &world->orgs[i];

		org->org.weight = (uint32_t)from->weight;
		org->org.cap = (uint32_t)from->cap;
		org->org.guaranteed = (uint32_t)from->guaranteed;
		for (size_t k = 0; k < load->group_count; k++)
			org->org.has_boards |= strcmp(load->groups[k].owner, from->name) == 0;
		plan_org_add(world->plan, &org->org);
		org->members = mem_alloc_array((size_t)from->members, sizeof(struct plan_member));
		for (int64_t k = 0; k < from->members; k++) {
			org->members[k] = (struct plan_member){.org = &org->org, .weight = 100};
			plan_member_add(world->plan, &org->members[k]);
		}
	}
}

static struct plan_org *owner_of(const struct world *world, const struct load *load, const struct load_group *group)
{
	const struct load_org *org = load_find_org(load, group->owner);

	return org ? &world->orgs[org - load->orgs].org : NULL;
}

static void add_group(struct world *world, const struct load *load, const struct load_group *group)
{
	struct plan_place *hosts = &world->hosts[world->host_count];
	struct plan_traits traits = world_traits(world, &group->traits);

	for (int64_t i = 0; i < group->hosts; i++) {
		hosts[i].tokens = (uint32_t)group->tokens;
		plan_place_add(world->plan, &hosts[i]);
	}
	world->host_count += (size_t)group->hosts;
	if (world_find_pool(world, group->type)->pool.board_count == 0)
		world_find_pool(world, group->type)->first = world->board_count;
	for (int64_t i = 0; i < group->count; i++) {
		struct plan_board *board = &world->boards[world->board_count++].board;

		board->pool = &world_find_pool(world, group->type)->pool;
		board->place = &hosts[i % group->hosts];
		board->owner = owner_of(world, load, group);
		board->traits = traits;
		(void)plan_board_add(world->plan, board); /* traits are few enough */
		plan_board_set_state(world->plan, board, PLAN_BOARD_READY);
	}
}

static void add_boards(struct world *world, const struct load *load)
{
	size_t boards = 0, hosts = 0;

	world->pools = mem_alloc_array(load->group_count + 1, sizeof(*world->pools));
	for (size_t i = 0; i < load->group_count; i++) {
		boards += (size_t)load->groups[i].count;
		hosts += (size_t)load->groups[i].hosts;
		if (world_find_pool(world, load->groups[i].type))
			continue;
		world->pools[world->pool_count].type = load->groups[i].type;
		plan_pool_add(world->plan, &world->pools[world->pool_count++].pool);
	}
	world->boards = mem_alloc_array(boards + 1, sizeof(*world->boards));
	world->hosts = mem_alloc_array(hosts + 1, sizeof(*world->hosts));
	for (size_t i = 0; i < load->group_count; i++)
		add_group(world, load, &load->groups[i]);
}

void world_init(struct world *world, const struct load *load)
{
	struct plan_config config = PLAN_CONFIG_DEFAULT;

	*world = (struct world){0};
	config.age_us = load->ageing_us;
	world->plan = plan_create(&config);
	add_orgs(world, load);
	add_boards(world, load);
}

void world_finish(struct world *world)
{
	for (size_t i = 0; i < world->org_count; i++)
		free(world->orgs[i].members);
	plan_destroy(world->plan);
	free(world->pools);
	free(world->hosts);
	free(world->boards);
	free(world->orgs);
	free(world->trait_names);
	free(world->trait_kinds);
}
