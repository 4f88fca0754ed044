/* SPDX-License-Identifier: Apache-2.0 */
/* What a run must show: reading `require:` and writing it as JSON. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/farm/spec_fields.h"

/* A require being read. */
struct reading {
	struct requirements require;
	struct doc_problems *problems;
	size_t bytes; /* of all names so far */
	bool nomem;
};

/* Names as a board may print them: no blanks, quotes, or what the patterns and the output forms use. */
static bool name_valid(const char *text, size_t len)
{
	if (!len)
		return false;
	for (size_t i = 0; i < len; i++) {
		if ((unsigned char)text[i] <= ' ' || strchr("\"\\,*()\x7f", text[i]))
			return false;
	}
	return true;
}

/* "Group.Case" with something on both sides of a dot. */
static bool case_valid(const char *text)
{
	const char *dot = strchr(text, '.');

	return dot && dot > text && dot[1] && name_valid(text, strlen(text));
}

static bool pattern_valid(const char *text)
{
	size_t len = strlen(text);

	if (text[len - 1] != '*')
		return case_valid(text);
	return len == 1 || name_valid(text, len - 1);
}

/* Adds a copy to a list whose capacity is the next power of two of its count. */
static void append_name(struct reading *reading, char ***list, size_t *count, const char *text)
{
	char *copy;

	if ((*count & (*count - 1)) == 0) {
		char **grown = realloc(*list, (*count ? *count * 2 : 1) * sizeof(char *));

		if (!grown) {
			reading->nomem = true;
			return;
		}
		*list = grown;
	}
	copy = strdup(text);
	if (!copy) {
		reading->nomem = true;
		return;
	}
	reading->bytes += strlen(text) + sizeof "\"\",";
	(*list)[(*count)++] = copy;
}

static void add_case(struct reading *reading, const struct doc_node *node, const char *name)
{
	struct requirements *require = &reading->require;

	if (!case_valid(name) || strlen(name) > SPEC_CASE_MAX)
		doc_problem_add(reading->problems, node->line, node->path, name,
				"one case as Group.Case, at most %d bytes, without blanks or *", SPEC_CASE_MAX);
	else if (require->case_count >= SPEC_MAX_CASES)
		doc_problem_add(reading->problems, node->line, node->path, "more cases", "at most %d", SPEC_MAX_CASES);
	else
		append_name(reading, &require->cases, &require->case_count, name);
}

static void read_cases(struct reading *reading, const struct doc_node *node)
{
	const struct doc_node *list = doc_read_sequence(node, "cases", false, SPEC_MAX_CASES, reading->problems);

	for (size_t i = 0; list && i < list->count; i++) {
		const char *text;

		if (doc_node_text(list->child[i], SPEC_CASE_MAX, &text, reading->problems))
			add_case(reading, list->child[i], text);
	}
}

static void add_group(struct reading *reading, const struct doc_node *node, const char *name, uint32_t min_cases)
{
	struct requirements *require = &reading->require;
	char *copy;

	for (size_t i = 0; i < require->group_count; i++) {
		if (strcmp(require->groups[i].name, name) == 0) {
			doc_problem_add(reading->problems, node->line, node->path, name, "each group once");
			return;
		}
	}
	copy = strdup(name);
	if (!copy) {
		reading->nomem = true;
		return;
	}
	reading->bytes += strlen(name) + sizeof "{\"name\":\"\",\"cases\":4096},";
	require->groups[require->group_count++] = (struct required_group){copy, min_cases};
}

/* `cases: [a, b]` inside a group: each is a required case of it. Returns how many. */
static uint32_t read_group_cases(struct reading *reading, const char *group, const struct doc_node *list)
{
	if (!list->count || list->count > SPEC_MAX_CASES)
		doc_problem_add(reading->problems, list->line, list->path,
				list->count ? "a longer list" : "an empty list", "1 to %d cases", SPEC_MAX_CASES);
	for (size_t i = 0; i < list->count && i < SPEC_MAX_CASES; i++) {
		char name[SPEC_CASE_MAX + 2];
		const char *text;

		if (!doc_node_text(list->child[i], SPEC_CASE_MAX, &text, reading->problems))
			continue;
		if ((size_t)snprintf(name, sizeof name, "%s.%s", group, text) >= sizeof name)
			doc_problem_add(reading->problems, list->child[i]->line, list->child[i]->path, text,
					"Group.Case of at most %d bytes", SPEC_CASE_MAX);
		else
			add_case(reading, list->child[i], name);
	}
	return (uint32_t)list->count;
}

static void read_group(struct reading *reading, const struct doc_node *node)
{
	static const char *const known[] = {"name", "cases", NULL};
	const struct doc_node *named = node, *cases = NULL;
	const char *name = NULL;
	int64_t min_cases = 1;

	if (node->kind == DOC_MAPPING) {
		doc_refuse_unknown(node, known, reading->problems);
		named = doc_get(node, "name");
		cases = doc_get(node, "cases");
		if (!doc_read_text(node, "name", true, SPEC_CASE_MAX, &name, reading->problems))
			return;
	} else if (!doc_node_text(node, SPEC_CASE_MAX, &name, reading->problems)) {
		return;
	}
	if (!name_valid(name, strlen(name))) {
		doc_problem_add(reading->problems, named->line, named->path, name,
				"the name of a group, without blanks or *");
		return;
	}
	if (cases && cases->kind == DOC_SEQUENCE)
		min_cases = read_group_cases(reading, name, cases);
	else if (cases)
		doc_read_int(node, "cases", false, 1, SPEC_MAX_CASES, &min_cases, reading->problems);
	add_group(reading, named, name, (uint32_t)min_cases);
}

static void read_groups(struct reading *reading, const struct doc_node *node)
{
	const struct doc_node *list = doc_read_sequence(node, "groups", false, SPEC_MAX_GROUPS, reading->problems);

	if (!list || !list->count)
		return;
	reading->require.groups = calloc(list->count, sizeof(struct required_group));
	if (!reading->require.groups) {
		reading->nomem = true;
		return;
	}
	for (size_t i = 0; i < list->count; i++)
		read_group(reading, list->child[i]);
}

static void read_ignored_ok(struct reading *reading, const struct doc_node *node)
{
	const struct doc_node *list = doc_read_sequence(node, "ignored-ok", false, SPEC_MAX_CASES, reading->problems);

	for (size_t i = 0; list && i < list->count; i++) {
		const struct doc_node *child = list->child[i];
		const char *text;

		if (!doc_node_text(child, SPEC_CASE_MAX, &text, reading->problems))
			continue;
		if (!pattern_valid(text))
			doc_problem_add(reading->problems, child->line, child->path, text,
					"a case as Group.Case, or the beginning of one and *, as Flash.*");
		else
			append_name(reading, &reading->require.ignored_ok, &reading->require.ignored_ok_count, text);
	}
}

static void read_count(struct reading *reading, const struct doc_node *node, const char *key, int64_t max,
		       uint32_t *ret_count)
{
	int64_t count;

	if (doc_read_int(node, key, false, 0, max, &count, reading->problems))
		*ret_count = (uint32_t)count;
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void refuse_duplicates(struct reading *reading, const struct doc_node *node)
{
	size_t count = reading->require.case_count;
	char **sorted;

	if (count < 2)
		return;
	sorted = malloc(count * sizeof(char *));
	if (!sorted) {
		reading->nomem = true;
		return;
	}
	memcpy(sorted, reading->require.cases, count * sizeof(char *));
	qsort(sorted, count, sizeof(char *), compare_names);
	for (size_t i = 1; i < count; i++) {
		if (strcmp(sorted[i - 1], sorted[i]) == 0)
			doc_problem_add(reading->problems, node->line, node->path, sorted[i],
					"each case once in cases and groups");
	}
	free(sorted);
}

int requirements_read(const struct doc_node *node, struct requirements *ret_require, struct doc_problems *problems)
{
	static const char *const known[] = {"cases",  "groups",     "tests",  "summaries",
					    "banner", "ignored-ok", "resets", NULL};
	struct reading reading = {.problems = problems};
	size_t before = problems->count;

	requirements_init(&reading.require);
	doc_refuse_unknown(node, known, problems);
	if (node->kind == DOC_MAPPING) {
		read_cases(&reading, node);
		read_groups(&reading, node);
		read_ignored_ok(&reading, node);
		read_count(&reading, node, "tests", 100000, &reading.require.tests);
		read_count(&reading, node, "summaries", 1000, &reading.require.summaries);
		read_count(&reading, node, "resets", 1000, &reading.require.resets);
		doc_read_bool(node, "banner", false, &reading.require.banner, problems);
		refuse_duplicates(&reading, node);
	}
	if (reading.bytes > SPEC_MAX_REQUIRE_BYTES)
		doc_problem_add(problems, node->line, node->path, "a longer require",
				"names of at most 512 KiB in all");
	if (reading.nomem || problems->count > before) {
		requirements_finish(&reading.require);
		return reading.nomem ? ERR_NOMEM : ERR_INVALID;
	}
	*ret_require = reading.require;
	return 0;
}

bool requirements_any(const struct requirements *require)
{
	return require->case_count || require->group_count || require->tests || require->summaries || require->banner;
}

size_t requirements_size(const struct requirements *require, size_t *bytes)
{
	for (size_t i = 0; i < require->case_count; i++)
		*bytes += strlen(require->cases[i]);
	for (size_t i = 0; i < require->group_count; i++)
		*bytes += strlen(require->groups[i].name);
	for (size_t i = 0; i < require->ignored_ok_count; i++)
		*bytes += strlen(require->ignored_ok[i]);
	return require->case_count + require->group_count + require->ignored_ok_count;
}

void requirements_settle(struct requirements *require, const struct end_rule *end)
{
	if (end->when == END_SUMMARY && !require->summaries)
		require->summaries = 1;
}

void requirements_tell_nothing(const struct doc_node *node, struct doc_problems *problems)
{
	doc_problem_add(problems, node->line, node->path, "nothing required",
			"a suite, or require with cases, groups, tests, summaries or banner; or end.when: summary or "
			"silence");
}

static json_t *names_to_json(char *const *names, size_t count)
{
	json_t *list = json_array();

	for (size_t i = 0; i < count; i++)
		json_push(&list, json_string(names[i]));
	return list;
}

json_t *requirements_to_json(const struct requirements *require)
{
	json_t *object = json_object(), *groups = json_array();

	for (size_t i = 0; i < require->group_count; i++)
		json_push(&groups, json_pack("{s:s, s:I}", "name", require->groups[i].name, "cases",
					     (json_int_t)require->groups[i].min_cases));
	json_put(&object, "cases", names_to_json(require->cases, require->case_count));
	json_put(&object, "groups", groups);
	json_put(&object, "tests", json_integer(require->tests));
	json_put(&object, "summaries", json_integer(require->summaries));
	json_put(&object, "banner", json_boolean(require->banner));
	json_put(&object, "ignored-ok", names_to_json(require->ignored_ok, require->ignored_ok_count));
	json_put(&object, "resets", json_integer(require->resets));
	return object;
}

int requirements_from_json(const json_t *object, struct requirements *ret_require, struct err *err)
{
	struct requirements require;
	struct doc_problems problems;
	struct doc *doc = NULL;
	int rc;

	doc_problems_init(&problems, "");
	rc = doc_from_json(object, &doc, &problems);
	if (!rc)
		rc = requirements_read(doc->root, &require, &problems);
	doc_destroy(doc);
	if (rc)
		return spec_json_result(rc, &problems, err);
	*ret_require = require;
	return 0;
}
