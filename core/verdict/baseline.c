/* SPDX-License-Identifier: Apache-2.0 */
/* Median, spread, and what a relative limit becomes by them. */
#include "core/verdict/baseline.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int by_value(const void *a, const void *b)
{
	double first = *(const double *)a, second = *(const double *)b;

	return (first > second) - (first < second);
}

/* Sorts them. */
static double middle(double *values, size_t count)
{
	qsort(values, count, sizeof *values, by_value);
	if (count % 2)
		return values[count / 2];
	return values[count / 2 - 1] + (values[count / 2] - values[count / 2 - 1]) / 2;
}

void baseline_of(const double *values, size_t count, struct baseline *ret_baseline)
{
	double sorted[BASELINE_MAX_VALUES];

	if (count > BASELINE_MAX_VALUES)
		count = BASELINE_MAX_VALUES;
	*ret_baseline = (struct baseline){.count = count};
	if (count == 0)
		return;
	memcpy(sorted, values, count * sizeof *values);
	ret_baseline->median = middle(sorted, count);
	for (size_t i = 0; i < count; i++)
		sorted[i] = fabs(values[i] - ret_baseline->median);
	ret_baseline->mad = middle(sorted, count);
}

void baseline_apply(const struct baseline *baseline, const struct measure_rule *rule, struct measure_limit *limit)
{
	double by;

	if (rule->worse == WORSE_NONE)
		return;
	if (baseline->count == 0) {
		snprintf(limit->basis, sizeof limit->basis, "no baseline yet: nothing was accepted");
		return;
	}
	if (rule->worse == WORSE_MAD && baseline->count < BASELINE_MIN_SPREAD) {
		snprintf(limit->basis, sizeof limit->basis, "no spread yet: %zu accepted, %d needed", baseline->count,
			 BASELINE_MIN_SPREAD);
		return;
	}
	by = rule->worse == WORSE_PERCENT ? fabs(baseline->median) * rule->worse_by / 100
					  : baseline->mad * rule->worse_by;
	limit->has_worst = true;
	limit->worst = rule->better == BETTER_LOWER ? baseline->median + by : baseline->median - by;
	snprintf(limit->basis, sizeof limit->basis, "median %.6g %s, mad %.6g of %zu accepted; %.6g%s worse = %.6g",
		 baseline->median, rule->unit, baseline->mad, baseline->count, rule->worse_by,
		 rule->worse == WORSE_PERCENT ? "%" : " mad", limit->worst);
}
