/* SPDX-License-Identifier: Apache-2.0 */
/* How long runs of a kind take. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "core/farm/estimate.h"

static void test_the_median_of_the_last(void **state)
{
	struct estimates estimates;

	(void)state;
	estimates_init(&estimates);
	assert_int_equal(estimates_of(&estimates, "a").median_us, ESTIMATE_GUESS_US);
	estimates_note(&estimates, "a", 10);
	assert_int_equal(estimates_of(&estimates, "a").median_us, 10);
	estimates_note(&estimates, "a", 5000);
	estimates_note(&estimates, "a", 11);
	assert_int_equal(estimates_of(&estimates, "a").median_us, 11);
	assert_int_equal(estimates_of(&estimates, "b").median_us, ESTIMATE_GUESS_US);
	/* what is long ago does not count */
	for (int i = 0; i < ESTIMATE_LAST; i++)
		estimates_note(&estimates, "a", 100 + i);
	assert_int_equal(estimates_of(&estimates, "a").median_us, 100 + ESTIMATE_LAST / 2);
	estimates_note(&estimates, "b", -7); /* a clock that was set back */
	assert_int_equal(estimates_of(&estimates, "b").median_us, 0);
	estimates_finish(&estimates);
}

static void test_the_spread_of_the_last(void **state)
{
	struct estimates estimates;
	struct estimate estimate;

	(void)state;
	estimates_init(&estimates);
	estimate = estimates_of(&estimates, "a");
	assert_int_equal(estimate.short_us, ESTIMATE_GUESS_US);
	assert_int_equal(estimate.long_us, ESTIMATE_GUESS_US);
	estimates_note(&estimates, "a", 30);
	estimates_note(&estimates, "a", 10);
	estimate = estimates_of(&estimates, "a");
	assert_int_equal(estimate.short_us, 10);
	assert_int_equal(estimate.long_us, 30);
	/* of many the extremes do not count */
	for (int i = 0; i < ESTIMATE_LAST; i++)
		estimates_note(&estimates, "a", i == 3 ? 1 : i == 7 ? 1000000 : 100 + i);
	estimate = estimates_of(&estimates, "a");
	assert_int_equal(estimate.short_us, 100);
	assert_int_equal(estimate.long_us, 100 + ESTIMATE_LAST - 1);
	estimates_finish(&estimates);
}

static void test_there_is_an_end_to_what_is_remembered(void **state)
{
	struct estimates estimates;
	char name[32];

	(void)state;
	estimates_init(&estimates);
	estimates_note(&estimates, "first", 1);
	estimates_note(&estimates, "second", 2);
	estimates_note(&estimates, "first", 1);
	for (int i = 0; i < ESTIMATE_MAX_KINDS - 1; i++) {
		(void)snprintf(name, sizeof(name), "kind%d", i);
		estimates_note(&estimates, name, 3);
	}
	assert_int_equal(estimates.kinds.count, ESTIMATE_MAX_KINDS);
	assert_int_equal(estimates_of(&estimates, "first").median_us, 1);
	assert_int_equal(estimates_of(&estimates, "second").median_us, ESTIMATE_GUESS_US);
	estimates_finish(&estimates);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_median_of_the_last),
		cmocka_unit_test(test_the_spread_of_the_last),
		cmocka_unit_test(test_there_is_an_end_to_what_is_remembered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
