/* SPDX-License-Identifier: Apache-2.0 */
/* The example files of schema/json/examples: the good ones are read, the bad ones are refused with the words that their
 * "# expect:" line names as the first problem. */
#include <dirent.h>
#include <stdio.h>
#include <string.h>

#include "core/image/board_type.h"
#include "core/night/schedule.h"
#include "core/spec/spec.h"
#include "tests/unit/core/base/cmocka_all.h"

#define EXAMPLES ASSAY_SOURCE_DIR "/schema/json/examples"

typedef bool (*read_fn)(const char *text, struct doc_problems *problems);

static bool read_job(const char *text, struct doc_problems *problems)
{
	struct job_spec *spec = NULL;
	bool good = job_spec_read("example", text, strlen(text), NULL, NULL, &spec, problems) == 0;

	job_spec_destroy(spec);
	return good;
}

static bool read_suite(const char *text, struct doc_problems *problems)
{
	struct suite suite;
	bool good = suite_read("example", text, strlen(text), &suite, problems) == 0;

	if (good)
		suite_finish(&suite);
	return good;
}

static bool read_board_type(const char *text, struct doc_problems *problems)
{
	struct board_type type;
	struct doc *doc;
	bool good;

	if (doc_parse("example", text, strlen(text), &doc, problems))
		return false;
	good = board_type_read(doc->root, &type, problems);
	doc_destroy(doc);
	return good;
}

static const struct time_zone *find_zone(void *context, const char *name)
{
	(void)context;
	return strcmp(name, "Europe/Berlin") == 0 ? time_zone_utc() : NULL;
}

static bool read_schedule(const char *text, struct doc_problems *problems)
{
	const struct time_zones zones = {NULL, find_zone};
	struct schedule *schedule = NULL;
	bool good = schedule_read("example", text, strlen(text), &zones, &schedule, problems) == 0;

	schedule_destroy(schedule);
	return good;
}

/* "LINE: field: found …, expected …", with nothing before a found that has no field. */
static void first_problem(const struct doc_problems *problems, char *out, size_t size)
{
	const struct doc_problem *problem = &problems->item[0];

	snprintf(out, size, "%d: %s%sfound %s, expected %s", problem->line, problem->field,
		 problem->field[0] ? ": " : "", problem->found, problem->expected);
}

static void check(const char *path, bool good, read_fn read)
{
	char text[8192], told[700] = "", expected[300] = "";
	struct doc_problems problems;
	FILE *file = fopen(path, "r");
	bool taken;

	assert_non_null(file);
	text[fread(text, 1, sizeof text - 1, file)] = '\0';
	fclose(file);
	doc_problems_init(&problems, "example");
	taken = read(text, &problems);
	if (!taken)
		first_problem(&problems, told, sizeof told);
	if (taken != good)
		fail_msg("%s: %s%s", path, taken ? "was taken" : "was refused: ", told);
	if (good)
		return;
	assert_int_equal(sscanf(text, "%*[^\n]\n# expect: %299[^\n]", expected), 1);
	if (strncmp(told, expected, strlen(expected)) != 0)
		fail_msg("%s: told \"%s\"", path, told);
}

static void check_folder(const char *kind, bool good, size_t at_least, read_fn read)
{
	char folder[500], path[800];
	size_t count = 0;
	DIR *dir;

	snprintf(folder, sizeof folder, EXAMPLES "/%s/%s", kind, good ? "good" : "bad");
	dir = opendir(folder);
	assert_non_null(dir);
	for (struct dirent *entry; (entry = readdir(dir));) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
		check(path, good, read);
		count++;
	}
	closedir(dir);
	assert_true(count >= at_least);
}

static void test_jobs(void **state)
{
	(void)state;
	check_folder("job", true, 4, read_job);
	check_folder("job", false, 14, read_job);
}

static void test_suites(void **state)
{
	(void)state;
	check_folder("suite", true, 2, read_suite);
	check_folder("suite", false, 4, read_suite);
}

static void test_board_types(void **state)
{
	(void)state;
	check_folder("board-type", true, 2, read_board_type);
	check_folder("board-type", false, 6, read_board_type);
}

static void test_schedules(void **state)
{
	(void)state;
	check_folder("schedule", true, 3, read_schedule);
	check_folder("schedule", false, 14, read_schedule);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_jobs),
		cmocka_unit_test(test_suites),
		cmocka_unit_test(test_board_types),
		cmocka_unit_test(test_schedules),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
