/* SPDX-License-Identifier: Apache-2.0 */
/* Board or firmware: the rules as a table, and that they hold over all facts there can be. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/health/origin.h"

#define NONE   ORIGIN_RUN_NONE
#define PASSED ORIGIN_RUN_PASSED
#define SAME   ORIGIN_RUN_SAME
#define OTHER  ORIGIN_RUN_OTHER

static void test_table(void **state)
{
	static const struct {
		struct origin_facts facts; /* sibling, again, golden, neighbour */
		enum origin origin;
	} rows[] = {
		{{SAME, SAME, PASSED, PASSED}, ORIGIN_FIRMWARE},
		{{SAME, NONE, NONE, NONE}, ORIGIN_FIRMWARE},
		{{SAME, PASSED, PASSED, NONE}, ORIGIN_FIRMWARE},
		{{SAME, SAME, SAME, NONE}, ORIGIN_UNKNOWN},
		{{PASSED, SAME, SAME, PASSED}, ORIGIN_BOARD},
		{{PASSED, NONE, OTHER, NONE}, ORIGIN_BOARD},
		{{PASSED, SAME, PASSED, NONE}, ORIGIN_BOARD},
		{{PASSED, SAME, SAME, SAME}, ORIGIN_RACK},
		{{PASSED, PASSED, PASSED, PASSED}, ORIGIN_INTERMITTENT},
		{{OTHER, SAME, PASSED, NONE}, ORIGIN_INTERMITTENT},
		{{OTHER, SAME, NONE, NONE}, ORIGIN_UNKNOWN},
		{{PASSED, NONE, PASSED, NONE}, ORIGIN_UNKNOWN},
		{{PASSED, OTHER, PASSED, NONE}, ORIGIN_UNKNOWN},
		{{NONE, SAME, SAME, SAME}, ORIGIN_UNKNOWN},
		{{NONE, NONE, NONE, NONE}, ORIGIN_UNKNOWN},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(origin_of(&rows[i].facts), rows[i].origin);
}

static void check_one(const struct origin_facts *facts)
{
	enum origin origin = origin_of(facts);
	bool golden_failed = facts->golden == SAME || facts->golden == OTHER;

	assert_int_not_equal(origin, ORIGIN_NONE);
	if (origin == ORIGIN_FIRMWARE)
		assert_true(facts->sibling == SAME && !golden_failed);
	if (origin == ORIGIN_BOARD || origin == ORIGIN_RACK)
		assert_true(facts->sibling == PASSED && (golden_failed || facts->again == SAME));
	if (origin == ORIGIN_RACK)
		assert_true(golden_failed && (facts->neighbour == SAME || facts->neighbour == OTHER));
	if (origin == ORIGIN_INTERMITTENT)
		assert_false(golden_failed);
}

static void test_all(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 256; i++) {
		const struct origin_facts facts = {(enum origin_run)(i & 3), (enum origin_run)(i >> 2 & 3),
						   (enum origin_run)(i >> 4 & 3), (enum origin_run)(i >> 6)};

		check_one(&facts);
	}
}

static void test_names(void **state)
{
	enum origin origin = ORIGIN_NONE;

	(void)state;
	assert_true(origin_parse("this-rack", &origin));
	assert_int_equal(origin, ORIGIN_RACK);
	assert_string_equal(origin_name(ORIGIN_FIRMWARE), "firmware");
	assert_false(origin_parse("gremlins", &origin));
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_table), cmocka_unit_test(test_all),
					   cmocka_unit_test(test_names)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
