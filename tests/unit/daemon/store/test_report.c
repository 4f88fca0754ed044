/* SPDX-License-Identifier: Apache-2.0 */
/* A job as a writer of reports reads it: all of it, one row at a time, and what its cases did before. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/daemon/store/support.h"

#define CASES (ARCHIVE_MAX_DETAILS + 10)

static void add_case(struct change *change, int64_t run, int64_t serial, const char *name, enum case_verdict verdict)
{
	struct case_record *result = change_add(change, RECORD_CASE);

	*result = (struct case_record){.run = run,
				       .org = "default",
				       .serial = serial,
				       .group = "G",
				       .name = change_text(change, name),
				       .message = "",
				       .verdict = verdict};
}

static void add_value(struct change *change, int64_t run, double value)
{
	struct measurement_record *record = change_add(change, RECORD_MEASUREMENT);

	*record = (struct measurement_record){.run = run,
					      .org = "default",
					      .board_type = "microbit",
					      .serial = 1,
					      .group = "G",
					      .name = "shaky",
					      .measured = {.name = "latency",
							   .unit = "us",
							   .value = value,
							   .verdict = MEASURE_OK,
							   .has_high = true,
							   .high = 20,
							   .basis = "no limit"}};
}

/* Job 7. Run 21: very many cases. Runs 30, 31, …: one case that changes its mind from run to run on one image, and one
 * that never does. */
static void commit_runs_of(struct fixture *f, enum job_kind kind, int count)
{
	struct change *change = change_of_job(1, 7, "default", 1);

	list_container(change->records.next, struct record, link)->as.job->kind = kind;
	add_run(change, 21, 7, "default", RUN_IS_RUNNING, 0);
	for (int i = 0; i < CASES; i++) {
		char name[32];

		(void)snprintf(name, sizeof(name), "case%d", i);
		add_case(change, 21, i + 1, name, i == 1 ? CASE_FAIL : CASE_PASS);
	}
	for (int i = 0; i < count; i++)
		add_run(change, 30 + i, 7, "default", RUN_IS_RUNNING, 0);
	store_commit(f->store, change);
	fixture_wait_committed(f, 1);
	sql_run(f, "UPDATE run SET board_type = 'microbit', image_sha256 = 'one'");
	change = change_create();
	change->number = 2;
	for (int i = 0; i < count; i++) {
		add_case(change, 30 + i, 1, "shaky", i % 2 ? CASE_FAIL : CASE_PASS);
		add_case(change, 30 + i, 2, "steady", CASE_FAIL);
		add_case(change, 30 + i, 3, "steady", CASE_PASS); /* the last word */
		add_case(change, 30 + i, 4, "absent", CASE_MISSING);
		add_value(change, 30 + i, 10 + i);
	}
	store_commit(f->store, change);
	fixture_wait_committed(f, 2);
	sql_run(f, "UPDATE run SET state = 'finished', verdict = CASE WHEN id = 32 THEN 'infrastructure' ELSE 'failed' "
		   "END WHERE id >= 30");
}

static void commit_runs(struct fixture *f, int count)
{
	commit_runs_of(f, JOB_IS_TEST, count);
}

/* --- a writer that looks at everything and writes a line about it --- */

struct seen {
	size_t cases, failed, steps;
	char first[32], last[32];
};

static int on_case(void *context, const json_t *row, struct err *err)
{
	struct seen *seen = context;
	const char *name = json_string_value(json_object_get(row, "name"));

	(void)err;
	if (!seen->cases++)
		(void)snprintf(seen->first, sizeof(seen->first), "%s", name);
	(void)snprintf(seen->last, sizeof(seen->last), "%s", name);
	seen->failed += strcmp(json_string_value(json_object_get(row, "verdict")), "fail") == 0;
	return 0;
}

static int write_seen(const void *context, const struct job_reader *reader, int64_t run, FILE *out, struct err *err)
{
	struct seen seen = {0};
	json_t *job = NULL;
	int rc = reader->job(reader->context, &job, err);

	assert_string_equal(context, "the context");
	if (rc == 0)
		rc = reader->cases(reader->context, run ? run : 21, on_case, &seen, err);
	(void)fprintf(out, "%s %lld: %zu cases, %zu failed, %s to %s\n",
		      json_string_value(json_object_get(job, "name")), (long long)run, seen.cases, seen.failed,
		      seen.first, seen.last);
	json_decref(job);
	return rc;
}

static void expect_written(struct fixture *f, struct query query, const char *expected)
{
	struct kept_answer kept;
	char text[200] = "";
	struct stat about;

	query.kind = QUERY_REPORT;
	query.writer = (struct job_writer){write_seen, "the context", "text/plain"};
	ask_and_wait(f, &member, &query, &kept);
	assert_int_equal(kept.answer.err.code, 0);
	assert_int_equal(json_integer_value(json_object_get(kept.answer.json, "job")), 7);
	assert_true(pread(kept.answer.fd, text, sizeof(text) - 1, 0) > 0);
	assert_string_equal(text, expected);
	assert_int_equal(fstat(kept.answer.fd, &about), 0);
	assert_int_equal(about.st_nlink, 0); /* nothing is left when nobody takes it */
	(void)close(kept.answer.fd);
	kept.answer.fd = -1;
	kept_finish(&kept);
}

static void test_the_writer_reads_all(void **state)
{
	struct fixture *f = *state;
	struct kept_answer kept;

	commit_runs(f, 1);
	expect_written(f, (struct query){.id = 7}, "nightly 0: 50010 cases, 1 failed, case0 to case50009\n");
	expect_written(f, (struct query){.run = 30}, "nightly 30: 3 cases, 0 failed, shaky to absent\n");
	ask_and_wait(f, &stranger, &(struct query){.kind = QUERY_REPORT, .run = 30, .writer = {write_seen, "", ""}},
		     &kept);
	assert_int_equal(kept.answer.err.code, ERR_NOT_FOUND);
	kept_finish(&kept);
	ask_and_wait(f, &member,
		     &(struct query){.kind = QUERY_REPORT, .id = 8, .writer = {write_seen, "the context", ""}}, &kept);
	assert_int_equal(kept.answer.err.code, ERR_NOT_FOUND);
	assert_int_equal(kept.answer.fd, -1);
	kept_finish(&kept);
}

static int write_trouble(const void *context, const struct job_reader *reader, int64_t run, FILE *out, struct err *err)
{
	(void)context;
	(void)reader;
	(void)run;
	(void)fputs("half of it", out);
	return err_set(err, ERR_INVALID, "trouble");
}

static void test_a_writer_that_fails_leaves_nothing(void **state)
{
	struct fixture *f = *state;
	struct kept_answer kept;

	commit_runs(f, 1);
	ask_and_wait(f, &member, &(struct query){.kind = QUERY_REPORT, .id = 7, .writer = {write_trouble, NULL, ""}},
		     &kept);
	assert_int_equal(kept.answer.err.code, ERR_INVALID);
	assert_string_equal(kept.answer.err.text, "trouble");
	assert_int_equal(kept.answer.fd, -1);
	kept_finish(&kept);
}

/* --- history --- */

static int write_history(const void *context, const struct job_reader *reader, int64_t run, FILE *out, struct err *err)
{
	const struct measurement measured = {.name = "latency", .unit = "us"},
				 other = {.name = "latency", .unit = "ms"};
	struct reader_value values[READER_MAX_VALUES];
	struct flake shaky, steady, absent;
	size_t count, others;

	(void)context;
	assert_int_equal(reader->flake(reader->context, run, "G", "shaky", &shaky, err), 0);
	assert_int_equal(reader->flake(reader->context, run, "G", "steady", &steady, err), 0);
	assert_int_equal(reader->flake(reader->context, run, "G", "absent", &absent, err), 0);
	assert_int_equal(reader->values(reader->context, run, "G", "shaky", &measured, values, &count, err), 0);
	assert_int_equal(reader->values(reader->context, run, "G", "shaky", &other, values + count, &others, err), 0);
	(void)fprintf(out, "%zu/%zu of %zu, %zu/%zu of %zu, %zu; %zu values, %g to %g, %zu", shaky.flips, shaky.pairs,
		      shaky.results, steady.flips, steady.pairs, steady.results, absent.results, count, values[0].value,
		      values[count - 1].value, others);
	return 0;
}

static void test_history_is_of_the_firmware(void **state)
{
	struct fixture *f = *state;
	struct kept_answer kept;
	char text[200] = "";

	commit_runs(f, 6); /* run 32 is the farm's fault, and says nothing of the case */
	ask_and_wait(f, &member, &(struct query){.kind = QUERY_REPORT, .run = 34, .writer = {write_history, NULL, ""}},
		     &kept);
	assert_int_equal(kept.answer.err.code, 0);
	assert_true(pread(kept.answer.fd, text, sizeof(text) - 1, 0) > 0);
	/* pass fail - fail pass fail; values up to the run itself */
	assert_string_equal(text, "3/4 of 5, 0/4 of 5, 0; 5 values, 10 to 14, 0");
	(void)close(kept.answer.fd);
	kept.answer.fd = -1;
	kept_finish(&kept);
}

static void test_only_tests_make_history(void **state)
{
	struct fixture *f = *state;
	struct kept_answer kept;

	commit_runs_of(f, JOB_IS_DIAGNOSIS, 6);
	assert_int_equal(sql_int(f, "SELECT count(*) FROM case_result"), CASES + 24);
	assert_int_equal(sql_int(f, "SELECT count(*) FROM case_history"), 0);
	sql_run(f, "UPDATE run SET verdict = 'passed' WHERE id >= 30");
	ask_and_wait(f, &member, &(struct query){.kind = QUERY_ACCEPTABLE, .id = 7}, &kept);
	assert_int_equal(kept.answer.err.code, 0);
	assert_int_equal(json_array_size(json_object_get(kept.answer.json, "values")), 0);
	kept_finish(&kept);
	sql_run(f, "UPDATE job SET kind = 'test'");
	ask_and_wait(f, &member, &(struct query){.kind = QUERY_ACCEPTABLE, .id = 7}, &kept);
	assert_int_equal(json_array_size(json_object_get(kept.answer.json, "values")), 3);
	kept_finish(&kept);
}

/* Which are cut off when is left to chance: that 900 come and go uncut is less likely than one in 10^25. */
static void test_little_more_than_the_last_hundred_are_kept(void **state)
{
	struct fixture *f = *state;

	commit_runs(f, 1100);
	assert_in_range(sql_int(f, "SELECT count(*) FROM case_history WHERE name = 'shaky'"), 100, 1000);
	assert_int_equal(sql_int(f, "SELECT max(run) FROM case_history WHERE name = 'shaky'"), 30 + 1099);
	/* the last ones, without a hole */
	assert_int_equal(sql_int(f, "SELECT max(run) - min(run) + 1 - count(*) FROM case_history"
				    " WHERE name = 'shaky'"),
			 0);
}

static void test_the_cases_that_flake(void **state)
{
	struct fixture *f = *state;
	struct kept_answer kept;
	json_t *list, *flaky;

	commit_runs(f, 6);
	sql_run(f, "INSERT INTO board_type VALUES ('microbit', 'default', '{}', 1), ('nrf52-dk', 'default', '{}', 1)");
	ask_and_wait(f, &member, &(struct query){.kind = QUERY_FLAKES, .name = "microbit"}, &kept);
	list = json_object_get(kept.answer.json, "flakes");
	assert_int_equal(json_array_size(list), 1);
	flaky = json_array_get(list, 0);
	assert_string_equal(json_string_value(json_object_get(flaky, "name")), "shaky");
	assert_int_equal(json_integer_value(json_object_get(json_object_get(flaky, "flake"), "flips")), 3);
	kept_finish(&kept);
	ask_and_wait(f, &member, &(struct query){.kind = QUERY_FLAKES, .name = "nrf52-dk"}, &kept);
	assert_int_equal(json_array_size(json_object_get(kept.answer.json, "flakes")), 0);
	kept_finish(&kept);
	ask_and_wait(f, &member, &(struct query){.kind = QUERY_FLAKES, .name = "nosuch"}, &kept);
	assert_int_equal(kept.answer.err.code, ERR_NOT_FOUND);
	assert_string_equal(kept.answer.err.text, "there is no board type \"nosuch\"");
	kept_finish(&kept);
	ask_and_wait(f, &stranger, &(struct query){.kind = QUERY_FLAKES}, &kept);
	assert_int_equal(json_array_size(json_object_get(kept.answer.json, "flakes")), 0);
	kept_finish(&kept);
}

static int write_post_mortem(const void *context, const struct job_reader *reader, int64_t run, FILE *out,
			     struct err *err)
{
	char *text = NULL;
	int rc = reader->post_mortem(reader->context, run, &text, err);

	(void)context;
	(void)fprintf(out, "%s", text ? text : "none");
	free(text);
	return rc;
}

static void expect_post_mortem(struct fixture *f, int64_t run, const char *expected)
{
	struct query query = {.kind = QUERY_REPORT, .run = run, .writer = {write_post_mortem, NULL, ""}};
	struct kept_answer kept;
	char text[200] = "";

	ask_and_wait(f, &member, &query, &kept);
	assert_int_equal(kept.answer.err.code, 0);
	assert_true(pread(kept.answer.fd, text, sizeof(text) - 1, 0) > 0);
	assert_string_equal(text, expected);
	(void)close(kept.answer.fd);
	kept.answer.fd = -1;
	kept_finish(&kept);
}

#define ARTEFACT(run, name, kind, content)                                                                             \
	sql_run(f, "INSERT INTO artefact VALUES (" run ", '" name "', 'default', '" kind                               \
		   "', 1, '0123456789012345678901234567890123456789012345678901234567890123', 1, '" content "', 1)")

static void test_the_backtrace_else_the_registers(void **state)
{
	struct fixture *f = *state;

	commit_runs(f, 3);
	ARTEFACT("30", "core.elf", "core", "");
	ARTEFACT("30", "registers.txt", "registers", "r0 1");
	ARTEFACT("30", "backtrace.txt", "backtrace", "#0 main");
	ARTEFACT("31", "registers.txt", "registers", "r0 2");
	expect_post_mortem(f, 30, "#0 main");
	expect_post_mortem(f, 31, "r0 2");
	expect_post_mortem(f, 32, "none");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_the_writer_reads_all, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_a_writer_that_fails_leaves_nothing, fixture_setup,
						fixture_teardown),
		cmocka_unit_test_setup_teardown(test_history_is_of_the_firmware, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_little_more_than_the_last_hundred_are_kept, fixture_setup,
						fixture_teardown),
		cmocka_unit_test_setup_teardown(test_only_tests_make_history, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_the_cases_that_flake, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_the_backtrace_else_the_registers, fixture_setup, fixture_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
