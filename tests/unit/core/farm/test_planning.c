/* SPDX-License-Identifier: Apache-2.0 */
/* What the farm makes of the plan: whose boards, whose turn, and why not. */
#include <stdio.h>
#include <string.h>

#include "core/base/mem.h"
#include "tests/unit/core/farm/support_farm.h"

static const struct principal theirs = {.org = "elsewhere", .name = "agent", .role = ROLE_AGENT};
static const struct principal max = {.org = "default", .name = "max", .role = ROLE_MEMBER};
static const struct principal eve = {.org = "partner", .name = "eve", .role = ROLE_MEMBER};
static struct doc_problems problems;

/* rack2 with x1, a microbit of another organisation's. */
static void their_hello(struct farm_world *w)
{
	const struct agent_board board = {"x1", "microbit", BOARD_FREE, "", "", true, NULL, false};
	struct agent_hello hello = hello_of(w, "rack2", &board, 1);
	struct agent_refusal refusal;

	assert_int_equal(farm_agent_hello(w->farm, &theirs, &hello, &refusal, &w->err), 0);
	commit_all(w);
}

static void our_hello(struct farm_world *w)
{
	assert_int_equal(say_hello(w, "rack1", NULL, 0, NULL), 0);
	commit_all(w);
}

static int submit_runs(struct farm_world *w, const struct principal *who, const char *where, int count)
{
	char text[256];

	(void)snprintf(text, sizeof(text),
		       "name: some\nretries: 0\nrequire: {tests: 1}\nend: {limit: 1m}\n"
		       "runs: [{%s, image: \"sha256:" IMAGE_SHA "\", count: %d}]\n",
		       where, count);
	return submit(w, who, text, &problems);
}

/* The entry of the queue for a run, board by board. Owned by the caller. */
static json_t *waiting(struct farm_world *w, int64_t run)
{
	json_t *entry = farm_waiting_json(w->farm, &boss, run);

	assert_non_null(entry);
	return entry;
}

static const char *text_of(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

static void expect_reason(const json_t *entry, const char *board, const char *reason)
{
	const json_t *boards = json_object_get(entry, "boards"), *one;
	size_t i;

	json_array_foreach(boards, i, one)
	{
		if (strcmp(text_of(one, "board"), board) != 0)
			continue;
		assert_string_equal(text_of(one, "reason"), reason);
		assert_true(text_of(one, "why")[0]);
		return;
	}
	fail_msg("%s is not listed", board);
}

static void test_anothers_rack_serves_only_it(void **state)
{
	struct farm_world *w = *state;
	json_t *entry;

	our_hello(w);
	their_hello(w);
	assert_int_equal(submit_runs(w, &mary, "type: microbit", 3), 0);
	commit_all(w);
	assert_int_equal(w->assigns, 2); /* x1 stays free */
	entry = waiting(w, 3);
	assert_string_equal(text_of(entry, "waits"), "for a board of type microbit: 2 running");
	expect_reason(entry, "mb1", "running");
	expect_reason(entry, "x1", "owner");
	json_decref(entry);
	assert_null(farm_waiting_json(w->farm, &boss, 1));
	assert_null(farm_waiting_json(w->farm, &boss, 99));
	assert_null(farm_waiting_json(w->farm, &eve, 3));
}

static void test_what_can_never_run_is_refused(void **state)
{
	struct farm_world *w = *state;

	our_hello(w);
	their_hello(w);
	assert_int_equal(submit_runs(w, &boss, "board: x1", 1), ERR_INVALID); /* though an admin sees it */
	assert_string_equal(problems.item[0].field, "runs[0].board");
	assert_non_null(strstr(problems.item[0].expected, "another organisation's board"));
	farm_agent_gone(w->farm, "rack1");
	commit_all(w);
	assert_int_equal(submit_runs(w, &mary, "type: microbit", 1), 0); /* who is away may come back */
	commit_all(w);
	assert_int_equal(w->assigns, 0);
}

static void test_a_type_that_only_others_have(void **state)
{
	struct farm_world *w = *state;
	struct agent_hello hello = hello_of(w, "rack1", NULL, 0);
	struct agent_refusal refusal;

	their_hello(w);
	assert_int_equal(farm_agent_hello(w->farm, &rack, &hello, &refusal, &w->err), 0); /* shares the type */
	commit_all(w);
	assert_int_equal(submit_runs(w, &mary, "type: microbit", 1), ERR_INVALID);
	assert_string_equal(problems.item[0].field, "runs[0].type");
	assert_non_null(strstr(problems.item[0].expected, "1 of other organisations"));
	assert_int_equal(submit_runs(w, &boss, "type: microbit", 1), ERR_INVALID);
	assert_non_null(strstr(problems.item[0].expected, "x1: another organisation's board"));
}

/* Ends what runs, a minute later; the next one is assigned. */
static void end_one(struct farm_world *w, int64_t n)
{
	w->now_us += 60000000;
	assert_int_equal(tell_end(w, n, CAUSE_ALL_REQUIRED_SEEN), 0);
	commit_all(w);
}

static void quarantine(struct farm_world *w, const char *name)
{
	struct agent_board said = {name, "", BOARD_QUARANTINED, "broken", "", true, NULL, false};

	assert_int_equal(farm_agent_board(w->farm, "rack1", &said, &w->err), 0);
	commit_all(w);
}

/* Who comes later with little is not behind all of who came before with much. */
static void test_members_take_turns(void **state)
{
	struct farm_world *w = *state;

	our_hello(w);
	quarantine(w, "mb2");
	assert_int_equal(submit_runs(w, &mary, "type: microbit", 5), 0); /* runs 1 to 5 */
	assert_int_equal(submit_runs(w, &max, "type: microbit", 2), 0);  /* 6 and 7 */
	commit_all(w);
	assert_int_equal(w->assigned_run, 1);
	end_one(w, 1);
	assert_int_equal(w->assigned_run, 6);
	end_one(w, 1);
	assert_int_equal(w->assigned_run, 2);
	end_one(w, 1);
	assert_int_equal(w->assigned_run, 7);
}

static void test_the_urgent_first(void **state)
{
	struct farm_world *w = *state;

	our_hello(w);
	quarantine(w, "mb2");
	assert_int_equal(submit_runs(w, &mary, "type: microbit", 2), 0);
	assert_int_equal(submit(w, &mary,
				"name: now\npriority: 90\nrequire: {tests: 1}\nend: {limit: 1m}\n"
				"runs: [{type: microbit, image: suite.elf}]\n",
				&problems),
			 0);
	commit_all(w);
	end_one(w, 1);
	assert_int_equal(w->assigned_run, 3);
}

static void test_a_wait_has_a_range(void **state)
{
	struct farm_world *w = *state;
	json_t *entry;

	our_hello(w);
	quarantine(w, "mb2");
	assert_int_equal(submit_runs(w, &mary, "type: microbit", 3), 0);
	commit_all(w);
	entry = waiting(w, 3);
	assert_int_equal(json_integer_value(json_object_get(entry, "position")), 1);
	assert_true(json_integer_value(json_object_get(entry, "expected_at_us")) >= w->now_us);
	assert_true(json_integer_value(json_object_get(entry, "latest_at_us")) >=
		    json_integer_value(json_object_get(entry, "expected_at_us")));
	expect_reason(entry, "mb2", "quarantined");
	json_decref(entry);
	entry = waiting(w, 2);
	assert_int_equal(json_integer_value(json_object_get(entry, "position")), 0);
	json_decref(entry);
}

static void test_a_job_with_a_limit(void **state)
{
	struct farm_world *w = *state;
	json_t *entry;

	our_hello(w);
	assert_int_equal(submit(w, &mary,
				"name: one at a time\nparallel: 1\nrequire: {tests: 1}\nend: {limit: 1m}\n"
				"runs: [{type: microbit, image: suite.elf, count: 3}]\n",
				&problems),
			 0);
	commit_all(w);
	assert_int_equal(w->assigns, 1);
	entry = waiting(w, 2);
	assert_string_equal(text_of(entry, "reason"), "job-parallel");
	assert_string_equal(text_of(entry, "waits"), "the job has as many boards as it may have at once");
	json_decref(entry);
	assert_int_equal(submit_runs(w, &mary, "type: microbit", 1), 0);
	commit_all(w);
	assert_int_equal(w->assigned_run, 4); /* it holds up nobody else */
}

static void test_a_host_with_a_limit(void **state)
{
	struct farm_world *w = *state;
	const struct agent_board boards[] = {{"mb1", "microbit", BOARD_FREE, "", "", true, NULL, false},
					     {"mb2", "microbit", BOARD_FREE, "", "", true, NULL, false}};
	struct agent_hello hello = hello_of(w, "rack1", boards, 2);
	struct agent_held_run held;
	struct agent_refusal refusal;
	json_t *entry;

	hello.limit = 1;
	assert_int_equal(farm_agent_hello(w->farm, &rack, &hello, &refusal, &w->err), 0);
	commit_all(w);
	assert_int_equal(submit_runs(w, &mary, "type: microbit", 2), 0);
	commit_all(w);
	assert_int_equal(w->assigns, 1);
	entry = waiting(w, 2);
	expect_reason(entry, strcmp(w->assigned_board, "mb1") == 0 ? "mb2" : "mb1", "host-full");
	json_decref(entry);
	/* it comes back without one */
	held = (struct agent_held_run){w->assigned_run, w->assigned_fence, 0, false};
	hello.runs = &held;
	hello.run_count = 1;
	hello.limit = 0;
	assert_int_equal(farm_agent_hello(w->farm, &rack, &hello, &refusal, &w->err), 0);
	commit_all(w);
	assert_int_equal(w->assigned_run, 2);
}

static void tagged_hello(struct farm_world *w, const char *tags)
{
	struct equipment equipment = {.tags = ""};
	const struct agent_board boards[] = {{"mb1", "microbit", BOARD_FREE, "", "", true, NULL, false},
					     {"mb2", "microbit", BOARD_FREE, "", "", true, &equipment, false}};
	struct agent_hello hello = hello_of(w, "rack1", boards, 2);
	struct agent_refusal refusal;

	mem_text_into(equipment.tags, sizeof(equipment.tags), tags);
	assert_int_equal(farm_agent_hello(w->farm, &rack, &hello, &refusal, &w->err), 0);
	commit_all(w);
}

static void test_boards_with_tags(void **state)
{
	struct farm_world *w = *state;
	json_t *entry;

	tagged_hello(w, "scope usb3");
	assert_int_equal(submit_runs(w, &mary, "type: microbit, tags: [usb3]", 2), 0);
	commit_all(w);
	assert_int_equal(w->assigns, 1);
	assert_string_equal(w->assigned_board, "mb2");
	entry = waiting(w, 2);
	assert_string_equal(text_of(entry, "waits"), "for a board of type microbit: 1 running");
	expect_reason(entry, "mb1", "tag");
	expect_reason(entry, "mb2", "running");
	json_decref(entry);
	assert_int_equal(submit_runs(w, &mary, "type: microbit, tags: [usb3, laser]", 1), ERR_INVALID);
	assert_non_null(strstr(problems.item[0].expected, "mb1: it has no tag usb3"));
	assert_int_equal(submit_runs(w, &mary, "board: mb1, tags: [scope]", 1), ERR_INVALID);
	/* what was asked for waits for a board that has it again */
	end_one(w, 1);
	assert_int_equal(w->assigned_run, 2);
	end_one(w, 1);
	farm_agent_gone(w->farm, "rack1");
	assert_int_equal(submit_runs(w, &mary, "type: microbit, tags: [scope]", 1), 0);
	tagged_hello(w, "other");
	assert_int_equal(w->assigned_run, 2);
	tagged_hello(w, "scope");
	assert_int_equal(w->assigned_run, 3);
	assert_string_equal(w->assigned_board, "mb2");
}

static void hello_as(struct farm_world *w, const char *type_name)
{
	const struct agent_board boards[] = {{"mb1", type_name, BOARD_FREE, "", "", true, NULL, false},
					     {"mb2", "microbit", BOARD_QUARANTINED, "broken", "", true, NULL, false}};
	struct board_type types[2] = {w->type, w->type};
	struct agent_hello hello = hello_of(w, "rack1", boards, 2);
	struct agent_refusal refusal;

	hello.types = types;
	hello.type_count = 2;
	mem_text_into(types[1].name, sizeof(types[1].name), "other");
	assert_int_equal(farm_agent_hello(w->farm, &rack, &hello, &refusal, &w->err), 0);
	commit_all(w);
}

/* A run for one board, whose image was checked for its type, waits until it is of that type again. */
static void test_a_board_that_changes_its_type(void **state)
{
	struct farm_world *w = *state;
	json_t *board;

	hello_as(w, "microbit");
	farm_agent_gone(w->farm, "rack1");
	commit_all(w);
	assert_int_equal(submit_runs(w, &mary, "board: mb1", 1), 0);
	hello_as(w, "other");
	assert_int_equal(w->assigns, 0);
	board = farm_board_json(w->farm, &boss, "mb1");
	assert_string_equal(text_of(board, "type"), "other");
	assert_int_equal(json_integer_value(json_object_get(board, "waiting")), 1);
	json_decref(board);
	hello_as(w, "microbit");
	assert_int_equal(w->assigns, 1);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup_farm, teardown_farm)
	const struct CMUnitTest tests[] = {
		TEST(test_anothers_rack_serves_only_it),
		TEST(test_what_can_never_run_is_refused),
		TEST(test_a_type_that_only_others_have),
		TEST(test_members_take_turns),
		TEST(test_the_urgent_first),
		TEST(test_a_wait_has_a_range),
		TEST(test_a_job_with_a_limit),
		TEST(test_a_host_with_a_limit),
		TEST(test_boards_with_tags),
		TEST(test_a_board_that_changes_its_type),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
