/* SPDX-License-Identifier: Apache-2.0 */
/* What boards have and runs ask for, as the plan knows it: each word has a number for as long as the farm is up. */
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/farm/farm_state.h"
#include "core/farm/planning.h"
#include "core/farm/state_board.h"

#define FARM_MAX_WORDS 65536u                                                /* a further one is nobody's */
#define TAKES_LEASES   plan_trait(PLAN_TRAIT_FEATURE, PLAN_TRAIT_ID_MAX - 1) /* no feature has this number */

struct word {
	struct map_node node; /* farm.words by text, then by kind */
	enum plan_trait_kind kind;
	uint32_t id;
	char text[EQUIPMENT_WORD_SIZE];
};

/* Words on their way into traits: looked up, and learned when they are new. */
struct words {
	struct farm *farm; /* to learn with; NULL: only those that are known */
	const struct farm *known;
	struct plan_traits traits;
};

static struct word *word_of(struct map_node *node)
{
	return map_container(node, struct word, node);
}

static struct word *word_find(const struct farm *farm, enum plan_trait_kind kind, const char *text)
{
	struct map_node *node = map_first(&farm->words, map_hash_text(text));

	while (node && (word_of(node)->kind != kind || strcmp(word_of(node)->text, text) != 0))
		node = map_same(node);
	return node ? word_of(node) : NULL;
}

static struct word *word_learn(struct farm *farm, enum plan_trait_kind kind, const char *text)
{
	struct word *word;

	if (farm->words.count == FARM_MAX_WORDS)
		return NULL;
	word = mem_alloc(sizeof(*word));
	word->kind = kind;
	word->id = (uint32_t)farm->words.count;
	mem_text_into(word->text, sizeof(word->text), text);
	map_add(&farm->words, &word->node, map_hash_text(text));
	return word;
}

static void take_word(struct words *words, enum plan_trait_kind kind, const char *text)
{
	const struct word *word = word_find(words->known, kind, text);
	struct plan_traits *traits = &words->traits;
	uint32_t trait;

	if (!word && words->farm)
		word = word_learn(words->farm, kind, text);
	trait = plan_trait(kind, word ? word->id : PLAN_TRAIT_ID_MAX);
	for (size_t i = 0; i < traits->count; i++) {
		if (traits->trait[i] == trait)
			return;
	}
	traits->trait[traits->count++] =
		trait; /* what reads tags and features sees to it that these are not too many */
}

static void take_tags(struct words *words, const char *tags)
{
	char name[TAG_SIZE];

	while ((tags = tags_next(tags, name)))
		take_word(words, PLAN_TRAIT_TAG, name);
}

struct plan_traits board_traits(struct farm *farm, const struct board *board)
{
	const struct equipment *equipment = board_equipment(board);
	struct words words = {.farm = farm, .known = farm};
	char word[EQUIPMENT_WORD_SIZE];

	_Static_assert(TAGS_MAX + 2 + 2 * EQUIPMENT_MAX_FEATURES <= PLAN_MAX_TRAITS, "a board's words fit");
	take_tags(&words, equipment->tags);
	if (board->site[0])
		take_word(&words, PLAN_TRAIT_SITE, board->site);
	for (size_t i = 0; i < equipment->feature_count; i++) {
		const struct feature *feature = &equipment->features[i];

		if (!feature_is_no(feature))
			take_word(&words, PLAN_TRAIT_FEATURE, feature->name);
		feature_word(feature, word);
		take_word(&words, PLAN_TRAIT_FEATURE, word);
	}
	if (board->leases)
		words.traits.trait[words.traits.count++] = TAKES_LEASES;
	return words.traits;
}

static bool type_has(const struct pool *pool, const struct feature *wanted)
{
	for (size_t i = 0; pool->has_type && i < pool->type.feature_count; i++) {
		const struct feature *feature = &pool->type.features[i];

		if (strcmp(feature->name, wanted->name) == 0)
			return feature_is_yes(wanted) ? !feature_is_no(feature)
						      : strcmp(feature->value, wanted->value) == 0;
	}
	return false;
}

/* What all boards of the type have needs no look at each. */
static void take_run(struct words *words, const struct run_spec *run, const struct pool *pool)
{
	char word[EQUIPMENT_WORD_SIZE];

	_Static_assert(TAGS_MAX + 2 + SPEC_MAX_FEATURES <= PLAN_MAX_TRAITS, "what a run asks for fits");
	take_tags(words, run->tags);
	if (run->site[0])
		take_word(words, PLAN_TRAIT_SITE, run->site);
	for (size_t i = 0; i < run->feature_count; i++) {
		const struct feature *wanted = &run->features[i];

		if (type_has(pool, wanted))
			continue;
		feature_word(wanted, word);
		take_word(words, PLAN_TRAIT_FEATURE, feature_is_yes(wanted) ? wanted->name : word);
	}
}

struct plan_traits run_traits(const struct farm *farm, const struct run_spec *run, const struct pool *pool,
			      enum job_kind kind)
{
	struct words words = {.known = farm};

	take_run(&words, run, pool);
	if (kind == JOB_IS_LEASE)
		words.traits.trait[words.traits.count++] = TAKES_LEASES;
	return words.traits;
}

void run_traits_learn(struct farm *farm, const struct run_spec *run, const struct pool *pool)
{
	struct words words = {.farm = farm, .known = farm};

	take_run(&words, run, pool);
}

struct plan_explanation board_fits(const struct plan_selector *selector, const struct plan_org *org,
				   const struct board *board)
{
	struct plan_selector bare = {.pool = selector->pool, .board = selector->board};

	if (board->record.hold == BOARD_HOLD_RETIRED)
		return (struct plan_explanation){.reason = PLAN_WHY_RETIRED, .until_us = PLAN_NEVER};
	return plan_fits(board->equipment_known ? selector : &bare, org, &board->plan);
}

void words_forget(struct farm *farm)
{
	struct map_node *node;

	while ((node = map_next(&farm->words, NULL))) {
		map_remove(&farm->words, node);
		free(word_of(node));
	}
	map_finish(&farm->words);
}
