/* SPDX-License-Identifier: Apache-2.0 */
/* Each golden/NAME.job.json gives golden/NAME.txt, NAME.json and NAME.xml, byte for byte; colour.txt is mixed.job.json
 * in colour, run-20.txt and run-17.xml are cut to one run. With "--update" as argument the files are written instead.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/report/report.h"
#include "tests/unit/core/base/cmocka_all.h"

#define GOLDEN ASSAY_SOURCE_DIR "/tests/unit/daemon/report/golden/"

static bool update;

static const char *const jobs[] = {"passed", "mixed", "retried", "infrastructure", "open", "cancelled", "no-runs"};

static json_t *load(const char *job)
{
	char path[500];
	json_error_t error;
	json_t *value;

	snprintf(path, sizeof path, GOLDEN "%s.job.json", job);
	value = json_load_file(path, 0, &error);
	if (!value)
		fail_msg("%s:%d: %s", path, error.line, error.text);
	return value;
}

static void hold_against(const char *name, const struct buf *out)
{
	static char expected[1 << 20];
	char path[500];
	FILE *file;
	size_t len;

	snprintf(path, sizeof path, GOLDEN "%s", name);
	file = fopen(path, update ? "w" : "r");
	if (!file)
		fail_msg("cannot open %s", path);
	if (update) {
		fwrite(out->data, 1, out->len, file);
		fclose(file);
		return;
	}
	len = fread(expected, 1, sizeof expected - 1, file);
	fclose(file);
	expected[len] = '\0';
	assert_string_equal(buf_text(out), expected);
}

static void check(const char *job, int64_t run, const char *format, const char *type, const char *name)
{
	json_t *value = load(job);
	const char *content_type = "";
	struct err err = {0};
	struct buf out;

	buf_init(&out, 1 << 20);
	if (report_render(value, run, format, &out, &content_type, &err))
		fail_msg("%s as %s: %s", job, format, err.text);
	assert_string_equal(content_type, type);
	hold_against(name, &out);
	json_decref(value);
	buf_finish(&out);
}

static void test_every_job_in_every_format(void **state)
{
	char name[100];

	(void)state;
	for (size_t i = 0; i < sizeof jobs / sizeof jobs[0]; i++) {
		snprintf(name, sizeof name, "%s.txt", jobs[i]);
		check(jobs[i], 0, "text", "text/plain; charset=utf-8", name);
		snprintf(name, sizeof name, "%s.json", jobs[i]);
		check(jobs[i], 0, "json", "application/json", name);
		snprintf(name, sizeof name, "%s.xml", jobs[i]);
		check(jobs[i], 0, "junit", "application/xml", name);
	}
}

static void test_one_run(void **state)
{
	(void)state;
	check("open", 20, "text", "text/plain; charset=utf-8", "run-20.txt");
	check("retried", 17, "junit", "application/xml", "run-17.xml");
}

static void test_colour(void **state)
{
	json_t *value = load("mixed");
	struct report *report;
	struct err err = {0};
	struct buf out;

	(void)state;
	buf_init(&out, 1 << 20);
	assert_int_equal(report_create(value, 0, &report, &err), 0);
	json_decref(value); /* the report holds it */
	assert_int_equal(report_write_text(report, true, &out), 0);
	hold_against("colour.txt", &out);
	report_destroy(report);
	buf_finish(&out);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_job_in_every_format),
		cmocka_unit_test(test_one_run),
		cmocka_unit_test(test_colour),
	};

	update = argc > 1 && strcmp(argv[1], "--update") == 0;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
