/* SPDX-License-Identifier: Apache-2.0 */
/* Boards from a time on: what is promised, what others may have meanwhile, and what happens when boards are lost. */
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

static struct yard_job *limited(struct yard *yard, int member, int64_t limit_us, int runs)
{
	struct yard_job *job = yard_job(yard, member, 50);
	struct plan_selector any = {.pool = &yard->pool};
	struct plan_ask *ask = &job->ask[job->asks++];

	ask->job = &job->job;
	ask->limit_us = limit_us;
	ask->estimate_us = limit_us < MINUTE ? limit_us : MINUTE;
	assert_int_equal(plan_ask_add(yard->plan, ask, &any), 0);
	yard_runs(yard, job, ask, runs);
	return job;
}

/* One run of a job without others, from then on for so long; 0 or ERR_BUSY. */
static int reserve(struct yard *yard, int member, int64_t from_us, int64_t limit_us, struct plan_run **ret_run,
		   int64_t *ret_earliest_us)
{
	struct yard_job *job = limited(yard, member, limit_us, 0);
	int rc = plan_reserve(yard->plan, &job->run[0], &job->ask[0], from_us, yard->now_us, ret_earliest_us);

	*ret_run = &job->run[0];
	return rc;
}

static struct plan_run *promised(struct yard *yard, int member, int64_t from_us, int64_t limit_us)
{
	struct plan_run *run;
	int64_t earliest_us;

	assert_int_equal(reserve(yard, member, from_us, limit_us, &run, &earliest_us), 0);
	return run;
}

static void expect_late(struct yard *yard, const struct plan_run *run)
{
	struct plan_action action = plan_next(yard->plan, yard->now_us);

	assert_int_equal(action.kind, PLAN_LATE);
	assert_ptr_equal(action.run, run);
}

static void test_it_begins_sharp_and_others_end_before(void **state)
{
	struct yard *yard = *state;
	struct plan_run *run = promised(yard, 0, 30 * MINUTE, 20 * MINUTE), *next;
	struct plan_board *board;
	struct yard_job *job;

	assert_int_equal(plan_explain(yard->plan, run, NULL, 0).reason, PLAN_WHY_NOT_BEFORE);
	assert_int_equal(plan_eta(yard->plan, run, 0).expected_us, 30 * MINUTE);
	job = limited(yard, 1, 20 * MINUTE, 3); /* two now; one would last beyond */
	assert_ptr_equal(yard_next(yard), &job->run[0]);
	assert_ptr_equal(yard_next(yard), &job->run[1]);
	yard_end(yard, &job->run[0], 15 * MINUTE);
	assert_ptr_equal(yard_next(yard), &job->run[2]); /* the other board is free in time */
	board = job->run[1].board;
	yard_end(yard, &job->run[1], 18 * MINUTE);
	job = limited(yard, 1, 20 * MINUTE, 1);
	assert_null(yard_next(yard));
	assert_int_equal(plan_explain(yard->plan, &job->run[0], board, yard->now_us).reason, PLAN_WHY_RESERVED);
	next = &limited(yard, 2, 5 * MINUTE, 1)->run[0];
	assert_ptr_equal(yard_next(yard), next); /* the gap is used */
	yard_end(yard, next, 5 * MINUTE);
	assert_null(yard_next(yard));
	assert_int_equal(plan_next_wake(yard->plan), 30 * MINUTE);
	yard->now_us = 30 * MINUTE;
	assert_ptr_equal(yard_next(yard), run);
	assert_null(yard_next(yard));
	yard_end(yard, run, 20 * MINUTE);
	assert_ptr_equal(yard_next(yard), &job->run[0]);
}

static void test_it_moves_to_a_board_that_is_free_in_time(void **state)
{
	struct yard *yard = *state;
	struct plan_run *run = promised(yard, 0, 10 * MINUTE, 10 * MINUTE);
	struct yard_job *brief = limited(yard, 1, 8 * MINUTE, 1), *lengthy = limited(yard, 2, 20 * MINUTE, 1);

	assert_null(run->board);
	assert_non_null(yard_next(yard));
	assert_non_null(yard_next(yard));
	assert_non_null(brief->run[0].board);
	assert_non_null(lengthy->run[0].board);
	assert_ptr_equal(run->reservation->board, brief->run[0].board);
	yard_end(yard, &brief->run[0], 8 * MINUTE);
	(void)limited(yard, 1, 3 * MINUTE, 1);
	assert_null(yard_next(yard));
	yard->now_us = 10 * MINUTE;
	assert_ptr_equal(yard_next(yard), run);
}

static void test_what_cannot_be_promised(void **state)
{
	struct yard *yard = *state;
	struct plan_run *run;
	struct yard_job *gang;
	int64_t earliest_us = 0;

	(void)promised(yard, 0, 30 * MINUTE, 20 * MINUTE);
	(void)promised(yard, 1, 40 * MINUTE, 20 * MINUTE);
	assert_int_equal(reserve(yard, 2, 45 * MINUTE, 10 * MINUTE, &run, &earliest_us), ERR_BUSY);
	assert_int_equal(earliest_us, 50 * MINUTE);
	(void)promised(yard, 2, 50 * MINUTE, 10 * MINUTE);
	assert_int_equal(reserve(yard, 2, -MINUTE, 10 * MINUTE, &run, &earliest_us), ERR_INVALID);
	gang = yard_job(yard, 0, 50);
	gang->job.is_gang = true;
	assert_int_equal(plan_reserve(yard->plan, &gang->run[0], yard_ask(yard, gang, NULL), MINUTE, 0, &earliest_us),
			 ERR_INVALID);
	plan_board_set_state(yard->plan, &yard->board[0], PLAN_BOARD_OFFLINE);
	plan_board_set_state(yard->plan, &yard->board[1], PLAN_BOARD_OFFLINE);
	assert_int_equal(reserve(yard, 2, 1000 * MINUTE, MINUTE, &run, &earliest_us), ERR_BUSY);
	assert_int_equal(earliest_us, PLAN_NEVER);
}

static void test_what_runs_now_ends_by_its_limit(void **state)
{
	struct yard *yard = *state;
	struct yard_job *job = limited(yard, 1, 20 * MINUTE, 2);
	struct plan_run *run;
	int64_t earliest_us = 0;

	assert_non_null(yard_next(yard));
	yard->now_us = 5 * MINUTE;
	assert_non_null(yard_next(yard));
	assert_int_equal(reserve(yard, 0, 10 * MINUTE, MINUTE, &run, &earliest_us), ERR_BUSY);
	assert_int_equal(earliest_us, 20 * MINUTE);
	run = promised(yard, 0, 20 * MINUTE, MINUTE);
	yard->now_us = 20 * MINUTE;
	expect_late(yard, run); /* it should be over */
	assert_null(yard_next(yard));
	yard->now_us = 22 * MINUTE;
	plan_run_end(yard->plan, &job->run[0], yard->now_us, true);
	assert_ptr_equal(yard_next(yard), run);
}

static void test_who_lost_its_board_has_another_in_time(void **state)
{
	struct yard *yard = *state;
	struct plan_run *run = promised(yard, 0, 15 * MINUTE, 10 * MINUTE);
	struct plan_board *lost = run->reservation->board;

	assert_null(yard_next(yard));
	plan_board_set_state(yard->plan, lost, PLAN_BOARD_OFFLINE);
	(void)limited(yard, 1, 20 * MINUTE, 1);
	assert_null(yard_next(yard)); /* the only one left is kept */
	plan_board_set_state(yard->plan, run->reservation->board, PLAN_BOARD_OFFLINE);
	yard->now_us = 15 * MINUTE;
	expect_late(yard, run);
	assert_int_equal(plan_explain(yard->plan, run, NULL, yard->now_us).reason, PLAN_WHY_LATE);
	assert_null(yard_next(yard));
	yard->now_us = 16 * MINUTE;
	plan_board_set_state(yard->plan, lost, PLAN_BOARD_READY);
	assert_ptr_equal(yard_next(yard), run);
	assert_ptr_equal(run->board, lost);
}

static void test_withdrawn_it_keeps_nothing(void **state)
{
	struct yard *yard = *state;
	struct plan_run *first = promised(yard, 0, 15 * MINUTE, 10 * MINUTE);
	struct plan_run *second = promised(yard, 0, 15 * MINUTE, 10 * MINUTE);
	struct yard_job *job = limited(yard, 1, 20 * MINUTE, 2);

	assert_null(yard_next(yard));
	plan_run_withdraw(yard->plan, first, yard->now_us);
	assert_ptr_equal(yard_next(yard), &job->run[0]);
	assert_null(yard_next(yard));
	plan_run_withdraw(yard->plan, second, yard->now_us);
	assert_ptr_equal(yard_next(yard), &job->run[1]);
	assert_int_equal(yard->pool.reserved, 0);
}

static void test_a_host_keeps_a_token(void **state)
{
	struct yard *yard = *state;
	struct yard_job *job;
	struct plan_run *run, *other;
	int64_t earliest_us = 0;

	(void)yard_board(yard);
	plan_place_set_tokens(yard->plan, &yard->host[0], 2);
	run = promised(yard, 0, 15 * MINUTE, 10 * MINUTE);
	assert_int_equal(yard->host[0].reserved, 1);
	job = limited(yard, 1, 20 * MINUTE, 2);
	assert_ptr_equal(yard_next(yard), &job->run[0]);
	assert_null(yard_next(yard)); /* there are boards, but no second token beyond the time */
	assert_int_equal(reserve(yard, 2, 15 * MINUTE, 5 * MINUTE, &other, &earliest_us), ERR_BUSY);
	assert_int_equal(earliest_us, 20 * MINUTE);
	job = limited(yard, 2, 10 * MINUTE, 1);
	assert_ptr_equal(yard_next(yard), &job->run[0]);
	yard_end(yard, &job->run[0], 10 * MINUTE);
	yard->now_us = 15 * MINUTE;
	assert_ptr_equal(yard_next(yard), run);
	assert_int_equal(yard->host[0].reserved, 0);
}

static void test_a_cap_leaves_room(void **state)
{
	struct yard *yard = *state;
	struct yard_job *job;
	struct plan_run *run;

	plan_org_change(yard->plan, &yard->org[0], 100, 1, 0);
	run = promised(yard, 0, 15 * MINUTE, 10 * MINUTE);
	job = limited(yard, 0, 20 * MINUTE, 1);
	assert_null(yard_next(yard));
	assert_int_equal(plan_explain(yard->plan, &job->run[0], NULL, yard->now_us).reason, PLAN_WHY_ORG_CAP);
	yard->now_us = 15 * MINUTE;
	assert_ptr_equal(yard_next(yard), run);
	assert_null(yard_next(yard));
	yard_end(yard, run, 10 * MINUTE);
	assert_ptr_equal(yard_next(yard), &job->run[0]);
}

static void test_a_longer_run_breaks_no_promise(void **state)
{
	struct yard *yard = *state;
	struct yard_job *job = limited(yard, 1, 10 * MINUTE, 2);
	int64_t latest_us = 0;
	struct plan_run *run;

	assert_non_null(yard_next(yard));
	assert_non_null(yard_next(yard));
	run = promised(yard, 0, 20 * MINUTE, 10 * MINUTE);
	assert_int_equal(plan_run_extend(yard->plan, &job->run[0], 30 * MINUTE, yard->now_us, &latest_us), 0);
	assert_int_equal(plan_run_extend(yard->plan, &job->run[1], 21 * MINUTE, yard->now_us, &latest_us), ERR_BUSY);
	assert_int_equal(latest_us, 20 * MINUTE);
	assert_int_equal(job->run[1].limit_us, 10 * MINUTE);
	assert_int_equal(plan_run_extend(yard->plan, &job->run[1], 20 * MINUTE, yard->now_us, &latest_us), 0);
	yard_end(yard, &job->run[1], 20 * MINUTE);
	assert_ptr_equal(yard_next(yard), run);
}

static void test_after_a_restart_it_is_promised_still(void **state)
{
	struct yard *yard = *state;
	struct yard_job *job;

	plan_board_set_state(yard->plan, &yard->board[0], PLAN_BOARD_OFFLINE);
	plan_board_set_state(yard->plan, &yard->board[1], PLAN_BOARD_OFFLINE);
	job = limited(yard, 0, 10 * MINUTE, 0);
	plan_reserve_resume(yard->plan, &job->run[0], &job->ask[0], 5 * MINUTE, yard->now_us);
	assert_null(yard_next(yard));
	plan_board_set_state(yard->plan, &yard->board[1], PLAN_BOARD_READY);
	(void)limited(yard, 1, 20 * MINUTE, 1);
	assert_null(yard_next(yard));
	yard->now_us = 5 * MINUTE;
	assert_ptr_equal(yard_next(yard), &job->run[0]);
}

static void test_a_gang_takes_no_board_that_is_promised(void **state)
{
	struct yard *yard = *state;
	struct plan_run *run = promised(yard, 0, 15 * MINUTE, 10 * MINUTE);
	struct yard_job *gang = yard_job(yard, 1, 90);

	gang->job.is_gang = true;
	yard_runs(yard, gang, yard_ask(yard, gang, NULL), 2);
	assert_null(yard_next(yard));
	yard->now_us = 15 * MINUTE;
	assert_ptr_equal(yard_next(yard), run);
	yard_end(yard, run, 10 * MINUTE);
	assert_ptr_equal(yard_job_of(yard_next(yard)), gang);
	assert_ptr_equal(yard_job_of(yard_next(yard)), gang);
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(test_it_begins_sharp_and_others_end_before),
		T(test_it_moves_to_a_board_that_is_free_in_time),
		T(test_what_cannot_be_promised),
		T(test_what_runs_now_ends_by_its_limit),
		T(test_who_lost_its_board_has_another_in_time),
		T(test_withdrawn_it_keeps_nothing),
		T(test_a_host_keeps_a_token),
		T(test_a_cap_leaves_room),
		T(test_a_longer_run_breaks_no_promise),
		T(test_after_a_restart_it_is_promised_still),
		T(test_a_gang_takes_no_board_that_is_promised),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
