/* SPDX-License-Identifier: Apache-2.0 */
/* Lines that come again and again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/loop/repeats.h"

#define SECOND 1000000

static void test_a_line_is_told_once_a_minute_and_counted(void **state)
{
	struct repeats repeats = {0};
	uint64_t left_out = 99;

	(void)state;
	assert_true(repeats_tell(&repeats, "a", SECOND, &left_out));
	assert_int_equal(left_out, 0);
	for (int64_t at = 2; at < 1 + REPEATS_QUIET_S; at++)
		assert_false(repeats_tell(&repeats, "a", at * SECOND, &left_out));
	assert_true(repeats_tell(&repeats, "b", 2 * SECOND, &left_out));
	assert_int_equal(left_out, 0);
	assert_true(repeats_tell(&repeats, "a", (1 + REPEATS_QUIET_S) * SECOND, &left_out));
	assert_int_equal(left_out, REPEATS_QUIET_S - 1);
	assert_true(repeats_tell(&repeats, "a", (1 + 2 * REPEATS_QUIET_S) * SECOND, &left_out));
	assert_int_equal(left_out, 0);
}

static void test_the_line_told_longest_ago_makes_room(void **state)
{
	struct repeats repeats = {0};
	char text[16];
	uint64_t left_out;

	(void)state;
	for (int i = 0; i <= REPEATS_LINES; i++) {
		snprintf(text, sizeof(text), "%d", i);
		assert_true(repeats_tell(&repeats, text, i + 1, &left_out));
	}
	for (int i = 1; i <= REPEATS_LINES; i++) {
		snprintf(text, sizeof(text), "%d", i);
		assert_false(repeats_tell(&repeats, text, 100, &left_out));
	}
	assert_true(repeats_tell(&repeats, "0", 100, &left_out));
}

static void test_long_lines_are_told_apart_by_their_beginning(void **state)
{
	struct repeats repeats = {0};
	char one[2 * REPEATS_TEXT_MAX], other[2 * REPEATS_TEXT_MAX];
	uint64_t left_out;

	(void)state;
	memset(one, 'x', sizeof(one));
	memset(other, 'x', sizeof(other));
	one[sizeof(one) - 1] = other[sizeof(other) - 1] = '\0';
	other[sizeof(other) - 2] = 'y';
	assert_true(repeats_tell(&repeats, one, 1, &left_out));
	assert_false(repeats_tell(&repeats, one, 2, &left_out));
	assert_false(repeats_tell(&repeats, other, 3, &left_out));
	other[0] = 'y';
	assert_true(repeats_tell(&repeats, other, 4, &left_out));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_line_is_told_once_a_minute_and_counted),
		cmocka_unit_test(test_the_line_told_longest_ago_makes_room),
		cmocka_unit_test(test_long_lines_are_told_apart_by_their_beginning),
	};

	return cmocka_run_group_tests_name("loop/repeats", tests, NULL, NULL);
}
