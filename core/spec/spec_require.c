/* SPDX-License-Identifier: Apache-2.0 */
/* What a run must show: reading `require:`. Cases and groups are in spec_case.c, measurements in spec_measure.c, JSON
 * in spec_require_json.c. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/parse/line_search.h"
#include "core/spec/spec_require.h"

static const char *const stages[] = {[STAGE_FULL] = "full", [STAGE_BASELINE] = "baseline"};
static const char *const orders[] = {"any", "fixed"};

const char *spec_stage_name(enum spec_stage stage)
{
	return (size_t)stage < sizeof stages / sizeof stages[0] ? stages[stage] : "unknown";
}

void spec_read_stage(const struct doc_node *node, enum spec_stage *stage, bool *ret_given,
		     struct doc_problems *problems)
{
	size_t index;

	if (!doc_read_enum(node, "stage", false, stages, sizeof stages / sizeof stages[0], &index, problems))
		return;
	*stage = (enum spec_stage)index;
	if (ret_given)
		*ret_given = true;
}

static void read_cases(struct require_reading *reading, const struct doc_node *node)
{
	const struct doc_node *list = doc_read_sequence(node, "cases", false, SPEC_MAX_CASES, reading->problems);
	const struct case_defaults defaults = {0};

	for (size_t i = 0; list && i < list->count; i++)
		require_read_case(reading, "", list->child[i], &defaults);
}

static void read_ignored_ok(struct require_reading *reading, const struct doc_node *node)
{
	const struct doc_node *list = doc_read_sequence(node, "ignored-ok", false, SPEC_MAX_CASES, reading->problems);

	for (size_t i = 0; list && i < list->count; i++) {
		const struct doc_node *child = list->child[i];
		const char *text;

		if (!doc_node_text(child, SPEC_CASE_MAX, &text, reading->problems))
			continue;
		if (!case_pattern_valid(text))
			doc_problem_add(reading->problems, child->line, child->path, text,
					"a case as Group.Case, or the beginning of one and *, as Flash.*");
		else
			require_append_name(reading, &reading->require.ignored_ok, &reading->require.ignored_ok_count,
					    text);
	}
}

static bool is_printable(const char *text)
{
	for (; *text; text++) {
		if ((unsigned char)*text < 0x20 || *text == 0x7f)
			return false;
	}
	return true;
}

static void read_lines(struct require_reading *reading, const struct doc_node *node)
{
	const struct doc_node *list = doc_read_sequence(node, "lines", false, SPEC_MAX_LINES, reading->problems);
	struct requirements *require = &reading->require;

	for (size_t i = 0; list && i < list->count; i++) {
		const struct doc_node *child = list->child[i];
		const char *text;
		bool again = false;

		if (!doc_node_text(child, LINE_SEARCH_TEXT_MAX, &text, reading->problems))
			continue;
		for (size_t k = 0; k < require->line_count; k++)
			again |= strcmp(require->lines[k], text) == 0;
		if (again || !is_printable(text))
			doc_problem_add(reading->problems, child->line, child->path, text,
					again ? "each text once" : "text of one line, without control characters");
		else
			require_append_name(reading, &require->lines, &require->line_count, text);
	}
}

static void read_count(struct require_reading *reading, const struct doc_node *node, const char *key, int64_t max,
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

static void refuse_duplicates(struct require_reading *reading, const struct doc_node *node)
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

static void read_parameters(struct require_reading *reading, const struct doc_node *node)
{
	const struct doc_node *child = doc_read_mapping(node, "parameters", false, reading->problems);
	struct requirements *require = &reading->require;

	if (!child || !child->count)
		return;
	if (child->count > SPEC_MAX_PARAMETERS) {
		doc_problem_add(reading->problems, child->line, child->path, "more parameters", "at most %d",
				SPEC_MAX_PARAMETERS);
		return;
	}
	require->parameters = calloc(child->count, sizeof *require->parameters);
	if (!require->parameters) {
		reading->nomem = true;
		return;
	}
	for (size_t i = 0; i < child->count; i++) {
		struct spec_parameter *parameter = &require->parameters[require->parameter_count];
		const char *key = child->child[i]->key;

		if (strlen(key) >= sizeof parameter->name || !spec_name_valid(key, strlen(key)))
			doc_problem_add(reading->problems, child->child[i]->line, child->child[i]->path, key,
					"a name of 1 to 63 bytes without blanks");
		else if (spec_read_text(child, key, true, parameter->value, sizeof parameter->value,
					reading->problems)) {
			snprintf(parameter->name, sizeof parameter->name, "%s", key);
			require->parameter_count++;
			reading->bytes += strlen(key) + strlen(parameter->value) + sizeof "\"\":\"\",";
		}
	}
}

/* How the cases are held to it: order, strictness, stage, what the board must be able to do. */
static void read_manner(struct require_reading *reading, const struct doc_node *node)
{
	struct requirements *require = &reading->require;
	size_t order = 0;

	doc_read_enum(node, "order", false, orders, 2, &order, reading->problems);
	require->ordered = order == 1;
	doc_read_bool(node, "strict", false, &require->strict, reading->problems);
	spec_read_stage(node, &require->stage, NULL, reading->problems);
	if (feature_conditions_read(node, "features", &require->features, reading->problems))
		reading->nomem = true;
	read_parameters(reading, node);
}

/* There is room for as many rules as cases could come. */
static void fit_rules(struct requirements *require)
{
	struct case_rule *fitting;

	if (!require->rules)
		return;
	fitting = realloc(require->rules, require->case_count * sizeof(*fitting));
	if (fitting)
		require->rules = fitting;
}

int requirements_read(const struct doc_node *node, struct requirements *ret_require, struct doc_problems *problems)
{
	static const char *const known[] = {"cases",      "groups",     "tests", "summaries", "banner",
					    "ignored-ok", "resets",     "order", "strict",    "stage",
					    "features",   "parameters", "lines", NULL};
	struct require_reading reading = {.problems = problems};
	size_t before = problems->count;

	requirements_init(&reading.require);
	doc_refuse_unknown(node, known, problems);
	if (node->kind == DOC_MAPPING) {
		read_cases(&reading, node);
		require_read_groups(&reading, node);
		read_ignored_ok(&reading, node);
		read_lines(&reading, node);
		read_count(&reading, node, "tests", 100000, &reading.require.tests);
		read_count(&reading, node, "summaries", 1000, &reading.require.summaries);
		read_count(&reading, node, "resets", 1000, &reading.require.resets);
		doc_read_bool(node, "banner", false, &reading.require.banner, problems);
		read_manner(&reading, node);
		refuse_duplicates(&reading, node);
	}
	if (reading.bytes > SPEC_MAX_REQUIRE_BYTES)
		doc_problem_add(problems, node->line, node->path, "a longer require",
				"names of at most 512 KiB in all");
	if (reading.nomem || problems->count > before) {
		requirements_finish(&reading.require);
		return reading.nomem ? ERR_NOMEM : ERR_INVALID;
	}
	fit_rules(&reading.require);
	*ret_require = reading.require;
	return 0;
}

bool requirements_any(const struct requirements *require)
{
	return require->case_count || require->group_count || require->tests || require->summaries || require->banner ||
	       require->line_count;
}

size_t requirements_size(const struct requirements *require, size_t *bytes)
{
	for (size_t i = 0; i < require->case_count; i++)
		*bytes += strlen(require->cases[i]);
	for (size_t i = 0; i < require->group_count; i++)
		*bytes += strlen(require->groups[i].name);
	for (size_t i = 0; i < require->ignored_ok_count; i++)
		*bytes += strlen(require->ignored_ok[i]);
	for (size_t i = 0; i < require->line_count; i++)
		*bytes += strlen(require->lines[i]);
	return require->case_count + require->group_count + require->ignored_ok_count + require->line_count;
}

void requirements_settle(struct requirements *require, const struct end_rule *end)
{
	if (end->when == END_SUMMARY && !require->summaries)
		require->summaries = 1;
}

void requirements_tell_nothing(const struct doc_node *node, struct doc_problems *problems)
{
	doc_problem_add(problems, node->line, node->path, "nothing required",
			"a suite, or require with cases, groups, tests, summaries, banner or lines; or end.when: "
			"summary or silence");
}
