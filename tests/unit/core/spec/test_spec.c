/* SPDX-License-Identifier: Apache-2.0 */
/* Job files: what they mean, who inherits what, every mistake with its line, and the way through JSON. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/spec/spec.h"
#include "tests/unit/core/base/cmocka_all.h"

static const struct suite *find_suite(void *context, const char *name)
{
	const struct suite *suite = context;

	return strcmp(suite->name, name) == 0 ? suite : NULL;
}

/* The suite "reference" of these tests. */
static struct suite reference(void)
{
	static const char text[] = "name: reference\nversion: \"1\"\n"
				   "require: {groups: [{name: Hello, cases: [boots, talks]}], ignored-ok: [Flash.*]}\n"
				   "end: {when: summary, silence: 5s, limit: 30s}\n";
	struct doc_problems problems;
	struct suite suite;

	doc_problems_init(&problems, "s.yaml");
	assert_int_equal(suite_read("s.yaml", text, strlen(text), &suite, &problems), 0);
	return suite;
}

static struct job_spec *read_with(const char *text, suite_lookup_fn lookup, void *context)
{
	struct doc_problems problems;
	struct job_spec *spec = NULL;

	doc_problems_init(&problems, "job.yaml");
	if (job_spec_read("job.yaml", text, strlen(text), lookup, context, &spec, &problems))
		fail_msg("line %d: %s: found %s, expected %s", problems.item[0].line, problems.item[0].field,
			 problems.item[0].found, problems.item[0].expected);
	return spec;
}

static void test_written_out(void **state)
{
	struct job_spec *spec = read_with("name: nightly café\n"
					  "priority: 80\n"
					  "retries: 0\n"
					  "parallel: 2\n"
					  "require:\n"
					  "  cases: [Hello.boots, Clock.ticks]\n"
					  "  groups:\n"
					  "    - Hello\n"
					  "    - {name: Flash, cases: 4}\n"
					  "    - {name: Net, cases: [ping, arp]}\n"
					  "  tests: 12\n"
					  "  banner: true\n"
					  "  lines: ['ready> ', \"say \\\"hi\\\"\", 42]\n"
					  "  ignored-ok: [Flash.*, Net.arp]\n"
					  "  resets: 1\n"
					  "end: {silence: 3s, limit: 1m, settle: 0ms}\n"
					  "runs:\n"
					  "  - {type: microbit, image: build/suite.elf, count: 2, tags: [b, a, b]}\n"
					  "  - board: mb1\n"
					  "    image: "
					  "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\n"
					  "    end: {when: silence}\n",
					  NULL, NULL);
	const struct run_spec *run = &spec->runs[0];

	(void)state;
	assert_string_equal(spec->name, "nightly café");
	assert_int_equal(spec->priority, 80);
	assert_int_equal(spec->retries, 0);
	assert_int_equal(spec->parallel, 2);
	assert_int_equal(spec->run_count, 2);
	assert_string_equal(run->board_type, "microbit");
	assert_string_equal(run->board, "");
	assert_string_equal(run->image, "build/suite.elf");
	assert_string_equal(run->image_sha256, "");
	assert_int_equal(run->count, 2);
	assert_string_equal(run->tags, "b a");
	assert_int_equal(run->line, 18);
	assert_int_equal(run->require.line_count, 3);
	assert_string_equal(run->require.lines[0], "ready> ");
	assert_string_equal(run->require.lines[1], "say \"hi\"");
	assert_string_equal(run->require.lines[2], "42");
	assert_int_equal(run->require.case_count, 4);
	assert_string_equal(run->require.cases[3], "Net.arp");
	assert_int_equal(run->require.group_count, 3);
	assert_int_equal(run->require.groups[0].min_cases, 0);
	assert_int_equal(run->require.groups[1].min_cases, 4);
	assert_int_equal(run->require.groups[2].min_cases, 2);
	assert_int_equal(run->require.tests, 12);
	assert_true(run->require.banner);
	assert_int_equal(run->require.resets, 1);
	assert_int_equal(run->require.summaries, 0);
	assert_int_equal(run->end.when, END_REQUIRED);
	assert_int_equal(run->end.silence_ms, 3000);
	assert_int_equal(run->end.settle_ms, 0);
	run = &spec->runs[1];
	assert_string_equal(run->board, "mb1");
	assert_string_equal(run->image_sha256, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	assert_int_equal(run->count, 1);
	assert_int_equal(run->end.when, END_SILENCE);
	assert_int_equal(run->end.limit_ms, 60000); /* from the job's end */
	assert_int_equal(run->require.case_count, 4);
	job_spec_destroy(spec);
	job_spec_destroy(NULL);
}

static void test_defaults(void **state)
{
	struct job_spec *spec = read_with(
		"{\"name\":\"x\",\"require\":{\"tests\":1},\"runs\":[{\"type\":\"a\",\"image\":\"i\"}]}", NULL, NULL);

	(void)state;
	assert_int_equal(spec->priority, 50);
	assert_int_equal(spec->retries, 1);
	assert_int_equal(spec->parallel, 0);
	assert_int_equal(spec->runs[0].end.when, END_REQUIRED);
	assert_int_equal(spec->runs[0].end.silence_ms, 10000);
	assert_int_equal(spec->runs[0].end.limit_ms, 120000);
	assert_int_equal(spec->runs[0].end.settle_ms, END_SETTLE_BY_BOARD);
	job_spec_destroy(spec);
}

static void test_suites_and_inheritance(void **state)
{
	struct suite suite = reference();
	struct job_spec *spec = read_with("name: x\n"
					  "suite: reference\n"
					  "end: {limit: 5m}\n"
					  "runs:\n"
					  "  - {type: a, image: i}\n"
					  "  - {type: a, image: i, require: {cases: [A.b]}}\n"
					  "  - {type: a, image: i, suite: reference, end: {silence: 1s}}\n",
					  find_suite, &suite);

	(void)state;
	assert_string_equal(spec->suite, "reference");
	assert_int_equal(spec->runs[0].require.case_count, 2);
	assert_string_equal(spec->runs[0].require.cases[1], "Hello.talks");
	assert_int_equal(spec->runs[0].require.summaries, 1); /* since it ends at a summary */
	assert_int_equal(spec->runs[0].end.limit_ms, 300000); /* the job's over the suite's */
	assert_int_equal(spec->runs[0].end.silence_ms, 5000); /* the suite's */
	assert_int_equal(spec->runs[1].require.case_count, 1);
	assert_int_equal(spec->runs[1].require.group_count, 0);
	assert_int_equal(spec->runs[1].end.when, END_SUMMARY);
	assert_int_equal(spec->runs[2].end.silence_ms, 1000);
	assert_int_equal(spec->runs[2].end.limit_ms, 30000); /* its own suite's, not the job's */
	job_spec_destroy(spec);
	suite_finish(&suite);
}

static void test_suite_on_trust(void **state)
{
	struct job_spec *spec = read_with("name: x\nsuite: unheard-of\nruns: [{type: a, image: i}]\n", NULL, NULL);

	(void)state;
	assert_string_equal(spec->suite, "unheard-of");
	assert_int_equal(spec->runs[0].require.case_count, 0);
	job_spec_destroy(spec);
}

#define RUN    "runs: [{type: a, image: i}]\n"
#define SEEN   "require: {tests: 1}\n"
#define HASH63 "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b85"

static const struct {
	const char *text;
	int line;
	const char *field, *found, *expected;
} bad[] = {
	{"just text", 1, "", "\"just text\"", "a mapping"},
	{SEEN RUN, 1, "name", "nothing", "text"},
	{"name: ''\n" SEEN RUN, 1, "name", "\"\"", "1 to 100 bytes"},
	{"name: \"a\\nb\"\n" SEEN RUN, 1, "name", "a control character", "one line of text"},
	{"name: x\n" SEEN, 1, "runs", "nothing", "a list"},
	{"name: x\n" SEEN "runs: []\n", 3, "runs", "an empty list", "at least one run"},
	{"name: x\n" SEEN "runs: {type: a, image: i}\n", 3, "runs", "a mapping", "a list"},
	{"name: x\n" SEEN "runs: [microbit]\n", 3, "runs[0]", "\"microbit\"", "a mapping"},
	{"name: x\n" SEEN "runs:\n  - {image: i}\n", 4, "runs[0].type", "nothing", "text"},
	{"name: x\n" SEEN "runs:\n  - {type: a, board: b, image: i}\n", 4, "runs[0].board", "both", "either a type"},
	{"name: x\n" SEEN "runs:\n  - {type: Micro Bit, image: i}\n", 4, "runs[0].type", "Micro Bit", "lower case"},
	{"name: x\n" SEEN "runs:\n  - {board: ../x, image: i}\n", 4, "runs[0].board", "../x", "begins with a letter"},
	{"name: x\n" SEEN "runs:\n  - {type: a}\n", 4, "runs[0].image", "nothing", "text"},
	{"name: x\n" SEEN "runs:\n  - {type: a, image: [i]}\n", 4, "runs[0].image", "a list", "text"},
	{"name: x\n" SEEN "runs:\n  - {type: a, image: 'sha256:12'}\n", 4, "runs[0].image", "12", "64 lower-case"},
	{"name: x\n" SEEN "runs:\n  - {type: a, image: 'sha256:" HASH63 "A'}\n", 4, "runs[0].image", HASH63 "A",
	 "64 lower-case"},
	{"name: x\n" SEEN "runs:\n  - {type: a, image: i, sha256: " HASH63 "5}\n", 4, "runs[0].sha256",
	 "an unknown field", "one of type"},
	{"name: x\n" SEEN "runs:\n  - {type: a, image: i, count: 0}\n", 4, "runs[0].count", "\"0\"", "1 to 1000"},
	{"name: x\n" SEEN "runs:\n  - {type: a, image: i, count: 600}\n  - {type: a, image: i, count: 600}\n", 5,
	 "runs[1]", "more runs", "at most 1000"},
	{"name: x\n" SEEN "runs:\n  - {type: a, image: i, imagee: j}\n", 4, "runs[0].imagee", "an unknown field",
	 "image (did you mean it?)"},
	{"name: x\npriorty: 3\n" SEEN RUN, 2, "priorty", "an unknown field", "priority (did you mean it?)"},
	{"name: x\npriority: high\n" SEEN RUN, 2, "priority", "\"high\"", "a whole number"},
	{"name: x\npriority: 101\n" SEEN RUN, 2, "priority", "\"101\"", "0 to 100"},
	{"name: x\nretries: 6\n" SEEN RUN, 2, "retries", "\"6\"", "0 to 5"},
	{"name: x\nparallel: 0\n" SEEN RUN, 2, "parallel", "\"0\"", "1 to 1000"},
	{"name: x\nsuite: other\n" RUN, 2, "suite", "other", "a suite that the farm knows"},
	{"name: x\nsuite: a/b\n" RUN, 2, "suite", "a/b", "a name of letters"},
	{"name: x\n" RUN, 1, "", "nothing required", "end.when: summary or silence"},
	{"name: x\nrequire: {}\n" RUN, 1, "", "nothing required", "cases, groups"},
	{"name: x\n" SEEN "runs:\n  - {type: a, image: i, require: {}}\n", 4, "runs[0]", "nothing required", "cases"},
	{"name: x\nrequire: [A.b]\n" RUN, 2, "require", "a list", "a mapping"},
	{"name: x\nrequire: {case: [A.b]}\n" RUN, 2, "require.case", "an unknown field", "cases (did you mean it?)"},
	{"name: x\nrequire: {ignored_ok: [A.b], tests: 1}\n" RUN, 2, "require.ignored_ok", "an unknown field",
	 "ignored-ok (did you mean it?)"},
	{"name: x\nrequire:\n  cases:\n    - boots\n" RUN, 4, "require.cases[0]", "boots", "Group.Case"},
	{"name: x\nrequire:\n  cases:\n    - Hello.*\n" RUN, 4, "require.cases[0]", "Hello.*", "Group.Case"},
	{"name: x\nrequire:\n  cases:\n    - .x\n" RUN, 4, "require.cases[0]", ".x", "Group.Case"},
	{"name: x\nrequire:\n  cases:\n    - x.\n" RUN, 4, "require.cases[0]", "x.", "Group.Case"},
	{"name: x\nrequire:\n  cases:\n    - A b.c\n" RUN, 4, "require.cases[0]", "A b.c", "without blanks"},
	{"name: x\nrequire:\n  cases: [A.b, C.d, A.b]\n" RUN, 3, "require", "A.b", "each case once"},
	{"name: x\nrequire:\n  groups: [{name: A, cases: [b, b]}]\n" RUN, 3, "require", "A.b", "each case once"},
	{"name: x\nrequire:\n  cases: Hello.boots\n" RUN, 3, "require.cases", "\"Hello.boots\"", "a list"},
	{"name: x\nrequire:\n  groups:\n    - A\n    - {name: A, cases: 2}\n" RUN, 5, "require.groups[1].name", "A",
	 "each group once"},
	{"name: x\nrequire:\n  groups:\n    - {cases: 2}\n" RUN, 4, "require.groups[0].name", "nothing", "text"},
	{"name: x\nrequire:\n  groups:\n    - {name: A, cases: 0}\n" RUN, 4, "require.groups[0].cases", "\"0\"",
	 "1 to"},
	{"name: x\nrequire:\n  groups:\n    - {name: A, cases: []}\n" RUN, 4, "require.groups[0].cases",
	 "an empty list", "1 to"},
	{"name: x\nrequire:\n  groups:\n    - {name: A, min: 3}\n" RUN, 4, "require.groups[0].min", "an unknown field",
	 "name, cases"},
	{"name: x\nrequire:\n  groups:\n    - 'A*'\n" RUN, 4, "require.groups[0]", "A*", "without blanks"},
	{"name: x\nrequire: {tests: 1, ignored-ok: ['Fl*sh']}\n" RUN, 2, "require.ignored-ok[0]", "Fl*sh", "Flash.*"},
	{"name: x\nrequire: {lines: [a, b, a]}\n" RUN, 2, "require.lines[2]", "a", "each text once"},
	{"name: x\nrequire: {lines: [\"a\\nb\"]}\n" RUN, 2, "require.lines[0]", "a", "one line"},
	{"name: x\nrequire: {lines: ['']}\n" RUN, 2, "require.lines[0]", "", "1 to 200 bytes"},
	{"name: x\nrequire: {lines: ready}\n" RUN, 2, "require.lines", "\"ready\"", "a list"},
	{"name: x\nrequire: {lines: []}\n" RUN, 1, "", "nothing required", "banner or lines"},
	{"name: x\nrequire: {tests: -1}\n" RUN, 2, "require.tests", "\"-1\"", "0 to 100000"},
	{"name: x\nrequire: {banner: 1}\n" RUN, 2, "require.banner", "\"1\"", "true or false"},
	{"name: x\n" SEEN "end: {when: never}\n" RUN, 3, "end.when", "\"never\"", "required, summary, silence"},
	{"name: x\n" SEEN "end: {silence: 5}\n" RUN, 3, "end.silence", "\"5\"", "a duration such as"},
	{"name: x\n" SEEN "end: {silence: 2h}\n" RUN, 3, "end.silence", "\"2h\"", "100ms to 3600s"},
	{"name: x\n" SEEN "end: {limit: 25h}\n" RUN, 3, "end.limit", "\"25h\"", "100ms to 86400s"},
	{"name: x\n" SEEN "end: {settle: 11s}\n" RUN, 3, "end.settle", "\"11s\"", "0ms to 10s"},
	{"name: x\n" SEEN "end: {timeout: 11s}\n" RUN, 3, "end.timeout", "an unknown field", "one of when, silence"},
	{"name: x\n" SEEN "runs:\n  - type: a\n    image: i\n    end: {limit: 0s}\n", 6, "runs[0].end.limit", "\"0s\"",
	 "100ms to"},
	{"name: x\n" SEEN "runs:\n  - type: a\n    image: i\n    require: {cases: [b]}\n", 6,
	 "runs[0].require.cases[0]", "b", "Group.Case"},
};

static void test_every_mistake_is_told(void **state)
{
	struct suite suite = reference();

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		struct doc_problems problems;
		struct job_spec *spec = NULL;
		const struct doc_problem *first = &problems.item[0];

		doc_problems_init(&problems, "job.yaml");
		assert_int_equal(job_spec_read("job.yaml", bad[i].text, strlen(bad[i].text), find_suite, &suite, &spec,
					       &problems),
				 ERR_INVALID);
		assert_null(spec);
		if (first->line != bad[i].line || strcmp(first->field, bad[i].field) != 0 ||
		    !strstr(first->found, bad[i].found) || !strstr(first->expected, bad[i].expected))
			fail_msg("case %zu: job.yaml:%d: %s: found %s, expected %s", i, first->line, first->field,
				 first->found, first->expected);
	}
	suite_finish(&suite);
}

static void test_all_mistakes_at_once(void **state)
{
	static const char text[] = "nam: x\npriority: 999\nrequire: {tests: x}\nend: {limit: 1}\n"
				   "runs:\n  - {type: A, image: i}\n  - {type: a, count: 0}\n";
	static const int lines[] = {1, 1, 2, 3, 4, 6, 7, 7};
	struct doc_problems problems;
	struct job_spec *spec;
	size_t found = 0;

	(void)state;
	doc_problems_init(&problems, "job.yaml");
	assert_int_equal(job_spec_read("job.yaml", text, strlen(text), NULL, NULL, &spec, &problems), ERR_INVALID);
	for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
		for (size_t k = 0; k < problems.count; k++) {
			if (problems.item[k].line == lines[i]) {
				problems.item[k].line = 0;
				found++;
				break;
			}
		}
	}
	assert_int_equal(found, sizeof lines / sizeof lines[0]);
}

/* What follows from a mistake is not told beside it, and what holds for all runs is told once. */
static void test_no_noise(void **state)
{
	static const char *const texts[] = {"name: x\nsuit: reference\n", "name: x\n"};
	static const char *const found[] = {"an unknown field", "nothing required"};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct doc_problems problems;
		struct job_spec *spec;
		char text[300];

		snprintf(text, sizeof text,
			 "%sruns: [{type: a, image: i}, {type: a, image: i}, {board: b, image: i}]\n", texts[i]);
		doc_problems_init(&problems, "job.yaml");
		assert_int_equal(job_spec_read("job.yaml", text, strlen(text), NULL, NULL, &spec, &problems),
				 ERR_INVALID);
		assert_int_equal(problems.count, 1);
		assert_string_equal(problems.item[0].found, found[i]);
	}
}

/* A small file must not grow into gigabytes of requirements. */
static void test_names_over_all_runs_are_bounded(void **state)
{
	struct doc_problems problems;
	struct job_spec *spec;
	struct buf text;

	(void)state;
	buf_init(&text, 1 << 20);
	buf_append_text(&text, "name: x\nrequire:\n  cases:\n");
	for (int i = 0; i < 4000; i++)
		buf_appendf(&text, "    - Group.case_number_%d\n", i);
	buf_append_text(&text, "runs:\n");
	for (int i = 0; i < 900; i++)
		buf_append_text(&text, "  - {type: a, image: i}\n");
	doc_problems_init(&problems, "job.yaml");
	assert_int_equal(job_spec_read("job.yaml", text.data, text.len, NULL, NULL, &spec, &problems), ERR_INVALID);
	assert_int_equal(problems.count, 1);
	assert_non_null(strstr(problems.item[0].found, "more required names"));
	buf_finish(&text);
}

static void test_json_and_back(void **state)
{
	struct suite suite = reference();
	struct job_spec *spec =
		read_with("name: x\nsuite: reference\nruns:\n"
			  "  - {type: a, image: dir/i.elf, count: 3}\n"
			  "  - {board: b, image: i, require: {groups: [A], tests: 3}, end: {settle: 1500ms}}\n",
			  find_suite, &suite);
	struct job_spec *again = NULL;
	struct err err = {0};
	json_t *object, *twice;

	(void)state;
	snprintf(spec->runs[0].image_sha256, sizeof spec->runs[0].image_sha256, "%s", HASH63 "5");
	object = job_spec_to_json(spec);
	assert_non_null(object);
	if (job_spec_from_json(object, &again, &err))
		fail_msg("%s", err.text);
	twice = job_spec_to_json(again);
	assert_true(json_equal(object, twice));
	assert_string_equal(again->suite, "reference");
	assert_string_equal(again->runs[0].image, "dir/i.elf");
	assert_string_equal(again->runs[0].image_sha256, HASH63 "5");
	assert_int_equal(again->runs[0].require.summaries, 1);
	assert_int_equal(again->runs[1].end.settle_ms, 1500);
	job_spec_destroy(again);
	again = NULL;
	json_object_set_new(json_array_get(json_object_get(object, "runs"), 1), "count", json_string("2"));
	assert_int_equal(job_spec_from_json(object, &again, &err), ERR_INVALID);
	assert_string_equal(err.text, "runs[1].count: found \"2\", expected a whole number");
	assert_null(again);
	json_decref(object);
	json_decref(twice);
	job_spec_destroy(spec);
	suite_finish(&suite);
}

/* The largest job that is taken must come back from its JSON. */
static void test_largest_job_through_json(void **state)
{
	struct job_spec *spec, *again = NULL;
	struct err err = {0};
	struct buf text;
	json_t *object;

	(void)state;
	buf_init(&text, 4 << 20);
	buf_append_text(&text, "name: x\nrequire:\n  cases:\n");
	for (int i = 0; i < 45; i++)
		buf_appendf(&text, "    - A_group_of_usual_length.and_a_case_%d\n", i);
	buf_append_text(&text, "runs:\n");
	for (int i = 0; i < 1000; i++)
		buf_append_text(&text, "  - {type: a, image: build/some/where/suite.elf}\n");
	spec = read_with(buf_text(&text), NULL, NULL);
	object = job_spec_to_json(spec);
	if (job_spec_from_json(object, &again, &err))
		fail_msg("%s", err.text);
	assert_int_equal(again->run_count, 1000);
	job_spec_destroy(spec);
	job_spec_destroy(again);
	json_decref(object);
	buf_finish(&text);
}

static void test_parts_from_json(void **state)
{
	struct requirements require = {.tests = 77};
	struct end_rule end = {.limit_ms = 77};
	struct err err = {0};
	json_t *object = json_pack("{s:[s]}", "cases", "noDot");

	(void)state;
	assert_int_equal(requirements_from_json(object, &require, &err), ERR_INVALID);
	assert_int_equal(require.tests, 77);
	assert_int_equal(strncmp(err.text, "cases[0]: found noDot, expected one case as Group.Case", 54), 0);
	json_decref(object);
	object = json_pack("{s:i}", "limit", 5);
	assert_int_equal(end_rule_from_json(object, &end, &err), ERR_INVALID);
	assert_int_equal(end.limit_ms, 77);
	json_decref(object);
	object = json_array();
	assert_int_equal(end_rule_from_json(object, &end, &err), ERR_INVALID);
	json_decref(object);
	object = json_object();
	assert_int_equal(end_rule_from_json(object, &end, &err), 0);
	assert_int_equal(end.limit_ms, 120000);
	json_decref(object);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_written_out),
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_suites_and_inheritance),
		cmocka_unit_test(test_suite_on_trust),
		cmocka_unit_test(test_every_mistake_is_told),
		cmocka_unit_test(test_all_mistakes_at_once),
		cmocka_unit_test(test_no_noise),
		cmocka_unit_test(test_names_over_all_runs_are_bounded),
		cmocka_unit_test(test_json_and_back),
		cmocka_unit_test(test_largest_job_through_json),
		cmocka_unit_test(test_parts_from_json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
