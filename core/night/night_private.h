/* SPDX-License-Identifier: Apache-2.0 */
/* How a night is kept; private to night*.c. */
#ifndef ASSAY_NIGHT_NIGHT_PRIVATE_H
#define ASSAY_NIGHT_NIGHT_PRIVATE_H

#include "core/base/map.h"
#include "core/night/night.h"

/* One cell of the matrix. */
struct night_place {
	struct map_node node;
	char *suite, *image, *type;
	uint32_t runs, lost;            /* lost: neither passed nor failed */
	uint32_t in[NIGHT_IGNORED + 1]; /* cases by state; night_places_to_json counts them */
};

/* The values of one measurement of a case. */
struct night_values {
	char name[MEASURE_NAME_MAX];
	char unit[MEASURE_UNIT_MAX];
	double value[BASELINE_MAX_VALUES]; /* the first ones */
	size_t count;
	bool has_low, has_high;
};

struct night_case {
	struct map_node node;
	struct night_place *place;
	char *name; /* "Group.Case" */
	struct night_tally tally;
	struct night_values *values;
	size_t value_count;
};

struct night {
	struct map places, cases;
	size_t runs, lost;
};

const struct night_place *night_find_place(const struct night *night, const char *suite, const char *image,
					   const char *type);
const struct night_case *night_find_case(const struct night *night, const struct night_place *place, const char *name);
const struct night_values *night_find_values(const struct night_case *found, const char *name, const char *unit);

#endif
