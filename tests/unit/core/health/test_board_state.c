/* SPDX-License-Identifier: Apache-2.0 */
/* The machine of board states: whatever the facts are, the way from state to state is a declared one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/health/board_state.h"

static void test_names(void **state)
{
	(void)state;
	for (int i = 0; i < BOARD_STATE_COUNT; i++) {
		enum board_state parsed = BOARD_STATE_COUNT;

		assert_true(board_state_parse(board_state_name((enum board_state)i), &parsed));
		assert_int_equal(parsed, i);
	}
	assert_string_equal(board_state_name(BOARD_STATE_COUNT), "unknown");
	assert_false(board_state_parse("idle", &(enum board_state){BOARD_FREE}));
	assert_true(board_hold_parse("retired", &(enum board_hold){BOARD_HOLD_NONE}));
	assert_false(board_hold_parse("free", &(enum board_hold){BOARD_HOLD_NONE}));
}

static void test_what_facts_mean(void **state)
{
	static const struct {
		struct board_facts facts;
		enum board_state state;
	} rows[] = {
		{{true, BOARD_WORK_NONE, BOARD_HOLD_NONE, BOARD_FREE, true}, BOARD_FREE},
		{{true, BOARD_WORK_NONE, BOARD_HOLD_NONE, BOARD_FREE, false}, BOARD_SUSPECT},
		{{true, BOARD_WORK_CHECK, BOARD_HOLD_NONE, BOARD_RUNNING, false}, BOARD_SUSPECT},
		{{true, BOARD_WORK_RUN, BOARD_HOLD_NONE, BOARD_RUNNING, true}, BOARD_RUNNING},
		{{true, BOARD_WORK_LEASE, BOARD_HOLD_NONE, BOARD_RUNNING, true}, BOARD_LEASED},
		{{true, BOARD_WORK_NONE, BOARD_HOLD_NONE, BOARD_RUNNING, true}, BOARD_RECOVERING},
		{{true, BOARD_WORK_NONE, BOARD_HOLD_NONE, BOARD_RECOVERING, false}, BOARD_RECOVERING},
		{{true, BOARD_WORK_NONE, BOARD_HOLD_NONE, BOARD_QUARANTINED, true}, BOARD_QUARANTINED},
		{{false, BOARD_WORK_RUN, BOARD_HOLD_NONE, BOARD_RUNNING, true}, BOARD_OFFLINE},
		{{false, BOARD_WORK_NONE, BOARD_HOLD_QUARANTINED, BOARD_FREE, true}, BOARD_QUARANTINED},
		{{true, BOARD_WORK_NONE, BOARD_HOLD_RETIRED, BOARD_QUARANTINED, true}, BOARD_RETIRED},
		/* what is under way ends first */
		{{true, BOARD_WORK_RUN, BOARD_HOLD_RETIRED, BOARD_RUNNING, true}, BOARD_RUNNING},
		{{true, BOARD_WORK_LEASE, BOARD_HOLD_QUARANTINED, BOARD_RUNNING, true}, BOARD_LEASED},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(board_state_of(&rows[i].facts), rows[i].state);
}

/* Only what is proven gets a run, and only what may be given out. */
static void test_nothing_goes_from_doubt_into_work(void **state)
{
	static const enum board_state doubtful[] = {BOARD_RECOVERING, BOARD_SUSPECT, BOARD_QUARANTINED, BOARD_RETIRED};

	(void)state;
	for (size_t i = 0; i < sizeof(doubtful) / sizeof(doubtful[0]); i++) {
		assert_false(board_state_may_follow(doubtful[i], BOARD_RUNNING));
		assert_false(board_state_may_follow(doubtful[i], BOARD_LEASED));
	}
	assert_false(board_state_may_follow(BOARD_QUARANTINED, BOARD_FREE));
	assert_false(board_state_may_follow(BOARD_RETIRED, BOARD_FREE));
	assert_true(board_state_may_follow(BOARD_FREE, BOARD_RUNNING));
	assert_true(board_state_may_follow(BOARD_RUNNING, BOARD_FREE));
	for (int i = 0; i < BOARD_STATE_COUNT; i++)
		assert_true(i == BOARD_OFFLINE || board_state_may_follow((enum board_state)i, BOARD_OFFLINE));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_what_facts_mean),
		cmocka_unit_test(test_nothing_goes_from_doubt_into_work),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
