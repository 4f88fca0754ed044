/* SPDX-License-Identifier: Apache-2.0 */
/* A collector's life, and when it has seen enough. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/err.h"
#include "core/judge/judge_private.h"

/* Cases and groups by name; how many of them must be seen. */
static int index_requirements(struct collector *collector)
{
	const struct requirements *require = collector->require;

	for (size_t i = 0; i < require->case_count; i++) {
		uint32_t known;

		if (name_index_get(&collector->listed_cases, require->cases[i], &known))
			continue;
		if (name_index_put(&collector->listed_cases, require->cases[i], (uint32_t)i))
			return ERR_NOMEM;
		collector->cases_wanted += !requirements_rule(require, i)->optional;
	}
	for (size_t i = 0; i < require->group_count; i++) {
		if (name_index_put(&collector->required_groups, require->groups[i].name, (uint32_t)i))
			return ERR_NOMEM;
		collector->groups_wanted += !require->groups[i].optional;
	}
	return 0;
}

/* Which groups have cases that are listed. */
static void mark_listed_groups(struct collector *collector)
{
	char group[COLLECTOR_NAME_MAX];
	uint32_t at;

	for (size_t i = 0; i < collector->require->case_count; i++) {
		const char *name = collector->require->cases[i];
		const char *dot = strchr(name, '.');

		snprintf(group, sizeof(group), "%.*s", dot ? (int)(dot - name) : 0, name);
		if (name_index_get(&collector->required_groups, group, &at))
			collector->group_listed[at] = true;
	}
}

static int make_room(struct collector *collector)
{
	size_t cases = collector->require->case_count + 1, groups = collector->require->group_count + 1;

	collector->case_seen = calloc(cases, sizeof(*collector->case_seen));
	collector->case_begun = calloc(cases, sizeof(*collector->case_begun));
	collector->group_seen = calloc(groups, sizeof(*collector->group_seen));
	collector->group_listed = calloc(groups, sizeof(*collector->group_listed));
	collector->lines = line_search_create(collector->require->lines, collector->require->line_count);
	return collector->case_seen && collector->case_begun && collector->group_seen && collector->group_listed &&
			       collector->lines
		       ? 0
		       : ERR_NOMEM;
}

struct collector *collector_create(const struct requirements *require, const struct end_rule *end,
				   void (*on_case)(void *context, const struct case_result *result), void *context)
{
	struct collector *collector = calloc(1, sizeof(*collector));

	if (!collector)
		return NULL;
	collector->require = require;
	collector->end = end;
	collector->on_case = on_case;
	collector->context = context;
	collector_hold_to(collector, NULL, NULL);
	if (make_room(collector) || index_requirements(collector)) {
		collector_destroy(collector);
		return NULL;
	}
	mark_listed_groups(collector);
	return collector;
}

void collector_hold_to(struct collector *collector, const struct waiver_rules *waivers,
		       const struct measure_limits *limits)
{
	static const struct waiver_rules no_waivers;
	static const struct measure_limits no_limits;
	uint32_t at;

	collector->waivers = waivers ? waivers : &no_waivers;
	collector->limits = limits ? limits : &no_limits;
	name_index_finish(&collector->limited_cases);
	for (size_t i = 0; i < collector->limits->count; i++) {
		const char *key = collector->limits->item[i].case_name;

		if (!name_index_get(&collector->limited_cases, key, &at) &&
		    name_index_put(&collector->limited_cases, key, (uint32_t)i))
			collector->no_memory = true;
	}
}

void collector_destroy(struct collector *collector)
{
	if (!collector)
		return;
	collector_drop_results(collector);
	free(collector->open.measures.item);
	free(collector->loose.item);
	free(collector->results);
	free(collector->states);
	free(collector->case_seen);
	free(collector->case_begun);
	free(collector->group_seen);
	free(collector->group_listed);
	line_search_destroy(collector->lines);
	name_index_finish(&collector->by_name);
	name_index_finish(&collector->listed_cases);
	name_index_finish(&collector->required_groups);
	name_index_finish(&collector->limited_cases);
	free(collector);
}

void collector_expect_image(struct collector *collector, const char *build_id)
{
	snprintf(collector->expected_image, sizeof(collector->expected_image), "%s", build_id ? build_id : "");
}

bool collector_wrong_image(const struct collector *collector)
{
	return collector->wrong_image;
}

static bool anything_required(const struct requirements *require)
{
	return require->case_count || require->group_count || require->tests || require->summaries || require->banner ||
	       require->line_count;
}

bool collector_complete(const struct collector *collector)
{
	const struct requirements *require = collector->require;
	uint32_t summaries = require->summaries;

	if (collector->wrong_image)
		return true;
	switch (collector->end->when) {
	case END_SILENCE:
		return false;
	case END_SUMMARY:
		return collector->summaries > 0 && collector->summaries >= summaries;
	case END_REQUIRED:
		break;
	}
	/* A group by its mere name may have more cases than were seen so far. */
	return anything_required(require) && !collector->group_unclosed &&
	       collector->cases_seen == collector->cases_wanted && collector->groups_seen == collector->groups_wanted &&
	       collector->results_seen >= require->tests && collector->summaries >= summaries &&
	       (collector->banner || !require->banner) && line_search_missing(collector->lines) == 0;
}

uint32_t collector_reboots(const struct collector *collector)
{
	return collector->reboots;
}

uint32_t collector_asks(const struct collector *collector)
{
	return collector->asks;
}

const struct measurement *collector_loose_measurements(const struct collector *collector, size_t *ret_count)
{
	*ret_count = collector->loose.count;
	return collector->loose.item;
}
