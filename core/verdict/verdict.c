/* SPDX-License-Identifier: Apache-2.0 */
/* The tables of verdicts and causes. */
#include "core/verdict/verdict.h"

#include <string.h>

static const char *const case_names[] = {
#define X(name, text) text,
	CASE_VERDICTS(X)
#undef X
};

static const char *const category_names[] = {
#define X(name, text) text,
	CASE_CATEGORIES(X)
#undef X
};

static const char *const standing_names[] = {
#define X(name, text) text,
	CASE_STANDINGS(X)
#undef X
};

static const char *const measure_names[] = {
#define X(name, text) text,
	MEASURE_VERDICTS(X)
#undef X
};

static const char *const run_names[] = {
#define X(name, text) text,
	RUN_VERDICTS(X)
#undef X
};

static const struct {
	const char *name;
	enum run_verdict verdict;
} causes[] = {
#define X(name, verdict, text) {text, RUN_##verdict},
	CAUSES(X)
#undef X
};

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

const char *case_verdict_name(enum case_verdict verdict)
{
	return (size_t)verdict < COUNT(case_names) ? case_names[verdict] : "unknown";
}

const char *case_category_name(enum case_category category)
{
	return (size_t)category < COUNT(category_names) ? category_names[category] : "unknown";
}

const char *case_standing_name(enum case_standing standing)
{
	return (size_t)standing < COUNT(standing_names) ? standing_names[standing] : "unknown";
}

const char *measure_verdict_name(enum measure_verdict verdict)
{
	return (size_t)verdict < COUNT(measure_names) ? measure_names[verdict] : "unknown";
}

const char *run_verdict_name(enum run_verdict verdict)
{
	return (size_t)verdict < COUNT(run_names) ? run_names[verdict] : "unknown";
}

const char *cause_name(enum cause cause)
{
	return (size_t)cause < COUNT(causes) ? causes[cause].name : "unknown";
}

enum run_verdict cause_verdict(enum cause cause)
{
	return (size_t)cause < COUNT(causes) ? causes[cause].verdict : RUN_INFRASTRUCTURE;
}

static bool find(const char *const names[], size_t count, const char *name, size_t *ret_index)
{
	for (size_t i = 0; i < count; i++) {
		if (strcmp(names[i], name) == 0) {
			*ret_index = i;
			return true;
		}
	}
	return false;
}

bool case_verdict_parse(const char *name, enum case_verdict *ret_verdict)
{
	size_t index;

	if (!find(case_names, COUNT(case_names), name, &index))
		return false;
	*ret_verdict = (enum case_verdict)index;
	return true;
}

bool case_category_parse(const char *name, enum case_category *ret_category)
{
	size_t index;
	bool known = find(category_names, COUNT(category_names), name, &index);

	if (known)
		*ret_category = (enum case_category)index;
	return known;
}

bool case_standing_parse(const char *name, enum case_standing *ret_standing)
{
	size_t index;
	bool known = find(standing_names, COUNT(standing_names), name, &index);

	if (known)
		*ret_standing = (enum case_standing)index;
	return known;
}

bool measure_verdict_parse(const char *name, enum measure_verdict *ret_verdict)
{
	size_t index;
	bool known = find(measure_names, COUNT(measure_names), name, &index);

	if (known)
		*ret_verdict = (enum measure_verdict)index;
	return known;
}

bool run_verdict_parse(const char *name, enum run_verdict *ret_verdict)
{
	size_t index;

	if (!find(run_names, COUNT(run_names), name, &index))
		return false;
	*ret_verdict = (enum run_verdict)index;
	return true;
}

bool cause_parse(const char *name, enum cause *ret_cause)
{
	for (size_t i = 0; i < COUNT(causes); i++) {
		if (strcmp(causes[i].name, name) == 0) {
			*ret_cause = (enum cause)i;
			return true;
		}
	}
	return false;
}

enum run_verdict run_verdict_combine(const enum run_verdict *verdicts, size_t count)
{
	static const enum run_verdict worst_first[] = {RUN_NONE,         RUN_FAILED,    RUN_INFRASTRUCTURE,
						       RUN_INCONCLUSIVE, RUN_CANCELLED, RUN_PASSED};

	for (size_t w = 0; w < COUNT(worst_first); w++) {
		for (size_t i = 0; i < count; i++) {
			if (verdicts[i] == worst_first[w])
				return worst_first[w];
		}
	}
	return RUN_NONE;
}
