/* SPDX-License-Identifier: Apache-2.0 */
/* Who runs where, held against a slow and simple plan. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/farm/plan.h"

#define BOARDS 4
#define RUNS   200

struct fixture {
	struct plan_pool pool, other;
	struct plan_board board[BOARDS];
	struct plan_run run[RUNS];
};

static struct fixture f;

static int setup(void **state)
{
	(void)state;
	memset(&f, 0, sizeof(f));
	plan_pool_init(&f.pool);
	plan_pool_init(&f.other);
	for (int i = 0; i < BOARDS; i++)
		plan_board_init(&f.board[i], &f.pool);
	for (int i = 0; i < RUNS; i++)
		list_init(&f.run[i].link);
	return 0;
}

static void wait_for(int run, int priority, int64_t order, int board)
{
	f.run[run].priority = priority;
	f.run[run].order = order;
	plan_run_wait(&f.run[run], &f.pool, board < 0 ? NULL : &f.board[board]);
}

/* The next placement is done; -1 when there is none. */
static int place(int *ret_board)
{
	struct plan_run *run;
	struct plan_board *board;

	if (!plan_next(&f.pool, &run, &board))
		return -1;
	plan_run_leave(run);
	plan_board_set_free(board, false);
	*ret_board = (int)(board - f.board);
	return (int)(run - f.run);
}

static void expect(int run, int board)
{
	int where = -1;

	assert_int_equal(place(&where), run);
	if (run >= 0 && board >= 0)
		assert_int_equal(where, board);
}

static void test_nothing_waits_or_nothing_is_free(void **state)
{
	(void)state;
	expect(-1, -1);
	plan_board_set_free(&f.board[0], true);
	expect(-1, -1);
	plan_board_set_free(&f.board[0], false);
	wait_for(0, 50, 1, -1);
	expect(-1, -1);
}

static void test_the_urgent_first_then_who_came_first(void **state)
{
	(void)state;
	wait_for(0, 50, 1, -1);
	wait_for(1, 50, 2, -1);
	wait_for(2, 100, 3, -1);
	wait_for(3, 0, 4, -1);
	wait_for(4, 64, 5, -1);
	wait_for(5, 63, 6, -1);
	for (int turn = 0; turn < 6; turn++) {
		static const int order[] = {2, 4, 5, 0, 1, 3};

		plan_board_set_free(&f.board[turn % BOARDS], true);
		expect(order[turn], turn % BOARDS);
	}
}

static void test_a_further_attempt_keeps_its_place(void **state)
{
	(void)state;
	wait_for(0, 50, 5, -1);
	wait_for(1, 50, 7, -1);
	wait_for(2, 50, 3, -1);
	wait_for(3, 50, 5, -1);
	plan_board_set_free(&f.board[0], true);
	plan_board_set_free(&f.board[1], true);
	plan_board_set_free(&f.board[2], true);
	plan_board_set_free(&f.board[3], true);
	expect(2, 0);
	expect(0, 1);
	expect(3, 2);
	expect(1, 3);
}

static void test_a_board_that_lost_it_is_avoided_when_there_is_a_choice(void **state)
{
	(void)state;
	plan_board_set_free(&f.board[0], true);
	plan_board_set_free(&f.board[1], true);
	f.run[0].avoid = &f.board[0];
	wait_for(0, 50, 1, -1);
	expect(0, 1);
	f.run[1].avoid = &f.board[0];
	wait_for(1, 50, 2, -1);
	expect(1, 0);
}

static void test_runs_for_one_board(void **state)
{
	(void)state;
	wait_for(0, 50, 1, 2);
	plan_board_set_free(&f.board[0], true);
	expect(-1, -1);
	plan_board_set_free(&f.board[2], true);
	expect(0, 2);
	/* the more urgent one gets the board, whichever queue it is in */
	plan_board_set_free(&f.board[0], false);
	wait_for(1, 50, 2, 2);
	wait_for(2, 60, 3, -1);
	plan_board_set_free(&f.board[2], true);
	expect(2, 2);
	plan_board_set_free(&f.board[2], true);
	expect(1, 2);
	assert_int_equal(f.pool.pinned, 0);
}

static void test_a_run_for_any_board_leaves_wanted_ones(void **state)
{
	(void)state;
	plan_board_set_free(&f.board[0], true);
	plan_board_set_free(&f.board[1], true);
	wait_for(0, 50, 2, 0);
	wait_for(1, 50, 1, -1);
	expect(1, 1);
	expect(0, 0);
}

static void test_a_board_changes_its_pool_with_what_waits(void **state)
{
	struct plan_run *run;
	struct plan_board *board;

	(void)state;
	wait_for(0, 50, 1, 0);
	plan_board_move(&f.board[0], &f.other);
	assert_int_equal(f.pool.pinned, 0);
	assert_int_equal(f.other.pinned, 1);
	plan_board_set_free(&f.board[0], true);
	assert_false(plan_next(&f.pool, &run, &board));
	assert_true(plan_next(&f.other, &run, &board));
	plan_run_leave(run);
	assert_int_equal(f.other.pinned, 0);
	plan_run_leave(run);
	assert_int_equal(f.other.pinned, 0);
}

/* The best by looking at everything. */
static int simple_best(const bool *waits, const int *where)
{
	int best = -1;

	for (int i = 0; i < RUNS; i++) {
		if (!waits[i] || (where[i] >= 0 && !plan_board_is_free(&f.board[where[i]])))
			continue;
		if (best < 0 || plan_before(&f.run[i], &f.run[best]))
			best = i;
	}
	return best;
}

static bool some_free(void)
{
	return !list_empty(&f.pool.free);
}

static void test_against_a_simple_plan(void **state)
{
	bool waits[RUNS] = {false};
	int where[RUNS];

	(void)state;
	srand(7);
	for (int turn = 0; turn < 20000; turn++) {
		int run = rand() % RUNS, board = rand() % BOARDS, got, expected;

		if (!waits[run] && rand() % 2) {
			where[run] = rand() % 3 ? -1 : rand() % BOARDS;
			wait_for(run, rand() % 101, turn, where[run]);
			waits[run] = true;
		} else if (waits[run] && rand() % 8 == 0) {
			plan_run_leave(&f.run[run]);
			waits[run] = false;
		}
		plan_board_set_free(&f.board[board], rand() % 2);
		expected = some_free() ? simple_best(waits, where) : -1;
		got = place(&board);
		assert_int_equal(got, expected);
		if (got >= 0) {
			assert_true(where[got] < 0 || where[got] == board);
			waits[got] = false;
		}
	}
}

static void test_the_queue_in_order(void **state)
{
	const struct plan_run *before = NULL;
	size_t count = 0;

	(void)state;
	srand(9);
	for (int i = 0; i < RUNS; i++)
		wait_for(i, rand() % 101, rand() % 50, -1);
	for (struct plan_run *run = plan_queue_first(&f.pool.waiting); run;
	     run = plan_queue_after(&f.pool.waiting, run)) {
		if (before)
			assert_false(plan_before(run, before));
		before = run;
		count++;
	}
	assert_int_equal(count, RUNS);
}

static void expect_reason(struct plan_census census, bool pinned, const char *degraded, const char *expected)
{
	char text[200];

	plan_reason(&census, pinned ? "mb1" : "microbit", pinned, degraded, text, sizeof(text));
	assert_string_equal(text, expected);
}

static void test_reasons(void **state)
{
	char tiny[12];

	(void)state;
	expect_reason((struct plan_census){0}, false, NULL, "for a board of type microbit: the farm has none");
	expect_reason((struct plan_census){.running = 2, .quarantined = 1}, false, NULL,
		      "for a board of type microbit: 2 running, 1 quarantined");
	expect_reason((struct plan_census){.offline = 1}, true, NULL, "for board mb1: offline");
	expect_reason((struct plan_census){.idle = 1}, false, "disk full", "nothing is given out: disk full");
	plan_reason(&(struct plan_census){.running = 2, .offline = 2}, "microbit", false, NULL, tiny, sizeof(tiny));
	assert_string_equal(tiny, "for a board");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_nothing_waits_or_nothing_is_free, setup),
		cmocka_unit_test_setup(test_the_urgent_first_then_who_came_first, setup),
		cmocka_unit_test_setup(test_a_further_attempt_keeps_its_place, setup),
		cmocka_unit_test_setup(test_a_board_that_lost_it_is_avoided_when_there_is_a_choice, setup),
		cmocka_unit_test_setup(test_runs_for_one_board, setup),
		cmocka_unit_test_setup(test_a_run_for_any_board_leaves_wanted_ones, setup),
		cmocka_unit_test_setup(test_a_board_changes_its_pool_with_what_waits, setup),
		cmocka_unit_test_setup(test_against_a_simple_plan, setup),
		cmocka_unit_test_setup(test_the_queue_in_order, setup),
		cmocka_unit_test_setup(test_reasons, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
