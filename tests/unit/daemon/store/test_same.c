/* SPDX-License-Identifier: Apache-2.0 */
/* What the farm knows of boards and images, and only it: there again after a restart. */
#include <string.h>

#include "core/base/mem.h"
#include "tests/unit/daemon/store/support.h"

static void add_agent(struct change *change)
{
	struct agent_record *agent = change_add(change, RECORD_AGENT);

	mem_text_into(agent->name, sizeof(agent->name), "lab-1");
	mem_text_into(agent->org, sizeof(agent->org), "default");
}

static struct board_record *add_board(struct change *change, const char *name, int64_t flashed_run)
{
	struct board_record *board = change_add(change, RECORD_BOARD);

	mem_text_into(board->name, sizeof(board->name), name);
	mem_text_into(board->org, sizeof(board->org), "default");
	mem_text_into(board->type, sizeof(board->type), "microbit");
	mem_text_into(board->agent, sizeof(board->agent), "lab-1");
	board->flashed_run = flashed_run;
	return board;
}

static void add_image_run(struct change *change, int64_t run, enum run_state state, const char *board,
			  const char *sha256)
{
	struct run_record *record = add_run(change, run, 7, "default", state, 0);

	mem_text_into(record->board, sizeof(record->board), board);
	mem_text_into(record->image_sha256, sizeof(record->image_sha256), sha256);
	mem_text_into(record->image_name, sizeof(record->image_name), "suite.elf");
}

static void add_flash(struct change *change, int64_t run, bool ended, enum cause cause)
{
	struct step_record *step = change_add(change, RECORD_STEP);

	*step = (struct step_record){
		.run = run, .serial = 3, .phase = STEP_FORWARD, .begun_at_us = 5, .ended = ended, .cause = cause};
	mem_text_into(step->org, sizeof(step->org), "default");
	mem_text_into(step->step, sizeof(step->step), "flash");
	step->text = change_text(change, "");
}

static void add_struck(struct change *change, const char *sha256, int64_t held_at_us, int64_t struck_at_us)
{
	struct held_image_record *image = change_add(change, RECORD_HELD_IMAGE);

	mem_text_into(image->org, sizeof(image->org), "default");
	mem_text_into(image->sha256, sizeof(image->sha256), sha256);
	mem_text_into(image->name, sizeof(image->name), "suite.elf");
	mem_text_into(image->evidence, sizeof(image->evidence), "[{\"board\":\"b1\",\"run\":1,\"cause\":\"attach\"}]");
	image->held_at_us = held_at_us;
	image->struck_at_us = struck_at_us;
}

static void commit_and_load(struct fixture *f, struct change *change, struct farm_records *ret_records)
{
	int64_t number = change->number; /* the change is the store's from here on */
	struct err err = {0};

	store_commit(f->store, change);
	fixture_wait_committed(f, number);
	fixture_close(f);
	fixture_must_open(f);
	assert_int_equal(store_load(f->store, ret_records, &err), 0);
}

static void check_image(const struct board_image_record *image, const char *board, int64_t run, bool is_open,
			const char *sha256)
{
	assert_string_equal(image->board, board);
	assert_int_equal(image->run, run);
	assert_int_equal(image->is_open, is_open);
	assert_false(image->is_lease);
	assert_string_equal(image->sha256, sha256);
	assert_string_equal(image->name, "suite.elf");
	assert_string_equal(image->org, "default");
	assert_string_equal(image->board_type, "microbit");
}

/* Of b1 its record tells, of b2 a later, open run that got past its flash; of b3 and b4 nobody knows better. */
static void test_what_boards_hold(void **state)
{
	struct fixture *f = *state;
	struct change *change = change_of_job(1, 7, "default", 1);
	struct farm_records records;
	struct board_record *board;

	add_agent(change);
	board = add_board(change, "b1", 1);
	board->fell_out = board->forgiven = true;
	board->checks_spoiled = 2;
	(void)add_board(change, "b2", 1);
	(void)add_board(change, "b3", 0);
	(void)add_board(change, "b4", 0);
	add_image_run(change, 1, RUN_IS_FINISHED, "b1", "aa");
	add_image_run(change, 2, RUN_IS_RUNNING, "b2", "bb");
	add_image_run(change, 3, RUN_IS_RUNNING, "b3", "bb");
	add_image_run(change, 4, RUN_IS_RUNNING, "b4", "bb");
	add_flash(change, 2, true, CAUSE_NONE);
	add_flash(change, 3, true, CAUSE_FLASH);
	add_flash(change, 4, false, CAUSE_NONE);
	commit_and_load(f, change, &records);

	assert_int_equal(records.board_count, 4);
	assert_true(records.boards[0].fell_out && records.boards[0].forgiven);
	assert_int_equal(records.boards[0].checks_spoiled, 2);
	assert_int_equal(records.boards[0].flashed_run, 1);
	assert_false(records.boards[1].fell_out || records.boards[1].forgiven);
	assert_int_equal(records.boards[2].flashed_run, 0);
	assert_int_equal(records.board_image_count, 3);
	check_image(&records.board_images[0], "b1", 1, false, "aa");
	check_image(&records.board_images[1], "b2", 1, false, "aa");
	check_image(&records.board_images[2], "b2", 2, true, "bb");
	farm_records_finish(&records);
}

static void test_strikes(void **state)
{
	struct fixture *f = *state;
	struct change *change = change_of_job(1, 7, "default", 1);
	struct farm_records records;

	add_struck(change, "aa", 0, 30);
	add_struck(change, "bb", 20, 20);
	add_struck(change, "cc", 0, 10);
	add_struck(change, "cc", 0, 40);
	commit_and_load(f, change, &records);

	assert_int_equal(records.held_image_count, 3);
	assert_string_equal(records.held_images[0].sha256, "bb");
	assert_int_equal(records.held_images[0].held_at_us, 20);
	assert_string_equal(records.held_images[1].sha256, "aa");
	assert_int_equal(records.held_images[1].held_at_us, 0);
	assert_string_equal(records.held_images[2].sha256, "cc"); /* the last one that was struck */
	assert_int_equal(records.held_images[2].struck_at_us, 40);
	assert_non_null(strstr(records.held_images[2].evidence, "attach"));
	farm_records_finish(&records);
}

static struct run_record *add_took(struct change *change, int64_t run, int64_t took_us, int64_t finished_at_us)
{
	struct run_record *record = add_run(change, run, 7, "default", RUN_IS_FINISHED, 0);

	record->assigned_at_us = finished_at_us - took_us;
	record->finished_at_us = finished_at_us;
	return record;
}

/* In the order in which they ended; nothing of runs that came to no verdict. */
static void test_how_long_runs_took(void **state)
{
	struct fixture *f = *state;
	struct change *change = change_of_job(1, 7, "default", 1);
	struct farm_records records;

	add_took(change, 1, 50, 1000);
	add_took(change, 2, 60, 900);
	add_took(change, 3, 70, 950)->verdict = RUN_INFRASTRUCTURE;
	add_run(change, 4, 7, "default", RUN_IS_RUNNING, 0);
	commit_and_load(f, change, &records);

	assert_int_equal(records.took_count, 2);
	assert_int_equal(records.tooks[0].took_us, 60);
	assert_int_equal(records.tooks[1].took_us, 50);
	assert_string_equal(records.tooks[0].org, "default");
	assert_string_equal(records.tooks[0].board_type, "microbit");
	assert_string_equal(records.tooks[0].suite, "");
	assert_string_equal(records.tooks[0].name, "nightly");
	farm_records_finish(&records);
}

static void add_diagnosis(struct change *change, int64_t job, int64_t run)
{
	struct diagnosis_record *record = change_add(change, RECORD_DIAGNOSIS);

	*record = (struct diagnosis_record){.job = job, .run = run, .cause = CAUSE_CASE_FAILED};
	mem_text_into(record->org, sizeof(record->org), "default");
}

/* The diagnosis of job 8 is over, but not job 7, a failure of which it looked into. */
static void test_what_was_counted(void **state)
{
	struct fixture *f = *state;
	struct change *change = change_of_job(1, 7, "default", 1);
	struct job_record *over = change_add(change, RECORD_JOB);
	struct farm_records records;

	*over = (struct job_record){.id = 8, .kind = JOB_IS_DIAGNOSIS, .state = JOB_FINISHED, .verdict = RUN_PASSED};
	mem_text_into(over->org, sizeof(over->org), "default");
	over->spec = mem_text("{}");
	add_run(change, 1, 7, "default", RUN_IS_FINISHED, 0);
	add_run(change, 2, 7, "default", RUN_IS_QUEUED, 0)->rejected = 3;
	add_diagnosis(change, 8, 1);
	add_agent(change);
	add_board(change, "b1", 0)->busy = 2;
	commit_and_load(f, change, &records);

	assert_int_equal(records.runs[0].rejected, 0);
	assert_int_equal(records.runs[1].rejected, 3);
	assert_int_equal(records.boards[0].busy, 2);
	assert_int_equal(records.diagnosis_count, 1);
	assert_int_equal(records.diagnoses[0].job, 8);
	assert_int_equal(records.diagnoses[0].run, 1);
	farm_records_finish(&records);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_what_boards_hold, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_strikes, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_how_long_runs_took, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_what_was_counted, fixture_setup, fixture_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
