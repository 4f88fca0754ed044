/* SPDX-License-Identifier: Apache-2.0 */
/* Where flows wait: by class, level and organisation; and how they grow old. */
#include <stdlib.h>

#include "core/base/mem.h"
#include "core/plan/plan_private.h"

static struct plan_stand *stand_of(struct map_node *node)
{
	return map_container(node, struct plan_stand, node);
}

static uint64_t hash_stand(const struct plan_class *class, const struct plan_org *org)
{
	return map_hash_int((int64_t)((uintptr_t) class * 31 + (uintptr_t)org));
}

static struct plan_stand *stand_make(struct plan *plan, struct plan_class *class, struct plan_member *member)
{
	struct plan_stand *stand = mem_alloc(sizeof(*stand));

	stand->class = class;
	stand->org = member->org;
	stand->share = plan_party_of(plan, class->selector.pool, member)->share.parent;
	for (unsigned level = 0; level < PLAN_BANDS; level++) {
		list_init(&stand->flows[level]);
		list_init(&stand->class_links[level]);
	}
	map_add(&plan->stands, &stand->node, hash_stand(class, member->org));
	return stand;
}

struct plan_stand *plan_stand_hold(struct plan *plan, struct plan_class *class, struct plan_member *member)
{
	struct map_node *node = map_first(&plan->stands, hash_stand(class, member->org));
	struct plan_stand *stand;

	while (node && (stand_of(node)->class != class || stand_of(node)->org != member->org))
		node = map_same(node);
	stand = node ? stand_of(node) : stand_make(plan, class, member);
	stand->users++;
	return stand;
}

void plan_stand_release(struct plan *plan, struct plan_stand *stand)
{
	if (--stand->users > 0)
		return;
	map_remove(&plan->stands, &stand->node);
	free(stand);
}

void plan_stand_free_all(struct plan *plan)
{
	for (struct map_node *node = map_next(&plan->stands, NULL), *next; node; node = next) {
		next = map_next(&plan->stands, node);
		free(stand_of(node));
	}
	map_finish(&plan->stands);
}

bool plan_flow_waits(const struct plan_flow *flow)
{
	return !list_empty(&flow->stand_link);
}

/* When it goes up from its level. */
static int64_t due_us(const struct plan *plan, const struct plan_flow *flow)
{
	if (flow->level == PLAN_BANDS - 1 || plan->config.age_us <= 0)
		return PLAN_NEVER;
	return flow->since_us + (int64_t)(flow->level - flow->band + 1) * plan->config.age_us;
}

/* Its place is kept, but for a window, while others of the member or organisation are served elsewhere. The last of the
 * list has the latest reserve, also when something was given back to the organisation meanwhile. */
static void reserve(const struct plan *plan, struct plan_flow *flow)
{
	const struct share *member = &flow->party->share;
	const struct list *flows = &flow->stand->flows[flow->level];
	int64_t window_us = plan->config.window_us;

	flow->member_reserve = plan_share_reserve(member, flow->level, window_us);
	flow->org_reserve = plan_share_reserve(member->parent, flow->level, window_us);
	if (!list_empty(flows))
		flow->org_reserve = plan_share_later(
			flow->org_reserve, list_container(flows->prev, struct plan_flow, stand_link)->org_reserve);
}

/* At its level, behind all others. */
static void queue(const struct plan *plan, struct plan_flow *flow)
{
	struct plan_stand *stand = flow->stand;
	struct plan_class *class = flow->class;
	int64_t due = due_us(plan, flow);

	reserve(plan, flow);
	list_append(&stand->flows[flow->level], &flow->stand_link);
	if (list_empty(&stand->class_links[flow->level]))
		list_append(&class->stands[flow->level], &stand->class_links[flow->level]);
	list_append(&class->ages[flow->band][flow->level], &flow->age_link);
	if (due < class->age_us)
		class->age_us = due;
}

static void unqueue(struct plan_flow *flow)
{
	list_remove(&flow->stand_link);
	list_remove(&flow->age_link);
	if (list_empty(&flow->stand->flows[flow->level]))
		list_remove(&flow->stand->class_links[flow->level]);
}

static void move(const struct plan *plan, struct plan_flow *flow, unsigned level)
{
	unqueue(flow);
	if (flow->level != level) {
		plan_share_leave(&flow->share, flow->level);
		flow->level = level;
		plan_share_enter(&flow->share, level);
	}
	queue(plan, flow);
}

void plan_flow_enter(const struct plan *plan, struct plan_flow *flow, int64_t now_us)
{
	flow->since_us = now_us;
	flow->level = flow->band;
	plan_share_enter(&flow->share, flow->level);
	queue(plan, flow);
	list_append(&flow->member->org->flows, &flow->org_link);
	flow->class->waiting++;
}

void plan_flow_leave(struct plan_flow *flow)
{
	plan_share_leave(&flow->share, flow->level);
	unqueue(flow);
	list_remove(&flow->org_link);
	flow->class->waiting--;
}

void plan_flow_served(const struct plan *plan, struct plan_flow *flow, int64_t now_us)
{
	if (!plan_flow_waits(flow))
		return;
	flow->since_us = now_us;
	move(plan, flow, flow->band);
}

/* The level it has by its age. */
static unsigned level_at(const struct plan *plan, const struct plan_flow *flow, int64_t now_us)
{
	int64_t steps = (now_us - flow->since_us) / plan->config.age_us;
	int64_t room = PLAN_BANDS - 1 - (int64_t)flow->band;

	return flow->band + (unsigned)(steps < room ? steps : room);
}

/* From the top, so that who goes up from further down comes behind who is there longer. */
void plan_class_age(const struct plan *plan, struct plan_class *class, int64_t now_us)
{
	int64_t next_us = PLAN_NEVER;

	if (now_us < class->age_us)
		return;
	class->age_us = PLAN_NEVER; /* who goes up lowers it */
	for (unsigned band = 0; band < PLAN_BANDS - 1; band++) {
		for (unsigned level = PLAN_BANDS - 1; level-- > band;) {
			struct list *ages = &class->ages[band][level];

			while (!list_empty(ages)) {
				struct plan_flow *flow = list_container(ages->next, struct plan_flow, age_link);
				int64_t due = due_us(plan, flow);

				if (due > now_us) {
					next_us = due < next_us ? due : next_us;
					break;
				}
				move(plan, flow, level_at(plan, flow, now_us));
			}
		}
	}
	class->age_us = next_us < class->age_us ? next_us : class->age_us;
}
