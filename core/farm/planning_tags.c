/* SPDX-License-Identifier: Apache-2.0 */
/* Tags as the plan knows them: each word has a number for as long as the farm is up. */
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/farm/farm_state.h"

#define FARM_MAX_TAGS 65536u                                                /* words; a further one is nobody's */
#define TAKES_LEASES  plan_trait(PLAN_TRAIT_FEATURE, PLAN_TRAIT_ID_MAX - 1) /* no feature has this number */

struct tag {
	struct map_node node;
	uint32_t id;
	char name[TAG_SIZE];
};

static struct tag *tag_of(struct map_node *node)
{
	return map_container(node, struct tag, node);
}

static struct tag *tag_find(const struct farm *farm, const char *name)
{
	struct map_node *node = map_first(&farm->tags, map_hash_text(name));

	while (node && strcmp(tag_of(node)->name, name) != 0)
		node = map_same(node);
	return node ? tag_of(node) : NULL;
}

void tags_learn(struct farm *farm, const char *tags)
{
	char name[TAG_SIZE];

	while ((tags = tags_next(tags, name))) {
		struct tag *tag;

		if (tag_find(farm, name) || farm->tags.count == FARM_MAX_TAGS)
			continue;
		tag = mem_alloc(sizeof(*tag));
		tag->id = (uint32_t)farm->tags.count;
		mem_text_into(tag->name, sizeof(tag->name), name);
		map_add(&farm->tags, &tag->node, map_hash_text(name));
	}
}

struct plan_traits tag_traits(const struct farm *farm, const char *tags)
{
	struct plan_traits traits = {.count = 0};
	char name[TAG_SIZE];

	while ((tags = tags_next(tags, name))) {
		const struct tag *tag = tag_find(farm, name);

		traits.trait[traits.count++] = plan_trait(PLAN_TRAIT_TAG, tag ? tag->id : PLAN_TRAIT_ID_MAX);
	}
	return traits;
}

struct plan_traits board_traits(const struct farm *farm, const struct board *board)
{
	struct plan_traits traits = tag_traits(farm, board->tags);

	if (board->leases)
		traits.trait[traits.count++] = TAKES_LEASES;
	return traits;
}

struct plan_traits wanted_traits(const struct farm *farm, const char *tags, enum job_kind kind)
{
	struct plan_traits traits = tag_traits(farm, tags);

	if (kind == JOB_IS_LEASE)
		traits.trait[traits.count++] = TAKES_LEASES;
	return traits;
}

struct plan_explanation board_fits(const struct plan_selector *selector, const struct plan_org *org,
				   const struct board *board)
{
	struct plan_selector bare = {.pool = selector->pool, .board = selector->board};

	return plan_fits(board->tags_known ? selector : &bare, org, &board->plan);
}

void tags_forget(struct farm *farm)
{
	struct map_node *node;

	while ((node = map_next(&farm->tags, NULL))) {
		map_remove(&farm->tags, node);
		free(tag_of(node));
	}
	map_finish(&farm->tags);
}
