/* SPDX-License-Identifier: Apache-2.0 */
/* Several boards at once: all or none, kept boards and what fills them meanwhile, matching, caps. */
#include "support_yard.h"

#define TAG(id) plan_trait(PLAN_TRAIT_TAG, id)

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

static struct yard_job *gang_of(struct yard *yard, int member, int runs)
{
	struct yard_job *job = yard_job(yard, member, 50);

	job->job.is_gang = true;
	yard_runs(yard, job, yard_ask(yard, job, NULL), runs);
	return job;
}

/* The next placements are that many of the job. */
static void expect_all(struct yard *yard, const struct yard_job *job, int count)
{
	for (int i = 0; i < count; i++) {
		struct plan_run *run = yard_next(yard);

		assert_non_null(run);
		assert_ptr_equal(yard_job_of(run), job);
	}
}

static struct yard_job *limited(struct yard *yard, int member, int priority, int64_t limit_us)
{
	struct yard_job *job = yard_job(yard, member, priority);
	struct plan_ask *ask = yard_ask(yard, job, NULL);

	ask->limit_us = limit_us;
	yard_runs(yard, job, ask, 1);
	return job;
}

static void test_all_or_none(void **state)
{
	struct yard *yard = *state;
	struct yard_job *gang = gang_of(yard, 0, 3), *single;

	assert_null(yard_next(yard));
	single = yard_submit(yard, 1, 50, 1); /* nothing is kept for what cannot be had */
	expect_all(yard, single, 1);
	(void)yard_board(yard);
	assert_null(yard_next(yard)); /* two free ones and one that will be */
	yard_end(yard, &single->run[0], MINUTE);
	expect_all(yard, gang, 3);
	assert_null(yard_next(yard));
}

static void test_what_ends_in_time_fills_the_gap(void **state)
{
	struct yard *yard = *state;
	struct yard_job *first = yard_submit(yard, 1, 50, 1), *gang, *later;

	expect_all(yard, first, 1);
	gang = gang_of(yard, 0, 2);
	assert_null(yard_next(yard));
	later = limited(yard, 1, 100, 11 * MINUTE);
	assert_null(yard_next(yard));
	expect_all(yard, limited(yard, 2, 20, 10 * MINUTE), 1);
	yard_end(yard, yard->board[1].run, 9 * MINUTE);
	assert_null(yard_next(yard));
	yard_end(yard, &first->run[0], 10 * MINUTE);
	expect_all(yard, gang, 2);
	assert_null(yard_next(yard));
	yard_end(yard, &gang->run[1], MINUTE);
	expect_all(yard, later, 1);
}

static void test_parts_go_where_they_fit(void **state)
{
	struct yard *yard = *state;
	struct plan_selector tag = {.pool = &yard->pool, .traits = {.trait = {TAG(1)}, .count = 1}};
	struct yard_job *job = yard_job(yard, 0, 50);
	struct plan_ask *any, *tagged;

	yard->board[2].traits = tag.traits;
	(void)yard_board(yard);
	for (int i = 0; i < 2; i++)
		plan_board_set_state(yard->plan, &yard->board[i], PLAN_BOARD_OFFLINE);
	job->job.is_gang = true;
	any = yard_ask(yard, job, NULL);
	tagged = yard_ask(yard, job, &tag);
	yard_runs(yard, job, any, 1);
	yard_runs(yard, job, tagged, 1);
	assert_null(yard_next(yard));
	plan_board_set_state(yard->plan, &yard->board[0], PLAN_BOARD_READY);
	expect_all(yard, job, 2);
	assert_ptr_equal(job->run[0].board, &yard->board[0]);
	assert_ptr_equal(job->run[1].board, &yard->board[2]);
}

static void test_places_bear_no_more_than_they_can(void **state)
{
	struct yard *yard = *state;
	struct yard_job *gang;

	plan_place_set_tokens(yard->plan, &yard->host[0], 1);
	gang = gang_of(yard, 0, 2);
	assert_null(yard_next(yard));
	yard->board[2].pool = &yard->pool;
	yard->board[2].place = &yard->host[1];
	assert_int_equal(plan_board_add(yard->plan, &yard->board[2]), 0);
	plan_board_set_state(yard->plan, &yard->board[2], PLAN_BOARD_READY);
	expect_all(yard, gang, 2);
	assert_int_equal(yard->host[0].in_use, 1);
	assert_int_equal(yard->host[0].kept, 0);
}

/* The one board that fits is free, and its host bears no more beside another: the token that comes back is enough. */
static void test_a_token_comes_back(void **state)
{
	struct yard *yard = *state;
	struct plan_selector named = {.pool = &yard->pool, .board = &yard->board[1]};
	struct yard_job *gang;
	struct plan_run *run;

	plan_place_set_tokens(yard->plan, &yard->host[0], 1);
	(void)yard_submit(yard, 1, 50, 1);
	run = yard_next(yard);
	assert_ptr_equal(run->board, &yard->board[0]);
	yard->board[2].pool = &yard->pool;
	yard->board[2].place = &yard->host[1];
	assert_int_equal(plan_board_add(yard->plan, &yard->board[2]), 0);
	plan_board_set_state(yard->plan, &yard->board[2], PLAN_BOARD_READY);
	gang = yard_job(yard, 0, 50);
	gang->job.is_gang = true;
	yard_runs(yard, gang, yard_ask(yard, gang, NULL), 1);
	yard_runs(yard, gang, yard_ask(yard, gang, &named), 1);
	assert_null(yard_next(yard)); /* it had its turn */
	yard_end(yard, run, 1000);
	expect_all(yard, gang, 2);
}

/* It had its turn, and while it waits for a board its window closes. */
static void test_a_window_closes(void **state)
{
	struct yard *yard = *state;
	struct plan_run *run;
	struct yard_job *gang;

	(void)yard_submit(yard, 1, 50, 1);
	run = yard_next(yard);
	gang = gang_of(yard, 0, 2);
	plan_job_set_window(yard->plan, &gang->job, yard->now_us, yard->now_us + 1000, yard->now_us);
	assert_null(yard_next(yard));
	assert_non_null(yard->org[0].gang);
	yard->now_us += 1000;
	yard_end(yard, run, 1000);
	assert_null(yard_next(yard));
	plan_job_set_window(yard->plan, &gang->job, yard->now_us, PLAN_NEVER, yard->now_us);
	expect_all(yard, gang, 2);
}

/* A part must give up the only token of a place to one that fits nowhere else. */
static void test_a_part_makes_room_at_a_place(void **state)
{
	struct yard *yard = *state;
	struct plan_selector tag = {.pool = &yard->pool, .traits = {.trait = {TAG(1)}, .count = 1}};
	struct yard_job *job = yard_job(yard, 0, 50);

	yard->board[2].traits = tag.traits;
	(void)yard_board(yard);
	plan_place_set_tokens(yard->plan, &yard->host[0], 1);
	yard->board[3].pool = &yard->pool;
	yard->board[3].place = &yard->host[1];
	assert_int_equal(plan_board_add(yard->plan, &yard->board[3]), 0);
	plan_board_set_state(yard->plan, &yard->board[3], PLAN_BOARD_READY);
	job->job.is_gang = true;
	(void)yard_ask(yard, job, NULL);
	(void)yard_ask(yard, job, &tag);
	yard_runs(yard, job, &job->ask[0], 1);
	yard_runs(yard, job, &job->ask[1], 1);
	expect_all(yard, job, 2);
	assert_ptr_equal(job->run[0].board, &yard->board[3]);
	assert_ptr_equal(job->run[1].board, &yard->board[2]);
	assert_int_equal(yard->host[0].trial, 0);
}

static void test_a_lost_board_is_replaced(void **state)
{
	struct yard *yard = *state;
	struct yard_job *first = yard_submit(yard, 1, 50, 1), *gang;

	expect_all(yard, first, 1);
	gang = gang_of(yard, 0, 2);
	assert_null(yard_next(yard));
	plan_board_set_state(yard->plan, &yard->board[1], PLAN_BOARD_OFFLINE);
	yard_end(yard, &first->run[0], MINUTE);
	assert_null(yard_next(yard));
	expect_all(yard, limited(yard, 1, 10, MINUTE), 1); /* kept for nothing: there are not two */
	yard_end(yard, yard->board[0].run, MINUTE);
	(void)yard_board(yard);
	expect_all(yard, gang, 2);
}

static void test_a_board_that_is_free_earlier_will_do(void **state)
{
	struct yard *yard = *state;
	struct yard_job *first = yard_submit(yard, 1, 50, 2), *gang;

	(void)yard_board(yard);
	plan_board_set_state(yard->plan, &yard->board[2], PLAN_BOARD_OFFLINE);
	expect_all(yard, first, 2);
	gang = gang_of(yard, 0, 2);
	assert_null(yard_next(yard));
	plan_board_set_state(yard->plan, &yard->board[2], PLAN_BOARD_READY);
	assert_null(yard_next(yard));
	yard_end(yard, &first->run[1], MINUTE);
	expect_all(yard, gang, 2);
}

static void test_a_run_is_withdrawn(void **state)
{
	struct yard *yard = *state;
	struct yard_job *first = yard_submit(yard, 1, 50, 1), *gang;

	expect_all(yard, first, 1);
	gang = gang_of(yard, 0, 2);
	assert_null(yard_next(yard));
	plan_run_withdraw(yard->plan, &gang->run[0], yard->now_us);
	assert_ptr_equal(yard_next(yard), &gang->run[1]);
	assert_int_equal(yard->org[0].kept, 0);
	assert_int_equal(yard->org[0].in_use, 1);
	assert_null(yard->org[0].gang);
}

static void test_a_cap_is_left_free_for_a_gang(void **state)
{
	struct yard *yard = *state;
	struct yard_job *singles, *gang;

	(void)yard_board(yard);
	plan_org_change(yard->plan, &yard->org[0], 100, 2, 0);
	singles = yard_submit(yard, 0, 50, 2);
	expect_all(yard, singles, 2);
	gang = gang_of(yard, 0, 2);
	(void)yard_submit(yard, 0, 50, 4);
	yard_end(yard, &singles->run[0], MINUTE);
	assert_null(yard_next(yard));
	yard_end(yard, &singles->run[1], MINUTE);
	expect_all(yard, gang, 2);
	assert_null(yard_next(yard));
	yard_end(yard, &gang->run[0], MINUTE);
	assert_non_null(yard_next(yard));
	assert_null(yard_next(yard));
}

static void test_a_cap_is_not_left_free_for_what_cannot_come(void **state)
{
	struct yard *yard = *state;
	struct plan_selector tag = {.pool = &yard->pool, .traits = {.trait = {TAG(1)}, .count = 1}};
	struct yard_job *single, *gang = yard_job(yard, 0, 90), *other;

	plan_org_change(yard->plan, &yard->org[0], 100, 2, 0);
	single = yard_submit(yard, 0, 50, 1);
	expect_all(yard, single, 1);
	yard->board[2].traits = tag.traits;
	(void)yard_board(yard);
	gang->job.is_gang = true;
	yard_runs(yard, gang, yard_ask(yard, gang, &tag), 1);
	yard_runs(yard, gang, yard_ask(yard, gang, NULL), 1);
	assert_null(yard_next(yard));
	other = yard_submit(yard, 0, 50, 1);
	assert_null(yard_next(yard));
	plan_board_set_state(yard->plan, &yard->board[2], PLAN_BOARD_OFFLINE);
	expect_all(yard, other, 1);
	plan_board_set_state(yard->plan, &yard->board[2], PLAN_BOARD_READY);
	assert_null(yard_next(yard));
	yard_end(yard, &single->run[0], MINUTE);
	assert_null(yard_next(yard));
	yard_end(yard, &other->run[0], MINUTE);
	expect_all(yard, gang, 2);
}

static void test_one_that_exceeds_the_cap_stops_nobody_else(void **state)
{
	struct yard *yard = *state;
	struct yard_job *gang, *other;

	plan_org_change(yard->plan, &yard->org[0], 100, 1, 0);
	gang = gang_of(yard, 0, 2);
	other = yard_submit(yard, 1, 50, 1);
	expect_all(yard, other, 1);
	assert_null(yard_next(yard));
	plan_org_change(yard->plan, &yard->org[0], 100, 2, 0);
	yard_end(yard, &other->run[0], MINUTE);
	expect_all(yard, gang, 2);
}

static void test_gangs_one_after_the_other(void **state)
{
	struct yard *yard = *state;
	struct yard_job *first = gang_of(yard, 0, 2), *second = gang_of(yard, 0, 2), *third = gang_of(yard, 1, 2);

	expect_all(yard, first, 2);
	assert_null(yard_next(yard));
	yard_end(yard, &first->run[0], MINUTE);
	assert_null(yard_next(yard));
	yard_end(yard, &first->run[1], MINUTE);
	expect_all(yard, third, 2);
	assert_null(yard_next(yard));
	yard_end(yard, &third->run[0], MINUTE);
	yard_end(yard, &third->run[1], MINUTE);
	expect_all(yard, second, 2);
}

static void test_too_many_at_once(void **state)
{
	struct yard *yard = *state;
	struct yard_job *gang = gang_of(yard, 0, PLAN_MAX_GANG);

	assert_int_equal(plan_run_add(yard->plan, &gang->run[20], &gang->ask[0], 0), ERR_TOO_BIG);
}

static void test_a_plan_ends_with_claims(void **state)
{
	struct yard *yard = *state;

	(void)yard_submit(yard, 1, 50, 1);
	assert_non_null(yard_next(yard));
	(void)gang_of(yard, 0, 2);
	assert_null(yard_next(yard));
	assert_non_null(yard->org[0].gang);
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(test_all_or_none),
		T(test_what_ends_in_time_fills_the_gap),
		T(test_parts_go_where_they_fit),
		T(test_places_bear_no_more_than_they_can),
		T(test_a_part_makes_room_at_a_place),
		T(test_a_token_comes_back),
		T(test_a_window_closes),
		T(test_a_lost_board_is_replaced),
		T(test_a_board_that_is_free_earlier_will_do),
		T(test_a_run_is_withdrawn),
		T(test_a_cap_is_left_free_for_a_gang),
		T(test_a_cap_is_not_left_free_for_what_cannot_come),
		T(test_one_that_exceeds_the_cap_stops_nobody_else),
		T(test_gangs_one_after_the_other),
		T(test_too_many_at_once),
		T(test_a_plan_ends_with_claims),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
