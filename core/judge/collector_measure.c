/* SPDX-License-Identifier: Apache-2.0 */
/* What boards measure: values and marks of the open case, and how a result is held to its limits. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/err.h"
#include "core/judge/judge_private.h"

static int list_add(struct measure_list *list, const struct measurement *measurement)
{
	if (list->count == list->capacity) {
		size_t capacity = list->capacity ? list->capacity * 2 : 4;
		struct measurement *grown = realloc(list->item, capacity * sizeof(*grown));

		if (!grown)
			return ERR_NOMEM;
		list->item = grown;
		list->capacity = capacity;
	}
	list->item[list->count++] = *measurement;
	return 0;
}

static const struct measure_limit *limit_of(const struct collector *collector, const char *key, const char *name)
{
	const struct measure_limit *limit = collector_first_limit(collector, key);

	while (limit && strcmp(limit->name, name) != 0)
		limit = collector_next_limit(collector, limit);
	return limit;
}

/* Keeps a value: those that have a limit before others, and when there are too many of them those past it. */
static void keep(struct collector *collector, struct measure_list *list, const char *key,
		 const struct measurement *measurement)
{
	const struct measure_limit *limit = limit_of(collector, key, measurement->name);
	struct measurement judged = *measurement;

	if (!limit && (list->count >= JUDGE_MAX_CASE_MEASUREMENTS || collector->measurements >= JUDGE_MAX_MEASUREMENTS))
		return;
	if (list->count >= JUDGE_MAX_LIMITED) {
		if (measure_judge(limit, &judged) != CAUSE_NONE)
			list->item[list->count - 1] = *measurement;
		return;
	}
	if (list_add(list, measurement))
		collector->no_memory = true;
	else
		collector->measurements++;
}

bool collector_join_measures(struct collector *collector, size_t at, const struct measure_list *measures)
{
	struct case_result *result = &collector->results[at];
	size_t count = result->measurement_count, more = measures ? measures->count : 0;
	size_t room = count < JUDGE_MAX_LIMITED ? JUDGE_MAX_LIMITED - count : 0;
	size_t taken = more < room ? more : room;
	bool changed = taken > 0;

	if (taken) {
		struct measurement *joined = realloc(result->measurements, (count + taken) * sizeof(*joined));

		if (!joined) {
			collector->no_memory = true;
			return false;
		}
		memcpy(joined + count, measures->item, taken * sizeof(*joined));
		result->measurements = joined;
		result->measurement_count = count + taken;
	}
	for (size_t i = taken; i < more; i++) {
		struct measurement judged = measures->item[i];
		const struct measure_limit *limit = limit_of(collector, collector->states[at].key, judged.name);

		if (!limit || measure_judge(limit, &judged) == CAUSE_NONE)
			continue;
		result->measurements[result->measurement_count - 1] = judged;
		changed = true;
	}
	collector->measurements -= more - taken;
	return changed;
}

static void open_key(const struct collector *collector, char key[COLLECTOR_NAME_MAX])
{
	case_key(key, collector->open.group, collector->open.name);
}

void collector_on_measure(struct collector *collector, const struct parse_event *event)
{
	struct measurement measurement = {.value = event->value, .offset = event->offset, .end = event->end};
	char key[COLLECTOR_NAME_MAX] = "";

	snprintf(measurement.name, sizeof(measurement.name), "%s", event->name);
	snprintf(measurement.unit, sizeof(measurement.unit), "%s", event->unit);
	if (collector->open.set)
		open_key(collector, key);
	keep(collector, collector->open.set ? &collector->open.measures : &collector->loose, key, &measurement);
}

void collector_on_mark(struct collector *collector, const struct parse_event *event, int64_t now_us)
{
	struct open_case *open = &collector->open;
	struct mark *mark = NULL;

	if (!open->set)
		return;
	for (size_t i = 0; i < open->mark_count && !mark; i++) {
		if (strcmp(open->marks[i].name, event->name) == 0)
			mark = &open->marks[i];
	}
	if (!mark && open->mark_count == COLLECTOR_MAX_MARKS)
		return;
	if (!mark) {
		mark = &open->marks[open->mark_count++];
		*mark = (struct mark){
			.first_target_us = event->target_us, .first_rack_us = now_us, .offset = event->offset};
		snprintf(mark->name, sizeof(mark->name), "%s", event->name);
	}
	mark->last_target_us = event->target_us;
	mark->last_rack_us = now_us;
	mark->end = event->end;
}

/* How fast the target's clock goes by the rack's, in ppm; only over a time that both saw pass. */
static void keep_mark(struct collector *collector, const struct mark *mark, const char *key)
{
	struct measurement measurement = {.offset = mark->offset, .end = mark->end};
	double target_us, rack_us;

	if (mark->last_target_us <= mark->first_target_us || mark->last_rack_us <= mark->first_rack_us)
		return;
	target_us = (double)(mark->last_target_us - mark->first_target_us);
	rack_us = (double)(mark->last_rack_us - mark->first_rack_us);
	measurement.value = round((target_us / rack_us - 1) * 1e9) / 1e3;
	snprintf(measurement.name, sizeof(measurement.name), "%s", mark->name);
	snprintf(measurement.unit, sizeof(measurement.unit), "ppm");
	keep(collector, &collector->open.measures, key, &measurement);
}

struct measure_list collector_take_measures(struct collector *collector)
{
	struct open_case *open = &collector->open;
	struct measure_list list;
	char key[COLLECTOR_NAME_MAX];

	open_key(collector, key);
	for (size_t i = 0; i < open->mark_count; i++)
		keep_mark(collector, &open->marks[i], key);
	list = open->measures;
	open->measures = (struct measure_list){0};
	open->mark_count = 0;
	return list;
}

/* --- limits --- */

const struct measure_limit *collector_first_limit(const struct collector *collector, const char *key)
{
	uint32_t at;

	return name_index_get(&collector->limited_cases, key, &at) ? &collector->limits->item[at] : NULL;
}

const struct measure_limit *collector_next_limit(const struct collector *collector, const struct measure_limit *limit)
{
	const struct measure_limit *end = collector->limits->item + collector->limits->count;

	for (const struct measure_limit *next = limit + 1; next < end; next++) {
		if (strcmp(next->case_name, limit->case_name) == 0)
			return next;
	}
	return NULL;
}

/* A value past the suite's own limit weighs more than one past the baseline's. */
static bool weighs_more(enum cause cause, enum cause than)
{
	return cause != CAUSE_NONE && (than == CAUSE_NONE || (than == CAUSE_REGRESSION && cause == CAUSE_LIMIT));
}

/* Judges the case's values by one limit. Returns the gravest that comes of it; *ret_seen: one could be judged;
 * *ret_worst: index of the value that weighs most. */
static enum cause hold_to(struct case_result *result, const struct measure_limit *limit, bool *ret_seen,
			  size_t *ret_worst)
{
	enum cause worst = CAUSE_NONE;

	*ret_seen = false;
	for (size_t i = 0; i < result->measurement_count; i++) {
		struct measurement *measurement = &result->measurements[i];
		enum cause cause;

		if (strcmp(measurement->name, limit->name) != 0)
			continue;
		cause = measure_judge(limit, measurement);
		*ret_seen |= strcmp(measurement->unit, limit->unit) == 0;
		if (weighs_more(cause, worst)) {
			worst = cause;
			*ret_worst = i;
		}
	}
	return worst;
}

/* A value that has a limit and did not come, or only in another unit. */
static void add_missing(struct collector *collector, struct case_result *result, const struct measure_limit *limit)
{
	struct measure_list list = {result->measurements, result->measurement_count, result->measurement_count};
	struct measurement missing = {0};

	for (size_t i = 0; i < result->measurement_count; i++) {
		if (strcmp(result->measurements[i].name, limit->name) == 0)
			memcpy(missing.basis, result->measurements[i].basis, sizeof(missing.basis));
	}
	memcpy(missing.name, limit->name, sizeof(missing.name));
	memcpy(missing.unit, limit->unit, sizeof(missing.unit));
	missing.verdict = MEASURE_MISSING;
	if (list_add(&list, &missing))
		collector->no_memory = true;
	result->measurements = list.item;
	result->measurement_count = list.count;
}

static void say(struct collector *collector, size_t at, const struct measurement *measurement)
{
	struct case_result *result = &collector->results[at];
	char text[COLLECTOR_TEXT_MAX], *message;

	measure_describe(measurement, text, sizeof(text));
	message = strdup(text);
	if (!message) {
		collector->no_memory = true;
		return;
	}
	free(result->message);
	result->message = message;
}

void collector_hold_to_limits(struct collector *collector, size_t at)
{
	struct case_result *result = &collector->results[at];
	struct result_state *state = &collector->states[at];
	bool decides = state->said == CASE_PASS && state->origin == RESULT_ENDED &&
		       !collector_expects_failure(collector, state->key);

	state->fault = CAUSE_NONE;
	for (const struct measure_limit *limit = collector_first_limit(collector, state->key); limit;
	     limit = collector_next_limit(collector, limit)) {
		bool seen;
		size_t worst = 0;
		enum cause cause = hold_to(result, limit, &seen, &worst);

		if (!decides)
			continue;
		if (weighs_more(cause, state->fault) || (cause && state->fault == CAUSE_MEASURE_MISSING)) {
			state->fault = cause;
			say(collector, at, &result->measurements[worst]);
		}
		if (seen)
			continue;
		add_missing(collector, result, limit);
		if (state->fault == CAUSE_NONE) {
			state->fault = CAUSE_MEASURE_MISSING;
			say(collector, at, &result->measurements[result->measurement_count - 1]);
		}
	}
	if (state->fault == CAUSE_MEASURE_MISSING)
		result->verdict = CASE_ERROR;
	else if (state->fault != CAUSE_NONE)
		result->verdict = CASE_FAIL;
}
