/* SPDX-License-Identifier: Apache-2.0 */
/* Lists of jobs: order, pages, and whose and which are in them. */
#include "core/base/mem.h"
#include "tests/unit/daemon/store/support.h"

static void test_jobs_are_listed_newest_first(void **state)
{
	struct fixture *f = *state;
	struct kept_answer kept;
	json_t *jobs;

	for (int64_t i = 1; i <= 5; i++)
		store_commit(f->store, change_of_job(i, i, "default", i));
	fixture_wait_committed(f, 5);
	ask_and_wait(f, &viewer, &(struct query){.kind = QUERY_JOBS, .before = 5, .limit = 2, .state = "queued"},
		     &kept);
	jobs = json_object_get(kept.answer.json, "jobs");
	assert_int_equal(json_array_size(jobs), 2);
	assert_int_equal(json_integer_value(json_object_get(json_array_get(jobs, 0), "id")), 4);
	kept_finish(&kept);
	ask_and_wait(f, &viewer, &(struct query){.kind = QUERY_JOBS, .state = "finished"}, &kept);
	assert_int_equal(json_array_size(json_object_get(kept.answer.json, "jobs")), 0);
	kept_finish(&kept);
}

/* Whose and which each have their own way to the rows. */
static void test_jobs_are_listed_by_whose_and_which(void **state)
{
	static const struct {
		const struct principal *who;
		const char *state;
		int64_t before, newest;
		size_t count;
	} cases[] = {{&admin, "", 0, 8, 8},         {&admin, "queued", 0, 8, 4},    {&admin, "queued", 8, 7, 3},
		     {&admin, "finished", 0, 4, 4}, {&viewer, "", 0, 7, 4},         {&viewer, "queued", 0, 7, 2},
		     {&viewer, "running", 0, 0, 0}, {&viewer, "finished", 0, 3, 2}, {&stranger, "", 8, 6, 3},
		     {&stranger, "queued", 8, 6, 1}};
	struct fixture *f = *state;

	for (int64_t i = 1; i <= 8; i++) {
		struct change *change = change_of_job(i, i, i % 2 ? "default" : "elsewhere", i);
		struct job_record *job = list_container(change->records.next, struct record, link)->as.job;

		if (i <= 4) {
			job->state = JOB_FINISHED;
			job->verdict = RUN_PASSED;
		}
		store_commit(f->store, change);
	}
	fixture_wait_committed(f, 8);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct query query = {.kind = QUERY_JOBS, .before = cases[i].before};
		struct kept_answer kept;
		json_t *jobs;

		mem_text_into(query.state, sizeof(query.state), cases[i].state);
		ask_and_wait(f, cases[i].who, &query, &kept);
		jobs = json_object_get(kept.answer.json, "jobs");
		assert_int_equal(json_array_size(jobs), cases[i].count);
		assert_int_equal(json_integer_value(json_object_get(json_array_get(jobs, 0), "id")), cases[i].newest);
		kept_finish(&kept);
	}
}

static void test_jobs_are_listed_by_kind(void **state)
{
	struct fixture *f = *state;
	struct kept_answer kept;
	json_t *jobs;

	for (int64_t i = 1; i <= 3; i++) {
		struct change *change = change_of_job(i, i, "default", i);

		if (i == 2)
			list_container(change->records.next, struct record, link)->as.job->kind = JOB_IS_LEASE;
		store_commit(f->store, change);
	}
	fixture_wait_committed(f, 3);
	ask_and_wait(f, &viewer, &(struct query){.kind = QUERY_JOBS}, &kept);
	assert_int_equal(json_array_size(json_object_get(kept.answer.json, "jobs")), 3);
	kept_finish(&kept);
	ask_and_wait(f, &viewer, &(struct query){.kind = QUERY_JOBS, .job_kind = "lease"}, &kept);
	jobs = json_object_get(kept.answer.json, "jobs");
	assert_int_equal(json_array_size(jobs), 1);
	assert_int_equal(json_integer_value(json_object_get(json_array_get(jobs, 0), "id")), 2);
	assert_string_equal(json_string_value(json_object_get(json_array_get(jobs, 0), "kind")), "lease");
	kept_finish(&kept);
	ask_and_wait(f, &viewer, &(struct query){.kind = QUERY_JOBS, .job_kind = "test", .limit = 1}, &kept);
	jobs = json_object_get(kept.answer.json, "jobs");
	assert_int_equal(json_integer_value(json_object_get(json_array_get(jobs, 0), "id")), 3);
	kept_finish(&kept);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_jobs_are_listed_newest_first),
		TEST(test_jobs_are_listed_by_whose_and_which),
		TEST(test_jobs_are_listed_by_kind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
