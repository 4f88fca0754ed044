/* SPDX-License-Identifier: Apache-2.0 */
/* The farm, one situation at a time. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "tests/unit/core/farm/support_farm.h"

static struct doc_problems problems;

static int setup(void **state)
{
	struct farm_world *w = mem_alloc(sizeof(*w));

	farm_world_init(w);
	assert_int_equal(say_hello(w, "rack1", NULL, 0, NULL), 0);
	commit_all(w);
	*state = w;
	return 0;
}

static int teardown(void **state)
{
	farm_world_finish(*state);
	free(*state);
	return 0;
}

static json_int_t count(struct farm_world *w, const char *what, const char *state)
{
	json_t *status = farm_status_json(w->farm, &boss);
	json_int_t value = json_integer_value(json_object_get(json_object_get(status, what), state));

	json_decref(status);
	return value;
}

/* --- submit --- */

static void test_a_job_is_answered_and_begun_when_it_is_durable(void **state)
{
	struct farm_world *w = *state;

	submit_one(w);
	assert_false(w->submitted);
	assert_int_equal(w->assigns, 0);
	commit_all(w);
	assert_true(w->submitted);
	assert_int_equal(w->job, 1);
	assert_int_equal(w->err.code, 0);
	assert_int_equal(w->assigns, 1);
	assert_int_equal(w->assigned_fence, 1);
}

static void expect_problem(struct farm_world *w, const struct principal *who, const char *text, int line,
			   const char *field, const char *words)
{
	assert_int_equal(submit(w, who, text, &problems), ERR_INVALID);
	assert_true(problems.count >= 1);
	assert_string_equal(problems.file, "job.yaml");
	assert_int_equal(problems.item[0].line, line);
	assert_string_equal(problems.item[0].field, field);
	if (!strstr(problems.item[0].expected, words) && !strstr(problems.item[0].found, words))
		fail_msg("%s: found %s, expected %s", field, problems.item[0].found, problems.item[0].expected);
	commit_all(w);
	assert_false(w->submitted);
}

static void test_what_is_wrong_is_said_with_its_line(void **state)
{
	struct farm_world *w = *state;

	expect_problem(w, &mary, "name: x\nrequire: {tests: 1}\nruns:\n  - {type: nosuch, image: suite.elf}\n", 4,
		       "runs[0].type", "board type");
	expect_problem(w, &mary, "name: x\nrequire: {tests: 1}\nruns:\n  - {board: nosuch, image: suite.elf}\n", 4,
		       "runs[0].board", "board of this farm");
	expect_problem(w, &mary, "name: x\nrequire: {tests: 1}\nruns:\n  - {type: microbit, image: other.elf}\n", 4,
		       "runs[0].image", "sent with the job");
	expect_problem(w, &mary, "name: x\nrequire: {tests: 1}\nruns:\n  - {type: microbit, image: gone.elf}\n", 4,
		       "runs[0].image", "sent with the job");
	expect_problem(w, &mary,
		       "name: x\nrequire: {tests: 1}\nruns:\n  - {type: microbit, image: \"sha256:1" IMAGE_SHA "\"}\n",
		       4, "runs[0].image", "64");
	expect_problem(w, &mary, "name: x\nsuite: nosuch\nruns:\n  - {type: microbit, image: suite.elf}\n", 2, "suite",
		       "nosuch");
	expect_problem(w, &bob, "name: x\nrequire: {tests: 1}\nruns:\n  - {type: microbit, image: suite.elf}\n", 4,
		       "runs[0].image", "the farm holds");
	w->image.segment[0].address = 0x08000000;
	expect_problem(w, &mary, "name: x\nrequire: {tests: 1}\nruns:\n  - {type: microbit, image: suite.elf}\n", 4,
		       "runs[0].image", "microbit");
}

static void test_too_many_runs(void **state)
{
	struct farm_world *w = *state;

	assert_int_equal(submit(w, &mary,
				"name: x\nrequire: {tests: 1}\nruns:\n"
				"  - {type: microbit, image: suite.elf, count: 600}\n"
				"  - {type: microbit, image: suite.elf, count: 600}\n",
				&problems),
			 ERR_INVALID);
}

static void test_who_may_not_submit(void **state)
{
	struct farm_world *w = *state;

	assert_int_equal(submit(w, &vera, "name: x\n", &problems), ERR_DENIED);
	assert_int_equal(submit(w, &rack, "name: x\n", &problems), ERR_DENIED);
}

/* --- runs --- */

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
	assert_int_equal(count(w, "boards", "free"), 2);
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

/* --- cancel --- */

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
	assert_int_equal(count(w, "boards", "free"), 2);
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

/* --- agents --- */

static void tick_after(struct farm_world *w, int64_t ms)
{
	w->now_us += 1000 * ms;
	assert_true(w->timer_us >= 0 && w->timer_us <= w->now_us);
	farm_tick(w->farm);
	commit_all(w);
}

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
	assert_int_equal(count(w, "boards", "offline"), 2);
	tick_after(w, farm_config_default.agent_grace_ms);
	assert_int_equal(count(w, "runs", "queued"), 1); /* the further attempt */
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
	assert_int_equal(count(w, "runs", "queued"), 1);
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
	assert_int_equal(count(w, "runs", "queued") + count(w, "runs", "assigned"), 1); /* the further attempt */
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

static void test_a_hello_that_is_refused(void **state)
{
	struct farm_world *w = *state;
	struct agent_refusal refusal;
	struct agent_board boards[] = {{"x1", "microbit", BOARD_FREE, "", "", true, NULL, false},
				       {"x1", "microbit", BOARD_FREE, "", "", true, NULL, false}};
	struct agent_hello hello = {.agent = "rack2",
				    .version = "0.1",
				    .boot = "boot",
				    .types = &w->type,
				    .type_count = 1,
				    .boards = boards,
				    .board_count = 2,
				    .runs = NULL,
				    .run_count = 0,
				    .limit = 0,
				    .leases = true};

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

static int order(struct farm_world *w, const struct principal *who, const char *board, enum board_order order)
{
	return farm_order_board(w->farm, who, board, order, "its cable is loose", on_done, w, &w->err);
}

static void check_state(struct farm_world *w, const char *name, const char *state)
{
	json_t *board = farm_board_json(w->farm, &boss, name);

	assert_string_equal(json_string_value(json_object_get(board, "state")), state);
	json_decref(board);
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
	check_state(w, "mb1", "quarantined");
	/* whatever becomes of its agent */
	farm_agent_gone(w->farm, "rack1");
	check_state(w, "mb1", "quarantined");
	check_state(w, "mb2", "offline");
	assert_int_equal(order(w, &mary, "mb2", BOARD_ORDER_RETIRE), 0);
	check_state(w, "mb2", "retired");
	assert_int_equal(order(w, &mary, "mb1", BOARD_ORDER_RELEASE), 0);
	check_state(w, "mb1", "offline");
}

static void test_a_run_ends_before_its_board_is_taken_away(void **state)
{
	struct farm_world *w = *state;

	submit_one(w);
	commit_all(w);
	assert_int_equal(order(w, &mary, w->assigned_board, BOARD_ORDER_RETIRE), 0);
	check_state(w, w->assigned_board, "running");
	assert_int_equal(tell_step(w, 1, false), 0);
	assert_int_equal(tell_step(w, 2, true), 0);
	assert_int_equal(tell_end(w, 3, CAUSE_ALL_REQUIRED_SEEN), 0);
	check_state(w, w->assigned_board, "retired");
}

static json_int_t runs_queued(struct farm_world *w)
{
	json_t *status = farm_status_json(w->farm, &boss);
	json_int_t queued = json_integer_value(json_object_get(json_object_get(status, "runs"), "queued"));

	json_decref(status);
	return queued;
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
	assert_int_equal(runs_queued(w), 1);
	assert_int_equal(order(w, &mary, "mb1", BOARD_ORDER_RETIRE), 0);
	commit_all(w);
	assert_int_equal(runs_queued(w), 1); /* while it finishes what it has, it is not retired */
	assert_int_equal(tell_step(w, 1, false), 0);
	assert_int_equal(tell_step(w, 2, true), 0);
	assert_int_equal(tell_end(w, 3, CAUSE_ATTACH), 0);
	commit_all(w);
	check_state(w, "mb1", "retired");
	assert_int_equal(runs_queued(w), 0); /* neither the second nor a further attempt of the first */
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

/* --- trouble --- */

static void test_a_full_disk(void **state)
{
	struct farm_world *w = *state;
	struct err err;

	(void)err_set(&err, ERR_NO_SPACE, "no space left");
	submit_one(w);
	farm_trouble(w->farm, &err);
	assert_true(w->submitted); /* told at once */
	assert_int_equal(w->err.code, ERR_NO_SPACE);
	assert_int_equal(submit(w, &mary, "name: x\n", &problems), ERR_NO_SPACE);
	/* any other trouble is the farm's own, and may be over when it is asked again */
	(void)err_set(&err, ERR_IO, "the disk has gone");
	farm_trouble(w->farm, &err);
	assert_int_equal(submit(w, &mary, "name: x\n", &problems), ERR_BUSY);
	assert_non_null(strstr(w->err.text, "the disk has gone"));
	assert_int_equal(w->healths, 1);
	farm_trouble(w->farm, NULL);
	assert_int_equal(w->healths, 2);
	commit_all(w);
	/* what was refused does not run */
	assert_int_equal(w->assigns, 0);
	assert_int_equal(count(w, "boards", "free"), 2);
	submit_one(w);
	commit_all(w);
	assert_int_equal(w->assigns, 1);
}

static void test_what_is_not_durable_has_an_end(void **state)
{
	struct farm_world *w = *state;
	char *block = mem_alloc(60001);
	int64_t n = 1;

	memset(block, 'x', 60000);
	submit_one(w);
	commit_all(w);
	while (!w->flow_waits && n < 5000) {
		assert_int_equal(tell_console(w, n, 60000 * (uint64_t)(n - 1), block), 0);
		n++;
	}
	assert_true(w->flow_waits);
	assert_true((uint64_t)n * 60000 < 2 * farm_config_default.max_uncommitted_bytes);
	commit_all(w);
	assert_false(w->flow_waits);
	free(block);
}

/* --- views --- */

static void test_others_do_not_see_what_runs(void **state)
{
	struct farm_world *w = *state;
	json_t *board, *queue;

	submit_one(w);
	submit_one(w);
	submit_one(w);
	commit_all(w);
	board = farm_board_json(w->farm, &mary, "mb1");
	assert_int_equal(json_integer_value(json_object_get(board, "run")), 1);
	json_decref(board);
	board = farm_board_json(w->farm, &bob, "mb1"); /* the farm's own boards are everyone's */
	assert_true(json_is_null(json_object_get(board, "run")));
	json_decref(board);
	queue = farm_queue_json(w->farm, &bob, 10);
	assert_int_equal(json_array_size(queue), 0);
	json_decref(queue);
	queue = farm_queue_json(w->farm, &mary, 10);
	assert_int_equal(json_array_size(queue), 1);
	assert_string_equal(json_string_value(json_object_get(json_array_get(queue, 0), "waits")),
			    "for a board of type microbit: 2 running");
	json_decref(queue);
	assert_null(farm_board_json(w->farm, &mary, "nosuch"));
}

static void test_the_queue_is_in_the_order_of_turns(void **state)
{
	static const char text[] = "name: many\nrequire: {summaries: 1}\nruns:\n"
				   "  - {type: microbit, image: suite.elf, count: 40}\n";
	struct farm_world *w = *state;
	json_t *queue, *entry;
	json_int_t last = 0;
	size_t i;

	assert_int_equal(submit(w, &mary, text, &problems), 0);
	commit_all(w);
	queue = farm_queue_json(w->farm, &mary, 100);
	assert_int_equal(json_array_size(queue), 38);
	json_array_foreach(queue, i, entry)
	{
		json_int_t run = json_integer_value(json_object_get(entry, "run"));

		assert_true(run > last);
		last = run;
	}
	json_decref(queue);
}

static void test_suites(void **state)
{
	static const char text[] = "name: reference\nversion: \"1\"\nrequire: {cases: [Hello.boots]}\n";
	struct farm_world *w = *state;
	json_t *suite;

	w->done = false;
	assert_int_equal(farm_put_suite(w->farm, &bob, "reference", "s.yaml", text, strlen(text), on_done, w, &problems,
					&w->err),
			 ERR_DENIED);
	assert_int_equal(
		farm_put_suite(w->farm, &mary, "other", "s.yaml", text, strlen(text), on_done, w, &problems, &w->err),
		ERR_INVALID);
	assert_int_equal(farm_put_suite(w->farm, &mary, "reference", "s.yaml", text, strlen(text), on_done, w,
					&problems, &w->err),
			 0);
	commit_all(w);
	assert_true(w->done);
	suite = farm_suite_json(w->farm, &bob, "reference");
	assert_string_equal(json_string_value(json_object_get(suite, "text")), text);
	json_decref(suite);
	assert_int_equal(
		submit(w, &mary, "name: x\nsuite: reference\nruns: [{type: microbit, image: suite.elf}]\n", &problems),
		0);
	commit_all(w);
	assert_int_equal(w->assigns, 1);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_a_job_is_answered_and_begun_when_it_is_durable),
		TEST(test_what_is_wrong_is_said_with_its_line),
		TEST(test_too_many_runs),
		TEST(test_who_may_not_submit),
		TEST(test_a_run_to_its_end),
		TEST(test_the_next_run_follows_in_the_same_commit),
		TEST(test_repeated_events_and_gaps),
		TEST(test_infrastructure_is_tried_again_elsewhere),
		TEST(test_a_product_failure_is_not_tried_again),
		TEST(test_an_unlikely_verdict_is_the_farms_own_problem),
		TEST(test_cancel),
		TEST(test_a_success_won_against_a_cancel_stays),
		TEST(test_an_assign_that_was_not_sent_is_cancelled_at_once),
		TEST(test_a_cancel_nobody_asked_for_is_tried_again),
		TEST(test_an_agent_that_stays_away),
		TEST(test_an_agent_that_comes_back_in_time),
		TEST(test_an_agent_that_lost_a_part_of_its_record),
		TEST(test_an_agent_that_ended_a_run_under_a_taken_number),
		TEST(test_an_agent_that_lost_its_run),
		TEST(test_an_assign_that_never_arrived_is_sent_again),
		TEST(test_rejections),
		TEST(test_a_run_its_agent_never_ends),
		TEST(test_a_hello_that_is_refused),
		TEST(test_nobody_waits_for_a_board_that_is_retired),
		TEST(test_quarantined_boards_get_nothing),
		TEST(test_people_take_boards_out_of_service),
		TEST(test_a_run_ends_before_its_board_is_taken_away),
		TEST(test_a_full_disk),
		TEST(test_what_is_not_durable_has_an_end),
		TEST(test_others_do_not_see_what_runs),
		TEST(test_the_queue_is_in_the_order_of_turns),
		TEST(test_suites),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
