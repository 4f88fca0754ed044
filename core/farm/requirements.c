/* SPDX-License-Identifier: Apache-2.0 */
/* Requirements as a value: empty, copied, freed; and the patterns in them. */
#include <stdlib.h>
#include <string.h>

#include "core/base/err.h"
#include "core/farm/spec.h"

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
	strings_free(require->cases, require->case_count);
	strings_free(require->ignored_ok, require->ignored_ok_count);
	for (size_t i = 0; i < require->group_count; i++)
		free(require->groups[i].name);
	free(require->groups);
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
		target->groups[i].min_cases = source->groups[i].min_cases;
		target->groups[i].name = strdup(source->groups[i].name);
		if (!target->groups[i].name)
			return ERR_NOMEM;
		target->group_count = i + 1;
	}
	return 0;
}

int requirements_copy(struct requirements *target, const struct requirements *source)
{
	struct requirements copy = {
		.tests = source->tests,
		.summaries = source->summaries,
		.resets = source->resets,
		.banner = source->banner,
	};

	if (strings_copy(source->cases, source->case_count, &copy.cases, &copy.case_count) ||
	    strings_copy(source->ignored_ok, source->ignored_ok_count, &copy.ignored_ok, &copy.ignored_ok_count) ||
	    groups_copy(&copy, source)) {
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
