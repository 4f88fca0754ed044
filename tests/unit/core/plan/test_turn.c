/* SPDX-License-Identifier: Apache-2.0 */
/* Whose turn it is: priority, age, shares, guarantees, caps. */
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

static void test_nothing_waits(void **state)
{
	assert_null(yard_next(*state));
}

static void test_first_come_first_served(void **state)
{
	struct yard *yard = *state;
	struct yard_job *first = yard_submit(yard, 0, 50, 2), *second = yard_submit(yard, 0, 50, 1);
	struct plan_run *run;

	assert_ptr_equal(run = yard_next(yard), &first->run[0]);
	assert_null(yard_next(yard));
	yard_end(yard, run, MINUTE);
	assert_ptr_equal(run = yard_next(yard), &first->run[1]);
	yard_end(yard, run, MINUTE);
	assert_ptr_equal(yard_next(yard), &second->run[0]);
}

static void test_priority_within_a_band_and_over_bands(void **state)
{
	struct yard *yard = *state;
	struct yard_job *low = yard_submit(yard, 0, 41, 1), *high = yard_submit(yard, 0, 59, 1);
	struct yard_job *urgent = yard_submit(yard, 1, 60, 1);
	struct plan_run *run;

	assert_ptr_equal(run = yard_next(yard), &urgent->run[0]);
	yard_end(yard, run, MINUTE);
	assert_ptr_equal(run = yard_next(yard), &high->run[0]);
	yard_end(yard, run, MINUTE);
	assert_ptr_equal(yard_next(yard), &low->run[0]);
}

static void test_a_further_attempt_goes_before_later_runs(void **state)
{
	struct yard *yard = *state;
	struct yard_job *job = yard_submit(yard, 0, 50, 3);
	struct plan_run *run = yard_next(yard);

	yard_end(yard, run, MINUTE);
	assert_int_equal(plan_run_add(yard->plan, run, &job->ask[0], yard->now_us), 0);
	assert_ptr_equal(yard_next(yard), run);
}

static void test_a_withdrawn_run_is_not_placed(void **state)
{
	struct yard *yard = *state;
	struct yard_job *job = yard_submit(yard, 0, 50, 2);

	plan_run_withdraw(yard->plan, &job->run[0], yard->now_us);
	assert_ptr_equal(yard_next(yard), &job->run[1]);
	plan_run_end(yard->plan, &job->run[1], yard->now_us, true);
	assert_null(yard_next(yard));
	plan_ask_remove(yard->plan, &job->ask[0]);
	plan_job_remove(yard->plan, &job->job);
}

/* Who has how many of the next turns when each takes used_us of its member. */
static void count_turns(struct yard *yard, int turns, const int64_t *used_us, int *ret_count)
{
	for (int i = 0; i < turns; i++) {
		struct plan_run *run = yard_next(yard);
		int member = yard_member_of(yard, run);

		ret_count[member]++;
		yard_end(yard, run, used_us[member]);
	}
}

static void test_equal_organisations_share_board_time(void **state)
{
	struct yard *yard = *state;
	int64_t used_us[YARD_MEMBERS] = {MINUTE, 3 * MINUTE};
	int count[YARD_MEMBERS] = {0};

	(void)yard_submit(yard, 0, 50, 32);
	(void)yard_submit(yard, 1, 50, 32);
	count_turns(yard, 24, used_us, count);
	assert_in_range(count[0], 17, 19);
	assert_in_range(count[1], 5, 7);
}

static void test_weights_divide_board_time(void **state)
{
	struct yard *yard = *state;
	int64_t used_us[YARD_MEMBERS] = {MINUTE, MINUTE};
	int count[YARD_MEMBERS] = {0};

	plan_org_change(yard->plan, &yard->org[0], 300, 0, 0);
	(void)yard_submit(yard, 0, 50, 32);
	(void)yard_submit(yard, 1, 50, 32);
	count_turns(yard, 32, used_us, count);
	assert_in_range(count[0], 23, 25);
}

static void test_members_share_what_their_organisation_has(void **state)
{
	struct yard *yard = *state;
	int64_t used_us[YARD_MEMBERS] = {MINUTE, MINUTE, MINUTE, MINUTE};
	int count[YARD_MEMBERS] = {0};

	for (int i = 1; i < YARD_MEMBERS; i++)
		yard->member[i].org = &yard->org[1];
	for (int i = 0; i < YARD_MEMBERS; i++)
		(void)yard_submit(yard, i, 50, 32);
	count_turns(yard, 36, used_us, count);
	assert_in_range(count[0], 17, 19);
	for (int i = 1; i < YARD_MEMBERS; i++)
		assert_in_range(count[i], 5, 7);
}

static void test_who_was_idle_has_saved_nothing(void **state)
{
	struct yard *yard = *state;
	int64_t used_us[YARD_MEMBERS] = {MINUTE, MINUTE};
	int count[YARD_MEMBERS] = {0};

	(void)yard_submit(yard, 0, 50, 32);
	count_turns(yard, 20, used_us, count);
	(void)yard_submit(yard, 1, 50, 32);
	count[0] = 0;
	count_turns(yard, 12, used_us, count);
	assert_in_range(count[1], 5, 7);
}

static void test_what_waits_long_goes_up(void **state)
{
	struct yard *yard = *state;
	struct yard_job *patient = yard_submit(yard, 0, 0, 2);
	int64_t used_us[YARD_MEMBERS] = {MINUTE, MINUTE};
	int count[YARD_MEMBERS] = {0};

	(void)yard_submit(yard, 1, 100, 32);
	(void)yard_submit(yard, 1, 100, 32);
	count_turns(yard, 40, used_us, count);
	assert_int_equal(count[0], 0);
	count_turns(yard, 2, used_us, count);
	assert_int_equal(count[0], 1);
	assert_int_equal(patient->job.waiting, 1);
	count_turns(yard, 20, used_us, count);
	assert_int_equal(count[0], 1); /* the second begins to wait anew */
}

static void top_up(struct yard *yard, struct yard_job *job)
{
	for (int i = 0; i < job->runs; i++)
		if (!job->run[i].board && list_empty(&job->run[i].link))
			assert_int_equal(plan_run_add(yard->plan, &job->run[i], job->run[i].ask, yard->now_us), 0);
}

static struct yard_job *pinned(struct yard *yard, int member, int board, int runs)
{
	struct yard_job *job = yard_job(yard, member, 90);
	struct plan_selector selector = {.pool = &yard->pool, .board = &yard->board[board]};

	yard_runs(yard, job, yard_ask(yard, job, &selector), runs);
	return job;
}

/* Its organisation uses much of the pool elsewhere, where nobody else wants to be; it waits its turn all the same. */
static void test_what_others_of_the_organisation_use_elsewhere_starves_nobody(void **state)
{
	struct yard *yard = *state;
	struct yard_job *flood[8], *one;
	int rounds = 0;

	yard->member[2].org = &yard->org[0];
	for (int i = 1; i < 8; i++) {
		(void)yard_board(yard);
		flood[i] = pinned(yard, 2, i, 2);
	}
	flood[0] = pinned(yard, 1, 0, 2);
	while (yard_next(yard))
		continue;
	one = pinned(yard, 0, 0, 1);
	while (!one->run[0].board && ++rounds < 100) {
		yard->now_us += MINUTE;
		for (int i = 0; i < 8; i++)
			plan_run_end(yard->plan, yard->board[i].run, yard->now_us, true);
		for (int i = 0; i < 8; i++)
			top_up(yard, flood[i]);
		while (yard_next(yard))
			continue;
	}
	assert_in_range(rounds, 10, 30); /* seven boards use two windows of 60 minutes in 17 rounds */
}

static void test_a_guarantee_comes_before_shares_but_not_before_bands(void **state)
{
	struct yard *yard = *state;
	int64_t used_us[YARD_MEMBERS] = {MINUTE, MINUTE};
	int count[YARD_MEMBERS] = {0};

	plan_org_change(yard->plan, &yard->org[1], 1, 0, 1);
	(void)yard_submit(yard, 0, 50, 32);
	(void)yard_submit(yard, 1, 50, 32);
	count_turns(yard, 10, used_us, count);
	assert_int_equal(count[1], 10);
	(void)yard_submit(yard, 0, 90, 1);
	count_turns(yard, 1, used_us, count);
	assert_int_equal(count[0], 1);
}

static void test_a_cap_holds_and_leaves_boards_to_others(void **state)
{
	struct yard *yard = *state;
	struct plan_run *run[4];

	for (int i = 0; i < 3; i++)
		(void)yard_board(yard);
	plan_org_change(yard->plan, &yard->org[0], 100, 2, 0);
	(void)yard_submit(yard, 0, 90, 8);
	run[0] = yard_next(yard);
	run[1] = yard_next(yard);
	assert_null(yard_next(yard));
	(void)yard_submit(yard, 1, 10, 1);
	run[2] = yard_next(yard);
	assert_int_equal(yard_member_of(yard, run[2]), 1);
	assert_null(yard_next(yard));
	yard_end(yard, run[0], MINUTE);
	run[3] = yard_next(yard);
	assert_int_equal(yard_member_of(yard, run[3]), 0);
	assert_null(yard_next(yard));
	plan_org_change(yard->plan, &yard->org[0], 100, 0, 0);
	assert_non_null(yard_next(yard));
}

static void test_a_job_has_so_many_at_once(void **state)
{
	struct yard *yard = *state;
	struct yard_job *job = yard_job(yard, 0, 50);
	struct plan_run *run;

	(void)yard_board(yard);
	(void)yard_board(yard);
	job->job.max_parallel = 1;
	yard_runs(yard, job, yard_ask(yard, job, NULL), 2);
	yard_runs(yard, job, yard_ask(yard, job, NULL), 2);
	run = yard_next(yard);
	assert_null(yard_next(yard));
	(void)yard_submit(yard, 0, 50, 1);
	assert_ptr_not_equal(&yard_job_of(yard_next(yard))->job, &job->job);
	assert_null(yard_next(yard));
	for (int i = 0; i < 3; i++) {
		yard_end(yard, run, MINUTE);
		assert_ptr_equal(&yard_job_of(run = yard_next(yard))->job, &job->job);
		assert_null(yard_next(yard));
	}
}

static void test_a_held_job_waits_for_its_time(void **state)
{
	struct yard *yard = *state;
	struct yard_job *job = yard_submit(yard, 0, 50, 3);
	struct plan_run *run;

	plan_job_set_window(yard->plan, &job->job, MINUTE, 3 * MINUTE, yard->now_us);
	assert_null(yard_next(yard));
	assert_int_equal(plan_next_wake(yard->plan), MINUTE);
	yard->now_us = MINUTE;
	assert_non_null(run = yard_next(yard));
	assert_int_equal(plan_next_wake(yard->plan), PLAN_NEVER);
	yard_end(yard, run, 2 * MINUTE);
	assert_null(yard_next(yard));
	plan_job_set_window(yard->plan, &job->job, 0, PLAN_NEVER, yard->now_us);
	assert_non_null(run = yard_next(yard));
	plan_job_set_window(yard->plan, &job->job, PLAN_NEVER, PLAN_NEVER, yard->now_us);
	yard_end(yard, run, MINUTE);
	assert_null(yard_next(yard));
	assert_int_equal(plan_next_wake(yard->plan), PLAN_NEVER);
	plan_job_set_window(yard->plan, &job->job, yard->now_us, PLAN_NEVER, yard->now_us);
	assert_non_null(yard_next(yard));
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(test_nothing_waits),
		T(test_first_come_first_served),
		T(test_priority_within_a_band_and_over_bands),
		T(test_a_further_attempt_goes_before_later_runs),
		T(test_a_withdrawn_run_is_not_placed),
		T(test_equal_organisations_share_board_time),
		T(test_weights_divide_board_time),
		T(test_members_share_what_their_organisation_has),
		T(test_who_was_idle_has_saved_nothing),
		T(test_what_waits_long_goes_up),
		T(test_what_others_of_the_organisation_use_elsewhere_starves_nobody),
		T(test_a_guarantee_comes_before_shares_but_not_before_bands),
		T(test_a_cap_holds_and_leaves_boards_to_others),
		T(test_a_job_has_so_many_at_once),
		T(test_a_held_job_waits_for_its_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
