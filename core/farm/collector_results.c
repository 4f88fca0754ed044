/* SPDX-License-Identifier: Apache-2.0 */
/* The results a collector keeps: one a case, and what becomes of it when another one comes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/err.h"
#include "core/farm/judge_private.h"
#include "core/farm/parse_text.h"

void case_key(char key[COLLECTOR_NAME_MAX], const char *group, const char *name)
{
	snprintf(key, COLLECTOR_NAME_MAX, "%s%s%s", group, group[0] ? "." : "", name);
}

bool collector_waives(const struct collector *collector, const char *key)
{
	for (size_t i = 0; i < collector->require->ignored_ok_count; i++) {
		if (case_pattern_matches(collector->require->ignored_ok[i], key))
			return true;
	}
	return false;
}

static int grow(struct collector *collector)
{
	size_t capacity = collector->capacity ? collector->capacity * 2 : 64;
	struct case_result *results = realloc(collector->results, capacity * sizeof(*results));
	char **keys;
	enum result_origin *origins;

	if (!results)
		return ERR_NOMEM;
	collector->results = results;
	keys = realloc(collector->keys, capacity * sizeof(*keys));
	if (!keys)
		return ERR_NOMEM;
	collector->keys = keys;
	origins = realloc(collector->origins, capacity * sizeof(*origins));
	if (!origins)
		return ERR_NOMEM;
	collector->origins = origins;
	collector->capacity = capacity;
	return 0;
}

/* Whether the verdict is one the board gave, by which a case counts as seen. */
static bool is_result(enum case_verdict verdict)
{
	return verdict == CASE_PASS || verdict == CASE_FAIL || verdict == CASE_IGNORED;
}

static uint32_t group_minimum(const struct required_group *group)
{
	return group->min_cases ? group->min_cases : 1;
}

/* Whether a case is required; a result of one that had none counts towards what must be seen. */
static bool note_required(struct collector *collector, const char *key, const char *group, bool seen)
{
	bool required = false;
	uint32_t at;

	if (name_index_get(&collector->required_cases, key, &at)) {
		required = true;
		if (seen && !collector->case_seen[at]) {
			collector->case_seen[at] = true;
			collector->cases_seen++;
		}
	}
	if (name_index_get(&collector->required_groups, group, &at)) {
		required = true;
		if (seen && ++collector->group_seen[at] == group_minimum(&collector->require->groups[at]))
			collector->groups_seen++;
	}
	return required;
}

static void add(struct collector *collector, const char *key, const struct case_result *result,
		enum result_origin origin)
{
	struct case_result *target;

	if (collector->count >= JUDGE_MAX_CASES) {
		collector->overflow = true;
		return;
	}
	if (collector->count == collector->capacity && grow(collector)) {
		collector->no_memory = true;
		return;
	}
	target = &collector->results[collector->count];
	*target = *result;
	target->group = strdup(result->group);
	target->name = strdup(result->name);
	target->message = strdup(result->message);
	collector->keys[collector->count] = strdup(key);
	collector->origins[collector->count] = origin;
	if (!target->group || !target->name || !target->message || !collector->keys[collector->count] ||
	    name_index_put(&collector->by_name, collector->keys[collector->count], (uint32_t)collector->count)) {
		free(target->group);
		free(target->name);
		free(target->message);
		free(collector->keys[collector->count]);
		collector->no_memory = true;
		return;
	}
	collector->count++;
	text_repair(target->message);
	target->waived_ignore = target->verdict == CASE_IGNORED && collector_waives(collector, key);
	target->required = note_required(collector, key, target->group, is_result(target->verdict));
	if (collector->on_case)
		collector->on_case(collector->context, target);
}

static void change(struct collector *collector, size_t at, const struct case_result *result, enum result_origin origin)
{
	struct case_result *target = &collector->results[at];
	bool was_result = is_result(target->verdict);
	char *message = strdup(result->message);

	if (!message) {
		collector->no_memory = true;
		return;
	}
	text_repair(message);
	free(target->message);
	target->message = message;
	target->verdict = result->verdict;
	target->offset = result->offset;
	target->end = result->end;
	target->begun_us = result->begun_us;
	target->ended_us = result->ended_us;
	target->waived_ignore = target->verdict == CASE_IGNORED && collector_waives(collector, collector->keys[at]);
	collector->origins[at] = origin;
	if (!was_result && is_result(target->verdict))
		note_required(collector, collector->keys[at], target->group, true);
	if (collector->on_case)
		collector->on_case(collector->context, target);
}

/* Two verdicts for one case that differ: neither is believed. */
static void contradict(struct collector *collector, size_t at, const struct case_result *result)
{
	const struct case_result *known = &collector->results[at];
	struct case_result both = *result;
	char text[COLLECTOR_TEXT_MAX];

	snprintf(text, sizeof(text), "%s at console byte %llu, then %s at byte %llu%s%.120s",
		 case_verdict_name(known->verdict), (unsigned long long)known->offset,
		 case_verdict_name(result->verdict), (unsigned long long)result->end, result->message[0] ? ": " : "",
		 result->message);
	finding_add(&collector->contradiction, "%.120s has two results that disagree: %s", collector->keys[at], text);
	both.verdict = CASE_ERROR;
	both.message = text;
	both.offset = known->offset;
	both.begun_us = known->begun_us;
	change(collector, at, &both, RESULT_CONTRADICTED);
}

void collector_put(struct collector *collector, const struct case_result *result, enum result_origin origin)
{
	char key[COLLECTOR_NAME_MAX];
	uint32_t at;

	case_key(key, result->group, result->name);
	if (!name_index_get(&collector->by_name, key, &at)) {
		add(collector, key, result, origin);
		return;
	}
	switch (collector->origins[at]) {
	case RESULT_CUT_BY_BOOT: /* it ran again after the reset: that counts, unless it was cut off once more */
		if (origin != RESULT_CUT_BY_BOOT)
			change(collector, at, result, origin);
		break;
	case RESULT_ENDED:
		if (origin != RESULT_ENDED) /* it passed before; now it did not come back */
			change(collector, at, result, origin);
		else if (collector->results[at].verdict != result->verdict)
			contradict(collector, at, result);
		break;
	case RESULT_UNTERMINATED:
	case RESULT_CONTRADICTED:
	case RESULT_AT_END:
		break;
	}
}

const struct case_result *collector_results(const struct collector *collector, size_t *ret_count)
{
	*ret_count = collector->count;
	return collector->results;
}
