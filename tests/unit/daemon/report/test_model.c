/* SPDX-License-Identifier: Apache-2.0 */
/* The model of a report: what is refused, what may be absent, what attempts are to each other, a stream that fails. */
#include <stdlib.h>
#include <string.h>

#include "daemon/report/report.h"
#include "tests/unit/core/base/cmocka_all.h"
#include "tests/unit/daemon/report/json_reader.h"

static json_t *parse(const char *text)
{
	struct err err = {0};
	json_t *value = NULL;

	if (json_parse(text, strlen(text), 1 << 20, &value, &err))
		fail_msg("%s: %s", text, err.text);
	return value;
}

static void test_refused(void **state)
{
	static const struct {
		const char *text, *words;
	} bad[] = {
		{"[]", "id: found nothing"},
		{"{}", "id: found nothing"},
		{"{\"id\":\"7\"}", "id: found a string"},
		{"{\"id\":7,\"verdict\":\"good\"}", "verdict: found \"good\""},
		{"{\"id\":7,\"cause\":\"luck\"}", "cause: found \"luck\""},
		{"{\"id\":7,\"runs\":{}}", "runs: found an object"},
		{"{\"id\":7,\"runs\":[3]}", "runs[0]: id: found nothing"},
		{"{\"id\":7,\"runs\":[{\"id\":1},{\"id\":2,\"cases\":[{\"verdict\":\"skipped\"}]}]}",
		 "run 2: cases[0]: verdict: found \"skipped\""},
		{"{\"id\":7,\"runs\":[{\"id\":1,\"steps\":[{\"took_us\":-1}]}]}", "run 1: steps[0]: took_us"},
		{"{\"id\":7,\"runs\":[{\"id\":1,\"image\":\"x\"}]}", "runs[0]: image: found a string"},
		{"{\"id\":7,\"runs\":[{\"id\":1,\"counts\":{\"failed\":true}}]}", "runs[0]: failed: found true"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		json_t *job = parse(bad[i].text);
		const char *type = NULL;
		struct err err = {0};
		char *text = NULL;

		assert_int_equal(json_reader_render(job, 0, "json", &text, &type, &err), ERR_INVALID);
		if (!strstr(err.text, bad[i].words))
			fail_msg("\"%s\" does not say \"%s\"", err.text, bad[i].words);
		assert_int_equal(job->refcount, 1);
		json_decref(job);
	}
}

static const char *const formats[] = {"text", "json", "junit", "idt-device", "idt-frq", "html"};

#define FORMATS (sizeof formats / sizeof formats[0])

static void test_bare_job_in_every_format(void **state)
{
	json_t *job = parse("{\"id\":7,\"runs\":[{\"id\":1,\"cases\":[{\"verdict\":\"pass\"}],\"steps\":[{}]}]}");

	(void)state;
	for (size_t i = 0; i < FORMATS; i++) {
		const char *type = NULL;
		struct err err = {0};
		char *text;

		if (json_reader_render(job, 0, formats[i], &text, &type, &err))
			fail_msg("%s: %s", formats[i], err.text);
		assert_true(strlen(text) > 20);
		free(text);
	}
	json_decref(job);
}

static void test_format_and_run_must_exist(void **state)
{
	json_t *job = parse("{\"id\":7,\"runs\":[{\"id\":1}]}");
	const char *type = "kept";
	struct err err = {0};
	char *text = NULL;

	(void)state;
	assert_int_equal(json_reader_render(job, 0, "pdf", &text, &type, &err), ERR_INVALID);
	assert_string_equal(err.text, "format: found \"pdf\", expected one of text, json, junit, idt-device, idt-frq, "
				      "html");
	assert_int_equal(json_reader_render(job, 2, "text", &text, &type, &err), ERR_NOT_FOUND);
	assert_string_equal(err.text, "job 7 has no run 2");
	assert_string_equal(type, "kept");
	json_decref(job);
	report_destroy(NULL);
}

/* However soon the disk is full, writing ends, and the stream tells of it. */
static void test_a_full_disk(void **state)
{
	json_t *job =
		parse("{\"id\":7,\"name\":\"x\",\"runs\":[{\"id\":1,\"board\":\"b\",\"board_type\":\"t\","
		      "\"verdict\":\"failed\",\"cause\":\"case-failed\",\"cases\":[{\"group\":\"G\",\"name\":\"n\","
		      "\"verdict\":\"fail\",\"message\":\"<&>\\u0001\"}]}]}");
	struct job_reader reader = json_reader(job);

	(void)state;
	for (size_t i = 0; i < FORMATS; i++) {
		struct job_writer writer;
		struct err err = {0};
		FILE *full = fopen("/dev/full", "w");

		assert_int_equal(report_writer(formats[i], &writer, &err), 0);
		assert_int_equal(writer.write(writer.context, &reader, 0, full, &err), 0);
		assert_true(fflush(full) != 0 || ferror(full));
		fclose(full);
	}
	json_decref(job);
}

/* What a reader says stops every writer, at whatever row it comes. */
static int failing_cases(void *context, int64_t run, reader_row_fn on_row, void *row_context, struct err *err)
{
	(void)context;
	(void)run;
	(void)on_row;
	(void)row_context;
	return err_set(err, ERR_CANCELLED, "the store is closing");
}

static void test_a_reader_that_fails(void **state)
{
	json_t *job = parse("{\"id\":7,\"runs\":[{\"id\":1}]}");
	struct job_reader reader = json_reader(job);

	(void)state;
	reader.cases = failing_cases;
	for (size_t i = 0; i < FORMATS; i++) {
		struct job_writer writer;
		struct err err = {0};
		FILE *out = fopen("/dev/null", "w");

		assert_int_equal(report_writer(formats[i], &writer, &err), 0);
		assert_int_equal(writer.write(writer.context, &reader, 0, out, &err), ERR_CANCELLED);
		fclose(out);
	}
	json_decref(job);
}

static void test_attempts(void **state)
{
	json_t *job = parse("{\"id\":7,\"runs\":[{\"id\":5,\"index\":1,\"attempt\":1,\"verdict\":\"passed\"},{\"id\":9,"
			    "\"index\":0,\"attempt\":3,\"verdict\":\"passed\"},{\"id\":3,\"index\":0,\"attempt\":1},"
			    "{\"id\":4,\"index\":0,\"attempt\":2}]}");
	static const int64_t order[] = {3, 4, 9, 5}, attempts[] = {3, 3, 3, 1};
	static const bool superseded[] = {true, true, false, false}, again[] = {false, false, true, false};
	struct job_reader reader = json_reader(job);
	struct report *report;
	struct err err = {0};

	(void)state;
	assert_int_equal(report_create(&reader, 0, &report, &err), 0);
	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(report->runs[i].id, order[i]);
		assert_int_equal(report->runs[i].attempts, attempts[i]);
		assert_int_equal(report->runs[i].superseded, superseded[i]);
		assert_int_equal(report->runs[i].passed_on_retry, again[i]);
	}
	report_destroy(report);
	assert_int_equal(report_create(&reader, 4, &report, &err), 0);
	assert_int_equal(report->run_count, 1);
	assert_int_equal(report->runs[0].id, 4);
	assert_true(report->runs[0].superseded);
	report_destroy(report);
	json_decref(job);
}

static void test_every_case_is_in_the_tally(void **state)
{
	json_t *job = parse("{\"id\":7,\"runs\":[{\"id\":1,\"cases\":[{\"verdict\":\"pass\"},{\"verdict\":\"fail\","
			    "\"standing\":\"waived\",\"waiver\":3},{\"verdict\":\"fail\"},{\"verdict\":\"pass\","
			    "\"standing\":\"unexpected-pass\"}]}]}");
	struct job_reader reader = json_reader(job);
	struct report_tally sum = {0};
	struct report *report;
	struct err err = {0};

	(void)state;
	assert_int_equal(report_create(&reader, 0, &report, &err), 0);
	assert_int_equal(report->runs[0].case_count, 4);
	report_tally_add(&sum, &report->runs[0].tally);
	report_tally_add(&sum, &report->runs[0].tally);
	assert_int_equal(report_tally_of(&sum, CASE_PASS), 4);
	assert_int_equal(report_tally_of(&sum, CASE_FAIL), 4);
	assert_int_equal(sum.of[CASE_FAIL][STANDING_WAIVED], 2);
	report_destroy(report);
	json_decref(job);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_bare_job_in_every_format),
		cmocka_unit_test(test_format_and_run_must_exist),
		cmocka_unit_test(test_a_full_disk),
		cmocka_unit_test(test_a_reader_that_fails),
		cmocka_unit_test(test_attempts),
		cmocka_unit_test(test_every_case_is_in_the_tally),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
