/* SPDX-License-Identifier: Apache-2.0 */
/* Who had which board when: what is short is told together, what is not one's own without what it was. */
#include <stdio.h>
#include <string.h>

#include "core/base/mem.h"
#include "tests/unit/daemon/store/support.h"

#define SECOND INT64_C(1000000)
#define HOUR   (3600 * SECOND)
#define NOW    (1000 * HOUR)

static int64_t next_run;

static void add_board(struct change *change, const char *name, const char *rack)
{
	struct board_record *board = change_add(change, RECORD_BOARD);

	mem_text_into(board->name, sizeof(board->name), name);
	mem_text_into(board->org, sizeof(board->org), "default");
	mem_text_into(board->type, sizeof(board->type), "microbit");
	mem_text_into(board->agent, sizeof(board->agent), rack);
}

static void add_agent(struct change *change, const char *name)
{
	struct agent_record *agent = change_add(change, RECORD_AGENT);

	mem_text_into(agent->name, sizeof(agent->name), name);
	mem_text_into(agent->org, sizeof(agent->org), "default");
}

/* A run of the job, on the board from begun to ended (0: still). */
static int64_t add_turn(struct change *change, int64_t job, const char *org, const char *board,
			enum run_verdict verdict, int64_t begun_at_us, int64_t ended_at_us)
{
	struct run_record *run =
		add_run(change, ++next_run, job, org, ended_at_us ? RUN_IS_FINISHED : RUN_IS_RUNNING, 0);
	struct lease_record *lease = change_add(change, RECORD_LEASE);

	run->index = (uint32_t)next_run;
	run->verdict = verdict;
	run->queued_at_us = begun_at_us - SECOND;
	*lease = (struct lease_record){
		.fence = next_run, .run = next_run, .begun_at_us = begun_at_us, .ended_at_us = ended_at_us};
	mem_text_into(lease->board, sizeof(lease->board), board);
	mem_text_into(lease->org, sizeof(lease->org), org);
	return next_run;
}

static int setup(void **state)
{
	struct fixture *f = mem_alloc(sizeof(*f));
	struct change *change;

	fixture_init(f);
	fixture_must_open(f);
	next_run = 0;
	change = change_of_job(1, 7, "default", 1);
	add_agent(change, "lab-1");
	add_agent(change, "lab-2");
	add_board(change, "b1", "lab-1");
	add_board(change, "b2", "lab-1");
	add_board(change, "b3", "lab-2");
	store_commit(f->store, change);
	store_commit(f->store, change_of_job(2, 8, "elsewhere", 2));
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	fixture_finish(f);
	free(f);
	return 0;
}

static json_t *ask(struct fixture *f, const struct principal *who, struct kept_answer *kept, const char *name,
		   bool of_board)
{
	struct query query = {.kind = QUERY_TIMELINE, .after = NOW - HOUR, .before = NOW, .of_board = of_board};

	mem_text_into(query.name, sizeof(query.name), name);
	ask_and_wait(f, who, &query, kept);
	assert_int_equal(kept->answer.err.code, 0);
	return json_object_get(kept->answer.json, "boards");
}

static const char *text_of(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

static int64_t int_of(const json_t *object, const char *key)
{
	return json_integer_value(json_object_get(object, key));
}

static json_t *span_of(json_t *boards, size_t board, size_t at)
{
	return json_array_get(json_object_get(json_array_get(boards, board), "spans"), at);
}

static size_t spans_of(json_t *boards, size_t board)
{
	return json_array_size(json_object_get(json_array_get(boards, board), "spans"));
}

static void commit(struct fixture *f, struct change *change, int64_t number)
{
	change->number = number;
	store_commit(f->store, change);
	fixture_wait_committed(f, number);
}

static void test_boards_are_those_asked_for(void **state)
{
	struct fixture *f = *state;
	struct change *change = change_create();
	struct kept_answer kept;
	json_t *boards;

	add_turn(change, 7, "default", "b3", RUN_PASSED, NOW - HOUR / 2, NOW - HOUR / 4);
	commit(f, change, 3);
	boards = ask(f, &admin, &kept, "", false);
	assert_int_equal(json_array_size(boards), 3);
	assert_string_equal(text_of(json_array_get(boards, 0), "board"), "b1");
	assert_int_equal(spans_of(boards, 0), 0);
	assert_int_equal(spans_of(boards, 2), 1);
	kept_finish(&kept);
	boards = ask(f, &admin, &kept, "lab-2", false);
	assert_int_equal(json_array_size(boards), 1);
	assert_string_equal(text_of(json_array_get(boards, 0), "rack"), "lab-2");
	assert_string_equal(text_of(span_of(boards, 0, 0), "name"), "nightly");
	kept_finish(&kept);
	boards = ask(f, &admin, &kept, "b2", true);
	assert_int_equal(json_array_size(boards), 1);
	assert_string_equal(text_of(json_array_get(boards, 0), "board_type"), "microbit");
	kept_finish(&kept);
	assert_int_equal(json_array_size(ask(f, &admin, &kept, "b2", false)), 0);
	kept_finish(&kept);
}

static void test_only_what_reaches_into_the_time(void **state)
{
	struct fixture *f = *state;
	struct change *change = change_create();
	struct kept_answer kept;
	json_t *boards;

	add_turn(change, 7, "default", "b1", RUN_PASSED, NOW - 3 * HOUR, NOW - 2 * HOUR);
	add_turn(change, 7, "default", "b1", RUN_PASSED, NOW - 2 * HOUR, NOW - HOUR / 2);
	add_turn(change, 7, "default", "b1", RUN_NONE, NOW - HOUR / 3, 0);
	commit(f, change, 3);
	boards = ask(f, &admin, &kept, "b1", true);
	assert_int_equal(spans_of(boards, 0), 2);
	assert_int_equal(int_of(span_of(boards, 0, 0), "ended_at_us"), 0);
	assert_int_equal(int_of(span_of(boards, 0, 0), "run"), 3);
	assert_int_equal(int_of(span_of(boards, 0, 1), "busy_us"), 3 * HOUR / 2);
	assert_int_equal(int_of(json_array_get(boards, 0), "from_us"), NOW - HOUR);
	kept_finish(&kept);
}

/* An hour's piece is 12 s. */
static void test_what_is_short_is_told_together(void **state)
{
	struct fixture *f = *state;
	struct change *change = change_create();
	const int64_t at = NOW - HOUR / 2;
	struct kept_answer kept;
	json_t *boards, *span;

	add_turn(change, 7, "default", "b1", RUN_PASSED, at, at + SECOND);
	add_turn(change, 7, "default", "b1", RUN_FAILED, at + 2 * SECOND, at + 4 * SECOND);
	add_turn(change, 7, "default", "b1", RUN_PASSED, at + 5 * SECOND, at + 8 * SECOND);
	add_turn(change, 8, "elsewhere", "b1", RUN_PASSED, at + 9 * SECOND, at + 10 * SECOND);
	add_turn(change, 7, "default", "b1", RUN_PASSED, at + 60 * SECOND, at + 120 * SECOND);
	commit(f, change, 3);
	boards = ask(f, &admin, &kept, "b1", true);
	assert_int_equal(spans_of(boards, 0), 3);
	assert_string_equal(text_of(span_of(boards, 0, 1), "org"), "elsewhere");
	span = span_of(boards, 0, 2);
	assert_int_equal(int_of(span, "runs"), 3);
	assert_int_equal(int_of(span, "bad"), 1);
	assert_int_equal(int_of(span, "run"), 2);
	assert_string_equal(text_of(span, "verdict"), "failed");
	assert_int_equal(int_of(span, "busy_us"), 6 * SECOND);
	assert_int_equal(int_of(span, "begun_at_us"), at);
	assert_int_equal(int_of(span, "ended_at_us"), at + 8 * SECOND);
	kept_finish(&kept);
}

static void test_of_others_only_the_times(void **state)
{
	struct fixture *f = *state;
	struct change *change = change_create();
	struct kept_answer kept;
	json_t *boards, *span;

	add_turn(change, 8, "elsewhere", "b1", RUN_FAILED, NOW - HOUR / 2, NOW - HOUR / 4);
	add_turn(change, 7, "default", "b1", RUN_PASSED, NOW - HOUR / 4, NOW - HOUR / 8);
	commit(f, change, 3);
	boards = ask(f, &stranger, &kept, "b1", true);
	assert_int_equal(spans_of(boards, 0), 2);
	span = span_of(boards, 0, 0);
	assert_int_equal(int_of(span, "busy_us"), HOUR / 8);
	assert_null(json_object_get(span, "run"));
	assert_null(json_object_get(span, "name"));
	assert_null(json_object_get(span, "org"));
	assert_null(json_object_get(span, "verdict"));
	assert_string_equal(text_of(span_of(boards, 0, 1), "verdict"), "failed");
	kept_finish(&kept);
}

/* More than an answer holds of one board: it says from when on it is all. */
static void test_too_many_are_cut_and_said(void **state)
{
	struct fixture *f = *state;
	struct change *change = change_create();
	struct kept_answer kept;
	int64_t first = 0;
	json_t *boards;

	for (int64_t i = 12400; i > 0; i--) {
		int64_t run = add_turn(change, 7, "default", "b1", RUN_PASSED, NOW - i * SECOND / 4,
				       NOW - i * SECOND / 4 + 1);

		first = first ? first : run;
	}
	commit(f, change, 3);
	boards = ask(f, &admin, &kept, "b1", true);
	assert_int_equal(int_of(json_array_get(boards, 0), "from_us"), NOW - 3000 * SECOND);
	assert_in_range(spans_of(boards, 0), 200, 300);
	kept_finish(&kept);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_boards_are_those_asked_for),     TEST(test_only_what_reaches_into_the_time),
		TEST(test_what_is_short_is_told_together), TEST(test_of_others_only_the_times),
		TEST(test_too_many_are_cut_and_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
