/* SPDX-License-Identifier: Apache-2.0 */
/* Suites: reading, what is refused, JSON and back, and the files that are shipped. */
#include <dirent.h>
#include <stdio.h>
#include <string.h>

#include "core/spec/spec.h"
#include "tests/unit/core/base/cmocka_all.h"

static void test_refused(void **state)
{
	static const struct {
		const char *text, *field, *expected;
	} bad[] = {
		{"[]", "", "a mapping"},
		{"version: 1\nrequire: {tests: 1}\n", "name", "text"},
		{"name: a b\nversion: 1\nrequire: {tests: 1}\n", "name", "a name of letters"},
		{"name: a\nrequire: {tests: 1}\n", "version", "text"},
		{"name: a\nversion: 1\n", "require", "a mapping"},
		{"name: a\nversion: 1\nrequire: {}\n", "require", "cases, groups"},
		{"name: a\nversion: 1\nrequire: {tests: 1}\nruns: []\n", "runs", "one of name"},
		{"name: a\nversion: 1\nrequire: {tests: 1}\nend: {limit: x}\n", "end.limit", "a duration"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		struct suite suite = {.name = "untouched"};
		struct doc_problems problems;

		doc_problems_init(&problems, "s.yaml");
		assert_int_equal(suite_read("s.yaml", bad[i].text, strlen(bad[i].text), &suite, &problems),
				 ERR_INVALID);
		assert_string_equal(suite.name, "untouched");
		if (strcmp(problems.item[0].field, bad[i].field) != 0 ||
		    !strstr(problems.item[0].expected, bad[i].expected))
			fail_msg("case %zu: %s: expected %s", i, problems.item[0].field, problems.item[0].expected);
	}
}

static void check_json(const struct suite *suite)
{
	json_t *object = requirements_to_json(&suite->require), *twice;
	struct requirements again;
	struct err err = {0};

	assert_non_null(object);
	if (requirements_from_json(object, &again, &err))
		fail_msg("%s", err.text);
	twice = requirements_to_json(&again);
	assert_true(json_equal(object, twice));
	json_decref(object);
	json_decref(twice);
	requirements_finish(&again);
}

static void test_shipped_files(void **state)
{
	static const char folder[] = ASSAY_SOURCE_DIR "/share/suites";
	DIR *dir = opendir(folder);
	size_t count = 0;

	(void)state;
	assert_non_null(dir);
	for (struct dirent *entry; (entry = readdir(dir));) {
		char path[600], text[65536];
		struct doc_problems problems;
		struct suite suite;
		FILE *file;

		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
		file = fopen(path, "r");
		assert_non_null(file);
		text[fread(text, 1, sizeof text - 1, file)] = '\0';
		fclose(file);
		doc_problems_init(&problems, entry->d_name);
		if (suite_read(entry->d_name, text, strlen(text), &suite, &problems))
			fail_msg("%s:%d: %s: found %s, expected %s", entry->d_name, problems.item[0].line,
				 problems.item[0].field, problems.item[0].found, problems.item[0].expected);
		check_json(&suite);
		suite_finish(&suite);
		count++;
	}
	closedir(dir);
	assert_true(count >= 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_shipped_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
