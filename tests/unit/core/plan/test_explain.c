/* SPDX-License-Identifier: Apache-2.0 */
/* Why not, and when. */
#include "support_yard.h"

#include <string.h>

#define TRAIT(kind, id) plan_trait(PLAN_TRAIT_##kind, id)

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

static enum plan_reason why(const struct yard *yard, const struct yard_job *job, int run,
			    const struct plan_board *board)
{
	return plan_explain(yard->plan, &job->run[run], board, yard->now_us).reason;
}

static void test_boards_that_do_not_fit(void **state)
{
	struct yard *yard = *state;
	struct plan_selector selector = {.pool = &yard->pool};
	const struct plan_org *org = &yard->org[0];
	struct plan_board *board = &yard->board[0], other = {.pool = &yard->other};
	const struct {
		uint32_t trait;
		enum plan_reason reason;
	} missing[] = {
		{TRAIT(TAG, 3), PLAN_WHY_TAG}, {TRAIT(FEATURE, 3), PLAN_WHY_FEATURE}, {TRAIT(SITE, 3), PLAN_WHY_SITE}};

	assert_int_equal(plan_fits(&selector, org, board).reason, PLAN_WHY_NONE);
	assert_int_equal(plan_fits(&selector, org, &other).reason, PLAN_WHY_TYPE);
	assert_int_equal(plan_count_boards(&selector, org), 2);
	for (int i = 0; i < 3; i++) {
		selector.traits = (struct plan_traits){.trait = {missing[i].trait}, .count = 1};
		assert_int_equal(plan_fits(&selector, org, board).reason, missing[i].reason);
		assert_int_equal(plan_fits(&selector, org, board).trait, missing[i].trait);
	}
	assert_int_equal(plan_count_boards(&selector, org), 0);
	selector = (struct plan_selector){.pool = &yard->pool, .board = &yard->board[1]};
	assert_int_equal(plan_fits(&selector, org, board).reason, PLAN_WHY_NAME);
	board->owner = &yard->org[1];
	selector.board = NULL;
	assert_int_equal(plan_fits(&selector, org, board).reason, PLAN_WHY_OWNER);
	assert_int_equal(plan_count_boards(&selector, org), 1);
}

static void test_jobs_that_may_not_go_on(void **state)
{
	struct yard *yard = *state;
	struct yard_job *job = yard_job(yard, 0, 50);
	struct plan_selector tag = {.pool = &yard->pool, .traits = {.trait = {TRAIT(TAG, 1)}, .count = 1}};

	job->job.max_parallel = 1;
	yard_runs(yard, job, yard_ask(yard, job, NULL), 2);
	yard_runs(yard, job, yard_ask(yard, job, &tag), 1);
	assert_int_equal(why(yard, job, 0, NULL), PLAN_WHY_TURN);
	assert_int_equal(why(yard, job, 2, NULL), PLAN_WHY_NO_BOARD);
	plan_job_set_window(yard->plan, &job->job, MINUTE, 2 * MINUTE, 0);
	assert_int_equal(why(yard, job, 0, NULL), PLAN_WHY_NOT_BEFORE);
	assert_int_equal(plan_explain(yard->plan, &job->run[0], NULL, 0).until_us, MINUTE);
	yard->now_us = 2 * MINUTE;
	assert_null(yard_next(yard));
	assert_int_equal(why(yard, job, 0, NULL), PLAN_WHY_WINDOW_CLOSED);
	plan_job_set_window(yard->plan, &job->job, PLAN_NEVER, PLAN_NEVER, yard->now_us);
	assert_int_equal(why(yard, job, 0, NULL), PLAN_WHY_WAITS_FOR_JOB);
	plan_job_set_window(yard->plan, &job->job, 0, PLAN_NEVER, yard->now_us);
	assert_non_null(yard_next(yard));
	assert_null(yard_next(yard));
	assert_int_equal(why(yard, job, 1, NULL), PLAN_WHY_JOB_PARALLEL);
	assert_int_equal(why(yard, job, 1, &yard->board[1]), PLAN_WHY_JOB_PARALLEL);
	plan_org_change(yard->plan, &yard->org[1], 100, 1, 0);
	job = yard_submit(yard, 1, 50, 2);
	assert_non_null(yard_next(yard));
	assert_int_equal(why(yard, job, 1, NULL), PLAN_WHY_ORG_CAP);
}

static void test_boards_that_cannot_be_had(void **state)
{
	struct yard *yard = *state;
	struct plan_board *board = &yard->board[0];
	struct yard_job *first = yard_submit(yard, 0, 50, 1), *job;
	struct plan_explanation explanation;
	static const enum plan_reason reason[] = {
		[PLAN_BOARD_OFFLINE] = PLAN_WHY_OFFLINE,   [PLAN_BOARD_RECOVERING] = PLAN_WHY_RECOVERING,
		[PLAN_BOARD_CHECKING] = PLAN_WHY_CHECKING, [PLAN_BOARD_QUARANTINED] = PLAN_WHY_QUARANTINED,
		[PLAN_BOARD_RETIRED] = PLAN_WHY_RETIRED,   [PLAN_BOARD_BUSY] = PLAN_WHY_BUSY};

	assert_non_null(yard_next(yard));
	job = yard_submit(yard, 1, 50, 3);
	explanation = plan_explain(yard->plan, &job->run[0], board, 0);
	assert_int_equal(explanation.reason, PLAN_WHY_RUNNING);
	assert_ptr_equal(explanation.run, &first->run[0]);
	assert_int_equal(explanation.until_us, 10 * MINUTE);
	for (int i = PLAN_BOARD_READY + 1; i <= PLAN_BOARD_BUSY; i++) {
		plan_board_set_state(yard->plan, &yard->board[1], (enum plan_board_state)i);
		assert_int_equal(why(yard, job, 0, &yard->board[1]), reason[i]);
	}
	plan_board_set_state(yard->plan, &yard->board[1], PLAN_BOARD_READY);
	plan_place_set_tokens(yard->plan, &yard->host[0], 1);
	assert_int_equal(why(yard, job, 0, &yard->board[1]), PLAN_WHY_HOST_FULL);
	plan_place_set_draining(yard->plan, &yard->host[0], true);
	assert_int_equal(why(yard, job, 0, &yard->board[1]), PLAN_WHY_DRAINING);
	plan_place_set_draining(yard->plan, &yard->host[0], false);
	explanation = plan_explain(yard->plan, &job->run[2], NULL, 0);
	assert_int_equal(explanation.reason, PLAN_WHY_TURN);
	assert_int_equal(explanation.before, 2);
}

static void test_hubs_gangs_and_kept_boards(void **state)
{
	struct yard *yard = *state;
	struct plan_place hub = {.parent = &yard->host[1], .tokens = 1};
	struct yard_job *first, *gang, *other;

	plan_place_add(yard->plan, &hub);
	for (int i = 2; i < 4; i++) {
		yard->board[i].pool = &yard->pool;
		yard->board[i].place = &hub;
		assert_int_equal(plan_board_add(yard->plan, &yard->board[i]), 0);
	}
	first = yard_submit(yard, 0, 50, 1);
	assert_non_null(yard_next(yard));
	gang = yard_job(yard, 1, 50);
	gang->job.is_gang = true;
	yard_runs(yard, gang, yard_ask(yard, gang, NULL), 2);
	assert_null(yard_next(yard));
	assert_int_equal(why(yard, gang, 0, NULL), PLAN_WHY_GANG);
	assert_int_equal(why(yard, gang, 1, first->run[0].board), PLAN_WHY_RUNNING);
	other = yard_submit(yard, 2, 50, 2);
	other->ask[0].limit_us = 11 * MINUTE;
	assert_null(yard_next(yard));
	assert_int_equal(why(yard, other, 0, &yard->board[1]), PLAN_WHY_KEPT);
	assert_int_equal(plan_explain(yard->plan, &other->run[0], &yard->board[1], 0).until_us, 10 * MINUTE);
	plan_run_withdraw(yard->plan, &gang->run[0], 0);
	plan_run_withdraw(yard->plan, &gang->run[1], 0);
	assert_non_null(yard_next(yard));
	plan_board_set_state(yard->plan, &yard->board[2], PLAN_BOARD_READY);
	plan_board_set_state(yard->plan, &yard->board[3], PLAN_BOARD_READY);
	assert_non_null(yard_next(yard));
	other = yard_submit(yard, 2, 50, 1);
	assert_int_equal(why(yard, other, 0, yard->board[2].run ? &yard->board[3] : &yard->board[2]),
			 PLAN_WHY_HUB_FULL);
}

static void test_words(void **state)
{
	(void)state;
	assert_string_equal(plan_reason_word(PLAN_WHY_HOST_FULL), "host-full");
	assert_string_equal(plan_reason_word(PLAN_WHY_TURN), "turn");
	for (int i = 0; i <= PLAN_WHY_TURN; i++)
		assert_true(strlen(plan_reason_text((enum plan_reason)i)) > 3);
}

static void test_when(void **state)
{
	struct yard *yard = *state;
	struct yard_job *first = yard_submit(yard, 0, 50, 5), *other;
	struct plan_eta eta;

	assert_non_null(yard_next(yard));
	assert_non_null(yard_next(yard));
	eta = plan_eta(yard->plan, &first->run[2], 0);
	assert_int_equal(eta.position, 0);
	assert_int_equal(eta.expected_us, MINUTE);
	assert_true(eta.latest_us > 20 * MINUTE && eta.latest_us < PLAN_NEVER);
	eta = plan_eta(yard->plan, &first->run[4], 0);
	assert_int_equal(eta.position, 2);
	assert_int_equal(eta.expected_us, 2 * MINUTE);
	other = yard_submit(yard, 1, 90, 1);
	assert_int_equal(plan_eta(yard->plan, &first->run[2], 0).position, 1);
	assert_int_equal(plan_eta(yard->plan, &other->run[0], 0).position, 0);
	other = yard_submit(yard, 2, 50, 8);
	assert_int_equal(plan_eta(yard->plan, &first->run[3], 0).position, 4); /* 1, 1 urgent, 2 of the other */
	plan_job_set_window(yard->plan, &other->job, MINUTE, PLAN_NEVER, 0);
	eta = plan_eta(yard->plan, &other->run[0], 0);
	assert_int_equal(eta.expected_us, PLAN_NEVER);
	assert_int_equal(eta.latest_us, PLAN_NEVER);
	for (int i = 0; i < 2; i++)
		plan_board_set_state(yard->plan, &yard->board[i], PLAN_BOARD_OFFLINE);
	eta = plan_eta(yard->plan, &first->run[3], 0);
	assert_int_equal(eta.expected_us, PLAN_NEVER);
	assert_int_equal(eta.latest_us, PLAN_NEVER);
}

static void test_from_when_to_when(void **state)
{
	struct yard *yard = *state;
	struct yard_job *first = yard_submit(yard, 0, 50, 5);
	struct plan_eta eta;

	assert_non_null(yard_next(yard));
	assert_non_null(yard_next(yard));
	eta = plan_eta(yard->plan, &first->run[4], 0);
	assert_int_equal(eta.soonest_us, eta.expected_us);
	assert_int_equal(eta.slowest_us, eta.expected_us);
	first->run[0].ask->estimate_short_us = MINUTE / 2;
	first->run[0].ask->estimate_long_us = 3 * MINUTE;
	eta = plan_eta(yard->plan, &first->run[4], 0);
	assert_int_equal(eta.soonest_us, MINUTE);
	assert_int_equal(eta.expected_us, 2 * MINUTE);
	assert_int_equal(eta.slowest_us, 6 * MINUTE);
	/* those that run have had the time of a short one already */
	eta = plan_eta(yard->plan, &first->run[2], MINUTE * 3 / 4);
	assert_int_equal(eta.soonest_us, MINUTE * 3 / 4);
	assert_int_equal(eta.slowest_us, 3 * MINUTE);
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(test_boards_that_do_not_fit),
		T(test_jobs_that_may_not_go_on),
		T(test_boards_that_cannot_be_had),
		T(test_hubs_gangs_and_kept_boards),
		T(test_words),
		T(test_when),
		T(test_from_when_to_when),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
