/* SPDX-License-Identifier: Apache-2.0 */
/* The words for verdicts and causes, and the verdict of a job from those of its runs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/verdict/verdict.h"

static void test_names_come_back(void **state)
{
	(void)state;
	for (int i = CASE_PASS; i <= CASE_ERROR; i++) {
		enum case_verdict verdict = (enum case_verdict)99;

		assert_true(case_verdict_parse(case_verdict_name((enum case_verdict)i), &verdict));
		assert_int_equal(verdict, i);
	}
	for (int i = RUN_NONE; i <= RUN_INCONCLUSIVE; i++) {
		enum run_verdict verdict = (enum run_verdict)99;

		assert_true(run_verdict_parse(run_verdict_name((enum run_verdict)i), &verdict));
		assert_int_equal(verdict, i);
	}
	for (int i = CAUSE_NONE; i <= CAUSE_CANCELLED; i++) {
		enum cause cause = (enum cause)99;

		assert_true(cause_parse(cause_name((enum cause)i), &cause));
		assert_int_equal(cause, i);
		assert_true((cause_verdict(cause) == RUN_NONE) == (cause == CAUSE_NONE));
	}
}

static void test_unknown_names(void **state)
{
	enum case_verdict verdict = CASE_FAIL;
	enum cause cause = CAUSE_CRASH;

	(void)state;
	assert_false(case_verdict_parse("passed", &verdict));
	assert_false(cause_parse("", &cause));
	assert_int_equal(verdict, CASE_FAIL);
	assert_int_equal(cause, CAUSE_CRASH);
	assert_string_equal(cause_name((enum cause)9999), "unknown");
	assert_int_equal(cause_verdict((enum cause)9999), RUN_INFRASTRUCTURE);
}

static void test_combining(void **state)
{
	static const struct {
		enum run_verdict runs[3];
		enum run_verdict job;
	} cases[] = {
		{{RUN_PASSED, RUN_PASSED, RUN_PASSED}, RUN_PASSED},
		{{RUN_PASSED, RUN_NONE, RUN_FAILED}, RUN_NONE},
		{{RUN_PASSED, RUN_INFRASTRUCTURE, RUN_FAILED}, RUN_FAILED},
		{{RUN_CANCELLED, RUN_INFRASTRUCTURE, RUN_INCONCLUSIVE}, RUN_INFRASTRUCTURE},
		{{RUN_CANCELLED, RUN_PASSED, RUN_INCONCLUSIVE}, RUN_INCONCLUSIVE},
		{{RUN_CANCELLED, RUN_PASSED, RUN_PASSED}, RUN_CANCELLED},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(run_verdict_combine(cases[i].runs, 3), cases[i].job);
	assert_int_equal(run_verdict_combine(NULL, 0), RUN_NONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names_come_back),
		cmocka_unit_test(test_unknown_names),
		cmocka_unit_test(test_combining),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
