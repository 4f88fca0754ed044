/* SPDX-License-Identifier: Apache-2.0 */
/* Classes: equal selectors share one, and each board is linked into those it fits, so that neither a decision nor a
 * board that becomes free has to match anything. */
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/plan/plan_private.h"

static bool has_trait(const struct plan_traits *traits, uint32_t trait)
{
	for (size_t i = 0; i < traits->count; i++)
		if (traits->trait[i] == trait)
			return true;
	return false;
}

static enum plan_reason reason_of_trait(uint32_t trait)
{
	switch (plan_trait_kind(trait)) {
	case PLAN_TRAIT_FEATURE:
		return PLAN_WHY_FEATURE;
	case PLAN_TRAIT_SITE:
		return PLAN_WHY_SITE;
	default:
		return PLAN_WHY_TAG;
	}
}

struct plan_explanation plan_class_refuses(const struct plan_selector *selector, const struct plan_org *visible,
					   const struct plan_board *board)
{
	struct plan_explanation why = {.reason = PLAN_WHY_NONE, .until_us = PLAN_NEVER};

	if (board->pool != selector->pool)
		why.reason = PLAN_WHY_TYPE;
	else if (selector->board && selector->board != board)
		why.reason = PLAN_WHY_NAME;
	else if (board->owner && board->owner != visible)
		why.reason = PLAN_WHY_OWNER;
	for (size_t i = 0; why.reason == PLAN_WHY_NONE && i < selector->traits.count; i++) {
		if (!has_trait(&board->traits, selector->traits.trait[i])) {
			why.trait = selector->traits.trait[i];
			why.reason = reason_of_trait(why.trait);
		}
	}
	return why;
}

static uint64_t hash_pointers(const void *a, const void *b)
{
	return map_hash_int((int64_t)((uintptr_t)a * 31 + (uintptr_t)b));
}

static int compare_traits(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

/* A selector with its traits sorted, the rest zero. */
static struct plan_selector normal(const struct plan_selector *selector)
{
	struct plan_selector result = {.pool = selector->pool, .board = selector->board};

	result.traits.count = selector->traits.count;
	memcpy(result.traits.trait, selector->traits.trait, selector->traits.count * sizeof(uint32_t));
	qsort(result.traits.trait, result.traits.count, sizeof(uint32_t), compare_traits);
	return result;
}

static bool is_same(const struct plan_selector *a, const struct plan_selector *b)
{
	return a->pool == b->pool && a->board == b->board && a->traits.count == b->traits.count &&
	       memcmp(a->traits.trait, b->traits.trait, a->traits.count * sizeof(uint32_t)) == 0;
}

static uint64_t hash_selector(const struct plan_selector *selector, const struct plan_org *visible)
{
	uint64_t hash = hash_pointers(selector->pool, selector->board) + hash_pointers(visible, NULL);

	for (size_t i = 0; i < selector->traits.count; i++)
		hash = hash * 31 + selector->traits.trait[i];
	return map_hash_int((int64_t)hash);
}

/* --- Groups and fits ------------------------------------------------------------------------------------------- */

static struct plan_group *group_of(struct plan *plan, struct plan_class *class, struct plan_place *place)
{
	uint64_t hash = hash_pointers(class, place);
	struct plan_group *group;

	for (struct map_node *node = map_first(&plan->groups, hash); node; node = map_same(node)) {
		group = map_container(node, struct plan_group, node);
		if (group->class == class && group->place == place)
			return group;
	}
	group = mem_alloc(sizeof(*group));
	group->class = class;
	group->place = place;
	list_init(&group->open_link);
	list_init(&group->free);
	list_append(&place->groups, &group->place_link);
	map_add(&plan->groups, &group->node, hash);
	return group;
}

static void group_drop(struct plan *plan, struct plan_group *group)
{
	map_remove(&plan->groups, &group->node);
	list_remove(&group->open_link);
	list_remove(&group->place_link);
	free(group);
}

static void fit_add(struct plan *plan, struct plan_class *class, struct plan_board *board)
{
	struct plan_fit *fit = mem_alloc(sizeof(*fit));

	fit->group = group_of(plan, class, board->place);
	fit->group->board_count++;
	fit->board = board;
	list_init(&fit->at_link);
	list_append(&class->fits, &fit->class_link);
	list_append(&board->fits, &fit->board_link);
	class->board_count++;
	if (board->state == PLAN_BOARD_READY)
		plan_fit_count_ready(plan, fit, true);
	if (board->at != PLAN_AT_NOTHING)
		plan_fit_set_at(plan, fit, (enum plan_board_at)board->at);
}

static void fit_drop(struct plan *plan, struct plan_fit *fit)
{
	struct plan_group *group = fit->group;

	plan_fit_set_at(plan, fit, PLAN_AT_NOTHING);
	if (fit->board->state == PLAN_BOARD_READY)
		plan_fit_count_ready(plan, fit, false);
	list_remove(&fit->class_link);
	list_remove(&fit->board_link);
	group->class->board_count--;
	if (--group->board_count == 0)
		group_drop(plan, group);
	free(fit);
}

/* What is saved up for a gang that can have no turn here is for others. */
static void stop_saving(struct plan *plan, const struct plan_class *class)
{
	for (unsigned level = 0; level < PLAN_BANDS; level++) {
		list_for_each (link, &class->stands[level]) {
			struct plan_org *org = list_container(link - level, struct plan_stand, class_links)->org;

			if (org->saver && plan_gang_lead(org->saver)->class == class)
				plan_org_save_no_more(plan, org);
		}
	}
}

static void count_served(struct plan *plan, struct plan_class *class, size_t more)
{
	class->served += more;
	if (class->served == 0)
		stop_saving(plan, class);
}

void plan_fit_count_ready(struct plan *plan, struct plan_fit *fit, bool is_ready)
{
	struct plan_group *group = fit->group;
	size_t more = is_ready ? 1 : (size_t)-1;

	group->ready += more;
	if (!plan_place_is_draining(group->place))
		count_served(plan, group->class, more);
}

void plan_group_count_draining(struct plan *plan, struct plan_group *group, bool is_draining)
{
	count_served(plan, group->class, is_draining ? (size_t)0 - group->ready : group->ready);
}

void plan_fit_set_at(struct plan *plan, struct plan_fit *fit, enum plan_board_at at)
{
	struct plan_group *group = fit->group;
	struct plan_class *class = group->class;

	list_remove(&fit->at_link);
	if (at == PLAN_AT_FREE)
		list_append(&group->free, &fit->at_link);
	else if (at == PLAN_AT_KEPT)
		list_append(&class->kept, &fit->at_link);
	else if (at == PLAN_AT_YIELD)
		list_append(&class->yield, &fit->at_link);
	if (list_empty(&group->free))
		list_remove(&group->open_link);
	else if (list_empty(&group->open_link) && plan_place_is_open(group->place))
		list_append(&class->open, &group->open_link);
	if (at != PLAN_AT_NOTHING)
		plan_class_touch(plan, class);
}

void plan_class_touch(struct plan *plan, struct plan_class *class)
{
	struct plan_pool *pool = class->selector.pool;

	if (class->waiting == 0 || !list_empty(&class->dirty_link))
		return;
	if (list_empty(&class->open) && list_empty(&class->kept) && list_empty(&class->yield))
		return;
	list_append(&pool->dirty, &class->dirty_link);
	if (list_empty(&pool->dirty_link))
		list_append(&plan->dirty_pools, &pool->dirty_link);
}

void plan_class_retry(struct plan *plan, int64_t now_us)
{
	for (struct rank_node *node = plan_rank_first(&plan->patient); node && node->key.major <= now_us;
	     node = plan_rank_first(&plan->patient)) {
		plan_rank_remove(&plan->patient, node);
		plan_class_touch(plan, rank_container(node, struct plan_class, patient_node));
	}
}

/* --- Classes --------------------------------------------------------------------------------------------------- */

static struct plan_class *class_find(const struct plan *plan, const struct plan_selector *selector,
				     const struct plan_org *visible, uint64_t hash)
{
	for (struct map_node *node = map_first(&plan->classes, hash); node; node = map_same(node)) {
		struct plan_class *class = map_container(node, struct plan_class, node);

		if (class->visible == visible && is_same(&class->selector, selector))
			return class;
	}
	return NULL;
}

static struct plan_class *class_make(struct plan *plan, const struct plan_selector *selector,
				     const struct plan_org *visible, uint64_t hash)
{
	struct plan_class *class = mem_alloc(sizeof(*class));

	class->selector = *selector;
	class->visible = visible;
	list_init(&class->pool_link);
	list_init(&class->fits);
	list_init(&class->open);
	list_init(&class->kept);
	list_init(&class->yield);
	for (unsigned band = 0; band < PLAN_BANDS; band++) {
		list_init(&class->stands[band]);
		for (unsigned level = 0; level < PLAN_BANDS; level++)
			list_init(&class->ages[band][level]);
	}
	class->age_us = PLAN_NEVER;
	plan_rank_node_init(&class->patient_node);
	list_init(&class->dirty_link);
	list_init(&class->idle_link);
	map_add(&plan->classes, &class->node, hash);
	if (selector->board) {
		if (plan_class_refuses(selector, visible, selector->board).reason == PLAN_WHY_NONE)
			fit_add(plan, class, selector->board);
		return class;
	}
	list_append(&selector->pool->classes, &class->pool_link);
	list_for_each (link, &selector->pool->boards) {
		struct plan_board *board = list_container(link, struct plan_board, pool_link);

		if (plan_class_refuses(selector, visible, board).reason == PLAN_WHY_NONE)
			fit_add(plan, class, board);
	}
	return class;
}

struct plan_class *plan_class_hold(struct plan *plan, const struct plan_selector *selector, const struct plan_org *org)
{
	struct plan_selector wanted = normal(selector);
	const struct plan_org *visible = org->has_boards ? org : NULL;
	uint64_t hash = hash_selector(&wanted, visible);
	struct plan_class *class = class_find(plan, &wanted, visible, hash);

	if (!class)
		class = class_make(plan, &wanted, visible, hash);
	if (class->asks++ == 0 && !list_empty(&class->idle_link)) {
		list_remove(&class->idle_link);
		selector->pool->idle_count--;
	}
	if (wanted.board)
		wanted.board->asked_by_name++;
	return class;
}

static void class_drop(struct plan *plan, struct plan_class *class)
{
	while (!list_empty(&class->fits))
		fit_drop(plan, list_container(class->fits.next, struct plan_fit, class_link));
	map_remove(&plan->classes, &class->node);
	list_remove(&class->pool_link);
	list_remove(&class->dirty_link);
	list_remove(&class->idle_link);
	plan_rank_remove(&plan->patient, &class->patient_node);
	free(class);
}

static struct plan_class *class_of_idle(struct list *link)
{
	return list_container(link, struct plan_class, idle_link);
}

/* A class of many boards is dear to make: a few are kept. */
void plan_class_release(struct plan *plan, struct plan_class *class)
{
	struct plan_pool *pool = class->selector.pool;

	if (class->selector.board)
		class->selector.board->asked_by_name--;
	if (--class->asks > 0)
		return;
	if (class->selector.board) {
		class_drop(plan, class);
		return;
	}
	list_append(&pool->idle, &class->idle_link);
	if (++pool->idle_count > PLAN_IDLE_CLASSES) {
		pool->idle_count--;
		class_drop(plan, class_of_idle(pool->idle.next));
	}
}

void plan_class_drop_idle(struct plan *plan, struct plan_pool *pool)
{
	while (!list_empty(&pool->idle))
		class_drop(plan, class_of_idle(pool->idle.next));
	pool->idle_count = 0;
}

static void enlist(struct plan *plan, struct plan_class *class, struct plan_board *board)
{
	if (plan_class_refuses(&class->selector, class->visible, board).reason == PLAN_WHY_NONE)
		fit_add(plan, class, board);
}

/* Classes of one board are in no list of their pool: they are looked for when there are any. */
void plan_class_enlist(struct plan *plan, struct plan_board *board)
{
	list_for_each (link, &board->pool->classes)
		enlist(plan, list_container(link, struct plan_class, pool_link), board);
	if (board->asked_by_name == 0)
		return;
	for (struct map_node *node = map_next(&plan->classes, NULL); node; node = map_next(&plan->classes, node)) {
		struct plan_class *class = map_container(node, struct plan_class, node);

		if (class->selector.board == board)
			enlist(plan, class, board);
	}
}

void plan_class_delist(struct plan *plan, struct plan_board *board)
{
	while (!list_empty(&board->fits))
		fit_drop(plan, list_container(board->fits.next, struct plan_fit, board_link));
}

struct plan_explanation plan_fits(const struct plan_selector *selector, const struct plan_org *org,
				  const struct plan_board *board)
{
	return plan_class_refuses(selector, org, board);
}

size_t plan_count_boards(const struct plan_selector *selector, const struct plan_org *org)
{
	size_t count = 0;

	list_for_each (link, &selector->pool->boards) {
		const struct plan_board *board = list_container(link, struct plan_board, pool_link);

		count += board->state != PLAN_BOARD_RETIRED &&
			 plan_class_refuses(selector, org, board).reason == PLAN_WHY_NONE;
	}
	return count;
}

void plan_class_free_all(struct plan *plan)
{
	for (struct map_node *node = map_next(&plan->classes, NULL), *next; node; node = next) {
		struct plan_class *class = map_container(node, struct plan_class, node);

		next = map_next(&plan->classes, node);
		list_for_each_safe (link, &class->fits)
			free(list_container(link, struct plan_fit, class_link));
		free(class);
	}
	for (struct map_node *node = map_next(&plan->groups, NULL), *next; node; node = next) {
		next = map_next(&plan->groups, node);
		free(map_container(node, struct plan_group, node));
	}
	map_finish(&plan->classes);
	map_finish(&plan->groups);
}
