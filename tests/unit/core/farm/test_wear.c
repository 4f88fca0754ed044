/* SPDX-License-Identifier: Apache-2.0 */
/* Boards whose flash wears out: counted, told once, and spared. */
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "tests/unit/core/farm/support_farm.h"

#define ENDURANCE 10

static int setup(void **state)
{
	struct farm_world *w = mem_alloc(sizeof(*w));

	farm_world_init(w);
	w->type.flash_endurance = ENDURANCE;
	assert_int_equal(say_hello(w, "rack1", NULL, 0, NULL), 0);
	commit_all(w);
	*state = w;
	return 0;
}

static int64_t wear_of(const struct farm_world *w, const char *board, const char *key)
{
	json_t *wear = farm_board_wear_json(w->farm, &mary, board);
	const json_t *worst = json_object_get(wear, "worst");
	int64_t number = json_integer_value(json_object_get(strcmp(key, "erases") == 0 ? wear : worst,
							    strcmp(key, "erases") == 0 ? key : "erases"));

	assert_non_null(wear);
	json_decref(wear);
	return number;
}

/* A run on the board that the farm chose: it erased two sectors so often, or held the image (0). */
static void run_once(struct farm_world *w, size_t times)
{
	struct flashed flashed = {.erased_count = times};
	struct agent_event event = {.n = 2, .kind = AGENT_STEP_ENDED, .at_us = 5};

	for (size_t i = 0; i < times; i++)
		flashed.erased[i] = (struct flash_sectors){0, 1024, 2};
	submit_one(w);
	commit_all(w);
	assert_int_equal(tell_step(w, 1, false), 0);
	event.run = w->assigned_run;
	event.fence = w->assigned_fence;
	event.as.step = (struct agent_step){.step = "flash", .text = "", .flash = times ? &flashed : NULL};
	assert_int_equal(farm_agent_event(w->farm, "rack1", &event, &w->err), 0);
	assert_int_equal(tell_end(w, 3, CAUSE_ALL_REQUIRED_SEEN), 0);
	commit_all(w);
}

static unsigned times_heard(const struct farm_world *w, const char *word)
{
	unsigned count = 0;

	for (const char *at = w->heard; (at = strstr(at, word)); at += strlen(word))
		count++;
	return count;
}

static char *reason_of(const struct farm_world *w, const char *board)
{
	json_t *object = farm_board_json(w->farm, &mary, board);
	char *reason = mem_text(json_string_value(json_object_get(object, "reason")));

	json_decref(object);
	return reason;
}

static void test_erases_are_counted_where_they_were(void **state)
{
	struct farm_world *w = *state;
	char board[FARM_NAME_MAX];

	run_once(w, 1);
	mem_text_into(board, sizeof(board), w->assigned_board);
	assert_int_equal(wear_of(w, board, "erases"), 2);
	assert_int_equal(wear_of(w, board, "worst"), 1);
	assert_int_equal(wear_of(w, strcmp(board, "mb1") == 0 ? "mb2" : "mb1", "erases"), 0);
	run_once(w, 0); /* the board that holds the image is taken, and nothing is erased */
	assert_string_equal(w->assigned_board, board);
	assert_int_equal(wear_of(w, board, "erases"), 2);
	assert_null(farm_board_wear_json(w->farm, &mary, "mb9"));
}

static void test_a_worn_board_is_told_once_and_spared(void **state)
{
	struct farm_world *w = *state;
	char worn[FARM_NAME_MAX], *reason;

	run_once(w, ENDURANCE - 1);
	mem_text_into(worn, sizeof(worn), w->assigned_board);
	assert_int_equal(times_heard(w, "board.worn"), 0);
	run_once(w, 1); /* it holds the image */
	assert_string_equal(w->assigned_board, worn);
	assert_int_equal(times_heard(w, "board.worn"), 1);
	reason = reason_of(w, worn);
	assert_non_null(strstr(reason, "worn: a sector has passed 90 % of 10 erases"));
	free(reason);
	run_once(w, 1); /* although the worn one holds the image */
	assert_string_not_equal(w->assigned_board, worn);
	assert_int_equal(wear_of(w, worn, "worst"), ENDURANCE);
	assert_int_equal(times_heard(w, "board.worn"), 1);
}

static void test_a_worn_board_is_used_when_there_is_no_other(void **state)
{
	struct farm_world *w = *state;
	char worn[FARM_NAME_MAX];

	run_once(w, ENDURANCE);
	mem_text_into(worn, sizeof(worn), w->assigned_board);
	submit_one(w);
	commit_all(w);
	assert_string_not_equal(w->assigned_board, worn);
	submit_one(w);
	commit_all(w);
	assert_string_equal(w->assigned_board, worn);
}

static void test_another_chip_begins_anew(void **state)
{
	struct farm_world *w = *state;
	struct agent_board said = {"", "microbit", BOARD_FREE, "", "0badcafe", true, NULL, false};
	char board[FARM_NAME_MAX], *reason;

	run_once(w, ENDURANCE);
	mem_text_into(board, sizeof(board), w->assigned_board);
	said.name = board;
	assert_int_equal(farm_agent_board(w->farm, "rack1", &said, &w->err), 0);
	assert_int_equal(wear_of(w, board, "worst"), ENDURANCE); /* it was not known before, and is this one */
	said.unique_id = "5ca1ab1e";
	assert_int_equal(farm_agent_board(w->farm, "rack1", &said, &w->err), 0);
	commit_all(w);
	assert_int_equal(wear_of(w, board, "erases"), 0);
	reason = reason_of(w, board);
	assert_string_equal(reason, "");
	free(reason);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_erases_are_counted_where_they_were, setup, teardown_farm),
		cmocka_unit_test_setup_teardown(test_a_worn_board_is_told_once_and_spared, setup, teardown_farm),
		cmocka_unit_test_setup_teardown(test_a_worn_board_is_used_when_there_is_no_other, setup, teardown_farm),
		cmocka_unit_test_setup_teardown(test_another_chip_begins_anew, setup, teardown_farm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
