/* SPDX-License-Identifier: Apache-2.0 */
/* What the farm has learned and counted is still so when it is built from what was stored. */
#include <stdlib.h>

#include "core/base/mem.h"
#include "tests/unit/core/farm/support_farm.h"

#define SECOND_US INT64_C(1000000)

static const char job_text[] = "name: one\nretries: 0\nrequire: {tests: 1}\nend: {limit: 1m}\n"
			       "runs: [{board: mb1, image: suite.elf, count: 2}]\n";
static struct doc_problems problems;

static int64_t expected_in_us(struct farm_world *w, int64_t run)
{
	json_t *entry = farm_waiting_json(w->farm, &boss, run);
	int64_t at_us = json_integer_value(json_object_get(entry, "expected_at_us"));

	assert_non_null(entry);
	json_decref(entry);
	return at_us - w->now_us;
}

static void test_how_long_runs_take(void **state)
{
	struct took_record tooks[] = {
		{.org = "default", .board_type = "microbit", .name = "one", .took_us = 5 * SECOND_US},
		{.org = "default", .board_type = "microbit", .name = "one", .took_us = 7 * SECOND_US},
		{.org = "default", .board_type = "microbit", .name = "one", .took_us = 9 * SECOND_US},
		{.org = "default", .board_type = "microbit", .name = "two", .took_us = SECOND_US},
		{.org = "partner", .board_type = "microbit", .name = "one", .took_us = SECOND_US},
	};
	struct farm_records records = {
		.farm_id = "feed", .tooks = tooks, .took_count = sizeof(tooks) / sizeof(tooks[0])};
	struct farm_world w;

	(void)state;
	farm_world_init_from(&w, &records);
	assert_int_equal(say_hello(&w, "rack1", NULL, 0, NULL), 0);
	assert_int_equal(submit(&w, &mary, job_text, &problems), 0);
	commit_all(&w);
	assert_int_equal(expected_in_us(&w, 2), 7 * SECOND_US);
	farm_world_finish(&w);
}

/* The job that job_text becomes, as it is stored; its spec is owned by the caller. */
static struct job_record stored_job(void)
{
	struct job_record job = {0};
	struct farm_world w;

	farm_world_init(&w);
	assert_int_equal(say_hello(&w, "rack1", NULL, 0, NULL), 0);
	commit_all(&w);
	assert_int_equal(submit(&w, &mary, job_text, &problems), 0);
	list_for_each (link, &list_container(w.queue.next, struct change, link)->records) {
		const struct record *record = list_container(link, const struct record, link);

		if (record->kind == RECORD_JOB) {
			job = *record->as.job;
			job.spec = mem_text(job.spec);
		}
	}
	assert_int_equal(job.id, 1);
	farm_world_finish(&w);
	return job;
}

static void set_golden(struct farm_world *w)
{
	static const char text[] = "name: golden\nrequire: {tests: 1}\nend: {limit: 1m}\n"
				   "runs: [{type: microbit, image: suite.elf}]\n";
	const struct submission_image images[] = {{"suite.elf", OTHER_IMAGE_SHA}};
	struct submission submission = {"golden.yaml", text, sizeof(text) - 1, images, 1};

	assert_int_equal(farm_set_golden(w->farm, &boss, &submission, on_done, w, &problems, &w->err), 0);
	commit_all(w);
}

/* How many jobs there are when the second run of one has failed, of whose first run so many diagnoses are stored. */
static int64_t jobs_after_failure(size_t diagnosed)
{
	struct job_record job = stored_job();
	struct diagnosis_record diagnoses[] = {{.job = 2, .org = "default", .run = 1, .cause = CAUSE_CASE_FAILED},
					       {.job = 3, .org = "default", .run = 1, .cause = CAUSE_CASE_FAILED}};
	struct run_record runs[2] = {0};
	struct farm_records records = {.farm_id = "feed",
				       .last_job = 3,
				       .last_run = 2,
				       .jobs = &job,
				       .job_count = 1,
				       .runs = runs,
				       .run_count = 2,
				       .diagnoses = diagnoses,
				       .diagnosis_count = diagnosed};
	struct farm_world w;
	int64_t last;

	for (uint32_t i = 0; i < 2; i++) {
		runs[i] = (struct run_record){.id = i + 1, .job = 1, .index = i, .attempt = 1, .org = "default"};
		mem_text_into(runs[i].board_type, sizeof(runs[i].board_type), "microbit");
		mem_text_into(runs[i].wanted_board, sizeof(runs[i].wanted_board), "mb1");
		mem_text_into(runs[i].image_sha256, sizeof(runs[i].image_sha256), IMAGE_SHA);
	}
	runs[0].state = RUN_IS_FINISHED;
	runs[0].verdict = RUN_FAILED;
	runs[0].cause = CAUSE_CASE_FAILED;
	farm_world_init_from(&w, &records);
	assert_int_equal(say_hello(&w, "rack1", NULL, 0, NULL), 0);
	commit_all(&w);
	set_golden(&w);
	assert_int_equal(w.assigned_run, 2);
	assert_int_equal(tell_end(&w, 1, CAUSE_CASE_FAILED), 0);
	commit_all(&w);
	submit_one(&w);
	commit_all(&w);
	last = w.job;
	farm_world_finish(&w);
	free(job.spec);
	return last;
}

/* Two failures of a job are looked into, also when the farm was started between them. */
static void test_how_many_failures_were_looked_into(void **state)
{
	(void)state;
	assert_int_equal(jobs_after_failure(1), 5);
	assert_int_equal(jobs_after_failure(2), 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_how_long_runs_take),
		cmocka_unit_test(test_how_many_failures_were_looked_into),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
