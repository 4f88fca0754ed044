/* SPDX-License-Identifier: Apache-2.0 */
/* Cases and groups of a `require:`, with what is asked of them beyond their names. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/spec/spec_require.h"

static const char *const categories[] = {
#define X(name, text) text,
	CASE_CATEGORIES(X)
#undef X
};

static const char *const expects[] = {"pass", "fail"};

bool spec_name_valid(const char *text, size_t len)
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

	return dot && dot > text && dot[1] && spec_name_valid(text, strlen(text));
}

bool case_pattern_valid(const char *text)
{
	size_t len = strlen(text);

	if (len == 0 || len > SPEC_CASE_MAX)
		return false;
	if (text[len - 1] != '*')
		return case_valid(text);
	return len == 1 || spec_name_valid(text, len - 1);
}

void require_append_name(struct require_reading *reading, char ***list, size_t *count, const char *text)
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

/* The rule of the last case, made when it is the first that has one. */
static struct case_rule *last_rule(struct require_reading *reading)
{
	struct requirements *require = &reading->require;

	if (!require->rules) {
		require->rules = calloc(SPEC_MAX_CASES, sizeof *require->rules);
		if (!require->rules) {
			reading->nomem = true;
			return NULL;
		}
	}
	reading->bytes += sizeof "{\"name\":,\"category\":\"performance\",\"optional\":true,\"expect\":\"fail\"}";
	return &require->rules[require->case_count - 1];
}

/* Returns whether the case was taken. */
static bool add_case(struct require_reading *reading, const struct doc_node *node, const char *name)
{
	struct requirements *require = &reading->require;
	size_t before = require->case_count;

	if (!case_valid(name) || strlen(name) > SPEC_CASE_MAX)
		doc_problem_add(reading->problems, node->line, node->path, name,
				"one case as Group.Case, at most %d bytes, without blanks or *", SPEC_CASE_MAX);
	else if (require->case_count >= SPEC_MAX_CASES)
		doc_problem_add(reading->problems, node->line, node->path, "more cases", "at most %d", SPEC_MAX_CASES);
	else
		require_append_name(reading, &require->cases, &require->case_count, name);
	return require->case_count > before;
}

/* Says of the group's case how it is named in all; false when that is too long. */
static bool add_named(struct require_reading *reading, const struct doc_node *node, const char *group, const char *text)
{
	char name[SPEC_CASE_MAX + 2];

	if (!group[0])
		return add_case(reading, node, text);
	if ((size_t)snprintf(name, sizeof name, "%s.%s", group, text) >= sizeof name) {
		doc_problem_add(reading->problems, node->line, node->path, text, "Group.Case of at most %d bytes",
				SPEC_CASE_MAX);
		return false;
	}
	return add_case(reading, node, name);
}

static void read_when(struct require_reading *reading, const struct doc_node *node,
		      struct feature_conditions *conditions)
{
	if (feature_conditions_read(node, "when", conditions, reading->problems))
		reading->nomem = true;
	for (size_t i = 0; i < conditions->count; i++)
		reading->bytes += FEATURE_NAME_MAX + conditions->item[i].value_count * (FEATURE_VALUE_MAX + 3);
}

void require_read_defaults(struct require_reading *reading, const struct doc_node *node, struct case_defaults *defaults)
{
	size_t category;

	if (doc_read_enum(node, "category", false, categories, sizeof categories / sizeof categories[0], &category,
			  reading->problems))
		defaults->category = (enum case_category)category;
	doc_read_bool(node, "optional", false, &defaults->optional, reading->problems);
	if (doc_get(node, "when"))
		defaults->when = node;
}

static void read_rule(struct require_reading *reading, const struct doc_node *node,
		      const struct case_defaults *defaults)
{
	struct case_rule *rule = last_rule(reading);
	size_t expect;

	if (!rule)
		return;
	rule->category = defaults->category;
	rule->optional = defaults->optional;
	if (defaults->when)
		read_when(reading, defaults->when, &rule->when);
	if (!node)
		return;
	if (doc_read_enum(node, "expect", false, expects, 2, &expect, reading->problems))
		rule->expect = expect ? EXPECT_FAIL : EXPECT_PASS;
	require_read_measures(reading, node, rule);
}

bool require_read_case(struct require_reading *reading, const char *group, const struct doc_node *node,
		       const struct case_defaults *group_defaults)
{
	static const char *const known[] = {"name", "category", "optional", "when", "expect", "measure", NULL};
	struct case_defaults defaults = *group_defaults;
	const char *text;

	if (node->kind != DOC_MAPPING) {
		if (!doc_node_text(node, SPEC_CASE_MAX, &text, reading->problems) ||
		    !add_named(reading, node, group, text))
			return true;
		if (defaults.category != CATEGORY_FUNCTIONAL || defaults.optional || defaults.when)
			read_rule(reading, NULL, &defaults);
		return !defaults.optional;
	}
	doc_refuse_unknown(node, known, reading->problems);
	require_read_defaults(reading, node, &defaults);
	if (doc_read_text(node, "name", true, SPEC_CASE_MAX, &text, reading->problems) &&
	    add_named(reading, doc_get(node, "name"), group, text))
		read_rule(reading, node, &defaults);
	return !defaults.optional;
}

/* --- groups --- */

static void add_group(struct require_reading *reading, const struct doc_node *node, const struct required_group *group,
		      const struct case_defaults *defaults, bool listed)
{
	struct requirements *require = &reading->require;
	struct required_group *target = &require->groups[require->group_count];

	for (size_t i = 0; i < require->group_count; i++) {
		if (strcmp(require->groups[i].name, group->name) == 0) {
			doc_problem_add(reading->problems, node->line, node->path, group->name, "each group once");
			return;
		}
	}
	*target = *group;
	target->name = strdup(group->name);
	if (!target->name) {
		reading->nomem = true;
		return;
	}
	require->group_count++;
	if (defaults->when && !listed) /* else its cases have it */
		read_when(reading, defaults->when, &target->when);
	reading->bytes += strlen(group->name) + sizeof "{\"name\":\"\",\"cases\":4096,\"category\":\"functional\"},";
}

/* `cases: [a, b]` inside a group. Returns how many of them must be seen. */
static uint32_t read_group_cases(struct require_reading *reading, const char *group, const struct doc_node *list,
				 const struct case_defaults *defaults)
{
	uint32_t required = 0;

	if (!list->count || list->count > SPEC_MAX_CASES)
		doc_problem_add(reading->problems, list->line, list->path,
				list->count ? "a longer list" : "an empty list", "1 to %d cases", SPEC_MAX_CASES);
	for (size_t i = 0; i < list->count && i < SPEC_MAX_CASES; i++)
		required += require_read_case(reading, group, list->child[i], defaults);
	return required;
}

static void read_group(struct require_reading *reading, const struct doc_node *node)
{
	static const char *const known[] = {"name", "cases", "category", "optional", "when", NULL};
	const struct doc_node *named = node, *cases = NULL;
	struct case_defaults defaults = {0};
	struct required_group group = {0};
	const char *name = NULL;
	int64_t min_cases = 1;
	bool listed;

	if (node->kind == DOC_MAPPING) {
		doc_refuse_unknown(node, known, reading->problems);
		named = doc_get(node, "name");
		cases = doc_get(node, "cases");
		require_read_defaults(reading, node, &defaults);
		if (!doc_read_text(node, "name", true, SPEC_CASE_MAX, &name, reading->problems))
			return;
	} else if (!doc_node_text(node, SPEC_CASE_MAX, &name, reading->problems)) {
		return;
	}
	if (!spec_name_valid(name, strlen(name))) {
		doc_problem_add(reading->problems, named->line, named->path, name,
				"the name of a group, without blanks or *");
		return;
	}
	listed = cases && cases->kind == DOC_SEQUENCE;
	if (listed)
		min_cases = read_group_cases(reading, name, cases, &defaults);
	else if (cases)
		doc_read_int(node, "cases", false, 1, SPEC_MAX_CASES, &min_cases, reading->problems);
	group.name = (char *)name;
	group.category = defaults.category;
	group.optional = defaults.optional || min_cases == 0;
	if (cases)
		group.min_cases = min_cases ? (uint32_t)min_cases : 1;
	add_group(reading, named, &group, &defaults, listed);
}

void require_read_groups(struct require_reading *reading, const struct doc_node *node)
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
