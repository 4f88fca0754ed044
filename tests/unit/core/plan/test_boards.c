/* SPDX-License-Identifier: Apache-2.0 */
/* Which board: selectors, owners, places, images, wear. */
#include "support_yard.h"

#define TAG(id)  plan_trait(PLAN_TRAIT_TAG, id)
#define SITE(id) plan_trait(PLAN_TRAIT_SITE, id)

static int setup(void **state)
{
	static struct yard yard;

	yard_init(&yard, 0);
	*state = &yard;
	return 0;
}

static int teardown(void **state)
{
	yard_finish(*state);
	return 0;
}

static struct plan_board *tagged(struct yard *yard, uint32_t a, uint32_t b)
{
	struct plan_board *board = &yard->board[yard->boards];

	board->traits = (struct plan_traits){.trait = {a, b}, .count = b ? 2 : a ? 1 : 0};
	return yard_board(yard);
}

static struct yard_job *ask_for(struct yard *yard, struct plan_selector selector, int priority, int runs)
{
	struct yard_job *job = yard_job(yard, 0, priority);

	yard_runs(yard, job, yard_ask(yard, job, &selector), runs);
	return job;
}

static void test_only_boards_with_all_traits(void **state)
{
	struct yard *yard = *state;
	struct plan_selector both = {.pool = &yard->pool, .traits = {.trait = {SITE(7), TAG(1)}, .count = 2}};
	struct plan_board *fits;

	(void)tagged(yard, TAG(1), 0);
	(void)tagged(yard, SITE(7), 0);
	(void)tagged(yard, 0, 0);
	(void)ask_for(yard, both, 50, 2);
	assert_null(yard_next(yard));
	fits = tagged(yard, TAG(1), SITE(7));
	assert_ptr_equal(yard_next(yard)->board, fits);
	assert_null(yard_next(yard));
}

static void test_the_better_of_two_classes_gets_the_board_both_fit(void **state)
{
	struct yard *yard = *state;
	struct plan_selector tag = {.pool = &yard->pool, .traits = {.trait = {TAG(1)}, .count = 1}};
	struct yard_job *any = yard_submit(yard, 1, 50, 1), *urgent = ask_for(yard, tag, 90, 1);
	struct plan_run *run;

	(void)tagged(yard, TAG(1), 0);
	assert_ptr_equal(run = yard_next(yard), &urgent->run[0]);
	assert_null(yard_next(yard));
	yard_end(yard, run, MINUTE);
	assert_ptr_equal(yard_next(yard), &any->run[0]);
}

static void test_a_board_asked_for_by_name_is_spared(void **state)
{
	struct yard *yard = *state;
	struct plan_board *named = tagged(yard, 0, 0), *other = tagged(yard, 0, 0);
	struct plan_run *run;
	struct yard_job *pinned;

	pinned = ask_for(yard, (struct plan_selector){.pool = &yard->pool, .board = named}, 50, 2);
	(void)yard_submit(yard, 1, 90, 1);
	assert_ptr_equal(yard_next(yard)->board, other);
	assert_ptr_equal((run = yard_next(yard))->board, named);
	assert_null(yard_next(yard));
	yard_end(yard, run, MINUTE);
	assert_ptr_equal(yard_next(yard), &pinned->run[1]);
}

static void test_an_organisation_has_its_own_boards_to_itself(void **state)
{
	struct yard *yard = *state;
	struct plan_board *own;
	struct plan_run *run;

	yard->org[1].has_boards = true;
	yard->board[0].owner = &yard->org[1];
	own = yard_board(yard);
	(void)yard_submit(yard, 0, 90, 2);
	assert_null(yard_next(yard));
	(void)yard_submit(yard, 1, 10, 2);
	assert_ptr_equal((run = yard_next(yard))->board, own);
	assert_int_equal(yard_member_of(yard, run), 1);
	(void)yard_board(yard);
	assert_int_equal(yard_member_of(yard, yard_next(yard)), 0);
	assert_null(yard_next(yard));
}

static void test_a_run_goes_where_its_image_is(void **state)
{
	struct yard *yard = *state;
	struct yard_job *job;

	for (int i = 0; i < 3; i++)
		(void)yard_board(yard);
	plan_board_set_image(yard->plan, &yard->board[1], 77);
	plan_board_set_image(yard->plan, &yard->board[2], 78);
	job = yard_job(yard, 0, 50);
	job->ask[0].image = 77;
	yard_runs(yard, job, yard_ask(yard, job, NULL), 3);
	assert_ptr_equal(yard_next(yard)->board, &yard->board[1]);
	assert_ptr_equal(yard_next(yard)->board, &yard->board[0]);
	plan_board_set_image(yard->plan, &yard->board[2], 0);
	assert_ptr_equal(yard_next(yard)->board, &yard->board[2]);
}

static void test_an_image_is_found_among_many_boards(void **state)
{
	struct yard *yard = *state;
	struct yard_job *job;

	for (int i = 0; i < YARD_BOARDS; i++)
		(void)yard_board(yard);
	plan_board_set_image(yard->plan, &yard->board[YARD_BOARDS - 1], 77);
	job = yard_job(yard, 0, 50);
	job->ask[0].image = 77;
	yard_runs(yard, job, yard_ask(yard, job, NULL), 1);
	assert_ptr_equal(yard_next(yard)->board, &yard->board[YARD_BOARDS - 1]);
}

static void test_least_worn_then_longest_free(void **state)
{
	struct yard *yard = *state;

	for (int i = 0; i < 5; i++)
		(void)yard_board(yard);
	plan_board_set_wear(yard->plan, &yard->board[0], 1, true, false);
	plan_board_set_wear(yard->plan, &yard->board[1], 50, false, false);
	plan_board_set_wear(yard->plan, &yard->board[2], 10, false, false);
	plan_board_set_wear(yard->plan, &yard->board[3], 10, false, false);
	plan_board_set_wear(yard->plan, &yard->board[4], 0, false, true);
	(void)yard_submit(yard, 0, 50, 5);
	assert_ptr_equal(yard_next(yard)->board, &yard->board[2]);
	assert_ptr_equal(yard_next(yard)->board, &yard->board[3]);
	assert_ptr_equal(yard_next(yard)->board, &yard->board[1]);
	assert_ptr_equal(yard_next(yard)->board, &yard->board[0]);
	assert_ptr_equal(yard_next(yard)->board, &yard->board[4]);
}

static void test_the_board_to_avoid_is_the_last_choice(void **state)
{
	struct yard *yard = *state;
	struct yard_job *job = yard_job(yard, 0, 50);

	(void)yard_board(yard);
	job->run[0].avoid = job->run[1].avoid = &yard->board[0];
	yard_runs(yard, job, yard_ask(yard, job, NULL), 2);
	(void)yard_board(yard);
	assert_ptr_equal(yard_next(yard)->board, &yard->board[1]);
	assert_ptr_equal(yard_next(yard)->board, &yard->board[0]);
}

static void test_hosts_and_hubs_bear_so_many(void **state)
{
	struct yard *yard = *state;
	struct plan_place hub = {.parent = &yard->host[0], .tokens = 2};
	struct plan_run *run[3];

	plan_place_add(yard->plan, &hub);
	for (int i = 0; i < 3; i++) {
		yard->board[i].place = &hub;
		yard->board[i].pool = &yard->pool;
		assert_int_equal(plan_board_add(yard->plan, &yard->board[i]), 0);
		plan_board_set_state(yard->plan, &yard->board[i], PLAN_BOARD_READY);
	}
	yard->boards = 3;
	(void)yard_board(yard);
	(void)yard_submit(yard, 0, 50, 8);
	plan_place_set_tokens(yard->plan, &yard->host[0], 3);
	for (int i = 0; i < 3; i++)
		assert_non_null(run[i] = yard_next(yard));
	assert_null(yard_next(yard));
	plan_place_set_tokens(yard->plan, &yard->host[0], 4);
	assert_null(yard_next(yard)); /* what is free is on the hub */
	for (int i = 0; i < 3; i++) {
		if (run[i]->board->place != &hub)
			continue;
		yard_end(yard, run[i], MINUTE);
		assert_ptr_equal((run[i] = yard_next(yard))->board->place, &hub);
		assert_null(yard_next(yard));
	}
	plan_place_set_draining(yard->plan, &yard->host[0], true);
	for (int i = 0; i < 3; i++)
		yard_end(yard, run[i], MINUTE);
	assert_null(yard_next(yard));
	plan_place_set_draining(yard->plan, &yard->host[0], false);
	assert_non_null(yard_next(yard));
}

static void test_only_ready_boards_are_given(void **state)
{
	struct yard *yard = *state;
	struct plan_board *board = yard_board(yard);
	struct plan_run *run;

	for (int i = PLAN_BOARD_READY + 1; i <= PLAN_BOARD_BUSY; i++) {
		plan_board_set_state(yard->plan, board, (enum plan_board_state)i);
		if (i == PLAN_BOARD_READY + 1)
			(void)yard_submit(yard, 0, 50, 3);
		assert_null(yard_next(yard));
	}
	plan_board_set_state(yard->plan, board, PLAN_BOARD_READY);
	run = yard_next(yard);
	plan_board_set_state(yard->plan, board, PLAN_BOARD_RECOVERING);
	yard_end(yard, run, MINUTE);
	assert_null(yard_next(yard));
	plan_board_set_state(yard->plan, board, PLAN_BOARD_READY);
	assert_non_null(yard_next(yard));
}

static void test_boards_come_and_go(void **state)
{
	struct yard *yard = *state;

	(void)yard_board(yard);
	(void)yard_board(yard);
	(void)yard_submit(yard, 0, 50, 2);
	plan_board_remove(yard->plan, &yard->board[0]);
	assert_ptr_equal(yard_next(yard)->board, &yard->board[1]);
	assert_null(yard_next(yard));
	assert_int_equal(plan_board_add(yard->plan, &yard->board[0]), 0);
	assert_null(yard_next(yard));
	plan_board_set_state(yard->plan, &yard->board[0], PLAN_BOARD_READY);
	assert_ptr_equal(yard_next(yard)->board, &yard->board[0]);
}

static void test_too_many_traits(void **state)
{
	struct yard *yard = *state;
	struct plan_selector selector = {.pool = &yard->pool, .traits = {.count = PLAN_MAX_TRAITS + 1}};
	struct yard_job *job = yard_job(yard, 0, 50);
	struct plan_board board = {.pool = &yard->pool, .traits = {.count = PLAN_MAX_TRAITS + 1}};
	struct plan_ask ask = {.job = &job->job, .estimate_us = 1, .limit_us = 1};

	assert_int_equal(plan_board_add(yard->plan, &board), ERR_TOO_BIG);
	assert_int_equal(plan_ask_add(yard->plan, &ask, &selector), ERR_TOO_BIG);
	selector.traits.count = 0;
	ask.estimate_us = 2;
	assert_int_equal(plan_ask_add(yard->plan, &ask, &selector), ERR_INVALID);
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(test_only_boards_with_all_traits),
		T(test_the_better_of_two_classes_gets_the_board_both_fit),
		T(test_a_board_asked_for_by_name_is_spared),
		T(test_an_organisation_has_its_own_boards_to_itself),
		T(test_a_run_goes_where_its_image_is),
		T(test_an_image_is_found_among_many_boards),
		T(test_least_worn_then_longest_free),
		T(test_the_board_to_avoid_is_the_last_choice),
		T(test_hosts_and_hubs_bear_so_many),
		T(test_only_ready_boards_are_given),
		T(test_boards_come_and_go),
		T(test_too_many_traits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
