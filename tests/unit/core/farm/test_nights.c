/* SPDX-License-Identifier: Apache-2.0 */
/* Nights by the farm's own clock: due, late, skipped, begun once, finished with their last job, taken up after a
 * restart.
 */
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/farm/nights.h"
#include "tests/unit/core/farm/support_nights.h"

static const struct principal alice = {.org = "acme", .name = "alice", .role = ROLE_ADMIN};

static void test_it_begins_when_it_is_due_and_not_again(void **state)
{
	struct farm_world world;

	(void)state;
	nights_begin(&world, "minutely", "run");
	assert_true(world.timer_us <= MINUTE_US);
	tick_at(&world, MINUTE_US - 1);
	assert_null(last_night(&world));
	tick_at(&world, MINUTE_US);
	assert_int_equal(last_night(&world)->stage, NIGHT_IS_RUNNING);
	assert_int_equal(last_night(&world)->due_us, MINUTE_US);
	assert_string_equal(last_night(&world)->text, "");
	assert_non_null(strstr(last_cells(&world), "\"job\":1"));
	commit_all(&world);
	assert_int_equal(waiting(&world), 1);
	tick_at(&world, MINUTE_US + 1000);
	assert_null(last_night(&world));
	tick_at(&world, 2 * MINUTE_US);
	assert_int_equal(last_night(&world)->stage, NIGHT_IS_SKIPPED);
	assert_string_equal(last_night(&world)->text, "night 1 is still under way");
	farm_world_finish(&world);
}

static void test_what_was_missed_is_run_once_and_says_so_or_is_skipped(void **state)
{
	struct farm_world world;

	(void)state;
	nights_begin(&world, "minutely", "run");
	tick_at(&world, 10 * MINUTE_US + 1); /* of ten, the last one, which is not late */
	assert_int_equal(last_night(&world)->id, 1);
	assert_int_equal(last_night(&world)->due_us, 10 * MINUTE_US);
	assert_string_equal(last_night(&world)->text, "");
	farm_world_finish(&world);

	nights_begin(&world, "hourly", "run");
	tick_at(&world, 150 * MINUTE_US);
	assert_int_equal(last_night(&world)->stage, NIGHT_IS_RUNNING);
	assert_int_equal(last_night(&world)->due_us, 120 * MINUTE_US);
	assert_memory_equal(last_night(&world)->text, "30 min late: ", 13);
	farm_world_finish(&world);

	nights_begin(&world, "hourly", "skip");
	tick_at(&world, 150 * MINUTE_US);
	assert_int_equal(last_night(&world)->stage, NIGHT_IS_SKIPPED);
	assert_memory_equal(last_night(&world)->text, "missed: ", 8);
	commit_all(&world);
	assert_int_equal(waiting(&world), 0);
	tick_at(&world, 180 * MINUTE_US);
	assert_int_equal(last_night(&world)->stage, NIGHT_IS_RUNNING);
	farm_world_finish(&world);
}

/* A clock that was wrong by a month, or only set back by an hour. */
static void test_a_clock_that_is_put_back_silences_nothing_and_runs_nothing_twice(void **state)
{
	static const struct {
		int64_t ahead_us;
		bool again;
	} rows[] = {{30 * 24 * 60 * MINUTE_US, true}, {2 * 60 * MINUTE_US, false}};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct farm_world world;

		nights_begin(&world, "hourly", "run");
		world.jumped_us = rows[i].ahead_us;
		tick_at(&world, MINUTE_US);
		assert_int_equal(last_night(&world)->due_us, rows[i].ahead_us);
		commit_all(&world);
		world.jumped_us = 0;
		tick_at(&world, 2 * MINUTE_US);
		assert_null(last_night(&world));
		tick_at(&world, 60 * MINUTE_US);
		assert_int_equal(last_night(&world) != NULL, rows[i].again);
		if (rows[i].again)
			assert_int_equal(last_night(&world)->due_us, 60 * MINUTE_US);
		farm_world_finish(&world);
	}
}

static void test_nothing_begins_while_nothing_can_be_stored(void **state)
{
	struct farm_world world;
	struct err err = {0};

	(void)state;
	nights_begin(&world, "minutely", "run");
	(void)err_set(&err, ERR_NO_SPACE, "full");
	farm_trouble(world.farm, &err);
	tick_at(&world, MINUTE_US);
	assert_null(last_night(&world));
	farm_trouble(world.farm, NULL);
	tick_at(&world, 5 * MINUTE_US + MINUTE_US / 2);
	assert_int_equal(last_night(&world)->due_us, 5 * MINUTE_US);
	assert_int_equal(last_night(&world)->id, 1);
	farm_world_finish(&world);
}

static void test_it_is_finished_with_its_last_job_and_summarised_when_that_is_durable(void **state)
{
	struct farm_world world;
	struct err err = {0};
	int64_t night = 0;

	(void)state;
	nights_begin(&world, "minutely", "run");
	tick_at(&world, MINUTE_US);
	commit_all(&world);
	assert_int_equal(farm_unsummarised(world.farm, &night, 1), 0);
	assert_int_equal(farm_cancel_job(world.farm, &boss, 1, "", on_done, &world, &err), 0);
	/* The board's agent was told; it says that it stopped. */
	assert_int_equal(tell_end(&world, 1, CAUSE_CANCELLED), 0);
	assert_int_equal(last_night(&world)->stage, NIGHT_IS_FINISHED);
	assert_int_equal(farm_unsummarised(world.farm, &night, 1), 0);
	commit_all(&world);
	assert_int_equal(farm_unsummarised(world.farm, &night, 1), 1);
	assert_int_equal(night, 1);
	farm_keep_summary(world.farm, night, 0, "{}", "");
	assert_int_equal(farm_unsummarised(world.farm, &night, 1), 0);
	farm_world_finish(&world);
}

static void test_members_do_not_see_or_change_what_is_of_others(void **state)
{
	struct farm_world world;
	struct err err = {0};
	json_t *list;

	(void)state;
	nights_begin(&world, "minutely", "run");
	list = farm_schedules_json(world.farm, &bob, NULL);
	assert_int_equal(json_array_size(list), 0);
	json_decref(list);
	list = farm_drops_json(world.farm, &bob, NULL);
	assert_int_equal(json_array_size(list), 0);
	json_decref(list);
	assert_int_equal(farm_change_schedule(world.farm, &bob, "nightly", SCHEDULE_REMOVE, on_done, &world, &err),
			 ERR_NOT_FOUND);
	assert_int_equal(farm_change_schedule(world.farm, &vera, "nightly", SCHEDULE_REMOVE, on_done, &world, &err),
			 ERR_DENIED);
	farm_world_finish(&world);
}

static void test_an_admin_is_shown_his_own_of_a_name_that_another_has_too(void **state)
{
	json_t *files = json_pack("{s:s}", "b.elf", IMAGE_SHA), *list;
	struct farm_world world;
	struct err err = {0};
	int64_t version;

	(void)state;
	nights_begin(&world, "minutely", "run");
	assert_int_equal(farm_add_drop(world.farm, &alice, "main", files, on_done, &world, &version, &err), 0);
	list = farm_drops_json(world.farm, &boss, "main");
	assert_int_equal(json_array_size(list), 1);
	assert_string_equal(json_string_value(json_object_get(json_array_get(list, 0), "org")), "default");
	json_decref(list);
	list = farm_drops_json(world.farm, &boss, NULL);
	assert_int_equal(json_array_size(list), 2);
	json_decref(list);
	json_decref(files);
	farm_world_finish(&world);
}

/* It would wait for that until somebody lets it in again, and no other night could begin. */
static void test_a_board_out_of_service_is_left_out_of_a_night_on_each(void **state)
{
	static const char text[] = "name: nightly\nwhen: minutely\nboards: each\n"
				   "matrix: {suites: [smoke], types: [microbit], images: ['drop:main']}\n";
	struct doc_problems *problems = mem_alloc(sizeof(*problems));
	struct farm_world world;
	struct err err = {0};

	(void)state;
	nights_begin(&world, "minutely", "run");
	assert_int_equal(farm_put_schedule(world.farm, &boss, "nightly", "n.yaml", text, strlen(text), on_done, &world,
					   problems, &err),
			 0);
	assert_int_equal(farm_order_board(world.farm, &boss, "mb2", BOARD_ORDER_RETIRE, "sold", on_done, &world, &err),
			 0);
	commit_all(&world);
	tick_at(&world, MINUTE_US);
	assert_int_equal(last_night(&world)->stage, NIGHT_IS_RUNNING);
	assert_non_null(strstr(last_cells(&world), "\"job\":1"));
	assert_null(strstr(last_cells(&world), "\"why\""));
	commit_all(&world);
	assert_int_equal(waiting(&world), 1);
	assert_string_equal(world.assigned_board, "mb1");
	free(problems);
	farm_world_finish(&world);
}

/* How many deliveries are not durable yet. */
static size_t deliveries(const struct farm_world *world)
{
	size_t count = 0;

	list_for_each (change_link, &world->queue) {
		const struct change *change = list_container(change_link, const struct change, link);

		list_for_each (link, &change->records)
			count += list_container(link, const struct record, link)->kind == RECORD_DELIVERY;
	}
	return count;
}

static void test_a_schedule_stops_without_its_authors_token_and_says_so(void **state)
{
	static const char text[] = "name: nightly\nwhen: minutely\nnotify: {mail: [team@example.org]}\n"
				   "matrix: {suites: [smoke], types: [microbit], images: ['drop:main']}\n";
	static const struct principal gone_to_look = {.org = "default", .name = "admin", .role = ROLE_VIEWER};
	struct doc_problems *problems = mem_alloc(sizeof(*problems));
	struct farm_world world;
	struct err err = {0};
	json_t *list;
	int64_t night;

	(void)state;
	nights_begin(&world, "minutely", "run");
	assert_int_equal(farm_put_schedule(world.farm, &boss, "nightly", "n.yaml", text, strlen(text), on_done, &world,
					   problems, &err),
			 0);
	commit_all(&world);
	world.holder = NULL;
	tick_at(&world, MINUTE_US);
	assert_int_equal(last_night(&world)->stage, NIGHT_IS_SKIPPED);
	assert_true(last_night(&world)->summarised);
	assert_memory_equal(last_night(&world)->text, "stopped: admin, in whose name it runs, has no token", 51);
	assert_int_equal(deliveries(&world), 1);
	assert_int_equal(farm_run_schedule(world.farm, &mary, "nightly", on_done, &world, &night, &err), ERR_EXISTS);
	commit_all(&world);
	assert_int_equal(waiting(&world), 0);

	world.holder = &gone_to_look;
	list = farm_schedules_json(world.farm, &boss, "nightly");
	assert_non_null(json_string_value(json_object_get(json_array_get(list, 0), "stopped")));
	json_decref(list);

	/* Made anew under the same name, it goes on; and whoever resumes it takes it over. */
	world.holder = &boss;
	tick_at(&world, 2 * MINUTE_US);
	assert_int_equal(last_night(&world)->stage, NIGHT_IS_RUNNING);
	world.holder = &mary;
	assert_int_equal(farm_change_schedule(world.farm, &alice, "nightly", SCHEDULE_RESUME, on_done, &world, &err),
			 ERR_DENIED);
	assert_int_equal(farm_change_schedule(world.farm, &mary, "nightly", SCHEDULE_RESUME, on_done, &world, &err), 0);
	list = farm_schedules_json(world.farm, &boss, "nightly");
	assert_string_equal(json_string_value(json_object_get(json_array_get(list, 0), "author")), "mary");
	assert_true(json_is_null(json_object_get(json_array_get(list, 0), "stopped")));
	json_decref(list);
	free(problems);
	farm_world_finish(&world);
}

static int put_secret(struct farm_world *world, const struct principal *who, const char *name, bool replace)
{
	struct err err = {0};

	return farm_put_secret(world->farm, who, name, "sixteen-bytes-or-more", replace, on_done, world, &err);
}

static void test_a_secret_is_replaced_only_when_that_is_asked_for(void **state)
{
	struct farm_world world;

	(void)state;
	nights_begin(&world, "minutely", "run");
	assert_int_equal(put_secret(&world, &boss, "ci", false), 0);
	assert_int_equal(put_secret(&world, &boss, "ci", false), ERR_EXISTS);
	assert_int_equal(put_secret(&world, &boss, "ci", true), 0);
	assert_int_equal(put_secret(&world, &boss, "other", true), 0);
	assert_int_equal(put_secret(&world, &alice, "ci", false), 0); /* another organisation's */
	farm_world_finish(&world);
}

static void test_one_organisation_does_not_take_the_room_of_another(void **state)
{
	struct farm_world world;
	char name[32];

	(void)state;
	nights_begin(&world, "minutely", "run");
	for (int i = 0; i < ORG_MAX_SECRETS; i++) {
		(void)snprintf(name, sizeof(name), "s%d", i);
		assert_int_equal(put_secret(&world, &alice, name, false), 0);
	}
	assert_int_equal(put_secret(&world, &alice, "more", false), ERR_BUSY);
	assert_int_equal(put_secret(&world, &alice, "s7", true), 0);
	assert_int_equal(put_secret(&world, &boss, "more", false), 0);
	farm_world_finish(&world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_it_begins_when_it_is_due_and_not_again),
		cmocka_unit_test(test_what_was_missed_is_run_once_and_says_so_or_is_skipped),
		cmocka_unit_test(test_a_clock_that_is_put_back_silences_nothing_and_runs_nothing_twice),
		cmocka_unit_test(test_nothing_begins_while_nothing_can_be_stored),
		cmocka_unit_test(test_it_is_finished_with_its_last_job_and_summarised_when_that_is_durable),
		cmocka_unit_test(test_members_do_not_see_or_change_what_is_of_others),
		cmocka_unit_test(test_an_admin_is_shown_his_own_of_a_name_that_another_has_too),
		cmocka_unit_test(test_a_board_out_of_service_is_left_out_of_a_night_on_each),
		cmocka_unit_test(test_a_schedule_stops_without_its_authors_token_and_says_so),
		cmocka_unit_test(test_a_secret_is_replaced_only_when_that_is_asked_for),
		cmocka_unit_test(test_one_organisation_does_not_take_the_room_of_another),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
