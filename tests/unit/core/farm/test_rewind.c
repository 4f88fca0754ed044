/* SPDX-License-Identifier: Apache-2.0 */
/* The farm goes back to what is durable when the store refuses a change. The records are written by hand: a stored job
 * 1 whose run 1 is running on mb1 of rack1. */
#include <string.h>

#include "core/base/mem.h"
#include "tests/unit/core/farm/support_farm.h"

struct stored {
	struct farm_records records;
	struct job_record job;
	struct run_record run;
	struct board_record board;
	struct agent_record agent;
	char spec[512];
};

static void store_one(struct stored *stored)
{
	memset(stored, 0, sizeof(*stored));
	mem_text_into(
		stored->spec, sizeof(stored->spec),
		"{\"name\":\"one\",\"priority\":50,\"retries\":0,\"require\":{\"tests\":1},\"end\":{\"limit\":\"1m\"},"
		"\"runs\":[{\"type\":\"microbit\",\"image\":\"suite.elf\"}]}");
	stored->job = (struct job_record){.id = 1, .org = "default", .name = "one", .state = JOB_RUNNING};
	stored->job.spec = stored->spec;
	stored->run = (struct run_record){.id = 1, .job = 1, .org = "default", .attempt = 1, .fence = 1, .have = 3};
	stored->run.state = RUN_IS_RUNNING;
	mem_text_into(stored->run.board_type, sizeof(stored->run.board_type), "microbit");
	mem_text_into(stored->run.board, sizeof(stored->run.board), "mb1");
	mem_text_into(stored->run.agent, sizeof(stored->run.agent), "rack1");
	stored->board = (struct board_record){.name = "mb1", .org = "default", .type = "microbit", .agent = "rack1"};
	stored->board.state = BOARD_RUNNING;
	stored->board.fence = 1;
	stored->agent = (struct agent_record){.name = "rack1", .org = "default", .online = true};
	stored->records = (struct farm_records){.last_job = 1,
						.last_run = 1,
						.last_seq = 4,
						.jobs = &stored->job,
						.job_count = 1,
						.runs = &stored->run,
						.run_count = 1,
						.boards = &stored->board,
						.board_count = 1,
						.agents = &stored->agent,
						.agent_count = 1};
}

static void rewind_to(struct farm_world *world, const struct farm_records *records, int64_t number, int64_t run,
		      const char *agent)
{
	struct change_refusal refusal = {.number = number, .run = run};
	struct err err = {0};

	mem_text_into(refusal.agent, sizeof(refusal.agent), agent);
	(void)err_set(&refusal.err, ERR_CORRUPT, "case cannot be stored: CHECK constraint failed");
	drop_queue(world);
	if (farm_rewind(world->farm, records, &refusal, &err))
		fail_msg("%s", err.text);
}

static const struct run_record *committed_run(struct farm_world *world)
{
	const struct run_record *found = NULL;

	list_for_each (at, &world->queue) {
		list_for_each (link, &list_container(at, struct change, link)->records) {
			const struct record *record = list_container(link, const struct record, link);

			if (record->kind == RECORD_RUN)
				found = record->as.run;
		}
	}
	return found;
}

static void test_a_submit_that_is_refused_never_was(void **state)
{
	struct farm_world world;
	struct farm_records empty = {0};

	(void)state;
	farm_world_init(&world);
	assert_int_equal(say_hello(&world, "rack1", NULL, 0, NULL), 0);
	commit_all(&world);
	submit_one(&world);
	assert_false(world.submitted);
	rewind_to(&world, &empty, list_container(world.queue.prev, struct change, link)->number, 1, "");
	assert_true(world.submitted);
	assert_int_equal(world.err.code, ERR_CORRUPT);
	assert_int_equal(world.assigns, 0);
	/* its number is free again, and so is the board once its agent is back */
	assert_int_equal(say_hello(&world, "rack1", NULL, 0, NULL), 0);
	commit_all(&world);
	submit_one(&world);
	commit_all(&world);
	assert_int_equal(world.err.code, 0);
	assert_int_equal(world.job, 1);
	assert_int_equal(world.assigns, 1);
	farm_world_finish(&world);
}

static void test_those_after_it_are_to_try_again(void **state)
{
	struct farm_world world;
	struct farm_records empty = {0};

	(void)state;
	farm_world_init(&world);
	assert_int_equal(say_hello(&world, "rack1", NULL, 0, NULL), 0);
	commit_all(&world);
	submit_one(&world);
	rewind_to(&world, &empty, list_container(world.queue.prev, struct change, link)->number - 1, 0, "");
	assert_int_equal(world.err.code, ERR_BUSY);
	farm_world_finish(&world);
}

static void test_the_run_it_was_about_ends(void **state)
{
	struct farm_world world;
	struct stored stored;
	struct agent_held_run held = {.run = 1, .fence = 1, .last = 4};
	const struct run_record *run;

	(void)state;
	farm_world_init(&world);
	store_one(&stored);
	rewind_to(&world, &stored.records, 1, 1, "");
	run = committed_run(&world);
	assert_non_null(run);
	assert_int_equal(run->state, RUN_IS_FINISHED);
	assert_int_equal(run->verdict, RUN_INFRASTRUCTURE);
	assert_int_equal(run->cause, CAUSE_INTERNAL);
	assert_non_null(strstr(run->text, "CHECK constraint failed"));
	commit_all(&world);
	/* its agent neither resends nor believes */
	assert_int_equal(say_hello(&world, "rack1", &held, 1, NULL), 0);
	assert_int_equal(world.known_count, 1);
	assert_false(world.known[0].known);
	farm_world_finish(&world);
}

static void test_other_runs_resume(void **state)
{
	struct farm_world world;
	struct stored stored;
	struct agent_held_run held = {.run = 1, .fence = 1, .last = 4};

	(void)state;
	farm_world_init(&world);
	store_one(&stored);
	rewind_to(&world, &stored.records, 1, 99, "");
	assert_int_equal(say_hello(&world, "rack1", &held, 1, NULL), 0);
	assert_true(world.known[0].known);
	assert_int_equal(world.known[0].have, 3);
	farm_world_finish(&world);
}

static void test_a_run_whose_end_is_refused_too_is_frozen(void **state)
{
	struct farm_world world;
	struct stored stored;
	struct agent_held_run held = {.run = 1, .fence = 1, .last = 4};
	json_t *board;

	(void)state;
	farm_world_init(&world);
	store_one(&stored);
	rewind_to(&world, &stored.records, 1, 1, "");
	rewind_to(&world, &stored.records, 2, 1, "");
	assert_null(committed_run(&world));
	assert_int_equal(say_hello(&world, "rack1", &held, 1, NULL), 0);
	assert_false(world.known[0].known);
	board = farm_board_json(world.farm, &boss, "mb1");
	assert_string_equal(json_string_value(json_object_get(board, "state")), "running");
	assert_non_null(strstr(json_string_value(json_object_get(board, "reason")), "frozen"));
	json_decref(board);
	/* time, cancels and lost connections leave it alone, and nothing else is held up */
	farm_agent_gone(world.farm, "rack1");
	world.now_us += INT64_C(3600) * 1000000;
	farm_tick(world.farm);
	assert_int_equal(farm_cancel_job(world.farm, &boss, 1, "", on_done, &world, &world.err), 0);
	assert_null(committed_run(&world));
	commit_all(&world);
	assert_int_equal(say_hello(&world, "rack1", &held, 1, NULL), 0);
	submit_one(&world);
	commit_all(&world);
	assert_int_equal(world.assigns, 1);
	assert_string_equal(world.assigned_board, "mb2");
	farm_world_finish(&world);
}

static void test_an_agent_that_says_what_is_refused_waits(void **state)
{
	struct farm_world world;
	struct farm_records empty = {0};
	struct agent_refusal refusal;

	(void)state;
	farm_world_init(&world);
	rewind_to(&world, &empty, 1, 0, "rack1");
	assert_int_equal(say_hello(&world, "rack1", NULL, 0, &refusal), ERR_INVALID);
	assert_string_equal(refusal.field, "hello");
	assert_non_null(strstr(refusal.expected, "CHECK constraint failed"));
	world.now_us += INT64_C(61) * 1000000;
	assert_int_equal(say_hello(&world, "rack1", NULL, 0, &refusal), 0);
	farm_world_finish(&world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_submit_that_is_refused_never_was),
		cmocka_unit_test(test_those_after_it_are_to_try_again),
		cmocka_unit_test(test_the_run_it_was_about_ends),
		cmocka_unit_test(test_other_runs_resume),
		cmocka_unit_test(test_a_run_whose_end_is_refused_too_is_frozen),
		cmocka_unit_test(test_an_agent_that_says_what_is_refused_waits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
