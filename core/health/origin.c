/* SPDX-License-Identifier: Apache-2.0 */
/* The labels of failures, and the rules that give them. */
#include "core/health/origin.h"

#include <stddef.h>
#include <string.h>

static const char *const names[] = {
#define X(name, text) text,
	ORIGINS(X)
#undef X
};

#define COUNT (sizeof(names) / sizeof(names[0]))

const char *origin_name(enum origin origin)
{
	return (size_t)origin < COUNT ? names[origin] : "unknown";
}

const char *origin_text(enum origin origin)
{
	static const char *const texts[] = {
		[ORIGIN_NONE] = "nobody looked yet",
		[ORIGIN_FIRMWARE] = "another board fails the same cases, and nothing speaks against this one",
		[ORIGIN_BOARD] = "another board passes, and this one fails once more or fails the golden image",
		[ORIGIN_RACK] = "a board elsewhere passes, and boards of this rack fail the golden image",
		[ORIGIN_INTERMITTENT] = "it comes and goes, on boards that are well",
		[ORIGIN_UNKNOWN] = "further runs do not tell",
	};

	return (size_t)origin < COUNT ? texts[origin] : "";
}

bool origin_parse(const char *name, enum origin *ret_origin)
{
	for (size_t i = 0; i < COUNT; i++) {
		if (strcmp(names[i], name) == 0) {
			*ret_origin = (enum origin)i;
			return true;
		}
	}
	return false;
}

static bool failed(enum origin_run run)
{
	return run == ORIGIN_RUN_SAME || run == ORIGIN_RUN_OTHER;
}

/* A board that fails its golden image is no witness against a firmware, and one that passes it none against itself. */
enum origin origin_of(const struct origin_facts *facts)
{
	if (facts->sibling == ORIGIN_RUN_SAME)
		return failed(facts->golden) ? ORIGIN_UNKNOWN : ORIGIN_FIRMWARE;
	if (failed(facts->golden) && facts->sibling == ORIGIN_RUN_PASSED)
		return failed(facts->neighbour) ? ORIGIN_RACK : ORIGIN_BOARD;
	if (failed(facts->golden) || facts->sibling == ORIGIN_RUN_NONE)
		return ORIGIN_UNKNOWN;
	if (facts->sibling == ORIGIN_RUN_OTHER) /* another failure each time */
		return facts->golden == ORIGIN_RUN_PASSED ? ORIGIN_INTERMITTENT : ORIGIN_UNKNOWN;
	if (facts->again == ORIGIN_RUN_PASSED)
		return ORIGIN_INTERMITTENT;
	/* it fails here again and again and nowhere else, though the golden image does not show it */
	return facts->again == ORIGIN_RUN_SAME ? ORIGIN_BOARD : ORIGIN_UNKNOWN;
}
