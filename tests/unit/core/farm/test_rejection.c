/* SPDX-License-Identifier: Apache-2.0 */
/* Assigns that an agent does not take, for ever. */
#include <string.h>

#include "tests/unit/core/farm/support_farm.h"

static void busy(struct farm_world *world)
{
	assert_int_equal(farm_agent_rejected(world->farm, "rack1", world->assigned_run, world->assigned_fence,
					     AGENT_REJECT_BUSY, &world->err),
			 0);
	commit_all(world);
}

static void expect_state_and_reason(struct farm_world *world, const char *name, const char *state, const char *reason)
{
	json_t *board = farm_board_json(world->farm, &boss, name);

	assert_string_equal(json_string_value(json_object_get(board, "state")), state);
	assert_non_null(strstr(json_string_value(json_object_get(board, "reason")), reason));
	json_decref(board);
}

static void until_asked_again(struct farm_world *world)
{
	unsigned before = world->assigns;

	/* the farm has other things to do in between */
	for (int ticks = 0; ticks < 10 && world->assigns == before; ticks++) {
		world->now_us = world->timer_us;
		farm_tick(world->farm);
		commit_all(world);
	}
}

static void start(struct farm_world *world)
{
	farm_world_init(world);
	assert_int_equal(say_hello(world, "rack1", NULL, 0, NULL), 0);
	commit_all(world);
}

static void test_busy_for_ever(void **state)
{
	static struct doc_problems problems;
	struct farm_world world;
	struct agent_board said = {"mb1", "", BOARD_FREE, "", "", true, NULL, false};
	int64_t begun;

	(void)state;
	start(&world);
	begun = world.now_us;
	assert_int_equal(submit(&world, &mary,
				"name: one\nrequire: {tests: 1}\nruns: [{board: mb1, image: suite.elf}]\n", &problems),
			 0);
	commit_all(&world);
	for (unsigned times = 1; times < 6; times++) {
		assert_int_equal(world.assigns, times);
		busy(&world);
		expect_state_and_reason(&world, "mb1", "recovering", "still busy");
		until_asked_again(&world);
	}
	assert_true(world.now_us - begun >= 31 * INT64_C(1000000));
	busy(&world);
	expect_state_and_reason(&world, "mb1", "quarantined", "busy, 6 times in a row");
	world.now_us += INT64_C(3600) * 1000000;
	farm_tick(world.farm);
	commit_all(&world);
	assert_int_equal(world.assigns, 6);
	/* not by what its agent says, but by a person */
	assert_int_equal(say_hello(&world, "rack1", NULL, 0, NULL), 0);
	commit_all(&world);
	assert_int_equal(world.assigns, 6);
	assert_int_equal(farm_order_board(world.farm, &boss, "mb1", BOARD_ORDER_RELEASE, "its host was looked after",
					  on_done, &world, &world.err),
			 0);
	commit_all(&world);
	assert_int_equal(world.recovers, 1);
	said.state = BOARD_RECOVERING;
	assert_int_equal(farm_agent_board(world.farm, "rack1", &said, &world.err), 0);
	said.state = BOARD_FREE;
	assert_int_equal(farm_agent_board(world.farm, "rack1", &said, &world.err), 0);
	commit_all(&world);
	assert_int_equal(world.assigns, 7);
	assert_int_equal(tell_end(&world, 1, CAUSE_ALL_REQUIRED_SEEN), 0);
	commit_all(&world);
	submit_one(&world);
	commit_all(&world);
	farm_world_finish(&world);
}

/* Both boards are free again: the one that was busy is not the run's first choice, and what its rack says under the
 * lease of the first is not of the second. */
static void test_the_run_goes_elsewhere(void **state)
{
	struct farm_world world;
	char first[FARM_NAME_MAX];
	int64_t fence, under_first;

	(void)state;
	start(&world);
	submit_one(&world);
	commit_all(&world);
	memcpy(first, world.assigned_board, sizeof(first));
	under_first = world.assigned_fence;
	busy(&world);
	assert_int_equal(world.assigns, 2);
	assert_string_not_equal(world.assigned_board, first);
	fence = world.assigned_fence;
	world.assigned_fence = under_first;
	assert_int_equal(tell_end(&world, 1, CAUSE_HANG), 0);
	commit_all(&world);
	assert_int_equal(world.stales, 1);
	assert_null(strstr(world.heard, "run.finished"));
	world.assigned_fence = fence;
	assert_int_equal(tell_end(&world, 1, CAUSE_ALL_REQUIRED_SEEN), 0);
	commit_all(&world);
	farm_world_finish(&world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_busy_for_ever),
		cmocka_unit_test(test_the_run_goes_elsewhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
