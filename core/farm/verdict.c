/* SPDX-License-Identifier: Apache-2.0 */
/* The tables of verdicts and causes. */
#include "core/farm/verdict.h"

#include <string.h>

static const char *const case_names[] = {
#define X(name, text) text,
	CASE_VERDICTS(X)
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
