/* SPDX-License-Identifier: Apache-2.0 */
/* Median, spread, and what a relative limit becomes by them. */
#include <math.h>
#include <string.h>

#include "core/verdict/baseline.h"
#include "tests/unit/core/base/cmocka_all.h"

static bool about(double value, double wanted)
{
	return fabs(value - wanted) < 1e-9;
}

static void test_median_and_mad(void **state)
{
	static const double odd[] = {9, 1, 5}, even[] = {4, 1, 2, 10}, one[] = {-3};
	struct baseline baseline;

	(void)state;
	baseline_of(odd, 3, &baseline);
	assert_true(baseline.count == 3 && about(baseline.median, 5) && about(baseline.mad, 4));
	baseline_of(even, 4, &baseline);
	assert_true(about(baseline.median, 3) && about(baseline.mad, 1.5));
	baseline_of(one, 1, &baseline);
	assert_true(about(baseline.median, -3) && about(baseline.mad, 0));
	baseline_of(NULL, 0, &baseline);
	assert_true(baseline.count == 0);
}

static struct measure_limit apply(double median, double mad, size_t count, enum measure_worse worse, double by,
				  enum measure_better better)
{
	struct baseline baseline = {.count = count, .median = median, .mad = mad};
	struct measure_rule rule = {.unit = "us", .worse = worse, .worse_by = by, .better = better};
	struct measure_limit limit = {0};

	baseline_apply(&baseline, &rule, &limit);
	return limit;
}

static void test_relative_limits(void **state)
{
	struct measure_limit limit = apply(12.1, 0.2, 9, WORSE_PERCENT, 10, BETTER_LOWER);

	(void)state;
	assert_true(limit.has_worst && about(limit.worst, 13.31));
	assert_string_equal(limit.basis, "median 12.1 us, mad 0.2 of 9 accepted; 10% worse = 13.31");
	limit = apply(12.1, 0.2, 9, WORSE_MAD, 3, BETTER_HIGHER);
	assert_true(limit.has_worst && about(limit.worst, 11.5));
	assert_non_null(strstr(limit.basis, "3 mad worse = 11.5"));
	limit = apply(-10, 0, 9, WORSE_PERCENT, 10, BETTER_LOWER); /* worse is above, also below zero */
	assert_true(about(limit.worst, -9));
}

static void test_without_enough(void **state)
{
	struct measure_limit limit = apply(0, 0, 0, WORSE_PERCENT, 10, BETTER_LOWER);

	(void)state;
	assert_false(limit.has_worst);
	assert_non_null(strstr(limit.basis, "no baseline yet"));
	limit = apply(5, 0, 2, WORSE_MAD, 3, BETTER_LOWER);
	assert_false(limit.has_worst);
	assert_non_null(strstr(limit.basis, "no spread yet: 2 accepted"));
	limit = apply(5, 0, 1, WORSE_PERCENT, 10, BETTER_LOWER);
	assert_true(limit.has_worst);
	limit = apply(5, 0, 1, WORSE_NONE, 0, BETTER_LOWER);
	assert_false(limit.has_worst);
	assert_string_equal(limit.basis, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_median_and_mad),
		cmocka_unit_test(test_relative_limits),
		cmocka_unit_test(test_without_enough),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
