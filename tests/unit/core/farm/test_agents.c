/* SPDX-License-Identifier: Apache-2.0 */
/* Agents: that stay away, come back without what they had, and say no. */
#include <string.h>

#include "tests/unit/core/farm/support_farm.h"

static void test_an_agent_that_stays_away(void **state)
{
	struct farm_world *w = *state;
	struct agent_held_run held;

	submit_one(w);
	commit_all(w);
	held = (struct agent_held_run){w->assigned_run, w->assigned_fence, 3, false};
	assert_int_equal(tell_step(w, 1, false), 0);
	farm_agent_gone(w->farm, "rack1");
	commit_all(w);
	assert_int_equal(status_count(w, "boards", "offline"), 2);
	tick_after(w, farm_config_default.agent_grace_ms);
	assert_int_equal(status_count(w, "runs", "queued"), 1); /* the further attempt */
	/* it comes back too late */
	assert_int_equal(say_hello(w, "rack1", &held, 1, NULL), 0);
	assert_false(w->known[0].known);
	commit_all(w);
	assert_int_equal(w->assigns, 2);
	assert_true(w->assigned_fence > held.fence || strcmp(w->assigned_board, "mb1") != 0);
}

static void test_an_agent_that_comes_back_in_time(void **state)
{
	struct farm_world *w = *state;
	struct agent_held_run held;

	submit_one(w);
	commit_all(w);
	assert_int_equal(tell_step(w, 1, false), 0);
	commit_all(w);
	assert_int_equal(tell_step(w, 2, true), 0); /* not durable yet */
	farm_agent_gone(w->farm, "rack1");
	held = (struct agent_held_run){w->assigned_run, w->assigned_fence, 4, true};
	assert_int_equal(say_hello(w, "rack1", &held, 1, NULL), 0);
	assert_true(w->known[0].known);
	assert_int_equal(w->known[0].have, 1);
	assert_false(w->known[0].cancel);
	assert_int_equal(tell_step(w, 2, true), 0);
	assert_int_equal(tell_step(w, 3, false), 0);
	assert_int_equal(tell_end(w, 4, CAUSE_ALL_REQUIRED_SEEN), 0);
	commit_all(w);
	assert_non_null(strstr(w->last_event, "\"passed\""));
	assert_int_equal(w->assigns, 1);
}

static void lose_a_part(struct farm_world *w, int64_t last)
{
	struct agent_held_run held;

	submit_one(w);
	commit_all(w);
	held = (struct agent_held_run){w->assigned_run, w->assigned_fence, last, true};
	assert_int_equal(tell_step(w, 1, false), 0);
	assert_int_equal(tell_step(w, 2, true), 0);
	assert_int_equal(tell_step(w, 3, false), 0);
	commit_all(w);
	farm_agent_gone(w->farm, "rack1");
	assert_int_equal(say_hello(w, "rack1", &held, 1, NULL), 0);
	assert_false(w->known[0].known);
	commit_all(w);
	assert_int_equal(w->assigns, 2); /* the further attempt */
	assert_int_not_equal(w->assigned_run, held.run);
}

/* Its host lost power before the end of its spool was on the disk: what it tells next has numbers that are taken. */
static void test_an_agent_that_lost_a_part_of_its_record(void **state)
{
	lose_a_part(*state, 2);
}

/* As many as it lost it has written anew: the end of a run that was cut off has the number of another event. */
static void test_an_agent_that_ended_a_run_under_a_taken_number(void **state)
{
	lose_a_part(*state, 3);
}

static void test_an_agent_that_lost_its_run(void **state)
{
	struct farm_world *w = *state;

	submit_one(w);
	commit_all(w);
	assert_int_equal(tell_step(w, 1, false), 0);
	commit_all(w);
	farm_agent_gone(w->farm, "rack1");
	assert_int_equal(say_hello(w, "rack1", NULL, 0, NULL), 0);
	commit_all(w);
	assert_int_equal(w->assigns, 2); /* at once, without waiting for the grace */
}

static void test_an_assign_that_never_arrived_is_sent_again(void **state)
{
	struct farm_world *w = *state;
	int64_t run, fence;

	submit_one(w);
	commit_all(w);
	run = w->assigned_run;
	fence = w->assigned_fence;
	farm_agent_gone(w->farm, "rack1");
	assert_int_equal(say_hello(w, "rack1", NULL, 0, NULL), 0);
	commit_all(w);
	assert_int_equal(w->assigns, 2);
	assert_int_equal(w->assigned_run, run);
	assert_int_equal(w->assigned_fence, fence);
}

static void reject(struct farm_world *w, enum agent_rejection reason)
{
	assert_int_equal(farm_agent_rejected(w->farm, "rack1", w->assigned_run, w->assigned_fence, reason, &w->err), 0);
	commit_all(w);
}

static void test_rejections(void **state)
{
	struct farm_world *w = *state;

	submit_one(w);
	commit_all(w);
	/* busy: goes to the other board; both busy: waits, and asks again */
	reject(w, AGENT_REJECT_BUSY);
	assert_int_equal(w->assigns, 2);
	reject(w, AGENT_REJECT_BUSY);
	assert_int_equal(w->assigns, 2);
	assert_int_equal(status_count(w, "runs", "queued"), 1);
	tick_after(w, 1001);
	assert_int_equal(w->assigns, 3);
	/* an old fence: a larger one each time, and an end to it */
	for (int i = 0; i < 5; i++) {
		int64_t before = w->assigned_fence;

		assert_int_equal(w->assigns, 3 + (unsigned)i);
		reject(w, AGENT_REJECT_OLD_FENCE);
		if (i < 4)
			assert_true(w->assigned_fence > before || i == 0);
	}
	assert_int_equal(status_count(w, "runs", "queued") + status_count(w, "runs", "assigned"),
			 1); /* the further attempt */
}

static void test_a_hello_that_is_refused(void **state)
{
	struct farm_world *w = *state;
	struct agent_refusal refusal;
	struct agent_board boards[] = {{"x1", "microbit", BOARD_FREE, "", "", true, NULL, false},
				       {"x1", "microbit", BOARD_FREE, "", "", true, NULL, false}};
	struct agent_hello hello = hello_of(w, "rack2", boards, 2);

	assert_int_equal(say_hello(w, "rack2", NULL, 0, &refusal), ERR_INVALID);
	assert_string_equal(refusal.field, "boards[0].name");
	assert_string_equal(refusal.found, "mb1");
	assert_non_null(strstr(refusal.expected, "rack1"));
	assert_int_equal(farm_agent_hello(w->farm, &rack, &hello, &refusal, &w->err), ERR_INVALID);
	assert_string_equal(refusal.field, "boards[1].name");
	boards[1].name = "x2";
	boards[1].type = "nosuch";
	assert_int_equal(farm_agent_hello(w->farm, &rack, &hello, &refusal, &w->err), ERR_INVALID);
	assert_string_equal(refusal.field, "boards[1].type");
	assert_int_equal(farm_agent_hello(w->farm, &mary, &hello, &refusal, &w->err), ERR_DENIED);
	/* once the first rack is gone its boards may move */
	farm_agent_gone(w->farm, "rack1");
	assert_int_equal(say_hello(w, "rack2", NULL, 0, &refusal), 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup_rack, teardown_farm)
	const struct CMUnitTest tests[] = {
		TEST(test_an_agent_that_stays_away),
		TEST(test_an_agent_that_comes_back_in_time),
		TEST(test_an_agent_that_lost_a_part_of_its_record),
		TEST(test_an_agent_that_ended_a_run_under_a_taken_number),
		TEST(test_an_agent_that_lost_its_run),
		TEST(test_an_assign_that_never_arrived_is_sent_again),
		TEST(test_rejections),
		TEST(test_a_hello_that_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
