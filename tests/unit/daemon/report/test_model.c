/* SPDX-License-Identifier: Apache-2.0 */
/* The model of a report: what is refused, what may be absent, buffers that are too small. */
#include <stdlib.h>
#include <string.h>

#include "daemon/report/report.h"
#include "tests/unit/core/base/cmocka_all.h"

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
		 "runs[1]: cases[0]: verdict: found \"skipped\""},
		{"{\"id\":7,\"runs\":[{\"id\":1,\"steps\":[{\"took_us\":-1}]}]}", "runs[0]: steps[0]: took_us"},
		{"{\"id\":7,\"runs\":[{\"id\":1,\"image\":\"x\"}]}", "runs[0]: image: found a string"},
		{"{\"id\":7,\"runs\":[{\"id\":1,\"counts\":{\"failed\":true}}]}", "runs[0]: failed: found true"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		json_t *job = parse(bad[i].text);
		struct report *report = NULL;
		struct err err = {0};

		assert_int_equal(report_create(job, 0, &report, &err), ERR_INVALID);
		assert_null(report);
		if (!strstr(err.text, bad[i].words))
			fail_msg("\"%s\" does not say \"%s\"", err.text, bad[i].words);
		assert_int_equal(job->refcount, 1);
		json_decref(job);
	}
}

static void test_bare_job_in_every_format(void **state)
{
	static const char *const formats[] = {"text", "json", "junit"};
	json_t *job = parse("{\"id\":7,\"runs\":[{\"id\":1,\"cases\":[{\"verdict\":\"pass\"}],\"steps\":[{}]}]}");

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		const char *type = NULL;
		struct err err = {0};
		struct buf out;

		buf_init(&out, 100000);
		if (report_render(job, 0, formats[i], &out, &type, &err))
			fail_msg("%s", err.text);
		assert_true(out.len > 20);
		buf_finish(&out);
	}
	json_decref(job);
}

static void test_format_and_run_must_exist(void **state)
{
	json_t *job = parse("{\"id\":7,\"runs\":[{\"id\":1}]}");
	const char *type = "kept";
	struct err err = {0};
	struct buf out;

	(void)state;
	buf_init(&out, 100000);
	assert_int_equal(report_render(job, 0, "pdf", &out, &type, &err), ERR_INVALID);
	assert_string_equal(err.text, "format: found \"pdf\", expected one of text, json, junit");
	assert_int_equal(report_render(job, 2, "text", &out, &type, &err), ERR_NOT_FOUND);
	assert_string_equal(err.text, "job 7 has no run 2");
	assert_string_equal(type, "kept");
	buf_finish(&out);
	json_decref(job);
	report_destroy(NULL);
}

/* However small the buffer is, writing ends with an error and no crash. */
static void test_small_buffers(void **state)
{
	static const char *const formats[] = {"text", "json", "junit"};
	json_t *job =
		parse("{\"id\":7,\"name\":\"x\",\"runs\":[{\"id\":1,\"board\":\"b\",\"board_type\":\"t\","
		      "\"verdict\":\"failed\",\"cause\":\"case-failed\",\"cases\":[{\"group\":\"G\",\"name\":\"n\","
		      "\"verdict\":\"fail\",\"message\":\"<&>\\u0001\"}]}]}");

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		for (size_t max = 0; max < 300; max += 7) {
			const char *type = NULL;
			struct err err = {0};
			struct buf out;

			buf_init(&out, max);
			assert_int_equal(report_render(job, 0, formats[i], &out, &type, &err), ERR_TOO_BIG);
			buf_finish(&out);
		}
	}
	json_decref(job);
}

static void test_attempts(void **state)
{
	json_t *job =
		parse("{\"id\":7,\"runs\":[{\"id\":5,\"index\":1,\"attempt\":1},{\"id\":9,\"index\":0,\"attempt\":3},"
		      "{\"id\":3,\"index\":0,\"attempt\":1},{\"id\":4,\"index\":0,\"attempt\":2}]}");
	static const int64_t order[] = {3, 4, 9, 5};
	static const bool superseded[] = {true, true, false, false};
	struct report *report;
	struct err err = {0};

	(void)state;
	assert_int_equal(report_create(job, 0, &report, &err), 0);
	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(report->runs[i].id, order[i]);
		assert_int_equal(report->runs[i].superseded, superseded[i]);
	}
	report_destroy(report);
	assert_int_equal(report_create(job, 4, &report, &err), 0);
	assert_int_equal(report->run_count, 1);
	assert_int_equal(report->runs[0].id, 4);
	report_destroy(report);
	json_decref(job);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_bare_job_in_every_format),
		cmocka_unit_test(test_format_and_run_must_exist),
		cmocka_unit_test(test_small_buffers),
		cmocka_unit_test(test_attempts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
