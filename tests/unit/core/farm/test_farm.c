/* SPDX-License-Identifier: Apache-2.0 */
/* The farm as a whole: when the store cannot commit, and what is seen of it. */
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "tests/unit/core/farm/support_farm.h"

static struct doc_problems problems;

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
	assert_int_equal(status_count(w, "boards", "free"), 2);
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

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup_rack, teardown_farm)
	const struct CMUnitTest tests[] = {
		TEST(test_a_full_disk),
		TEST(test_what_is_not_durable_has_an_end),
		TEST(test_others_do_not_see_what_runs),
		TEST(test_the_queue_is_in_the_order_of_turns),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
