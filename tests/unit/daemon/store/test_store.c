/* SPDX-License-Identifier: Apache-2.0 */
/* Committing, loading and asking, with a real database. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "tests/unit/daemon/store/support.h"

static void test_a_new_directory_is_private_and_has_an_id(void **state)
{
	struct fixture *f = *state;
	struct farm_records records;
	struct err err = {0};
	struct stat st;
	char path[300];

	assert_int_equal(store_load(f->store, &records, &err), 0);
	assert_int_equal(strlen(records.farm_id), 16);
	assert_int_equal(records.last_seq, 0);
	farm_records_finish(&records);
	(void)snprintf(path, sizeof(path), "%s/assay.db", f->dir);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	(void)snprintf(path, sizeof(path), "%s/console", f->dir);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
}

static void commit_everything(struct fixture *f)
{
	struct change *change = change_of_job(1, 7, "default", 1);
	struct agent_record *agent = change_add(change, RECORD_AGENT);
	struct board_record *board = change_add(change, RECORD_BOARD);
	struct lease_record *lease;
	struct step_record *step;
	struct wear_record *wear;
	struct case_record *result;
	struct board_type_record *type = change_add(change, RECORD_BOARD_TYPE);
	struct suite_record *suite = change_add(change, RECORD_SUITE);

	*agent = (struct agent_record){"rack1", "default", "0.1", "abc", true, 5};
	*board = (struct board_record){.name = "mb1",
				       .org = "default",
				       .type = "microbit",
				       .agent = "rack1",
				       .state = BOARD_RUNNING,
				       .fence = 3,
				       .is_virtual = true};
	*type = (struct board_type_record){"microbit", "default", mem_text("{}"), 6};
	*suite = (struct suite_record){"reference", "default", "1", mem_text("name: reference\n"), 7};
	add_run(change, 21, 7, "default", RUN_IS_RUNNING, 5);
	((struct run_record *)list_container(change->records.prev, struct record, link)->as.any)->have = 9;
	lease = change_add(change, RECORD_LEASE);
	*lease = (struct lease_record){"mb1", 3, "default", 21, 8, 0};
	step = change_add(change, RECORD_STEP);
	*step = (struct step_record){.run = 21, .org = "default", .serial = 1, .step = "flash", .begun_at_us = 9};
	for (uint32_t erases = 1; erases <= 2; erases++) { /* the later word counts */
		wear = change_add(change, RECORD_WEAR);
		*wear = (struct wear_record){.board = "mb1",
					     .org = "default",
					     .unique_id = "beef",
					     .sectors = mem_text(erases == 1 ? "[]" : "[[1024,1024,1,2]]"),
					     .erases = erases,
					     .worst = erases,
					     .worst_address = 1024,
					     .worn = erases == 2};
	}
	result = change_add(change, RECORD_CASE);
	*result = (struct case_record){.run = 21,
				       .org = "default",
				       .serial = 2,
				       .group = "Hello",
				       .name = "boots",
				       .message = "",
				       .verdict = CASE_PASS,
				       .required = true,
				       .offset = 1,
				       .end = 4};
	add_console(change, 21, 0, "hello", 5);
	store_commit(f->store, change);
	fixture_wait_committed(f, 1);
}

static void test_what_is_open_is_loaded_again(void **state)
{
	struct fixture *f = *state;
	struct farm_records records;
	struct err err = {0};

	commit_everything(f);
	fixture_close(f);
	fixture_must_open(f);
	assert_int_equal(store_load(f->store, &records, &err), 0);
	assert_int_equal(records.last_job, 7);
	assert_int_equal(records.last_run, 21);
	assert_int_equal(records.last_seq, 1);
	assert_int_equal(records.job_count, 1);
	assert_string_equal(records.jobs[0].spec, "{\"name\":\"nightly\"}");
	assert_int_equal(records.run_count, 1);
	assert_int_equal(records.runs[0].have, 9);
	assert_int_equal(records.runs[0].state, RUN_IS_RUNNING);
	assert_int_equal(records.runs[0].console_bytes, 5);
	assert_string_equal(records.runs[0].board_type, "microbit");
	assert_int_equal(records.open_step_count, 1);
	assert_string_equal(records.open_steps[0].step, "flash");
	assert_int_equal(records.board_count, 1);
	assert_int_equal(records.boards[0].fence, 3);
	assert_true(records.boards[0].is_virtual);
	assert_int_equal(records.wear_count, 1);
	assert_string_equal(records.wears[0].board, "mb1");
	assert_string_equal(records.wears[0].unique_id, "beef");
	assert_string_equal(records.wears[0].sectors, "[[1024,1024,1,2]]");
	assert_int_equal(records.wears[0].erases, 2);
	assert_int_equal(records.wears[0].worst_address, 1024);
	assert_true(records.wears[0].worn);
	assert_int_equal(records.lease_count, 1);
	assert_int_equal(records.leases[0].run, 21);
	assert_int_equal(records.agent_count, 1);
	assert_int_equal(records.type_count, 1);
	assert_int_equal(records.suite_count, 1);
	assert_string_equal(records.suites[0].text, "name: reference\n");
	farm_records_finish(&records);
}

static void test_finished_jobs_are_asked_for_not_loaded(void **state)
{
	struct fixture *f = *state;
	struct change *change = change_of_job(1, 7, "default", 1);
	struct farm_records records;
	struct job_record *job;
	struct kept_answer kept;
	struct err err = {0};

	add_run(change, 21, 7, "default", RUN_IS_FINISHED, 0);
	job = change_add(change, RECORD_JOB);
	*job = (struct job_record){.id = 7,
				   .state = JOB_FINISHED,
				   .verdict = RUN_PASSED,
				   .cause = CAUSE_ALL_REQUIRED_SEEN,
				   .finished_at_us = 99};
	store_commit(f->store, change);
	fixture_wait_committed(f, 1);
	assert_int_equal(store_load(f->store, &records, &err), 0);
	assert_int_equal(records.job_count, 0);
	assert_int_equal(records.run_count, 0);
	assert_int_equal(records.last_job, 7);
	farm_records_finish(&records);

	ask_and_wait(f, &member, &(struct query){.kind = QUERY_JOB, .id = 7}, &kept);
	assert_int_equal(kept.answer.err.code, 0);
	assert_string_equal(json_string_value(json_object_get(kept.answer.json, "verdict")), "passed");
	assert_int_equal(json_integer_value(json_object_get(kept.answer.json, "finished_at_us")), 99);
	assert_int_equal(json_array_size(json_object_get(kept.answer.json, "runs")), 1);
	kept_finish(&kept);
}

static void add_case(struct change *change, int64_t serial, const char *name, enum case_verdict verdict)
{
	struct case_record *result = change_add(change, RECORD_CASE);

	*result = (struct case_record){.run = 21,
				       .org = "default",
				       .serial = serial,
				       .group = "Hello",
				       .name = change_text(change, name),
				       .message = "",
				       .verdict = verdict};
}

static void expect_case(const json_t *cases, size_t at, const char *name, const char *verdict)
{
	const json_t *result = json_array_get(cases, at);

	assert_string_equal(json_string_value(json_object_get(result, "name")), name);
	assert_string_equal(json_string_value(json_object_get(result, "verdict")), verdict);
}

/* The board contradicted itself, or ran a case again after a reset it may make. */
static void test_the_last_word_of_a_case_counts(void **state)
{
	struct fixture *f = *state;
	struct change *change = change_create();
	struct kept_answer kept;
	const json_t *cases;

	commit_everything(f); /* Hello.boots passed */
	change->number = 2;
	add_case(change, 3, "walks", CASE_CRASHED);
	add_case(change, 4, "talks", CASE_PASS);
	add_case(change, 5, "boots", CASE_ERROR);
	add_case(change, 6, "walks", CASE_PASS);
	store_commit(f->store, change);
	fixture_wait_committed(f, 2);
	ask_and_wait(f, &member, &(struct query){.kind = QUERY_RUN, .id = 21}, &kept);
	cases = json_object_get(kept.answer.json, "cases");
	assert_int_equal(json_array_size(cases), 3);
	expect_case(cases, 0, "boots", "error");
	expect_case(cases, 1, "walks", "pass");
	expect_case(cases, 2, "talks", "pass");
	kept_finish(&kept);
}

static void test_a_run_comes_with_steps_and_cases(void **state)
{
	struct fixture *f = *state;
	struct kept_answer kept;
	json_t *run, *step, *result;

	commit_everything(f);
	ask_and_wait(f, &member, &(struct query){.kind = QUERY_RUN, .id = 21}, &kept);
	run = kept.answer.json;
	step = json_array_get(json_object_get(run, "steps"), 0);
	result = json_array_get(json_object_get(run, "cases"), 0);
	assert_string_equal(json_string_value(json_object_get(step, "step")), "flash");
	assert_true(json_is_null(json_object_get(step, "took_us")));
	assert_string_equal(json_string_value(json_object_get(result, "group")), "Hello");
	assert_true(json_is_true(json_object_get(result, "required")));
	assert_int_equal(json_integer_value(json_object_get(json_object_get(run, "console"), "bytes")), 5);
	assert_string_equal(json_string_value(json_object_get(run, "job_name")), "nightly");
	kept_finish(&kept);
}

static void expect_not_found(struct fixture *f, const struct principal *who, struct query query)
{
	struct kept_answer kept;

	ask_and_wait(f, who, &query, &kept);
	assert_int_equal(kept.answer.err.code, ERR_NOT_FOUND);
	assert_null(kept.answer.json);
	kept_finish(&kept);
}

static void test_other_organisations_see_nothing(void **state)
{
	struct fixture *f = *state;
	struct kept_answer kept;

	commit_everything(f);
	expect_not_found(f, &stranger, (struct query){.kind = QUERY_JOB, .id = 7});
	expect_not_found(f, &stranger, (struct query){.kind = QUERY_RUN, .id = 21});
	expect_not_found(f, &stranger, (struct query){.kind = QUERY_CONSOLE, .id = 21});
	expect_not_found(f, &stranger, (struct query){.kind = QUERY_CONSOLE_TIMES, .id = 21});
	ask_and_wait(f, &stranger, &(struct query){.kind = QUERY_JOBS}, &kept);
	assert_int_equal(json_array_size(json_object_get(kept.answer.json, "jobs")), 0);
	kept_finish(&kept);
	ask_and_wait(f, &stranger, &(struct query){.kind = QUERY_EVENTS}, &kept);
	assert_int_equal(json_array_size(json_object_get(kept.answer.json, "events")), 0);
	assert_int_equal(json_integer_value(json_object_get(kept.answer.json, "seq")), 1);
	kept_finish(&kept);
	ask_and_wait(f, &stranger, &(struct query){.kind = QUERY_TOKENS}, &kept);
	assert_int_equal(kept.answer.err.code, ERR_DENIED);
	kept_finish(&kept);
	ask_and_wait(f, &admin, &(struct query){.kind = QUERY_JOBS}, &kept);
	assert_int_equal(json_array_size(json_object_get(kept.answer.json, "jobs")), 1);
	kept_finish(&kept);
}

static void test_events_come_in_pages_without_loss(void **state)
{
	struct fixture *f = *state;
	int64_t after = 0, seen = 0;
	struct kept_answer kept;

	for (int64_t i = 1; i <= 25; i++) {
		struct change *change = change_of_job(i, i, i % 2 ? "default" : "elsewhere", i);

		store_commit(f->store, change);
	}
	fixture_wait_committed(f, 25);
	for (int page = 0; page < 10; page++) {
		json_t *events;
		size_t i;
		json_t *event;

		ask_and_wait(f, &admin, &(struct query){.kind = QUERY_EVENTS, .after = after, .limit = 10}, &kept);
		events = json_object_get(kept.answer.json, "events");
		json_array_foreach(events, i, event)
		{
			assert_int_equal(json_integer_value(json_object_get(event, "seq")), ++seen);
		}
		after = json_integer_value(json_object_get(kept.answer.json, "seq"));
		assert_int_equal(after, seen);
		kept_finish(&kept);
	}
	assert_int_equal(seen, 25);
	/* one organisation's, narrowed to a job */
	ask_and_wait(f, &stranger, &(struct query){.kind = QUERY_EVENTS, .job = 4}, &kept);
	assert_int_equal(json_array_size(json_object_get(kept.answer.json, "events")), 1);
	assert_int_equal(json_integer_value(json_object_get(kept.answer.json, "seq")), 25);
	kept_finish(&kept);
	ask_and_wait(f, &stranger, &(struct query){.kind = QUERY_EVENTS, .job = 3}, &kept);
	assert_int_equal(json_array_size(json_object_get(kept.answer.json, "events")), 0);
	kept_finish(&kept);
}

static void test_questions_at_the_end_are_answered(void **state)
{
	struct fixture *f = *state;
	const struct archive *archive = store_archive(f->store);
	struct kept_answer kept[50] = {0};

	for (int i = 0; i < 50; i++)
		archive->read(archive->context, &admin, &(struct query){.kind = QUERY_JOBS}, on_kept, &kept[i]);
	fixture_close(f);
	for (int i = 0; i < 50; i++) {
		assert_true(kept[i].came);
		kept_finish(&kept[i]);
	}
}

static void test_tokens(void **state)
{
	struct fixture *f = *state;
	const struct archive *archive = store_archive(f->store);
	struct kept_answer kept = {0};
	struct token token, *loaded;
	char text[TOKEN_TEXT_MAX];
	uint8_t hash[TOKEN_HASH_BYTES];
	size_t count;
	struct err err = {0};

	token_create(&stranger, 1234, &token, text);
	archive->put_token(archive->context, &token, on_kept, &kept);
	fixture_wait(f, is_kept, &kept);
	assert_int_equal(kept.answer.err.code, 0);
	kept_finish(&kept);
	archive->put_token(archive->context, &token, on_kept, &kept);
	fixture_wait(f, is_kept, &kept);
	assert_int_equal(kept.answer.err.code, ERR_EXISTS);
	kept_finish(&kept);
	fixture_close(f);
	fixture_must_open(f);
	archive = store_archive(f->store);
	assert_int_equal(store_load_tokens(f->store, &loaded, &count, &err), 0);
	assert_int_equal(count, 1);
	token_hash(text, hash);
	assert_true(token_matches(&loaded[0], hash));
	assert_int_equal(loaded[0].who.role, ROLE_MEMBER);
	assert_string_equal(loaded[0].who.org, "elsewhere");
	token_hash("assay_0000", hash);
	assert_false(token_matches(&loaded[0], hash));
	free(loaded);
	ask_and_wait(f, &admin, &(struct query){.kind = QUERY_TOKENS}, &kept);
	assert_int_equal(json_array_size(json_object_get(kept.answer.json, "tokens")), 1);
	kept_finish(&kept);
	archive->remove_token(archive->context, "bob", on_kept, &kept);
	fixture_wait(f, is_kept, &kept);
	assert_int_equal(kept.answer.err.code, 0);
	kept_finish(&kept);
	archive->remove_token(archive->context, "bob", on_kept, &kept);
	fixture_wait(f, is_kept, &kept);
	assert_int_equal(kept.answer.err.code, ERR_NOT_FOUND);
	kept_finish(&kept);
}

static void test_a_second_process_is_told_who_has_it(void **state)
{
	struct fixture *f = *state;
	char expected[32];
	int status;
	pid_t child;

	(void)snprintf(expected, sizeof(expected), "process %ld", (long)getpid());
	child = fork();
	if (child == 0) {
		struct store_options options = {.dir = f->dir, .context = NULL};
		struct store *other;
		struct err err = {0};

		_exit(store_open(&options, &other, &err) == ERR_BUSY && strstr(err.text, expected) ? 0 : 1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void test_two_leases_of_one_board_cannot_be_stored(void **state)
{
	struct fixture *f = *state;

	commit_everything(f);
	fixture_close(f);
	assert_int_equal(sql_int(f, "SELECT count(*) FROM lease WHERE ended_at_us = 0"), 1);
	sql_run(f, "INSERT OR IGNORE INTO lease VALUES ('mb1', 4, 'default', 21, 1, 0)");
	assert_int_equal(sql_int(f, "SELECT count(*) FROM lease WHERE ended_at_us = 0"), 1);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_a_new_directory_is_private_and_has_an_id),
		TEST(test_what_is_open_is_loaded_again),
		TEST(test_finished_jobs_are_asked_for_not_loaded),
		TEST(test_a_run_comes_with_steps_and_cases),
		TEST(test_the_last_word_of_a_case_counts),
		TEST(test_other_organisations_see_nothing),
		TEST(test_events_come_in_pages_without_loss),
		TEST(test_questions_at_the_end_are_answered),
		TEST(test_tokens),
		TEST(test_a_second_process_is_told_who_has_it),
		TEST(test_two_leases_of_one_board_cannot_be_stored),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
