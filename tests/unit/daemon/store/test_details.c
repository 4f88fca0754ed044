/* SPDX-License-Identifier: Apache-2.0 */
/* Steps and cases of many: nobody gets more of them than there is room for, and page by page nobody misses one. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "tests/unit/daemon/store/support.h"

#define CASES (ARCHIVE_MAX_DETAILS + 10)

static void add_cases(struct change *change, int64_t run, int count)
{
	for (int i = 0; i < count; i++) {
		struct case_record *result = change_add(change, RECORD_CASE);
		char name[32];

		(void)snprintf(name, sizeof(name), "case%d", i);
		*result = (struct case_record){.run = run,
					       .org = "default",
					       .serial = i + 1,
					       .group = "G",
					       .name = change_text(change, name),
					       .message = ""};
	}
}

static struct step_record *add_step(struct change *change, int64_t run, const char *text)
{
	struct step_record *step = change_add(change, RECORD_STEP);

	*step = (struct step_record){
		.run = run, .org = "default", .serial = 1000000, .step = "flash", .ended = text != NULL};
	step->text = change_text(change, text);
	return step;
}

static void add_run_of(struct change *change, int64_t run, const char *board, bool written)
{
	struct run_record *record = add_run(change, run, 7, "default", RUN_IS_FINISHED, 0);

	mem_text_into(record->board, sizeof(record->board), board);
	add_step(change, run, "whatever it says")->flash_written = written;
}

static void add_job_with_parameters(struct change *change)
{
	struct job_record *job = change_add(change, RECORD_JOB);

	job->id = 8;
	mem_text_into(job->org, sizeof(job->org), "default");
	job->spec = mem_text("{\"runs\":[{\"require\":{}},{\"require\":{\"parameters\":{\"broker\":\"lab-2\"}}}]}");
	add_run(change, 27, 8, "default", RUN_IS_QUEUED, 0)->spec = 1;
}

/* Runs 24 and 26 were on board b1, 25 on b2. Job 7: run 21 finished, with very many cases; run 22 is running, with more
 * than a job shows; run 23 finished. */
static int setup(void **state)
{
	struct fixture *f = mem_alloc(sizeof(*f));
	struct change *change = change_of_job(1, 7, "default", 1);

	fixture_init(f);
	fixture_must_open(f);
	add_run(change, 21, 7, "default", RUN_IS_FINISHED, 0);
	add_run(change, 22, 7, "default", RUN_IS_RUNNING, 0);
	add_run(change, 23, 7, "default", RUN_IS_FINISHED, 0);
	add_cases(change, 21, CASES);
	add_cases(change, 22, ARCHIVE_MAX_ROWS + 5);
	add_step(change, 22, NULL);
	add_cases(change, 23, 3);
	add_run_of(change, 24, "b1", true);
	add_run_of(change, 25, "b2", true);
	add_run_of(change, 26, "b1", false);
	add_job_with_parameters(change);
	store_commit(f->store, change);
	fixture_wait_committed(f, 1);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	fixture_finish(*state);
	free(*state);
	return 0;
}

static json_t *run_of(const struct kept_answer *kept, size_t index)
{
	return json_array_get(json_object_get(kept->answer.json, "runs"), index);
}

static size_t count_of(const json_t *run, const char *what)
{
	return json_array_size(json_object_get(run, what));
}

static void test_a_job_is_a_summary(void **state)
{
	struct kept_answer kept;
	json_t *run;

	ask_and_wait(*state, &member, &(struct query){.kind = QUERY_JOB, .id = 7}, &kept);
	assert_int_equal(kept.answer.err.code, 0);
	assert_null(json_object_get(run_of(&kept, 0), "cases"));
	assert_null(json_object_get(run_of(&kept, 0), "steps"));
	run = run_of(&kept, 1);
	assert_int_equal(count_of(run, "steps"), 1);
	assert_int_equal(count_of(run, "cases"), ARCHIVE_MAX_ROWS - 1);
	assert_int_equal(json_integer_value(json_object_get(run, "cases_next")), ARCHIVE_MAX_ROWS - 1);
	kept_finish(&kept);
}

static void test_a_run_says_that_there_is_more(void **state)
{
	struct kept_answer kept;

	ask_and_wait(*state, &member, &(struct query){.kind = QUERY_RUN, .id = 21}, &kept);
	assert_int_equal(count_of(kept.answer.json, "cases"), ARCHIVE_MAX_DETAILS);
	assert_int_equal(json_integer_value(json_object_get(kept.answer.json, "cases_next")), ARCHIVE_MAX_DETAILS);
	kept_finish(&kept);
	ask_and_wait(*state, &member, &(struct query){.kind = QUERY_RUN, .id = 23}, &kept);
	assert_int_equal(count_of(kept.answer.json, "cases"), 3);
	assert_true(json_is_null(json_object_get(kept.answer.json, "cases_next")));
	kept_finish(&kept);
}

static void test_pages_miss_nothing(void **state)
{
	struct query query = {.kind = QUERY_CASES, .id = 21, .limit = ARCHIVE_MAX_ROWS};
	struct kept_answer kept;
	size_t seen = 0;
	bool more = true;

	while (more) {
		const json_t *first, *next;
		char name[32];

		ask_and_wait(*state, &member, &query, &kept);
		assert_int_equal(kept.answer.err.code, 0);
		(void)snprintf(name, sizeof(name), "case%zu", seen);
		first = json_array_get(json_object_get(kept.answer.json, "cases"), 0);
		assert_string_equal(json_string_value(json_object_get(first, "name")), name);
		seen += count_of(kept.answer.json, "cases");
		next = json_object_get(kept.answer.json, "next");
		more = !json_is_null(next);
		query.after = json_integer_value(next);
		kept_finish(&kept);
	}
	assert_int_equal(seen, CASES);
	ask_and_wait(*state, &stranger, &query, &kept);
	assert_int_equal(kept.answer.err.code, ERR_NOT_FOUND);
	kept_finish(&kept);
}

static void test_a_run_tells_its_parameters(void **state)
{
	struct kept_answer kept;
	const json_t *parameters;

	ask_and_wait(*state, &member, &(struct query){.kind = QUERY_RUN, .id = 27}, &kept);
	parameters = json_object_get(kept.answer.json, "parameters");
	assert_string_equal(json_string_value(json_object_get(parameters, "broker")), "lab-2");
	kept_finish(&kept);
	ask_and_wait(*state, &member, &(struct query){.kind = QUERY_RUN, .id = 23}, &kept);
	parameters = json_object_get(kept.answer.json, "parameters");
	assert_true(json_is_object(parameters));
	assert_int_equal(json_object_size(parameters), 0);
	kept_finish(&kept);
}

static void test_runs_of_a_board_come_newest_first(void **state)
{
	struct query query = {.kind = QUERY_BOARD_RUNS, .name = "b1", .limit = 1};
	struct kept_answer kept;

	ask_and_wait(*state, &member, &query, &kept);
	assert_int_equal(kept.answer.err.code, 0);
	assert_int_equal(count_of(kept.answer.json, "runs"), 1);
	assert_int_equal(json_integer_value(json_object_get(run_of(&kept, 0), "id")), 26);
	assert_string_equal(json_string_value(json_object_get(run_of(&kept, 0), "job_name")), "nightly");
	assert_true(json_is_false(json_object_get(run_of(&kept, 0), "flash_written")));
	kept_finish(&kept);
	query.before = 26;
	query.limit = 10;
	ask_and_wait(*state, &member, &query, &kept);
	assert_int_equal(count_of(kept.answer.json, "runs"), 1);
	assert_int_equal(json_integer_value(json_object_get(run_of(&kept, 0), "id")), 24);
	assert_true(json_is_true(json_object_get(run_of(&kept, 0), "flash_written")));
	kept_finish(&kept);
	query.before = 0;
	ask_and_wait(*state, &stranger, &query, &kept);
	assert_int_equal(count_of(kept.answer.json, "runs"), 0);
	kept_finish(&kept);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_job_is_a_summary),
		cmocka_unit_test(test_a_run_says_that_there_is_more),
		cmocka_unit_test(test_pages_miss_nothing),
		cmocka_unit_test(test_a_run_tells_its_parameters),
		cmocka_unit_test(test_runs_of_a_board_come_newest_first),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
