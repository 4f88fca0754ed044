/* SPDX-License-Identifier: Apache-2.0 */
/* Which tag, feature or site it is that a board lacks for a run, in words. */
#include <stdio.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/farm/planning.h"
#include "core/farm/state_board.h"

static bool has_tag(const char *tags, const char *wanted)
{
	char name[TAG_SIZE];

	while ((tags = tags_next(tags, name))) {
		if (strcmp(name, wanted) == 0)
			return true;
	}
	return false;
}

static bool say_tag(const struct run_spec *run, const struct equipment *equipment, char *ret_text, size_t size)
{
	const char *tags = run->tags;
	char name[TAG_SIZE];

	while ((tags = tags_next(tags, name))) {
		if (!has_tag(equipment->tags, name)) {
			(void)snprintf(ret_text, size, "it has no tag %s", name);
			return true;
		}
	}
	return false;
}

static const struct feature *find(const struct feature *features, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++) {
		if (strcmp(features[i].name, name) == 0)
			return &features[i];
	}
	return NULL;
}

/* As the plan's words have it (planning_words.c): `true` is any value but no, another value must be that very one. */
static bool is_met(const struct feature *has, const struct feature *wanted)
{
	if (!has)
		return false;
	return strcmp(has->value, wanted->value) == 0 || (feature_is_yes(wanted) && !feature_is_no(has));
}

static bool say_feature(const struct run_spec *run, const struct board *board, char *ret_text, size_t size)
{
	const struct equipment *equipment = board_equipment(board);
	const struct pool *pool = pool_of(board);

	for (size_t i = 0; i < run->feature_count; i++) {
		const struct feature *wanted = &run->features[i];
		const struct feature *own = find(equipment->features, equipment->feature_count, wanted->name);
		const struct feature *of_type =
			pool->has_type ? find(pool->type.features, pool->type.feature_count, wanted->name) : NULL;
		const struct feature *has = own ? own : of_type;

		if (is_met(own, wanted) || is_met(of_type, wanted))
			continue;
		if (has)
			(void)snprintf(ret_text, size, "its %s is %s, and must equal %s", wanted->name, has->value,
				       wanted->value);
		else
			(void)snprintf(ret_text, size, "it has no feature %s", wanted->name);
		return true;
	}
	return false;
}

void board_lack(const struct board *board, const struct run_spec *run, enum job_kind kind, enum plan_reason reason,
		char *ret_text, size_t size)
{
	if (reason == PLAN_WHY_TAG && say_tag(run, board_equipment(board), ret_text, size))
		return;
	if (reason == PLAN_WHY_FEATURE && say_feature(run, board, ret_text, size))
		return;
	if (reason == PLAN_WHY_FEATURE && kind == JOB_IS_LEASE && !board->leases)
		mem_text_into(ret_text, size, "its agent knows no leases");
	else if (reason == PLAN_WHY_SITE && board->site[0])
		(void)snprintf(ret_text, size, "it is at %s, not at %s", board->site, run->site);
	else if (reason == PLAN_WHY_SITE)
		mem_text_into(ret_text, size, "its rack names no site");
	else
		mem_text_into(ret_text, size, plan_reason_text(reason));
}
