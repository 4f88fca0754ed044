/* SPDX-License-Identifier: Apache-2.0 */
/* Hosts and hubs: how many placements they bear at a time. A place without a token takes all its boards out of reach by
 * closing its groups, one list step a class. */
#include "core/plan/plan_private.h"

static struct plan_place *hub_of(struct list *link)
{
	return list_container(link, struct plan_place, hub_link);
}

static bool has_token(const struct plan_place *place)
{
	return !place->draining && (place->tokens == 0 || place->in_use + place->kept < place->tokens);
}

bool plan_place_is_open(const struct plan_place *place)
{
	return has_token(place) && (!place->parent || has_token(place->parent));
}

bool plan_place_is_draining(const struct plan_place *place)
{
	return place->draining || (place->parent && place->parent->draining);
}

bool plan_place_bears(const struct plan_place *place)
{
	for (; place; place = place->parent)
		if (place->draining || (place->tokens > 0 && place->in_use + place->kept > place->tokens))
			return false;
	return true;
}

void plan_place_check(struct plan *plan, const struct plan_place *place)
{
	for (; place; place = place->parent)
		if (place->tokens > 0 && place->in_use + place->kept > place->tokens)
			plan_claim_leave_place(plan, place);
}

static void settle_groups(struct plan *plan, struct plan_place *place)
{
	bool is_open = plan_place_is_open(place);

	list_for_each (link, &place->groups) {
		struct plan_group *group = list_container(link, struct plan_group, place_link);
		bool was_open = !list_empty(&group->open_link);

		if (is_open && !was_open && !list_empty(&group->free)) {
			list_append(&group->class->open, &group->open_link);
			plan_class_touch(plan, group->class);
		} else if (!is_open && was_open) {
			list_remove(&group->open_link);
		}
	}
}

static void place_settle(struct plan *plan, struct plan_place *place)
{
	settle_groups(plan, place);
	list_for_each (link, &place->hubs)
		settle_groups(plan, hub_of(link));
	plan->claims_dirty = !list_empty(&plan->claims);
	plan->reserved_dirty = plan->reserved_dirty || plan->homeless > 0;
}

void plan_place_touch(struct plan *plan, const struct plan_place *place)
{
	list_for_each (link, &place->groups)
		plan_class_touch(plan, list_container(link, struct plan_group, place_link)->class);
	list_for_each (link, &place->hubs)
		plan_place_touch(plan, hub_of(link));
}

/* One more or one less on a place and its host; where that opens or closes them their groups follow. */
static void shift(struct plan *plan, struct plan_place *place, uint32_t in_use, uint32_t kept)
{
	for (; place; place = place->parent) {
		bool was_open = has_token(place);

		place->in_use += in_use;
		place->kept += kept;
		if (has_token(place) != was_open)
			place_settle(plan, place);
		if (has_token(place) && !was_open)
			plan_short_gangs_look(plan);
		if (place->tokens > 0 && place->reserved > 0)
			plan_place_touch(plan, place);
	}
}

void plan_place_take(struct plan *plan, struct plan_place *place)
{
	shift(plan, place, 1, 0);
}

void plan_place_give_back(struct plan *plan, struct plan_place *place)
{
	shift(plan, place, (uint32_t)-1, 0);
}

void plan_place_keep(struct plan *plan, struct plan_place *place, bool is_kept)
{
	shift(plan, place, 0, is_kept ? 1 : (uint32_t)-1);
}

uint32_t plan_place_room(const struct plan_place *place)
{
	uint32_t room = UINT32_MAX;

	for (; place; place = place->parent) {
		uint32_t used = place->in_use + place->kept;

		if (place->draining || (place->tokens > 0 && used >= place->tokens))
			return 0;
		if (place->tokens > 0 && place->tokens - used < room)
			room = place->tokens - used;
	}
	return room;
}

void plan_place_add(struct plan *plan, struct plan_place *place)
{
	(void)plan;
	place->in_use = place->kept = place->trial = place->reserved = 0;
	list_init(&place->boards);
	place->draining = false;
	list_init(&place->hubs);
	list_init(&place->hub_link);
	list_init(&place->groups);
	if (place->parent)
		list_append(&place->parent->hubs, &place->hub_link);
}

void plan_place_remove(struct plan *plan, struct plan_place *place)
{
	(void)plan;
	list_remove(&place->hub_link);
}

/* It may bear more now: gangs that lack boards of it look again. */
static void place_grew(struct plan *plan, struct plan_place *place)
{
	place_settle(plan, place);
	/* by its boards: of a type that nobody else asks for there is no class any more */
	list_for_each (link, &place->boards)
		plan_short_gangs_retry(plan, list_container(link, struct plan_board, place_link)->pool);
	list_for_each (link, &place->hubs)
		place_grew(plan, hub_of(link));
}

void plan_place_set_tokens(struct plan *plan, struct plan_place *place, uint32_t tokens)
{
	place->tokens = tokens;
	plan_place_check(plan, place);
	if (place->reserved > 0)
		plan_reserved_place_changed(plan, place);
	place_grew(plan, place);
}

static void count_draining(struct plan *plan, struct plan_place *place, bool draining)
{
	list_for_each (link, &place->groups)
		plan_group_count_draining(plan, list_container(link, struct plan_group, place_link), draining);
	list_for_each (link, &place->hubs)
		if (!hub_of(link)->draining)
			count_draining(plan, hub_of(link), draining);
}

void plan_place_set_draining(struct plan *plan, struct plan_place *place, bool draining)
{
	if (place->draining == draining)
		return;
	place->draining = draining;
	if (!place->parent || !place->parent->draining)
		count_draining(plan, place, draining);
	if (draining)
		plan_claim_leave_place(plan, place);
	plan->reserved_dirty = true;
	place_grew(plan, place);
}
