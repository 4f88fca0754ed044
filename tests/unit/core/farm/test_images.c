/* SPDX-License-Identifier: Apache-2.0 */
/* An image that puts every board out of action that it runs on: a fleet of 100 boards outlives it. */
#include <stdio.h>
#include <string.h>

#include "core/base/mem.h"
#include "tests/unit/core/farm/support_fleet.h"

#define MAX_BOARDS 3

static int hand_in(struct fleet *fleet, const char *sha256, const char *runs, struct doc_problems *problems)
{
	char text[300];

	(void)snprintf(text, sizeof(text),
		       "name: one\nrequire: {tests: 1}\nend: {limit: 1m}\nretries: 3\n"
		       "runs: [{type: microbit, image: suite.elf%s}]\n",
		       runs);
	return fleet_submit(fleet, sha256, text, problems);
}

static size_t count_boards(struct fleet *fleet, const char *state)
{
	json_t *boards = farm_boards_json(fleet->world.farm, &boss), *board;
	size_t i, count = 0;

	json_array_foreach(boards, i, board) count +=
		strcmp(json_string_value(json_object_get(board, "state")), state) == 0;
	json_decref(boards);
	return count;
}

/* One run is under way at a time. With the bad image in its flash the board is gone, and its agent gives it up. */
static void run_one(struct fleet *fleet, bool bad)
{
	struct farm_world *world = &fleet->world;
	char board[FARM_NAME_MAX];

	mem_text_into(board, sizeof(board), world->assigned_board);
	assert_int_equal(tell_step_named(world, 1, "flash", false), 0);
	assert_int_equal(tell_step_named(world, 2, "flash", true), 0);
	if (bad)
		fleet_say(fleet, board, BOARD_QUARANTINED);
	assert_int_equal(tell_end(world, 3, bad ? CAUSE_ATTACH : CAUSE_ALL_REQUIRED_SEEN), 0);
	commit_all(world);
}

static bool run_is_bad(struct fleet *fleet)
{
	return strcmp(fleet->world.assigned_image, IMAGE_SHA) == 0;
}

static void test_fleet(void **state)
{
	static struct fleet fleet;
	static struct doc_problems problems;
	struct farm_world *world = &fleet.world;
	unsigned bad = 0, good = 0, before;
	json_t *held;

	(void)state;
	fleet_init(&fleet, 1);
	assert_int_equal(hand_in(&fleet, IMAGE_SHA, ", count: 50", &problems), 0);
	assert_int_equal(hand_in(&fleet, OTHER_IMAGE_SHA, ", count: 50", &problems), 0);
	commit_all(world);
	do {
		before = world->assigns;
		bad += run_is_bad(&fleet);
		good += !run_is_bad(&fleet);
		run_one(&fleet, run_is_bad(&fleet));
	} while (world->assigns > before);

	assert_int_equal(good, 50);
	assert_int_equal(bad, MAX_BOARDS);
	assert_int_equal(world->recovers, MAX_BOARDS);
	assert_int_equal(count_boards(&fleet, "quarantined"), 0);
	assert_int_equal(count_boards(&fleet, "recovering"), MAX_BOARDS);
	assert_non_null(strstr(world->heard, "image.held"));
	held = farm_held_images_json(world->farm, &mary);
	assert_int_equal(json_array_size(held), 1);
	assert_int_equal(json_array_size(json_object_get(json_array_get(held, 0), "struck")), MAX_BOARDS);
	json_decref(held);

	/* what waits says so, and another job with it is refused */
	held = farm_queue_json(world->farm, &mary, 5);
	assert_int_equal(json_array_size(held), 5);
	assert_string_equal(json_string_value(json_object_get(json_array_get(held, 0), "reason")), "image-held");
	json_decref(held);
	assert_int_equal(hand_in(&fleet, IMAGE_SHA, "", &problems), ERR_INVALID);

	/* a person lets it go on */
	assert_int_equal(farm_release_image(world->farm, &vera, IMAGE_SHA, "why not", on_done, world, &world->err),
			 ERR_DENIED);
	assert_int_equal(farm_release_image(world->farm, &mary, "01234567", "mended", on_done, world, &world->err), 0);
	commit_all(world);
	assert_int_equal(world->assigns, before + 1);
	assert_true(run_is_bad(&fleet));
	farm_world_finish(world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_fleet)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
