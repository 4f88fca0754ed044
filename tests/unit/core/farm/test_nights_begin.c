/* SPDX-License-Identifier: Apache-2.0 */
/* How a night comes to its jobs: in turns, bounded, on the boards that are asked for, and on after a restart. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "tests/unit/core/farm/support_nights.h"

static const char large_head[] = "name: nightly\nwhen: minutely\nretries: 0\nmatrix:\n  suites: [smoke]\n"
				 "  types: [microbit]\n  images:\n";

/* A schedule of so many cells, and what is said of the jobs at a time and boards. */
static void put_large(struct farm_world *world, int cells, const char *more)
{
	struct doc_problems *problems = mem_alloc(sizeof(*problems));
	struct err err = {0};
	struct buf text;

	buf_init(&text, 1 << 20);
	assert_int_equal(buf_append_text(&text, large_head), 0);
	for (int i = 0; i < cells; i++)
		assert_int_equal(buf_appendf(&text, "    - {name: i%d, image: 'drop:main'}\n", i), 0);
	assert_int_equal(buf_append_text(&text, more), 0);
	assert_int_equal(farm_put_schedule(world->farm, &boss, "nightly", "n.yaml", buf_text(&text), text.len, on_done,
					   world, problems, &err),
			 0);
	commit_all(world);
	buf_finish(&text);
	free(problems);
}

/* So many cells have a job; the number of the last one. */
static size_t with_job(const struct farm_world *world, int64_t *ret_last)
{
	json_t *cells = json_loads(last_cells(world), 0, NULL), *cell;
	size_t i, count = 0;

	json_array_foreach(cells, i, cell)
	{
		int64_t job = json_integer_value(json_object_get(cell, "job"));

		count += job > 0;
		*ret_last = job > *ret_last ? job : *ret_last;
	}
	json_decref(cells);
	return count;
}

static void test_a_large_night_is_begun_in_turns(void **state)
{
	struct farm_world world;
	int64_t last = 0;
	int turns = 1;

	(void)state;
	nights_begin(&world, "minutely", "run");
	put_large(&world, 100, "count: 3\n");
	tick_at(&world, MINUTE_US);
	assert_int_equal(last_night(&world)->stage, NIGHT_IS_RUNNING);
	assert_int_equal(with_job(&world, &last), 0);
	while (world.timer_us <= world.now_us && turns < 100) {
		farm_tick(world.farm);
		turns++;
	}
	assert_int_equal(turns, 3);
	assert_int_equal(with_job(&world, &last), 100);
	assert_int_equal(last, 5); /* 21 cells of three runs each in a job */
	commit_all(&world);
	assert_int_equal(waiting(&world), 300);
	farm_world_finish(&world);
}

/* What is taken at a time is bounded by the job, so there is one. */
static void test_runs_at_a_time_go_for_the_whole_night(void **state)
{
	struct farm_world world;
	int64_t last = 0;

	(void)state;
	nights_begin(&world, "minutely", "run");
	put_large(&world, 100, "count: 3\nparallel: 5\n");
	tick_at(&world, MINUTE_US);
	while (world.timer_us <= world.now_us)
		farm_tick(world.farm);
	assert_int_equal(with_job(&world, &last), 100);
	assert_int_equal(last, 1);
	farm_world_finish(&world);
}

/* A farm that died when it had given a job to the first of two cells only. */
static void test_a_night_that_had_begun_in_part_goes_on_after_a_restart(void **state)
{
	static char text[] = "name: nightly\nwhen: minutely\nboards: 1\nmatrix: {suites: [smoke], types: [microbit], "
			     "images: [{name: a, image: 'drop:main'}, {name: b, image: 'drop:main'}]}\n";
	char cells[600];
	struct schedule_record schedule = {.org = "default", .name = "nightly", .author = "admin", .text = text};
	struct suite_record suite = {
		.name = "smoke", .org = "default", .version = "1", .text = (char *)(uintptr_t)night_suite};
	struct night_record night = {
		.id = 7, .org = "default", .schedule = "nightly", .stage = NIGHT_IS_RUNNING, .cells = cells};
	struct agent_record agent = {.name = "rack1", .org = "default"};
	struct farm_records records = {.farm_id = "feed",
				       .last_job = 5,
				       .last_night = 7,
				       .schedules = &schedule,
				       .schedule_count = 1,
				       .suites = &suite,
				       .suite_count = 1,
				       .nights = &night,
				       .night_count = 1,
				       .agents = &agent,
				       .agent_count = 1};
	struct farm_world world;
	struct err err = {0};
	int64_t last = 0;

	(void)state;
	(void)snprintf(cells, sizeof(cells),
		       "[{\"suite\":\"smoke\",\"image\":\"a\",\"type\":\"microbit\",\"source\":\"drop:main\","
		       "\"sha256\":\"%s\",\"job\":5,\"spec\":0,\"specs\":1},{\"suite\":\"smoke\",\"image\":\"b\","
		       "\"type\":\"microbit\",\"source\":\"drop:main\",\"sha256\":\"%s\"}]",
		       IMAGE_SHA, IMAGE_SHA);
	farm_world_init_from(&world, &records);
	commit_all(&world);
	/* Its rack may come back: till then there is no board to choose. */
	tick_at(&world, world.now_us + 1000000);
	assert_null(last_night(&world));
	assert_int_equal(say_hello(&world, "rack1", NULL, 0, NULL), 0);
	tick_at(&world, world.now_us + 1000000);
	assert_int_equal(with_job(&world, &last), 2);
	assert_int_equal(last, 6);
	assert_non_null(strstr(last_cells(&world), "\"job\":5"));
	commit_all(&world);
	assert_int_equal(waiting(&world), 1);
	assert_int_equal(farm_cancel_job(world.farm, &boss, 6, "", on_done, &world, &err), 0);
	assert_int_equal(tell_end(&world, 1, CAUSE_CANCELLED), 0);
	assert_int_equal(last_night(&world)->stage, NIGHT_IS_FINISHED);
	farm_world_finish(&world);
}

static void test_boards_are_different_ones_as_in_a_job(void **state)
{
	struct farm_world world;
	int64_t last = 0;

	(void)state;
	nights_begin(&world, "minutely", "run");
	put_large(&world, 1, "boards: 2\n");
	tick_at(&world, MINUTE_US);
	assert_int_equal(with_job(&world, &last), 1);
	assert_non_null(strstr(last_cells(&world), "\"specs\":2"));
	put_large(&world, 1, "boards: 3\n");
	commit_all(&world);
	assert_int_equal(waiting(&world), 2);
	farm_world_finish(&world);

	nights_begin(&world, "minutely", "run");
	put_large(&world, 1, "boards: 3\n");
	tick_at(&world, MINUTE_US);
	assert_non_null(strstr(last_cells(&world), "no more than are in service"));
	assert_int_equal(last_night(&world)->stage, NIGHT_IS_FINISHED);
	farm_world_finish(&world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_large_night_is_begun_in_turns),
		cmocka_unit_test(test_runs_at_a_time_go_for_the_whole_night),
		cmocka_unit_test(test_a_night_that_had_begun_in_part_goes_on_after_a_restart),
		cmocka_unit_test(test_boards_are_different_ones_as_in_a_job),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
