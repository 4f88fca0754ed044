/* SPDX-License-Identifier: Apache-2.0 */
/* Requirements as a value: empty, copied, freed; and the patterns in them. */
#include <stdlib.h>
#include <string.h>

#include "core/base/err.h"
#include "core/spec/spec.h"

void requirements_init(struct requirements *require)
{
	*require = (struct requirements){0};
}

static void strings_free(char **strings, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(strings[i]);
	free(strings);
}

void requirements_finish(struct requirements *require)
{
	for (size_t i = 0; require->rules && i < require->case_count; i++) {
		feature_conditions_finish(&require->rules[i].when);
		free(require->rules[i].measures);
	}
	free(require->rules);
	strings_free(require->cases, require->case_count);
	strings_free(require->ignored_ok, require->ignored_ok_count);
	strings_free(require->lines, require->line_count);
	for (size_t i = 0; i < require->group_count; i++) {
		free(require->groups[i].name);
		feature_conditions_finish(&require->groups[i].when);
	}
	free(require->groups);
	feature_conditions_finish(&require->features);
	free(require->parameters);
	requirements_init(require);
}

/* On failure *ret_count says how many strings of *ret_strings are to be freed. */
static int strings_copy(char **source, size_t count, char ***ret_strings, size_t *ret_count)
{
	char **strings;

	if (count == 0)
		return 0;
	strings = calloc(count, sizeof(*strings));
	if (!strings)
		return ERR_NOMEM;
	*ret_strings = strings;
	for (size_t i = 0; i < count; i++) {
		strings[i] = strdup(source[i]);
		if (!strings[i])
			return ERR_NOMEM;
		*ret_count = i + 1;
	}
	return 0;
}

static int groups_copy(struct requirements *target, const struct requirements *source)
{
	if (source->group_count == 0)
		return 0;
	target->groups = calloc(source->group_count, sizeof(*target->groups));
	if (!target->groups)
		return ERR_NOMEM;
	for (size_t i = 0; i < source->group_count; i++) {
		target->groups[i] = source->groups[i];
		target->groups[i].when = (struct feature_conditions){0};
		target->groups[i].name = strdup(source->groups[i].name);
		if (!target->groups[i].name)
			return ERR_NOMEM;
		target->group_count = i + 1;
		if (feature_conditions_copy(&target->groups[i].when, &source->groups[i].when))
			return ERR_NOMEM;
	}
	return 0;
}

/* After the cases: there are as many rules. */
static int rules_copy(struct requirements *target, const struct requirements *source)
{
	if (!source->rules || source->case_count == 0)
		return 0;
	target->rules = calloc(source->case_count, sizeof(*target->rules));
	if (!target->rules)
		return ERR_NOMEM;
	for (size_t i = 0; i < source->case_count; i++) {
		const struct case_rule *from = &source->rules[i];
		struct case_rule *to = &target->rules[i];

		to->category = from->category;
		to->optional = from->optional;
		to->expect = from->expect;
		if (feature_conditions_copy(&to->when, &from->when))
			return ERR_NOMEM;
		if (!from->measure_count)
			continue;
		to->measures = calloc(from->measure_count, sizeof(*to->measures));
		if (!to->measures)
			return ERR_NOMEM;
		memcpy(to->measures, from->measures, from->measure_count * sizeof(*to->measures));
		to->measure_count = from->measure_count;
	}
	return 0;
}

static int parameters_copy(struct requirements *target, const struct requirements *source)
{
	if (source->parameter_count == 0)
		return 0;
	target->parameters = calloc(source->parameter_count, sizeof(*target->parameters));
	if (!target->parameters)
		return ERR_NOMEM;
	memcpy(target->parameters, source->parameters, source->parameter_count * sizeof(*target->parameters));
	target->parameter_count = source->parameter_count;
	return 0;
}

const struct case_rule *requirements_rule(const struct requirements *require, size_t index)
{
	static const struct case_rule nothing_more = {.category = CATEGORY_FUNCTIONAL};

	return require->rules ? &require->rules[index] : &nothing_more;
}

int requirements_copy(struct requirements *target, const struct requirements *source)
{
	struct requirements copy = {
		.tests = source->tests,
		.summaries = source->summaries,
		.resets = source->resets,
		.banner = source->banner,
		.ordered = source->ordered,
		.strict = source->strict,
		.stage = source->stage,
	};

	if (strings_copy(source->cases, source->case_count, &copy.cases, &copy.case_count) ||
	    strings_copy(source->ignored_ok, source->ignored_ok_count, &copy.ignored_ok, &copy.ignored_ok_count) ||
	    strings_copy(source->lines, source->line_count, &copy.lines, &copy.line_count) ||
	    groups_copy(&copy, source) || rules_copy(&copy, source) || parameters_copy(&copy, source) ||
	    feature_conditions_copy(&copy.features, &source->features)) {
		requirements_finish(&copy);
		return ERR_NOMEM;
	}
	*target = copy;
	return 0;
}

bool case_pattern_matches(const char *pattern, const char *name)
{
	size_t len = strlen(pattern);

	if (len > 0 && pattern[len - 1] == '*')
		return strncmp(pattern, name, len - 1) == 0;
	return strcmp(pattern, name) == 0;
}
