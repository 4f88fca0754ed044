/* SPDX-License-Identifier: Apache-2.0 */
/* Loads out of text. */
#include "support_load.h"

#include <stdio.h>
#include <string.h>

#include "sim/change.h"

static const struct time_zone *find_zone(void *context, const char *name)
{
	(void)context;
	return strcmp(name, "Atlantic/Reykjavik") == 0 ? time_zone_utc() : NULL;
}

static const struct time_zones zones = {NULL, find_zone};

struct load *load_of(const char *text, const char *set, char told[700])
{
	struct doc_problems problems;
	struct changes changes;
	struct load *load = NULL;
	struct doc *doc = NULL;
	struct err err = {0};

	told[0] = '\0';
	doc_problems_init(&problems, "load");
	changes_init(&changes);
	if (!doc_parse("load", text, strlen(text), &doc, &problems) &&
	    (!set || !changes_apply(&changes, doc, set, &err)))
		(void)load_read(doc->root, true, &zones, &load, &problems);
	if (err.code)
		snprintf(told, 700, "%s", err.text);
	else if (!load)
		snprintf(told, 700, "%d: %s%sfound %s, expected %s", problems.item[0].line, problems.item[0].field,
			 problems.item[0].field[0] ? ": " : "", problems.item[0].found, problems.item[0].expected);
	doc_destroy(doc);
	changes_finish(&changes);
	return load;
}

struct result *simulated(const char *text)
{
	char told[700];
	struct load *load = load_of(text, NULL, told);
	struct result *result;

	assert_string_equal(told, "");
	result = simulate(load, NULL, load->name);
	load_destroy(load);
	return result;
}

const struct result_org *org_of(const struct result *result, const char *name)
{
	for (size_t i = 0; i < result->org_count; i++)
		if (strcmp(result->orgs[i].name, name) == 0)
			return &result->orgs[i];
	fail_msg("no organisation %s", name);
	return NULL;
}

const struct result_stream *stream_of(const struct result *result, const char *name)
{
	for (size_t i = 0; i < result->stream_count; i++)
		if (strcmp(result->streams[i].name, name) == 0)
			return &result->streams[i];
	fail_msg("no jobs %s", name);
	return NULL;
}
