/* SPDX-License-Identifier: Apache-2.0 */
/* How often viewers are told: at once while it costs little, within the share of a core when it costs much. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/live/pace.h"

static void test_the_first_look_is_at_once(void **state)
{
	struct pace pace = {0};

	(void)state;
	assert_int_equal(pace_left_ms(&pace, 0), 0);
	assert_int_equal(pace_left_ms(&pace, 1000000), 0);
}

static void test_what_costs_little_is_told_at_once(void **state)
{
	struct pace pace = {0};

	(void)state;
	for (int64_t i = 1; i < 1000; i++) {
		pace_looked(&pace, i * PACE_MIN_MS, i * 100, 1);
		assert_int_equal(pace_left_ms(&pace, i * PACE_MIN_MS), PACE_MIN_MS);
		assert_int_equal(pace_left_ms(&pace, (i + 1) * PACE_MIN_MS), 0);
	}
}

/* A look that costs the same whatever it tells: the share is kept exactly. */
static void test_the_share_is_kept(void **state)
{
	struct pace pace = {0};
	int64_t now_ms = 0, spent_us = 0;

	(void)state;
	while (now_ms < 100000) {
		pace_looked(&pace, now_ms, spent_us, 1);
		spent_us += 10000;
		now_ms += 10;
		now_ms += (int64_t)pace_left_ms(&pace, now_ms);
	}
	assert_in_range(spent_us * 100 / (now_ms * 1000), PACE_SHARE_PERCENT - 1, PACE_SHARE_PERCENT);
}

static void test_nobody_waits_longer_than_the_most(void **state)
{
	struct pace pace = {0};

	(void)state;
	pace_looked(&pace, 0, 0, 1);
	pace_looked(&pace, 10, (int64_t)PACE_MAX_MS * 1000000, 1);
	assert_int_equal(pace_left_ms(&pace, 10), PACE_MAX_MS);
	assert_int_equal(pace_left_ms(&pace, 10 + PACE_MAX_MS - 1), 1);
	assert_int_equal(pace_left_ms(&pace, 10 + PACE_MAX_MS), 0);
	/* It cost nothing since: the next is at once again. */
	pace_looked(&pace, 10 + PACE_MAX_MS, (int64_t)PACE_MAX_MS * 1000000, 1);
	assert_int_equal(pace_left_ms(&pace, 10 + PACE_MAX_MS), PACE_MIN_MS);
}

/* However many turns a round has, it is over when people would begin to notice. */
static void test_a_round_of_many_turns_keeps_to_the_most(void **state)
{
	struct pace pace = {0};
	int64_t now_ms = 0;

	(void)state;
	for (int64_t turn = 0; turn < 32; turn++) {
		pace_looked(&pace, now_ms, turn * 1000000, 32);
		now_ms += (int64_t)pace_left_ms(&pace, now_ms);
	}
	assert_in_range(now_ms, PACE_MAX_MS - 32, PACE_MAX_MS);
	pace_looked(&pace, now_ms, 1000000000, 1000000);
	assert_int_equal(pace_left_ms(&pace, now_ms), PACE_MIN_MS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_first_look_is_at_once),
		cmocka_unit_test(test_what_costs_little_is_told_at_once),
		cmocka_unit_test(test_the_share_is_kept),
		cmocka_unit_test(test_nobody_waits_longer_than_the_most),
		cmocka_unit_test(test_a_round_of_many_turns_keeps_to_the_most),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
