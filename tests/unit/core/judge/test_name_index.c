/* SPDX-License-Identifier: Apache-2.0 */
/* The index of names against a list of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "core/judge/name_index.h"

#define NAMES 5000

static void test_many_names(void **state)
{
	static char names[NAMES][16];
	struct name_index index;
	uint32_t value = 99;

	(void)state;
	name_index_init(&index);
	assert_false(name_index_get(&index, "a", &value));
	for (uint32_t i = 0; i < NAMES; i++) {
		snprintf(names[i], sizeof(names[i]), "A.case_%u", i);
		assert_int_equal(name_index_put(&index, names[i], i), 0);
	}
	assert_int_equal(index.count, NAMES);
	for (uint32_t i = 0; i < NAMES; i++) {
		assert_true(name_index_get(&index, names[i], &value));
		assert_int_equal(value, i);
	}
	assert_false(name_index_get(&index, "A.case_5000", &value));
	assert_int_equal(value, NAMES - 1);
	assert_int_equal(name_index_put(&index, "A.case_7", 70), 0); /* in place of the equal one */
	assert_int_equal(index.count, NAMES);
	assert_true(name_index_get(&index, names[7], &value));
	assert_int_equal(value, 70);
	name_index_finish(&index);
	assert_false(name_index_get(&index, names[7], &value));
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_many_names)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
