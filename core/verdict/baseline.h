/* SPDX-License-Identifier: Apache-2.0 */
/* A board type's own baseline: the middle and the spread of the values that people accepted, and the numbers that
 * relative limits become by it. Pure. */
#ifndef ASSAY_VERDICT_BASELINE_H
#define ASSAY_VERDICT_BASELINE_H

#include <stdbool.h>
#include <stddef.h>

#include "core/verdict/measure.h"

#define BASELINE_MAX_VALUES 50 /* the last ones accepted count */
#define BASELINE_MIN_SPREAD 3  /* a spread of fewer values says nothing */

struct baseline {
	size_t count; /* 0: nothing was accepted yet */
	double median;
	double mad; /* median absolute deviation from the median, as it is (not scaled) */
};

/* Of at most BASELINE_MAX_VALUES values. */
void baseline_of(const double *values, size_t count, struct baseline *ret_baseline);

/* Finds the baseline of a case's measurement in its unit; false when there is none. */
typedef bool (*baseline_lookup_fn)(void *context, const char *case_name, const char *name, const char *unit,
				   struct baseline *ret_baseline);

/* Fills the limit's worst and basis by the rule. */
void baseline_apply(const struct baseline *baseline, const struct measure_rule *rule, struct measure_limit *limit);

#endif
