/* SPDX-License-Identifier: Apache-2.0 */
/* The results a collector keeps: one a case, and what becomes of it when another one comes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/err.h"
#include "core/judge/judge_private.h"
#include "core/parse/parse_text.h"

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
	struct result_state *states;

	if (!results)
		return ERR_NOMEM;
	collector->results = results;
	states = realloc(collector->states, capacity * sizeof(*states));
	if (!states)
		return ERR_NOMEM;
	collector->states = states;
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

/* The rule of a case, or NULL when it is not listed. */
static const struct case_rule *find_rule(const struct collector *collector, const char *key)
{
	uint32_t at;

	return name_index_get(&collector->listed_cases, key, &at) ? requirements_rule(collector->require, at) : NULL;
}

static const struct required_group *find_group(const struct collector *collector, const char *group)
{
	uint32_t at;

	return name_index_get(&collector->required_groups, group, &at) ? &collector->require->groups[at] : NULL;
}

bool collector_expects_failure(const struct collector *collector, const char *key)
{
	const struct case_rule *rule = find_rule(collector, key);

	if (rule && rule->expect != EXPECT_STAGE)
		return rule->expect == EXPECT_FAIL;
	return collector->require->stage == STAGE_BASELINE;
}

bool result_ignore_excused(const struct case_result *result)
{
	return result->waived_ignore || result->standing == STANDING_WAIVED || result->standing == STANDING_OPTIONAL;
}

bool result_excused(const struct case_result *result)
{
	return result->standing == STANDING_WAIVED || result->standing == STANDING_EXPECTED;
}

/* The first result of a case counts towards what must be seen; one that is cut off later and runs again does not once
 * more. */
static void note_seen(struct collector *collector, struct result_state *state, const char *group)
{
	const char *key = state->key;
	uint32_t at;

	if (state->seen || !is_result(state->said))
		return;
	state->seen = true;
	if (name_index_get(&collector->listed_cases, key, &at) && !collector->case_seen[at]) {
		collector->case_seen[at] = true;
		collector->cases_seen += !requirements_rule(collector->require, at)->optional;
	}
	if (!name_index_get(&collector->required_groups, group, &at))
		return;
	if (++collector->group_seen[at] == group_minimum(&collector->require->groups[at]))
		collector->groups_seen += !collector->require->groups[at].optional;
	if (!collector->require->groups[at].min_cases && !collector->group_listed[at])
		collector->group_unclosed = true;
}

/* A strict suite names every case that may come: by itself, or by a group of which it lists none. */
static void note_unasked(struct collector *collector, const struct case_result *result, const char *key)
{
	uint32_t at;

	if (!collector->require->strict || find_rule(collector, key) || result->waived_ignore)
		return;
	if (name_index_get(&collector->required_groups, result->group, &at) && !collector->group_listed[at])
		return;
	finding_add(&collector->unasked, "%.120s gave a result (%s) at console byte %llu, and nobody asked for it", key,
		    case_verdict_name(result->verdict), (unsigned long long)result->offset);
}

/* Whether a waiver may cover how it ended: never what did not end. */
static bool may_be_waived(const struct case_result *result, const struct result_state *state)
{
	switch (result->verdict) {
	case CASE_FAIL:
		return true;
	case CASE_IGNORED:
		return result->required && !result->waived_ignore;
	case CASE_ERROR:
		return state->origin == RESULT_CONTRADICTED || state->fault == CAUSE_MEASURE_MISSING;
	case CASE_PASS:
	case CASE_MISSING:
	case CASE_CRASHED:
		break;
	}
	return false;
}

static void settle_standing(struct collector *collector, struct case_result *result, const struct result_state *state,
			    bool optional)
{
	const struct waiver_rule *waiver;

	result->standing = optional ? STANDING_OPTIONAL : STANDING_PLAIN;
	result->waiver = 0;
	if (collector_expects_failure(collector, state->key)) {
		if (result->verdict == CASE_FAIL)
			result->standing = STANDING_EXPECTED;
		else if (result->verdict == CASE_PASS)
			result->standing = STANDING_UNEXPECTED_PASS;
		if (result->verdict == CASE_FAIL || result->verdict == CASE_PASS)
			return;
	}
	if (!may_be_waived(result, state) || (optional && result->verdict == CASE_IGNORED))
		return;
	waiver = waiver_rules_find(collector->waivers, state->key);
	if (!waiver)
		return;
	result->standing = STANDING_WAIVED;
	result->waiver = waiver->id;
}

/* Everything of a result that follows from what was asked, from the verdict that was said on. */
static void settle(struct collector *collector, size_t at)
{
	struct case_result *result = &collector->results[at];
	struct result_state *state = &collector->states[at];
	const struct case_rule *rule = find_rule(collector, state->key);
	const struct required_group *group = find_group(collector, result->group);
	bool optional = rule ? rule->optional : group && group->optional;

	result->verdict = state->said;
	result->category = rule ? rule->category : group ? group->category : CATEGORY_FUNCTIONAL;
	result->required = rule ? !rule->optional : group && !group->optional;
	result->waived_ignore = result->verdict == CASE_IGNORED && collector_waives(collector, state->key);
	collector_hold_to_limits(collector, at);
	settle_standing(collector, result, state, optional);
}

static void free_result(struct collector *collector, size_t at)
{
	free(collector->results[at].group);
	free(collector->results[at].name);
	free(collector->results[at].message);
	free(collector->results[at].measurements);
	free(collector->states[at].key);
}

void collector_drop_results(struct collector *collector)
{
	for (size_t i = 0; i < collector->count; i++)
		free_result(collector, i);
	collector->count = 0;
	collector->unnamed_passes = collector->unnamed_ignored = 0;
	name_index_finish(&collector->by_name);
}

static void tell(const struct collector *collector, size_t at)
{
	if (collector->on_case)
		collector->on_case(collector->context, &collector->results[at]);
}

static void add(struct collector *collector, const char *key, const struct case_result *result,
		enum result_origin origin, struct measure_list *measures)
{
	size_t at = collector->count;
	struct case_result *target;
	struct result_state *state;

	if (collector->count >= JUDGE_MAX_CASES) {
		collector->overflow = true;
		return;
	}
	if (collector->count == collector->capacity && grow(collector)) {
		collector->no_memory = true;
		return;
	}
	target = &collector->results[at];
	state = &collector->states[at];
	*target = *result;
	target->group = strdup(result->group);
	target->name = strdup(result->name);
	target->message = strdup(result->message);
	target->measurements = measures ? measures->item : NULL;
	target->measurement_count = measures ? measures->count : 0;
	*state = (struct result_state){.key = strdup(key), .origin = origin, .said = result->verdict};
	if (measures)
		*measures = (struct measure_list){0};
	if (!target->group || !target->name || !target->message || !state->key ||
	    name_index_put(&collector->by_name, state->key, (uint32_t)at)) {
		free_result(collector, at);
		collector->no_memory = true;
		return;
	}
	collector->count++;
	text_repair(target->message);
	note_seen(collector, state, target->group);
	settle(collector, at);
	if (origin == RESULT_ENDED)
		note_unasked(collector, target, key);
	tell(collector, at);
}

/* What was missing of the values is looked for again. */
static void drop_missing_measures(struct case_result *target)
{
	size_t kept = 0;

	for (size_t i = 0; i < target->measurement_count; i++) {
		if (target->measurements[i].verdict != MEASURE_MISSING)
			target->measurements[kept++] = target->measurements[i];
	}
	target->measurement_count = kept;
}

static void change(struct collector *collector, size_t at, const struct case_result *result, enum result_origin origin,
		   struct measure_list *measures)
{
	struct case_result *target = &collector->results[at];
	struct result_state *state = &collector->states[at];
	char *message = strdup(result->message);
	bool again; /* it was cut off, and ran again: its first result */

	if (!message) {
		collector->no_memory = true;
		return;
	}
	text_repair(message);
	free(target->message);
	target->message = message;
	target->offset = result->offset;
	target->end = result->end;
	target->begun_us = result->begun_us;
	target->ended_us = result->ended_us;
	again = state->origin == RESULT_CUT_BY_BOOT;
	if (again)
		target->measurement_count = 0;
	drop_missing_measures(target);
	(void)collector_join_measures(collector, at, measures);
	state->said = result->verdict;
	state->origin = origin;
	note_seen(collector, state, target->group);
	settle(collector, at);
	if (again && origin == RESULT_ENDED)
		note_unasked(collector, target, state->key);
	tell(collector, at);
}

/* Two verdicts for one case that differ: neither is believed. */
static void contradict(struct collector *collector, size_t at, const struct case_result *result,
		       struct measure_list *measures)
{
	const struct case_result *known = &collector->results[at];
	struct case_result both = *result;
	char text[COLLECTOR_TEXT_MAX];

	snprintf(text, sizeof(text), "%s at console byte %llu, then %s at byte %llu%s%.120s",
		 case_verdict_name(collector->states[at].said), (unsigned long long)known->offset,
		 case_verdict_name(result->verdict), (unsigned long long)result->end, result->message[0] ? ": " : "",
		 result->message);
	both.verdict = CASE_ERROR;
	both.message = text;
	both.offset = known->offset;
	both.begun_us = known->begun_us;
	change(collector, at, &both, RESULT_CONTRADICTED, measures);
}

/* The same result once more: what it measured counts all the same. */
static void repeat(struct collector *collector, size_t at, struct measure_list *measures)
{
	bool told_anew;

	if (!measures || measures->count == 0)
		return;
	drop_missing_measures(&collector->results[at]);
	told_anew = collector_join_measures(collector, at, measures);
	settle(collector, at);
	if (told_anew)
		tell(collector, at);
}

void collector_put(struct collector *collector, const struct case_result *result, enum result_origin origin,
		   struct measure_list *measures)
{
	char key[COLLECTOR_NAME_MAX];
	uint32_t at;

	case_key(key, result->group, result->name);
	if (!name_index_get(&collector->by_name, key, &at)) {
		add(collector, key, result, origin, measures);
	} else {
		switch (collector->states[at].origin) {
		case RESULT_CUT_BY_BOOT: /* it ran again after the reset: that counts, unless it was cut off again */
			if (origin != RESULT_CUT_BY_BOOT)
				change(collector, at, result, origin, measures);
			break;
		case RESULT_ENDED:
			if (origin != RESULT_ENDED) /* it passed before; now it did not come back */
				change(collector, at, result, origin, measures);
			else if (collector->states[at].said != result->verdict)
				contradict(collector, at, result, measures);
			else
				repeat(collector, at, measures);
			break;
		case RESULT_UNTERMINATED:
		case RESULT_CONTRADICTED:
		case RESULT_AT_END:
		case RESULT_UNSEEN:
			break;
		}
	}
	if (measures)
		free(measures->item);
}

const struct case_result *collector_results(const struct collector *collector, size_t *ret_count)
{
	*ret_count = collector->count;
	return collector->results;
}
