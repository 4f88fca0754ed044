/* SPDX-License-Identifier: Apache-2.0 */
/* An idle fleet of 100 boards is given 100 runs of an image that nobody knows. */
#include <stdio.h>
#include <string.h>

#include "tests/unit/core/farm/support_fleet.h"

#define TRIAL 3
#define FIRST 8

/* where: "type: microbit, count: 2", or "board: b7". */
static void hand_in_for(struct fleet *fleet, const char *sha256, const char *where)
{
	static struct doc_problems problems;
	char text[300];

	(void)snprintf(text, sizeof(text),
		       "name: one\nrequire: {tests: 1}\nend: {limit: 1m}\nruns: [{image: suite.elf, %s}]\n", where);
	assert_int_equal(fleet_submit(fleet, sha256, text, &problems), 0);
	commit_all(&fleet->world);
}

static void hand_in(struct fleet *fleet, const char *sha256, int runs)
{
	char where[64];

	(void)snprintf(where, sizeof(where), "type: microbit, count: %d", runs);
	hand_in_for(fleet, sha256, where);
}

/* The n-th run that was given out is the one that is told of from now on. */
static const char *turn_to(struct fleet *fleet, unsigned n)
{
	assert_true(n < fleet->world.assigns);
	fleet->world.assigned_run = fleet->world.assigned[n].run;
	fleet->world.assigned_fence = fleet->world.assigned[n].fence;
	return fleet->world.assigned[n].board;
}

static void flash(struct fleet *fleet, unsigned n)
{
	(void)turn_to(fleet, n);
	assert_int_equal(tell_step_named(&fleet->world, 1, "flash", false), 0);
	assert_int_equal(tell_step_named(&fleet->world, 2, "flash", true), 0);
	commit_all(&fleet->world);
}

static void end(struct fleet *fleet, unsigned n, int64_t event, enum cause cause)
{
	(void)turn_to(fleet, n);
	assert_int_equal(tell_end(&fleet->world, event, cause), 0);
	commit_all(&fleet->world);
}

static void expect_first_waits(struct fleet *fleet, const char *reason, const char *text)
{
	json_t *queue = farm_queue_json(fleet->world.farm, &mary, 1), *first = json_array_get(queue, 0);

	assert_string_equal(json_string_value(json_object_get(first, "reason")), reason);
	assert_non_null(strstr(json_string_value(json_object_get(first, "waits")), text));
	json_decref(queue);
}

/* So many runs wait for the trial, one behind the other, and the last is expected no sooner than the first. */
static void expect_behind(struct fleet *fleet, size_t count)
{
	json_t *queue = farm_queue_json(fleet->world.farm, &mary, 100), *entry;
	int64_t last_us = fleet->world.now_us;
	size_t i;

	assert_int_equal(json_array_size(queue), count);
	json_array_foreach(queue, i, entry)
	{
		int64_t at_us = json_integer_value(json_object_get(entry, "expected_at_us"));

		assert_int_equal(json_integer_value(json_object_get(entry, "position")), i);
		assert_true(at_us >= last_us);
		last_us = at_us;
	}
	assert_true(last_us > fleet->world.now_us);
	json_decref(queue);
}

/* Each board that flashes it is gone. */
static void test_bad_at_once(void **state)
{
	static struct fleet fleet;
	struct farm_world *world = &fleet.world;

	(void)state;
	fleet_init(&fleet, 0);
	hand_in(&fleet, IMAGE_SHA, FLEET);
	assert_int_equal(world->assigns, TRIAL);
	expect_first_waits(&fleet, "image-on-trial", "running it: 3, to be heard of: 0, out of action after it: 0");
	expect_behind(&fleet, FLEET - TRIAL);
	for (unsigned i = 0; i < TRIAL; i++) {
		flash(&fleet, i);
		fleet_say(&fleet, turn_to(&fleet, i), BOARD_QUARANTINED);
		end(&fleet, i, 3, CAUSE_ATTACH);
		assert_int_equal(world->assigns, TRIAL);
	}
	assert_non_null(strstr(world->heard, "image.held"));
	expect_first_waits(&fleet, "image-held", "is held");
	assert_int_equal(world->recovers, TRIAL);
	farm_world_finish(world);
}

/* The second job's runs are behind those of the first, and both are told which boards will tell. */
static void test_what_waits_for_it(void **state)
{
	static struct fleet fleet;
	struct farm_world *world = &fleet.world;
	char on[2 * FARM_NAME_MAX + 80];

	(void)state;
	fleet_init(&fleet, 0);
	hand_in(&fleet, IMAGE_SHA, TRIAL + 2);
	hand_in(&fleet, IMAGE_SHA, 3);
	assert_int_equal(world->assigns, TRIAL);
	expect_behind(&fleet, 5);
	expect_first_waits(&fleet, "image-on-trial", "waits for the trial of image 0123456789ab: it is new");
	flash(&fleet, 0);
	(void)snprintf(on, sizeof(on), "of image 0123456789ab on %s: it is new", world->assigned[0].board);
	expect_first_waits(&fleet, "image-on-trial", on);
	for (unsigned i = 1; i < TRIAL; i++)
		flash(&fleet, i);
	expect_first_waits(&fleet, "image-on-trial", " and 1 more: it is new");
	farm_world_finish(world);
}

/* As the last change that waits has it stored. */
static bool stored_fell_out(const struct farm_world *world, const char *board)
{
	const struct board_record *found = NULL;

	list_for_each (link, &world->queue) {
		const struct change *change = list_container(link, const struct change, link);

		list_for_each (row, &change->records) {
			const struct record *record = list_container(row, const struct record, link);

			if (record->kind == RECORD_BOARD && strcmp(record->as.board->name, board) == 0)
				found = record->as.board;
		}
	}
	assert_non_null(found);
	return found->fell_out;
}

/* The board of the last strike is there again at once, and forgiven; what it took is stored all the same. */
static void test_fell_out_is_stored(void **state)
{
	static struct fleet fleet;
	struct farm_world *world = &fleet.world;

	(void)state;
	fleet_init(&fleet, 0);
	hand_in(&fleet, IMAGE_SHA, FLEET);
	for (unsigned i = 0; i < TRIAL; i++) {
		flash(&fleet, i);
		assert_int_equal(tell_end(world, 3, CAUSE_BOARD_LOST), 0);
		assert_true(stored_fell_out(world, world->assigned[i].board));
		commit_all(world);
	}
	assert_non_null(strstr(world->heard, "image.held"));
	farm_world_finish(world);
}

/* That a board which fell out can be worked with again is no praise. */
static void test_fell_out(void **state)
{
	static struct fleet fleet;
	struct farm_world *world = &fleet.world;
	char where[80];

	(void)state;
	fleet_init(&fleet, 0);
	hand_in(&fleet, IMAGE_SHA, FLEET);
	flash(&fleet, 0);
	end(&fleet, 0, 3, CAUSE_ATTACH);
	assert_int_equal(world->assigns, TRIAL); /* its strike keeps the place */
	for (unsigned i = 1; i < TRIAL; i++)
		end(&fleet, i, 1, CAUSE_CANCELLED);
	(void)snprintf(where, sizeof(where), "board: %s", world->assigned[0].board);
	hand_in_for(&fleet, OTHER_IMAGE_SHA, where);
	assert_string_equal(world->assigned[world->assigns - 1].board, world->assigned[0].board);
	flash(&fleet, world->assigns - 1);
	expect_first_waits(&fleet, "image-on-trial", "it is new to microbit");
	farm_world_finish(world);
}

/* Each run passes, and leaves its board so that the next one cannot work with it. */
static void test_dies_later(void **state)
{
	static struct fleet fleet;
	struct farm_world *world = &fleet.world;

	(void)state;
	fleet_init(&fleet, 0);
	hand_in(&fleet, IMAGE_SHA, FLEET);
	for (unsigned i = 0; i < TRIAL; i++) {
		flash(&fleet, i);
		end(&fleet, i, 3, i ? CAUSE_ALL_REQUIRED_SEEN : CAUSE_NO_OUTPUT);
		/* the next run has the very board, since it holds the image */
		assert_int_equal(world->assigns, TRIAL + 1 + i);
		assert_string_equal(world->assigned[TRIAL + i].board, world->assigned[i].board);
	}
	for (unsigned i = 0; i < TRIAL; i++)
		end(&fleet, TRIAL + i, 1, CAUSE_ATTACH);
	assert_non_null(strstr(world->heard, "image.held"));
	for (unsigned i = 0; i < world->assigns; i++) {
		unsigned at = 0;

		while (at < TRIAL && strcmp(world->assigned[i].board, world->assigned[at].board) != 0)
			at++;
		assert_true(at < TRIAL); /* no fourth board ever had it */
	}
	farm_world_finish(world);
}

static void test_good(void **state)
{
	static struct fleet fleet;
	struct farm_world *world = &fleet.world;

	(void)state;
	fleet_init(&fleet, 0);
	hand_in(&fleet, IMAGE_SHA, FLEET);
	flash(&fleet, 0);
	end(&fleet, 0, 3, CAUSE_ALL_REQUIRED_SEEN);
	assert_int_equal(world->assigns, TRIAL + 1); /* it has not shown yet what it leaves behind */
	flash(&fleet, TRIAL);
	assert_int_equal(world->assigns, FLEET);
	/* known once, known for good */
	for (unsigned i = 1; i < FIRST; i++) {
		if (i != TRIAL)
			flash(&fleet, i);
		end(&fleet, i, 3, CAUSE_ALL_REQUIRED_SEEN);
	}
	hand_in(&fleet, IMAGE_SHA, FIRST);
	assert_int_equal(world->assigns, FLEET + FIRST);
	farm_world_finish(world);
}

/* Whatever image the next run has: it is told by whether it gets as far as its flash. */
static void test_told_by_another(void **state)
{
	static struct fleet fleet;
	struct farm_world *world = &fleet.world;

	(void)state;
	fleet_init(&fleet, 0);
	hand_in(&fleet, IMAGE_SHA, 1);
	for (unsigned i = 1; i < FLEET; i++) /* all other boards are out of reach */
		fleet_say(&fleet, fleet.names[i],
			  strcmp(fleet.names[i], world->assigned[0].board) ? BOARD_RECOVERING : BOARD_RUNNING);
	if (strcmp(fleet.names[0], world->assigned[0].board) != 0)
		fleet_say(&fleet, fleet.names[0], BOARD_RECOVERING);
	flash(&fleet, 0);
	end(&fleet, 0, 3, CAUSE_ALL_REQUIRED_SEEN);
	hand_in(&fleet, OTHER_IMAGE_SHA, 1);
	assert_int_equal(world->assigns, 2);
	flash(&fleet, 1);
	for (unsigned i = 0; i < FLEET; i++) {
		if (strcmp(fleet.names[i], world->assigned[0].board) != 0)
			fleet_say(&fleet, fleet.names[i], BOARD_FREE);
	}
	hand_in(&fleet, IMAGE_SHA, FIRST);
	assert_int_equal(world->assigns, 2 + FIRST);
	farm_world_finish(world);
}

/* A board that is not fit for work after its run keeps the place of another. */
static void test_has_to_tell(void **state)
{
	static struct fleet fleet;
	struct farm_world *world = &fleet.world;

	(void)state;
	fleet_init(&fleet, 0);
	hand_in(&fleet, IMAGE_SHA, FLEET);
	for (unsigned i = 0; i < TRIAL; i++) {
		flash(&fleet, i);
		fleet_say(&fleet, turn_to(&fleet, i), BOARD_RECOVERING);
		end(&fleet, i, 3, CAUSE_ALL_REQUIRED_SEEN);
	}
	assert_int_equal(world->assigns, TRIAL);
	expect_first_waits(&fleet, "image-on-trial", "running it: 0, to be heard of: 3");
	fleet_say(&fleet, world->assigned[1].board, BOARD_FREE);
	assert_int_equal(world->assigns, TRIAL + 1);
	assert_string_equal(world->assigned[TRIAL].board, world->assigned[1].board);
	farm_world_finish(world);
}

/* Whose rack hears and says nothing, or is gone, keeps nobody from trying. */
static void test_not_heard_of(void **state)
{
	static struct fleet fleet;
	struct farm_world *world = &fleet.world;

	(void)state;
	fleet_init(&fleet, 0);
	hand_in(&fleet, IMAGE_SHA, FLEET);
	flash(&fleet, 0); /* this one is at it */
	world->now_us += 4900000;
	farm_tick(world->farm);
	commit_all(world);
	assert_int_equal(world->assigns, TRIAL);
	world->now_us += 200000;
	farm_tick(world->farm);
	commit_all(world);
	assert_int_equal(world->assigns, 2 * TRIAL - 1);
	/* who speaks after all takes its place again */
	flash(&fleet, 1);
	flash(&fleet, 2);
	end(&fleet, 3, 1, CAUSE_CANCELLED);
	assert_int_equal(world->assigns, 2 * TRIAL - 1);
	farm_world_finish(world);
}

/* Two racks; the one with all the runs goes away. */
static void test_gone(void **state)
{
	static struct fleet fleet;
	struct farm_world *world = &fleet.world;
	struct agent_board far[] = {{"far", "microbit", BOARD_FREE, "", "", true, NULL, false}};
	struct agent_refusal refusal;
	struct agent_hello hello = hello_of(world, "rack2", far, 1);

	(void)state;
	fleet_init(&fleet, 0);
	hand_in(&fleet, IMAGE_SHA, FLEET);
	for (unsigned i = 0; i < TRIAL; i++)
		flash(&fleet, i);
	assert_int_equal(farm_agent_hello(world->farm, &rack, &hello, &refusal, &world->err), 0);
	commit_all(world);
	assert_int_equal(world->assigns, TRIAL);
	farm_agent_gone(world->farm, "rack1");
	commit_all(world);
	assert_int_equal(world->assigns, TRIAL + 1);
	assert_string_equal(world->assigned[TRIAL].board, "far");
	farm_world_finish(world);
}

static void test_release(void **state)
{
	static struct fleet fleet;
	struct farm_world *world = &fleet.world;
	json_t *trials;

	(void)state;
	fleet_init(&fleet, 0);
	hand_in(&fleet, IMAGE_SHA, FLEET);
	trials = farm_trials_json(world->farm, &mary);
	assert_int_equal(json_array_size(trials), 1);
	assert_int_equal(json_integer_value(json_object_get(json_array_get(trials, 0), "waiting")), FLEET - TRIAL);
	json_decref(trials);
	assert_int_equal(farm_release_image(world->farm, &bob, IMAGE_SHA, "mine", on_done, world, &world->err),
			 ERR_NOT_FOUND);
	assert_int_equal(farm_release_image(world->farm, &vera, IMAGE_SHA, "why not", on_done, world, &world->err),
			 ERR_DENIED);
	assert_int_equal(
		farm_release_image(world->farm, &mary, "01234567", "a soak of days", on_done, world, &world->err), 0);
	commit_all(world);
	assert_int_equal(world->assigns, FLEET);
	assert_non_null(strstr(world->heard, "image.released"));
	trials = farm_trials_json(world->farm, &mary);
	assert_int_equal(json_array_size(trials), 0);
	json_decref(trials);
	farm_world_finish(world);
}

/* A beginning that could mean another image too releases neither. */
static void test_release_of_twins(void **state)
{
	static struct fleet fleet;
	struct farm_world *world = &fleet.world;

	(void)state;
	fleet_init(&fleet, 0);
	hand_in(&fleet, IMAGE_SHA, FLEET);
	hand_in(&fleet, TWIN_IMAGE_SHA, FLEET);
	assert_int_equal(world->assigns, 2 * TRIAL);
	assert_int_equal(farm_release_image(world->farm, &mary, "0123456789", "well", on_done, world, &world->err),
			 ERR_NOT_FOUND);
	assert_int_equal(farm_release_image(world->farm, &mary, "0123456789a", "well", on_done, world, &world->err), 0);
	commit_all(world);
	assert_int_equal(world->assigns, FLEET);
	farm_world_finish(world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bad_at_once),
		cmocka_unit_test(test_dies_later),
		cmocka_unit_test(test_what_waits_for_it),
		cmocka_unit_test(test_fell_out),
		cmocka_unit_test(test_fell_out_is_stored),
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_told_by_another),
		cmocka_unit_test(test_has_to_tell),
		cmocka_unit_test(test_not_heard_of),
		cmocka_unit_test(test_gone),
		cmocka_unit_test(test_release),
		cmocka_unit_test(test_release_of_twins),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
