/* SPDX-License-Identifier: Apache-2.0 */
/* Runs: to their end, tried again, and cancelled. */
#include <string.h>

#include "core/base/mem.h"
#include "tests/unit/core/farm/support_farm.h"

static void test_a_run_to_its_end(void **state)
{
	struct farm_world *w = *state;

	submit_one(w);
	commit_all(w);
	assert_int_equal(tell_step(w, 1, false), 0);
	assert_int_equal(tell_step(w, 2, true), 0);
	assert_int_equal(tell_console(w, 3, 0, "hello"), 0);
	assert_int_equal(w->consoles, 1); /* at once */
	assert_int_equal(w->acks, 0);
	commit_all(w);
	assert_int_equal(w->acked_n, 3);
	assert_int_equal(tell_end(w, 4, CAUSE_ALL_REQUIRED_SEEN), 0);
	commit_all(w);
	assert_int_equal(w->acked_n, 4);
	assert_non_null(strstr(w->last_event, "\"job.finished\""));
	assert_non_null(strstr(w->last_event, "\"passed\""));
	assert_non_null(strstr(w->last_event, "1 of 1 runs passed"));
	assert_int_equal(status_count(w, "boards", "free"), 2);
	/* it is gone from memory, and late events of it are out of date */
	assert_int_equal(tell_end(w, 4, CAUSE_ALL_REQUIRED_SEEN), 0);
	assert_int_equal(w->stales, 1);
}

static void test_the_next_run_follows_in_the_same_commit(void **state)
{
	struct farm_world *w = *state;

	for (int i = 0; i < 3; i++)
		submit_one(w);
	commit_all(w);
	assert_int_equal(w->assigns, 2);
	assert_int_equal(tell_end(w, 1, CAUSE_ALL_REQUIRED_SEEN), 0);
	assert_ptr_equal(w->queue.next, w->queue.prev); /* one change */
	commit_all(w);
	assert_int_equal(w->assigns, 3);
}

static void test_repeated_events_and_gaps(void **state)
{
	struct farm_world *w = *state;
	unsigned published;

	submit_one(w);
	commit_all(w);
	assert_int_equal(tell_step(w, 2, false), ERR_PROTOCOL);
	assert_int_equal(tell_step(w, 0, false), ERR_PROTOCOL);
	assert_int_equal(tell_step(w, 1, false), 0);
	commit_all(w);
	published = w->published;
	w->acks = 0;
	assert_int_equal(tell_step(w, 1, false), 0);
	commit_all(w);
	assert_int_equal(w->published, published);
	assert_int_equal(w->acks, 1);
	assert_int_equal(tell_step(w, 3, false), ERR_PROTOCOL);
}

static void test_infrastructure_is_tried_again_elsewhere(void **state)
{
	struct farm_world *w = *state;
	char first[FARM_NAME_MAX];

	submit_one(w);
	commit_all(w);
	mem_text_into(first, sizeof(first), w->assigned_board);
	assert_int_equal(tell_end(w, 1, CAUSE_PROBE), 0);
	commit_all(w);
	assert_int_equal(w->assigns, 2);
	assert_string_not_equal(w->assigned_board, first);
	assert_int_equal(w->assigned_run, 2);
	assert_int_equal(tell_end(w, 1, CAUSE_PROBE), 0);
	commit_all(w);
	assert_int_equal(w->assigns, 2); /* retries: 1 */
	assert_non_null(strstr(w->last_event, "\"infrastructure\""));
}

static void test_a_product_failure_is_not_tried_again(void **state)
{
	struct farm_world *w = *state;

	submit_one(w);
	commit_all(w);
	assert_int_equal(tell_end(w, 1, CAUSE_CASE_FAILED), 0);
	commit_all(w);
	assert_int_equal(w->assigns, 1);
	assert_non_null(strstr(w->last_event, "\"failed\""));
	assert_non_null(strstr(w->last_event, "so it ended"));
}

static void test_an_unlikely_verdict_is_the_farms_own_problem(void **state)
{
	struct farm_world *w = *state;
	struct agent_event event = {.n = 1, .kind = AGENT_RUN_ENDED};

	submit_one(w);
	commit_all(w);
	event.run = w->assigned_run;
	event.fence = w->assigned_fence;
	event.as.ended =
		(struct agent_run_ended){.verdict = RUN_PASSED, .cause = CAUSE_HANG, .text = "", .console_sha256 = ""};
	assert_int_equal(farm_agent_event(w->farm, "rack1", &event, &w->err), 0);
	commit_all(w);
	assert_int_equal(w->assigns, 2);
}

static void test_a_run_its_agent_never_ends(void **state)
{
	struct farm_world *w = *state;

	submit_one(w);
	commit_all(w);
	assert_int_equal(tell_step(w, 1, false), 0);
	commit_all(w);
	tick_after(w, 60000 + farm_config_default.run_slack_ms);
	assert_int_equal(w->cancels, 1);
	tick_after(w, farm_config_default.cancel_grace_ms);
	assert_int_equal(w->stales, 1);
	assert_int_equal(w->stale_run, 1);
	assert_int_equal(w->assigns, 2);
}

static int cancel(struct farm_world *w, const struct principal *who, int64_t job)
{
	w->done = false;
	return farm_cancel_job(w->farm, who, job, "not needed", on_done, w, &w->err);
}

static void test_cancel(void **state)
{
	struct farm_world *w = *state;

	submit_one(w);
	commit_all(w);
	assert_int_equal(cancel(w, &bob, w->job), ERR_NOT_FOUND);
	assert_int_equal(cancel(w, &vera, w->job), ERR_DENIED);
	assert_int_equal(cancel(w, &mary, 99), ERR_NOT_FOUND);
	assert_int_equal(cancel(w, &mary, w->job), 0);
	assert_false(w->done);
	commit_all(w);
	assert_true(w->done);
	assert_int_equal(w->cancels, 1);
	assert_string_equal(w->cancel_reason, "not needed");
	assert_int_equal(tell_end(w, 1, CAUSE_CANCELLED), 0);
	commit_all(w);
	assert_non_null(strstr(w->last_event, "\"cancelled\""));
	assert_int_equal(cancel(w, &mary, w->job), ERR_NOT_FOUND);
}

static void test_a_success_won_against_a_cancel_stays(void **state)
{
	struct farm_world *w = *state;

	submit_one(w);
	commit_all(w);
	assert_int_equal(cancel(w, &mary, w->job), 0);
	assert_int_equal(tell_end(w, 1, CAUSE_ALL_REQUIRED_SEEN), 0);
	commit_all(w);
	assert_non_null(strstr(w->last_event, "\"passed\""));
}

static void test_an_assign_that_was_not_sent_is_cancelled_at_once(void **state)
{
	struct farm_world *w = *state;

	submit_one(w);
	assert_int_equal(cancel(w, &mary, 1), 0);
	commit_all(w);
	assert_int_equal(w->assigns, 0);
	assert_non_null(strstr(w->last_event, "\"job.finished\""));
	assert_int_equal(status_count(w, "boards", "free"), 2);
}

static void test_a_cancel_nobody_asked_for_is_tried_again(void **state)
{
	struct farm_world *w = *state;

	submit_one(w);
	commit_all(w);
	assert_int_equal(tell_end(w, 1, CAUSE_CANCELLED), 0); /* an agent that shuts down */
	commit_all(w);
	assert_int_equal(w->assigns, 2);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup_rack, teardown_farm)
	const struct CMUnitTest tests[] = {
		TEST(test_a_run_to_its_end),
		TEST(test_the_next_run_follows_in_the_same_commit),
		TEST(test_repeated_events_and_gaps),
		TEST(test_infrastructure_is_tried_again_elsewhere),
		TEST(test_a_product_failure_is_not_tried_again),
		TEST(test_an_unlikely_verdict_is_the_farms_own_problem),
		TEST(test_a_run_its_agent_never_ends),
		TEST(test_cancel),
		TEST(test_a_success_won_against_a_cancel_stays),
		TEST(test_an_assign_that_was_not_sent_is_cancelled_at_once),
		TEST(test_a_cancel_nobody_asked_for_is_tried_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
