/* SPDX-License-Identifier: Apache-2.0 */
/* Each golden/NAME.job.json gives golden/NAME.txt, NAME.json, NAME.xml (JUnit), NAME.frq.xml, NAME.idt.xml and
 * for some NAME.html, byte for byte; colour.txt is mixed.job.json in colour, run-20.txt and run-17.xml are cut to one
 * run. With
 * "--update" as argument the files are written instead. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/report/report.h"
#include "tests/unit/core/base/cmocka_all.h"
#include "tests/unit/daemon/report/json_reader.h"

#define GOLDEN ASSAY_SOURCE_DIR "/tests/unit/daemon/report/golden/"

static bool update;

static const char *const jobs[] = {"passed", "mixed",     "retried", "infrastructure",
				   "open",   "cancelled", "no-runs", "measured"};

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

static void hold_against(const char *name, const char *text)
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
		fputs(text, file);
		fclose(file);
		return;
	}
	len = fread(expected, 1, sizeof expected - 1, file);
	fclose(file);
	expected[len] = '\0';
	assert_string_equal(text, expected);
}

static void check(const char *job, int64_t run, const char *format, const char *type, const char *name)
{
	json_t *value = load(job);
	const char *content_type = "";
	struct err err = {0};
	char *text = NULL;

	if (json_reader_render(value, run, format, &text, &content_type, &err))
		fail_msg("%s as %s: %s", job, format, err.text);
	assert_string_equal(content_type, type);
	hold_against(name, text);
	json_decref(value);
	free(text);
}

static void test_every_job_in_every_format(void **state)
{
	static const struct {
		const char *format, *type, *ending;
	} formats[] = {
		{"text", "text/plain; charset=utf-8", "txt"}, {"json", "application/json", "json"},
		{"junit", "application/xml", "xml"},          {"idt-frq", "application/xml", "frq.xml"},
		{"idt-device", "application/xml", "idt.xml"}, {"html", "text/html; charset=utf-8", "html"},
	};
	char name[100];

	(void)state;
	for (size_t i = 0; i < sizeof jobs / sizeof jobs[0]; i++) {
		for (size_t k = 0; k < sizeof formats / sizeof formats[0]; k++) {
			/* Few pages are enough: each holds all of the style. */
			if (strcmp(formats[k].ending, "html") == 0 && strcmp(jobs[i], "measured") != 0 &&
			    strcmp(jobs[i], "mixed") != 0 && strcmp(jobs[i], "open") != 0)
				continue;
			snprintf(name, sizeof name, "%s.%s", jobs[i], formats[k].ending);
			check(jobs[i], 0, formats[k].format, formats[k].type, name);
		}
	}
}

static void test_one_run(void **state)
{
	(void)state;
	check("open", 20, "text", "text/plain; charset=utf-8", "run-20.txt");
	check("retried", 17, "junit", "application/xml", "run-17.xml");
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_job_in_every_format),
		cmocka_unit_test(test_one_run),
	};

	update = argc > 1 && strcmp(argv[1], "--update") == 0;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
