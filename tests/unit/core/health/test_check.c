/* SPDX-License-Identifier: Apache-2.0 */
/* When a board is checked, and what follows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/health/check.h"

static const struct check_policy policy = {.after_runs = 3, .after_us = 1000, .max_failures = 3, .max_spoiled = 2};

static void test_due(void **state)
{
	const struct check_policy never = {.after_runs = 0, .after_us = 0};

	(void)state;
	assert_false(check_is_due(&policy, 2, 100, 1099));
	assert_true(check_is_due(&policy, 3, 100, 101));
	assert_true(check_is_due(&policy, 0, 100, 1100));
	assert_false(check_is_due(&policy, 0, 0, 5000)); /* what never worked is checked for that anyway */
	assert_false(check_is_due(&never, 1000, 1, INT64_MAX));
}

static void test_next(void **state)
{
	(void)state;
	assert_int_equal(check_next(&policy, CHECK_PASSED, 2, 1), CHECK_PROVEN);
	assert_int_equal(check_next(&policy, CHECK_FAILED, 1, 0), CHECK_RECOVER);
	assert_int_equal(check_next(&policy, CHECK_FAILED, 2, 9), CHECK_RECOVER);
	assert_int_equal(check_next(&policy, CHECK_FAILED, 3, 0), CHECK_GIVE_UP);
	assert_int_equal(check_next(&policy, CHECK_SPOILED, 9, 1), CHECK_AGAIN);
	assert_int_equal(check_next(&policy, CHECK_SPOILED, 0, 2), CHECK_GIVE_UP);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_due), cmocka_unit_test(test_next)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
