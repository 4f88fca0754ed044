/* SPDX-License-Identifier: Apache-2.0 */
/* Requirements as a value, and the patterns in them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/spec/spec.h"

static void test_copy(void **state)
{
	char *cases[] = {(char *)"A.one", (char *)"A.two"};
	char *patterns[] = {(char *)"A.*"};
	struct required_group groups[] = {{.name = (char *)"A", .min_cases = 2}, {.name = (char *)"B", .min_cases = 1}};
	const struct requirements source = {
		.cases = cases,
		.case_count = 2,
		.groups = groups,
		.group_count = 2,
		.ignored_ok = patterns,
		.ignored_ok_count = 1,
		.lines = patterns,
		.line_count = 1,
		.tests = 3,
		.summaries = 4,
		.resets = 5,
		.banner = true,
	};
	struct requirements copy;

	(void)state;
	assert_int_equal(requirements_copy(&copy, &source), 0);
	assert_int_equal(copy.case_count, 2);
	assert_string_equal(copy.cases[1], "A.two");
	assert_ptr_not_equal(copy.cases[1], cases[1]);
	assert_int_equal(copy.group_count, 2);
	assert_string_equal(copy.groups[1].name, "B");
	assert_int_equal(copy.groups[0].min_cases, 2);
	assert_string_equal(copy.ignored_ok[0], "A.*");
	assert_int_equal(copy.line_count, 1);
	assert_string_equal(copy.lines[0], "A.*");
	assert_ptr_not_equal(copy.lines[0], copy.ignored_ok[0]);
	assert_int_equal(copy.tests + copy.summaries + copy.resets, 12);
	assert_true(copy.banner);
	requirements_finish(&copy);
	assert_int_equal(copy.case_count, 0);
	assert_null(copy.cases);
	requirements_finish(&copy); /* twice does no harm */
}

static void test_copy_of_nothing(void **state)
{
	struct requirements source, copy;

	(void)state;
	requirements_init(&source);
	assert_int_equal(requirements_copy(&copy, &source), 0);
	assert_null(copy.cases);
	assert_false(copy.banner);
	requirements_finish(&copy);
}

static void test_patterns(void **state)
{
	(void)state;
	assert_true(case_pattern_matches("Flash.erase", "Flash.erase"));
	assert_false(case_pattern_matches("Flash.erase", "Flash.erase_all"));
	assert_false(case_pattern_matches("Flash.erase", "Flash.eras"));
	assert_true(case_pattern_matches("Flash.*", "Flash.erase"));
	assert_true(case_pattern_matches("Flash.*", "Flash."));
	assert_false(case_pattern_matches("Flash.*", "Flashy.erase"));
	assert_true(case_pattern_matches("*", "anything"));
	assert_false(case_pattern_matches("", "anything"));
	assert_true(case_pattern_matches("", ""));
	assert_false(case_pattern_matches("*.erase", "Flash.erase")); /* only a last * is one */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_copy),
		cmocka_unit_test(test_copy_of_nothing),
		cmocka_unit_test(test_patterns),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
