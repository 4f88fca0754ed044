/* SPDX-License-Identifier: Apache-2.0 */
/* Boards that come back as something else, or elsewhere. */
#include "support_yard.h"

static int setup(void **state)
{
	static struct yard yard;

	yard_init(&yard, 1);
	*state = &yard;
	return 0;
}

static int teardown(void **state)
{
	yard_finish(*state);
	return 0;
}

static void move(struct yard *yard, struct plan_pool *pool, struct plan_place *place)
{
	struct plan_board *board = &yard->board[0];

	assert_int_equal(plan_board_change(yard->plan, board, pool, place, board->owner, &board->traits), 0);
}

static void test_to_another_type_and_back(void **state)
{
	struct yard *yard = *state;
	struct plan_selector named = {.pool = &yard->pool, .board = &yard->board[0]};
	struct yard_job *job = yard_job(yard, 0, 50);

	yard_runs(yard, job, yard_ask(yard, job, &named), 1);
	move(yard, &yard->other, &yard->host[0]);
	assert_null(yard_next(yard));
	assert_int_equal(plan_explain(yard->plan, &job->run[0], &yard->board[0], yard->now_us).reason, PLAN_WHY_TYPE);
	assert_int_equal(yard->pool.board_count, 0);
	assert_int_equal(yard->other.board_count, 1);
	move(yard, &yard->pool, &yard->host[0]);
	assert_ptr_equal(yard_next(yard), &job->run[0]);
	yard_end(yard, &job->run[0], MINUTE);
}

static void test_what_waits_for_the_new_type_gets_it(void **state)
{
	struct yard *yard = *state;
	struct plan_selector other = {.pool = &yard->other};
	struct yard_job *job = yard_job(yard, 0, 50);

	yard_runs(yard, job, yard_ask(yard, job, &other), 1);
	assert_null(yard_next(yard));
	move(yard, &yard->other, &yard->host[0]);
	assert_ptr_equal(yard_next(yard), &job->run[0]);
	yard_end(yard, &job->run[0], MINUTE);
}

/* Its token goes with it. */
static void test_to_another_host_while_it_runs(void **state)
{
	struct yard *yard = *state;
	struct yard_job *job = yard_submit(yard, 0, 50, 2);
	struct plan_run *run = yard_next(yard);

	assert_ptr_equal(run, &job->run[0]);
	plan_place_set_tokens(yard->plan, &yard->host[1], 1);
	move(yard, &yard->pool, &yard->host[1]);
	assert_int_equal(yard->host[0].in_use, 0);
	assert_int_equal(yard->host[1].in_use, 1);
	assert_null(yard_next(yard));
	yard_end(yard, run, MINUTE);
	assert_int_equal(yard->host[1].in_use, 0);
	run = yard_next(yard);
	assert_ptr_equal(run, &job->run[1]);
	yard_end(yard, run, MINUTE);
}

static void test_to_another_owner(void **state)
{
	struct yard *yard = *state;
	struct plan_board *board = &yard->board[0];
	struct yard_job *job = yard_submit(yard, 0, 50, 1);

	assert_int_equal(plan_board_change(yard->plan, board, board->pool, board->place, &yard->org[1], &board->traits),
			 0);
	assert_null(yard_next(yard));
	assert_int_equal(plan_board_change(yard->plan, board, board->pool, board->place, NULL, &board->traits), 0);
	assert_ptr_equal(yard_next(yard), &job->run[0]);
	yard_end(yard, &job->run[0], MINUTE);
}

static void test_too_many_traits_change_nothing(void **state)
{
	struct yard *yard = *state;
	struct plan_traits traits = {.count = PLAN_MAX_TRAITS + 1};

	assert_int_equal(plan_board_change(yard->plan, &yard->board[0], &yard->other, &yard->host[1], NULL, &traits),
			 ERR_TOO_BIG);
	assert_ptr_equal(yard->board[0].pool, &yard->pool);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_to_another_type_and_back),       TEST(test_what_waits_for_the_new_type_gets_it),
		TEST(test_to_another_host_while_it_runs),  TEST(test_to_another_owner),
		TEST(test_too_many_traits_change_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
