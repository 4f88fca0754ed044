/* SPDX-License-Identifier: Apache-2.0 */
/* Boards: what people and agents take out of service, and who still waits for it. */
#include <string.h>

#include "tests/unit/core/farm/support_farm.h"

static struct doc_problems problems;

static int order(struct farm_world *w, const struct principal *who, const char *board, enum board_order order)
{
	return farm_order_board(w->farm, who, board, order, "its cable is loose", on_done, w, &w->err);
}

static void test_people_take_boards_out_of_service(void **state)
{
	struct farm_world *w = *state;

	assert_int_equal(order(w, &vera, "mb1", BOARD_ORDER_QUARANTINE), ERR_DENIED);
	assert_int_equal(order(w, &mary, "nosuch", BOARD_ORDER_QUARANTINE), ERR_NOT_FOUND);
	assert_int_equal(order(w, &mary, "mb1", BOARD_ORDER_RELEASE), ERR_STALE);
	assert_int_equal(farm_order_board(w->farm, &mary, "mb1", BOARD_ORDER_RETIRE, "", on_done, w, &w->err),
			 ERR_INVALID);
	w->done = false;
	assert_int_equal(order(w, &mary, "mb1", BOARD_ORDER_QUARANTINE), 0);
	assert_false(w->done);
	commit_all(w);
	assert_true(w->done);
	expect_board(w, "mb1", "quarantined");
	/* whatever becomes of its agent */
	farm_agent_gone(w->farm, "rack1");
	expect_board(w, "mb1", "quarantined");
	expect_board(w, "mb2", "offline");
	assert_int_equal(order(w, &mary, "mb2", BOARD_ORDER_RETIRE), 0);
	expect_board(w, "mb2", "retired");
	assert_int_equal(order(w, &mary, "mb1", BOARD_ORDER_RELEASE), 0);
	expect_board(w, "mb1", "offline");
}

static void test_a_run_ends_before_its_board_is_taken_away(void **state)
{
	struct farm_world *w = *state;

	submit_one(w);
	commit_all(w);
	assert_int_equal(order(w, &mary, w->assigned_board, BOARD_ORDER_RETIRE), 0);
	expect_board(w, w->assigned_board, "running");
	assert_int_equal(tell_step(w, 1, false), 0);
	assert_int_equal(tell_step(w, 2, true), 0);
	assert_int_equal(tell_end(w, 3, CAUSE_ALL_REQUIRED_SEEN), 0);
	expect_board(w, w->assigned_board, "retired");
}

static void test_nobody_waits_for_a_board_that_is_retired(void **state)
{
	struct farm_world *w = *state;

	assert_int_equal(submit(w, &mary,
				"name: two\nrequire: {tests: 1}\nretries: 1\n"
				"runs: [{board: mb1, image: suite.elf, count: 2}]\n",
				&problems),
			 0);
	commit_all(w);
	assert_string_equal(w->assigned_board, "mb1");
	assert_int_equal(status_count(w, "runs", "queued"), 1);
	assert_int_equal(order(w, &mary, "mb1", BOARD_ORDER_RETIRE), 0);
	commit_all(w);
	assert_int_equal(status_count(w, "runs", "queued"), 1); /* while it finishes what it has, it is not retired */
	assert_int_equal(tell_step(w, 1, false), 0);
	assert_int_equal(tell_step(w, 2, true), 0);
	assert_int_equal(tell_end(w, 3, CAUSE_ATTACH), 0);
	commit_all(w);
	expect_board(w, "mb1", "retired");
	assert_int_equal(status_count(w, "runs", "queued"),
			 0); /* neither the second nor a further attempt of the first */
}

/* The end of a run retires its board, and with it ends the other run of the job, which waits for that board: the job
 * is not over, for the first run is tried again. */
static void test_a_job_outlasts_a_run_that_ends_with_a_board(void **state)
{
	struct farm_world *w = *state;
	struct agent_board mb2 = {"mb2", "", BOARD_RECOVERING, "", "", true, NULL, false};

	assert_int_equal(farm_agent_board(w->farm, "rack1", &mb2, &w->err), 0);
	assert_int_equal(submit(w, &mary,
				"name: two\nrequire: {tests: 1}\nretries: 1\n"
				"runs: [{type: microbit, image: suite.elf}, {board: mb1, image: suite.elf}]\n",
				&problems),
			 0);
	commit_all(w);
	assert_string_equal(w->assigned_board, "mb1");
	assert_int_equal(w->assigned_run, 1);
	assert_int_equal(order(w, &mary, "mb1", BOARD_ORDER_RETIRE), 0);
	assert_int_equal(tell_step(w, 1, false), 0);
	assert_int_equal(tell_step(w, 2, true), 0);
	assert_int_equal(tell_end(w, 3, CAUSE_ATTACH), 0);
	commit_all(w);
	expect_board(w, "mb1", "retired");
	assert_null(strstr(w->heard, "job.finished"));
	assert_int_equal(status_count(w, "runs", "queued"), 1);
	mb2.state = BOARD_FREE;
	assert_int_equal(farm_agent_board(w->farm, "rack1", &mb2, &w->err), 0);
	commit_all(w);
	assert_string_equal(w->assigned_board, "mb2");
	assert_int_equal(w->assigned_run, 3);
	assert_int_equal(tell_end(w, 1, CAUSE_ALL_REQUIRED_SEEN), 0);
	commit_all(w);
	assert_non_null(strstr(w->heard, "job.finished"));
}

static void test_quarantined_boards_get_nothing(void **state)
{
	struct farm_world *w = *state;
	struct agent_board said = {"mb1", "", BOARD_QUARANTINED, "three failures", "", true, NULL, false};
	json_t *board;

	assert_int_equal(farm_agent_board(w->farm, "rack1", &said, &w->err), 0);
	said.name = "mb2";
	assert_int_equal(farm_agent_board(w->farm, "rack1", &said, &w->err), 0);
	board = farm_board_json(w->farm, &boss, "mb1");
	assert_string_equal(json_string_value(json_object_get(board, "state")), "quarantined");
	assert_string_equal(json_string_value(json_object_get(board, "reason")), "three failures");
	json_decref(board);
	submit_one(w);
	commit_all(w);
	assert_int_equal(w->assigns, 0);
	/* a person lets it in again, and its agent takes it up anew; not by saying so itself */
	said.state = BOARD_FREE;
	assert_int_equal(farm_agent_board(w->farm, "rack1", &said, &w->err), 0);
	commit_all(w);
	assert_int_equal(w->assigns, 0);
	assert_int_equal(order(w, &boss, "mb2", BOARD_ORDER_RELEASE), 0);
	commit_all(w);
	assert_string_equal(w->recovered_board, "mb2");
	assert_int_equal(farm_agent_board(w->farm, "rack1", &said, &w->err), 0); /* said before it heard of that */
	commit_all(w);
	assert_int_equal(w->assigns, 0);
	said.state = BOARD_RECOVERING;
	assert_int_equal(farm_agent_board(w->farm, "rack1", &said, &w->err), 0);
	said.state = BOARD_FREE;
	assert_int_equal(farm_agent_board(w->farm, "rack1", &said, &w->err), 0);
	commit_all(w);
	assert_string_equal(w->assigned_board, "mb2");
	said.name = "nosuch";
	assert_int_equal(farm_agent_board(w->farm, "rack1", &said, &w->err), ERR_PROTOCOL);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup_rack, teardown_farm)
	const struct CMUnitTest tests[] = {
		TEST(test_people_take_boards_out_of_service),
		TEST(test_a_run_ends_before_its_board_is_taken_away),
		TEST(test_nobody_waits_for_a_board_that_is_retired),
		TEST(test_a_job_outlasts_a_run_that_ends_with_a_board),
		TEST(test_quarantined_boards_get_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
