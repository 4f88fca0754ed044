/* SPDX-License-Identifier: Apache-2.0 */
/* Pre-emption: who is asked to yield, for whom, and who pays. */
#include "support_yard.h"

#include "core/plan/plan_private.h"

static int setup(void **state)
{
	static struct yard yard;

	yard_init(&yard, 2);
	*state = &yard;
	return 0;
}

static int teardown(void **state)
{
	yard_finish(*state);
	return 0;
}

static struct yard_job *nightly(struct yard *yard, int member, int priority, int runs)
{
	struct yard_job *job = yard_job(yard, member, priority);

	job->job.is_preemptible = true;
	yard_runs(yard, job, yard_ask(yard, job, NULL), runs);
	return job;
}

static void expect_yield(struct yard *yard, const struct plan_run *run)
{
	struct plan_action action = plan_next(yard->plan, yard->now_us);

	assert_int_equal(action.kind, PLAN_PREEMPT);
	assert_ptr_equal(action.run, run);
	assert_ptr_equal(action.board, run->board);
}

static void test_the_one_that_lost_least_yields_once(void **state)
{
	struct yard *yard = *state;
	struct yard_job *job = nightly(yard, 0, 10, 2), *person;
	struct plan_board *board;

	assert_ptr_equal(yard_next(yard), &job->run[0]);
	yard->now_us = MINUTE;
	assert_ptr_equal(yard_next(yard), &job->run[1]);
	person = yard_submit(yard, 1, 50, 1);
	board = job->run[1].board;
	expect_yield(yard, &job->run[1]);
	assert_null(yard_next(yard));
	plan_run_end(yard->plan, &job->run[1], yard->now_us, false);
	assert_int_equal(plan_run_add(yard->plan, &job->run[1], &job->ask[0], yard->now_us), 0);
	assert_ptr_equal(yard_next(yard), &person->run[0]);
	assert_ptr_equal(person->run[0].board, board);
	assert_null(yard_next(yard));
	yard_end(yard, &person->run[0], MINUTE);
	assert_ptr_equal(yard_next(yard), &job->run[1]);
}

static void test_only_a_lower_band_that_agreed(void **state)
{
	struct yard *yard = *state;
	struct yard_job *same = nightly(yard, 0, 50, 1), *firm = yard_submit(yard, 0, 10, 1);

	assert_ptr_equal(yard_next(yard), &same->run[0]);
	assert_ptr_equal(yard_next(yard), &firm->run[0]);
	(void)yard_submit(yard, 1, 59, 1);
	assert_null(yard_next(yard));
	(void)yard_submit(yard, 1, 60, 1);
	expect_yield(yard, &same->run[0]);
	assert_null(yard_next(yard));
}

static void test_age_preempts_nobody(void **state)
{
	struct yard *yard = *state;
	struct yard_job *job = nightly(yard, 0, 25, 2);

	assert_ptr_equal(yard_next(yard), &job->run[0]);
	assert_ptr_equal(yard_next(yard), &job->run[1]);
	(void)yard_submit(yard, 1, 20, 1);
	yard->now_us = 100 * MINUTE;
	assert_null(yard_next(yard));
	(void)yard_submit(yard, 2, 20, 1);
	assert_null(yard_next(yard));
}

static void test_another_board_that_is_free_first(void **state)
{
	struct yard *yard = *state;
	struct yard_job *job = nightly(yard, 0, 10, 1), *firm = yard_submit(yard, 0, 10, 1), *person;

	(void)yard_next(yard);
	(void)yard_next(yard);
	person = yard_submit(yard, 1, 50, 1);
	expect_yield(yard, &job->run[0]);
	yard_end(yard, &firm->run[0], MINUTE);
	assert_ptr_equal(yard_next(yard), &person->run[0]);
	plan_run_end(yard->plan, &job->run[0], yard->now_us, false);
	assert_int_equal(plan_run_add(yard->plan, &job->run[0], &job->ask[0], yard->now_us), 0);
	assert_ptr_equal(yard_next(yard), &job->run[0]);
	assert_null(yard_next(yard));
}

static void test_who_pre_empts_waits_again_when_the_board_is_lost(void **state)
{
	struct yard *yard = *state;
	struct yard_job *job = nightly(yard, 0, 10, 2), *person;

	(void)yard_next(yard);
	(void)yard_next(yard);
	person = yard_submit(yard, 1, 50, 1);
	expect_yield(yard, &job->run[1]);
	plan_board_set_state(yard->plan, job->run[1].board, PLAN_BOARD_OFFLINE);
	plan_run_end(yard->plan, &job->run[1], yard->now_us, false);
	expect_yield(yard, &job->run[0]);
	plan_run_withdraw(yard->plan, &person->run[0], yard->now_us);
	assert_int_equal(yard->org[1].kept, 0);
	plan_run_end(yard->plan, &job->run[0], yard->now_us, false);
	assert_null(yard_next(yard));
	assert_int_equal(plan_run_add(yard->plan, &job->run[0], &job->ask[0], yard->now_us), 0);
	assert_ptr_equal(yard_next(yard), &job->run[0]);
}

static void test_nobody_yields_when_a_board_is_expected_sooner(void **state)
{
	struct yard *yard = *state;
	struct yard_job *lengthy = yard_job(yard, 0, 10), *brief = yard_submit(yard, 0, 50, 1);
	struct plan_ask *ask = yard_ask(yard, lengthy, NULL);

	lengthy->job.is_preemptible = true;
	ask->estimate_us = 8 * MINUTE;
	yard_runs(yard, lengthy, ask, 1);
	assert_ptr_equal(yard_next(yard), &brief->run[0]);
	assert_ptr_equal(yard_next(yard), &lengthy->run[0]);
	yard->now_us = 40 * SECOND;
	(void)yard_submit(yard, 1, 90, 1);
	assert_null(yard_next(yard)); /* 20 s until the brief one is over; 40 s would be lost */
	assert_int_equal(plan_next_wake(yard->plan), MINUTE);
	yard->now_us = MINUTE;
	expect_yield(yard, &lengthy->run[0]); /* it is not */
}

static void test_who_yielded_once_is_spared(void **state)
{
	struct yard *yard = *state;
	struct yard_job *job = nightly(yard, 0, 10, 2);

	job->run[0].is_spared = job->run[1].is_spared = true;
	assert_non_null(yard_next(yard));
	assert_non_null(yard_next(yard));
	(void)yard_submit(yard, 1, 90, 1);
	assert_null(yard_next(yard));
}

/* Who was pre-empted stands where it stood: it goes before another that stood behind it. */
static void test_what_was_pre_empted_is_charged_to_nobody(void **state)
{
	struct yard *yard = *state;
	struct yard_job *job, *rival;
	struct plan_run *run;

	plan_board_set_state(yard->plan, &yard->board[1], PLAN_BOARD_OFFLINE);
	job = nightly(yard, 0, 10, 1);
	run = yard_next(yard);
	rival = yard_submit(yard, 2, 10, 1);
	(void)yard_submit(yard, 1, 50, 1);
	expect_yield(yard, run);
	yard->now_us = 5 * MINUTE;
	plan_run_end(yard->plan, run, yard->now_us, false);
	assert_int_equal(job->ask[0].flow->share.level[0].finish, 0);
	run = yard_next(yard);
	assert_int_equal(plan_run_add(yard->plan, &job->run[0], &job->ask[0], yard->now_us), 0);
	yard_end(yard, run, MINUTE);
	run = yard_next(yard);
	assert_ptr_equal(run, &rival->run[0]); /* a tie: it waits longer */
	yard_end(yard, run, MINUTE);
	assert_ptr_equal(yard_next(yard), &job->run[0]);
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(test_the_one_that_lost_least_yields_once),
		T(test_only_a_lower_band_that_agreed),
		T(test_age_preempts_nobody),
		T(test_another_board_that_is_free_first),
		T(test_who_pre_empts_waits_again_when_the_board_is_lost),
		T(test_nobody_yields_when_a_board_is_expected_sooner),
		T(test_who_yielded_once_is_spared),
		T(test_what_was_pre_empted_is_charged_to_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
