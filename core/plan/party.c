/* SPDX-License-Identifier: Apache-2.0 */
/* Organisations and members, and their shares in the pools where they ever asked for something. */
#include <stdlib.h>

#include "core/base/mem.h"
#include "core/plan/plan_private.h"

static struct plan_party *party_in_pool(struct list *link)
{
	return list_container(link, struct plan_party, pool_link);
}

static struct plan_party *party_of_who(struct list *link)
{
	return list_container(link, struct plan_party, who_link);
}

static uint64_t hash_party(const void *who, const struct plan_pool *pool)
{
	return map_hash_int((int64_t)((uintptr_t)who * 31 + (uintptr_t)pool));
}

static struct plan_party *party_find(const struct plan *plan, const void *who, const struct plan_pool *pool)
{
	for (struct map_node *node = map_first(&plan->parties, hash_party(who, pool)); node; node = map_same(node)) {
		struct plan_party *party = map_container(node, struct plan_party, node);

		if (party->who == who && party->pool == pool)
			return party;
	}
	return NULL;
}

static struct plan_party *party_make(struct plan *plan, const void *who, struct list *who_links, struct plan_pool *pool,
				     struct share *parent, uint32_t weight)
{
	struct plan_party *party = mem_alloc(sizeof(*party));

	party->who = who;
	party->pool = pool;
	plan_share_init(&party->share, parent, weight);
	list_append(who_links, &party->who_link);
	list_append(&pool->parties, &party->pool_link);
	map_add(&plan->parties, &party->node, hash_party(who, pool));
	return party;
}

struct plan_party *plan_party_of_org(struct plan *plan, struct plan_pool *pool, struct plan_org *org)
{
	struct plan_party *party = party_find(plan, org, pool);

	return party ? party : party_make(plan, org, &org->parties, pool, &pool->share, org->weight);
}

struct plan_party *plan_party_of(struct plan *plan, struct plan_pool *pool, struct plan_member *member)
{
	struct plan_party *party = party_find(plan, member, pool), *org;

	if (party)
		return party;
	org = plan_party_of_org(plan, pool, member->org);
	return party_make(plan, member, &member->parties, pool, &org->share, member->weight);
}

static void party_drop(struct plan *plan, struct plan_party *party)
{
	map_remove(&plan->parties, &party->node);
	list_remove(&party->who_link);
	list_remove(&party->pool_link);
	free(party);
}

void plan_party_forget_pool(struct plan *plan, struct plan_pool *pool)
{
	while (!list_empty(&pool->parties))
		party_drop(plan, party_in_pool(pool->parties.next));
}

static void forget(struct plan *plan, struct list *who_links)
{
	while (!list_empty(who_links))
		party_drop(plan, party_of_who(who_links->next));
}

static void set_weight(struct list *who_links, uint32_t weight)
{
	list_for_each (link, who_links)
		party_of_who(link)->share.weight = weight;
}

void plan_party_free_all(struct plan *plan)
{
	for (struct map_node *node = map_next(&plan->parties, NULL), *next; node; node = next) {
		next = map_next(&plan->parties, node);
		free(map_container(node, struct plan_party, node));
	}
	map_finish(&plan->parties);
}

void plan_org_add(struct plan *plan, struct plan_org *org)
{
	(void)plan;
	org->in_use = org->kept = org->reserved = 0;
	org->saver = NULL;
	org->gang = NULL;
	list_init(&org->parties);
	list_init(&org->flows);
}

bool plan_org_lacks_room(const struct plan_org *org, uint32_t more)
{
	return org->cap > 0 && org->in_use + org->kept + more > org->cap;
}

void plan_org_resume(struct plan *plan, struct plan_org *org)
{
	list_for_each (link, &org->parties)
		for (unsigned level = 0; level < SHARE_LEVELS; level++)
			plan_share_forgive(&party_of_who(link)->share, level);
	list_for_each (link, &org->flows)
		plan_class_touch(plan, list_container(link, struct plan_flow, org_link)->class);
	plan->reserved_dirty = plan->reserved_dirty || plan->homeless > 0;
}

void plan_org_save(struct plan *plan, struct plan_job *gang)
{
	gang->member->org->saver = gang;
	if (gang->closes_us != PLAN_NEVER && !plan_rank_node_is_in(&gang->held_node))
		plan_rank_add(&plan->held, &gang->held_node, (struct rank_key){gang->closes_us, gang->order}, 1);
}

void plan_org_save_no_more(struct plan *plan, struct plan_org *org)
{
	if (!org->saver)
		return;
	plan_rank_remove(&plan->held, &org->saver->held_node);
	org->saver = NULL;
	plan_org_resume(plan, org);
}

void plan_org_change(struct plan *plan, struct plan_org *org, uint32_t weight, uint32_t cap, uint32_t guaranteed)
{
	org->weight = weight;
	org->cap = cap;
	org->guaranteed = guaranteed;
	set_weight(&org->parties, weight);
	plan_org_save_no_more(plan, org);
	plan_org_resume(plan, org);
	plan->claims_dirty = !list_empty(&plan->claims);
}

void plan_org_remove(struct plan *plan, struct plan_org *org)
{
	forget(plan, &org->parties);
}

void plan_member_add(struct plan *plan, struct plan_member *member)
{
	(void)plan;
	list_init(&member->parties);
}

void plan_member_change(struct plan *plan, struct plan_member *member, uint32_t weight)
{
	(void)plan;
	member->weight = weight;
	set_weight(&member->parties, weight);
}

void plan_member_remove(struct plan *plan, struct plan_member *member)
{
	forget(plan, &member->parties);
}
