/* SPDX-License-Identifier: Apache-2.0 */
/* Load files: the examples are read and refused as they say; what one part says of another; values set from outside. */
#include <dirent.h>
#include <stdio.h>
#include <string.h>

#include "support_load.h"

#define EXAMPLES ASSAY_SOURCE_DIR "/schema/json/examples/load/"

#define HEAD                                                                                                           \
	"name: x\nhorizon: 1h\norganisations: [{name: o}, {name: p}]\n"                                                \
	"boards: [{name: b.1, type: t, count: 2, owner: p}]\njobs:\n"
#define JOB(rest) HEAD "  - {name: j, organisation: o, arrivals: {every: 1m}, takes: {fixed: 1m}, " rest "}\n"

static void check_example(const char *path, bool good)
{
	char text[8192], told[700], expected[300];
	FILE *file = fopen(path, "r");
	struct load *load;

	assert_non_null(file);
	text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
	fclose(file);
	load = load_of(text, NULL, told);
	if ((load != NULL) != good)
		fail_msg("%s: %s%s", path, load ? "was taken" : "was refused: ", told);
	load_destroy(load);
	if (good)
		return;
	assert_int_equal(sscanf(text, "%*[^\n]\n# expect: %299[^\n]", expected), 1);
	if (strncmp(told, expected, strlen(expected)) != 0)
		fail_msg("%s: told \"%s\"", path, told);
}

static void check_folder(const char *folder, bool good, size_t at_least)
{
	DIR *dir = opendir(folder);
	char path[800];
	size_t count = 0;

	assert_non_null(dir);
	for (struct dirent *entry; (entry = readdir(dir));) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
		check_example(path, good);
		count++;
	}
	closedir(dir);
	assert_true(count >= at_least);
}

static void test_examples(void **state)
{
	(void)state;
	check_folder(EXAMPLES "good", true, 2);
	check_folder(EXAMPLES "bad", false, 8);
}

static void refused(const char *text, const char *set, const char *expected)
{
	char told[700];
	struct load *load = load_of(text, set, told);

	assert_null(load);
	if (strncmp(told, expected, strlen(expected)) != 0)
		fail_msg("told \"%s\"", told);
}

static void test_one_part_names_another(void **state)
{
	(void)state;
	refused(JOB("boards: {type: u}"), NULL, "6: jobs[0].boards.type: found u, expected the type of some");
	refused(JOB("boards: {type: t}, together: true, preemptible: true"), NULL,
		"6: jobs[0]: found together and preemptible");
	refused(JOB("boards: {type: t, count: 17}, together: true"), NULL,
		"6: jobs[0]: found more boards at once, expected at most 16");
	refused(JOB("boards: [{type: t, count: 9999}, {type: t, count: 2}]"), NULL,
		"6: jobs[0]: found more runs, expected at most 10000");
	refused(JOB("boards: {type: t}, window: 22:00-06:00 Europe/Berlin"), NULL, "6: jobs[0].window: found ");
	refused("name: x\nhorizon: 1h\norganisations: [{name: o}, {name: o}]\nboards: []\njobs: []\n", NULL,
		"3: organisations[1].name: found o, expected a name that is not used above");
	refused("name: x\nhorizon: 1h\norganisations: []\nboards: [{name: b, type: t, count: 1, owner: q}]\njobs: []\n",
		NULL, "4: boards[0].owner: found q, expected one of the organisations");
	refused("name: x\nhorizon: 1h\nstart: 2026-02-29\norganisations: []\nboards: []\njobs: []\n", NULL,
		"3: start: found 2026-02-29, expected a day");
}

static void test_what_is_read(void **state)
{
	char told[700];
	struct load *load = load_of(JOB("boards: {type: t, tags: [a], site: s, count: 3}, priority: 7"), NULL, told);

	(void)state;
	assert_non_null(load);
	assert_int_equal(load->horizon_us, INT64_C(3600000000));
	assert_int_equal(load->groups[0].count, 2);
	assert_string_equal(load->groups[0].owner, "p");
	assert_int_equal(load->orgs[0].weight, 100);
	assert_int_equal(load->streams[0].priority, 7);
	assert_int_equal(load->streams[0].part[0].count, 3);
	assert_int_equal(load->streams[0].part[0].traits.count, 2);
	assert_int_equal(load->streams[0].part[0].traits.item[1].kind, PLAN_TRAIT_SITE);
	assert_int_equal(load->streams[0].limit_us, 10 * load_mean_us(&load->streams[0].takes));
	load_destroy(load);
}

static void test_what_is_set(void **state)
{
	char told[700];
	struct load *load = load_of(JOB("boards: {type: t}"), "boards.b.1.count=50", told);

	(void)state;
	assert_string_equal(told, "");
	assert_int_equal(load->groups[0].count, 50);
	load_destroy(load);
	load = load_of(JOB("boards: {type: t}"), "jobs.0.priority=9", told);
	assert_int_equal(load->streams[0].priority, 9);
	load_destroy(load);
	load = load_of(JOB("boards: {type: t}"), "ageing=5m", told);
	assert_int_equal(load->ageing_us, INT64_C(300000000));
	load_destroy(load);
}

static void test_what_cannot_be_set(void **state)
{
	(void)state;
	refused(JOB("boards: {type: t}"), "boards.c.count=50", "boards.c.count: found nothing like it");
	refused(JOB("boards: {type: t}"), "boards.b.1=50", "boards.b.1: found nothing like it");
	refused(JOB("boards: {type: t}"), "boards", "found \"boards\", expected PATH=VALUE");
	refused(JOB("boards: {type: t}"), "jobs.j.priority=500", "6: jobs.j.priority: found ");
	refused(JOB("boards: {type: t}"), "jobs.j.prio=5", "6: jobs.j.prio: found an unknown field");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_examples),           cmocka_unit_test(test_one_part_names_another),
		cmocka_unit_test(test_what_is_read),       cmocka_unit_test(test_what_is_set),
		cmocka_unit_test(test_what_cannot_be_set),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
