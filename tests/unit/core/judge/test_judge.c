/* SPDX-License-Identifier: Apache-2.0 */
/* The judge on events made by hand: the order of causes, what collecting tells as it goes, and when a run is complete.
 * What whole logs lead to stands in the corpus. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/judge/judge.h"

#define TOLD_MAX 16

struct fixture {
	struct requirements require;
	struct end_rule end;
	struct judge_facts facts;
	struct collector *collector;
	char told[TOLD_MAX][64]; /* "verdict name", as on_case was told */
	size_t told_count;
	uint64_t offset;
	struct run_judgement judgement;
};

static char *one_and_two[] = {(char *)"A.one", (char *)"A.two"};

static void on_case(void *context, const struct case_result *result)
{
	struct fixture *fixture = context;

	assert_true(fixture->told_count < TOLD_MAX);
	snprintf(fixture->told[fixture->told_count++], 64, "%s %s", case_verdict_name(result->verdict), result->name);
}

static int set_up(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));

	fixture->require.cases = one_and_two;
	fixture->require.case_count = 2;
	fixture->facts.capture = CAPTURE_SILENCE;
	fixture->facts.console_bytes = 1000;
	*state = fixture;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;

	collector_destroy(fixture->collector);
	free(fixture);
	return 0;
}

static void begin(struct fixture *fixture)
{
	fixture->collector = collector_create(&fixture->require, &fixture->end, on_case, fixture);
	assert_non_null(fixture->collector);
}

static void feed(struct fixture *fixture, struct parse_event event)
{
	event.offset = fixture->offset;
	event.end = fixture->offset += 10;
	event.group = event.group ? event.group : "A";
	event.name = event.name ? event.name : "";
	event.message = event.message ? event.message : "";
	event.build_id = event.build_id ? event.build_id : "";
	collector_feed(fixture->collector, &event, (int64_t)fixture->offset);
}

static void begun(struct fixture *fixture, const char *name)
{
	feed(fixture, (struct parse_event){.kind = PARSE_CASE_BEGUN, .name = name});
}

static void ran(struct fixture *fixture, const char *name, enum case_verdict verdict)
{
	begun(fixture, name);
	feed(fixture, (struct parse_event){.kind = PARSE_CASE_ENDED, .name = name, .verdict = verdict});
}

static void judged(struct fixture *fixture, enum cause cause)
{
	collector_judge(fixture->collector, &fixture->facts, &fixture->judgement);
	if (fixture->judgement.cause != cause)
		fail_msg("%s (%s), should be %s", cause_name(fixture->judgement.cause), fixture->judgement.text,
			 cause_name(cause));
	assert_true(strlen(fixture->judgement.text) > 0);
}

static void test_passes(void **state)
{
	struct fixture *fixture = *state;

	begin(fixture);
	assert_false(collector_complete(fixture->collector));
	ran(fixture, "one", CASE_PASS);
	assert_false(collector_complete(fixture->collector));
	ran(fixture, "two", CASE_PASS);
	assert_true(collector_complete(fixture->collector));
	fixture->facts.capture = CAPTURE_COMPLETE;
	judged(fixture, CAUSE_ALL_REQUIRED_SEEN);
	assert_int_equal(fixture->judgement.passed, 2);
	assert_int_equal(fixture->told_count, 2);
}

static void test_failure_of_a_case_not_required(void **state)
{
	struct fixture *fixture = *state;

	begin(fixture);
	ran(fixture, "one", CASE_PASS);
	ran(fixture, "extra", CASE_FAIL);
	ran(fixture, "two", CASE_PASS);
	judged(fixture, CAUSE_CASE_FAILED);
	assert_non_null(strstr(fixture->judgement.text, "A.extra"));
}

/* An open case when enough was seen is simply not waited for. */
static void test_open_case_at_completion(void **state)
{
	struct fixture *fixture = *state;
	size_t count;

	begin(fixture);
	ran(fixture, "one", CASE_PASS);
	ran(fixture, "two", CASE_PASS);
	begun(fixture, "three");
	fixture->facts.capture = CAPTURE_COMPLETE;
	judged(fixture, CAUSE_ALL_REQUIRED_SEEN);
	collector_results(fixture->collector, &count);
	assert_int_equal(count, 2);
}

static void test_crash_before_failure(void **state)
{
	struct fixture *fixture = *state;

	begin(fixture);
	ran(fixture, "one", CASE_FAIL);
	begun(fixture, "two");
	fixture->facts.core_faulted = true;
	snprintf(fixture->facts.core_text, sizeof(fixture->facts.core_text), "HardFault at 0x412");
	judged(fixture, CAUSE_CRASH);
	assert_non_null(strstr(fixture->judgement.text, "A.two"));
	assert_non_null(strstr(fixture->judgement.text, "HardFault at 0x412"));
	assert_string_equal(fixture->told[1], "crashed two");
}

static void test_crash_without_output(void **state)
{
	struct fixture *fixture = *state;

	begin(fixture);
	fixture->facts.console_bytes = 0;
	fixture->facts.core_faulted = true;
	judged(fixture, CAUSE_CRASH);
}

/* Only what the probe saw: the console shows nothing of the resets. */
static void test_resets_seen_by_the_probe(void **state)
{
	struct fixture *fixture = *state;

	begin(fixture);
	ran(fixture, "one", CASE_PASS);
	fixture->facts.probe_resets = 3;
	judged(fixture, CAUSE_REBOOT);
}

static void test_allowed_resets(void **state)
{
	struct fixture *fixture = *state;

	fixture->require.resets = 1;
	begin(fixture);
	begun(fixture, "one");
	feed(fixture, (struct parse_event){.kind = PARSE_BOOT});
	assert_int_equal(collector_reboots(fixture->collector), 1);
	ran(fixture, "one", CASE_PASS);
	ran(fixture, "two", CASE_PASS);
	assert_true(collector_complete(fixture->collector));
	judged(fixture, CAUSE_ALL_REQUIRED_SEEN);
	assert_string_equal(fixture->told[0], "crashed one");
	assert_string_equal(fixture->told[1], "pass one"); /* the last word counts */
	assert_int_equal(fixture->judgement.crashed, 0);
}

/* Cut off on its second round and run a third time, a case is still one case of its group. */
static void test_a_case_that_runs_again_is_one_of_its_group(void **state)
{
	struct fixture *fixture = *state;
	struct required_group groups[] = {{.name = (char *)"A", .min_cases = 2}};

	fixture->require = (struct requirements){.groups = groups, .group_count = 1, .resets = 2};
	begin(fixture);
	ran(fixture, "x", CASE_PASS);
	feed(fixture, (struct parse_event){.kind = PARSE_BOOT});
	begun(fixture, "x");
	feed(fixture, (struct parse_event){.kind = PARSE_BOOT});
	ran(fixture, "x", CASE_PASS);
	assert_false(collector_complete(fixture->collector));
	ran(fixture, "y", CASE_PASS);
	assert_true(collector_complete(fixture->collector));
	judged(fixture, CAUSE_ALL_REQUIRED_SEEN);
}

static void test_lost_bytes(void **state)
{
	struct fixture *fixture = *state;

	begin(fixture);
	ran(fixture, "one", CASE_PASS);
	fixture->facts.console_dropped = 5;
	judged(fixture, CAUSE_CONSOLE_LOST);
	assert_int_equal(cause_verdict(fixture->judgement.cause), RUN_INFRASTRUCTURE);
}

static void test_lost_bytes_and_a_failure(void **state)
{
	struct fixture *fixture = *state;

	begin(fixture);
	ran(fixture, "one", CASE_FAIL);
	fixture->facts.capture = CAPTURE_LOST;
	judged(fixture, CAUSE_CASE_FAILED);
}

static void test_lost_bytes_but_all_seen(void **state)
{
	struct fixture *fixture = *state;

	begin(fixture);
	ran(fixture, "one", CASE_PASS);
	ran(fixture, "two", CASE_PASS);
	fixture->facts.console_dropped = 5;
	judged(fixture, CAUSE_ALL_REQUIRED_SEEN);
}

static void test_cancelled(void **state)
{
	struct fixture *fixture = *state;

	begin(fixture);
	ran(fixture, "one", CASE_PASS);
	begun(fixture, "two");
	fixture->facts.capture = CAPTURE_CANCELLED;
	judged(fixture, CAUSE_CANCELLED);
	assert_int_equal(fixture->judgement.missing, 0);
	assert_int_equal(fixture->judgement.crashed, 0);
}

static void test_cancel_hides_no_failure(void **state)
{
	struct fixture *fixture = *state;

	begin(fixture);
	ran(fixture, "one", CASE_FAIL);
	fixture->facts.capture = CAPTURE_CANCELLED;
	judged(fixture, CAUSE_CASE_FAILED);
}

static void test_wrong_image(void **state)
{
	struct fixture *fixture = *state;
	size_t count;

	begin(fixture);
	collector_expect_image(fixture->collector, "aa11");
	feed(fixture, (struct parse_event){.kind = PARSE_BANNER, .build_id = "bb22"});
	assert_true(collector_wrong_image(fixture->collector));
	assert_true(collector_complete(fixture->collector)); /* nothing more to wait for */
	ran(fixture, "one", CASE_PASS);
	ran(fixture, "two", CASE_FAIL);
	judged(fixture, CAUSE_WRONG_IMAGE);
	assert_non_null(strstr(fixture->judgement.text, "bb22"));
	assert_non_null(strstr(fixture->judgement.text, "aa11"));
	collector_results(fixture->collector, &count);
	assert_int_equal(count, 0);
	assert_int_equal(fixture->told_count, 0);
	assert_int_equal(fixture->judgement.missing, 0);
}

/* The expected id may be known only when judging. */
static void test_wrong_image_known_late(void **state)
{
	struct fixture *fixture = *state;

	begin(fixture);
	feed(fixture, (struct parse_event){.kind = PARSE_BANNER, .build_id = "bb22"});
	ran(fixture, "one", CASE_PASS);
	ran(fixture, "two", CASE_PASS);
	snprintf(fixture->facts.expected_build_id, sizeof(fixture->facts.expected_build_id), "aa11");
	judged(fixture, CAUSE_WRONG_IMAGE);
	assert_int_equal(fixture->judgement.passed, 0);
}

static void test_right_image_in_capitals(void **state)
{
	struct fixture *fixture = *state;

	fixture->require.banner = true;
	begin(fixture);
	collector_expect_image(fixture->collector, "aa11");
	ran(fixture, "one", CASE_PASS);
	ran(fixture, "two", CASE_PASS);
	assert_false(collector_complete(fixture->collector));
	feed(fixture, (struct parse_event){.kind = PARSE_BANNER, .build_id = "AA11"});
	assert_true(collector_complete(fixture->collector));
	judged(fixture, CAUSE_ALL_REQUIRED_SEEN);
}

static void test_groups(void **state)
{
	struct fixture *fixture = *state;
	struct required_group groups[] = {{.name = (char *)"A", .min_cases = 2}};

	fixture->require = (struct requirements){.groups = groups, .group_count = 1};
	begin(fixture);
	ran(fixture, "x", CASE_PASS);
	assert_false(collector_complete(fixture->collector));
	ran(fixture, "x", CASE_PASS); /* the same case again is no second one */
	assert_false(collector_complete(fixture->collector));
	ran(fixture, "y", CASE_IGNORED);
	assert_true(collector_complete(fixture->collector));
	judged(fixture, CAUSE_CASE_IGNORED);
	assert_non_null(strstr(fixture->judgement.text, "A"));
}

static void summary(struct fixture *fixture, uint32_t tests, uint32_t failures, uint32_t ignored, bool ok);

/* One case of a group asked for by its name is not the end: a later one may fail. A summary is. */
static void test_a_group_of_unknown_size_is_over_at_its_summary(void **state)
{
	struct fixture *fixture = *state;
	struct required_group groups[] = {{.name = (char *)"A"}};

	fixture->require = (struct requirements){.groups = groups, .group_count = 1};
	begin(fixture);
	summary(fixture, 0, 0, 0, true); /* of a suite before it */
	ran(fixture, "x", CASE_PASS);
	assert_false(collector_complete(fixture->collector));
	ran(fixture, "y", CASE_FAIL);
	summary(fixture, 2, 1, 0, false);
	assert_true(collector_complete(fixture->collector));
	judged(fixture, CAUSE_CASE_FAILED);
}

static void test_a_group_whose_summary_never_comes_passes_by_its_cases(void **state)
{
	struct fixture *fixture = *state;
	struct required_group groups[] = {{.name = (char *)"A"}};

	fixture->require = (struct requirements){.groups = groups, .group_count = 1};
	begin(fixture);
	ran(fixture, "x", CASE_PASS);
	fixture->facts.capture = CAPTURE_SILENCE;
	judged(fixture, CAUSE_ALL_REQUIRED_SEEN);
}

static void test_waived_ignore(void **state)
{
	struct fixture *fixture = *state;
	char *patterns[] = {(char *)"A.t*"};
	const struct case_result *results;
	size_t count;

	fixture->require.ignored_ok = patterns;
	fixture->require.ignored_ok_count = 1;
	begin(fixture);
	ran(fixture, "one", CASE_PASS);
	ran(fixture, "two", CASE_IGNORED);
	judged(fixture, CAUSE_ALL_REQUIRED_SEEN);
	results = collector_results(fixture->collector, &count);
	assert_true(results[1].waived_ignore);
	assert_int_equal(fixture->judgement.ignored, 1);
}

static void summary(struct fixture *fixture, uint32_t tests, uint32_t failures, uint32_t ignored, bool ok)
{
	feed(fixture, (struct parse_event){.kind = PARSE_SUMMARY,
					   .tests = tests,
					   .failures = failures,
					   .ignored = ignored,
					   .word = true,
					   .ok = ok});
}

/* Each block counts from the one before. */
static void test_counts_of_blocks(void **state)
{
	struct fixture *fixture = *state;

	fixture->end.when = END_SUMMARY;
	fixture->require.summaries = 2;
	begin(fixture);
	ran(fixture, "one", CASE_PASS);
	summary(fixture, 1, 0, 0, true);
	assert_false(collector_complete(fixture->collector));
	ran(fixture, "two", CASE_PASS);
	summary(fixture, 1, 0, 0, true);
	assert_true(collector_complete(fixture->collector));
	judged(fixture, CAUSE_ALL_REQUIRED_SEEN);
}

static void test_counts_disagree(void **state)
{
	struct fixture *fixture = *state;

	begin(fixture);
	ran(fixture, "one", CASE_PASS);
	ran(fixture, "two", CASE_PASS);
	summary(fixture, 3, 0, 0, true);
	judged(fixture, CAUSE_COUNT_MISMATCH);
	assert_non_null(strstr(fixture->judgement.text, "3 tests"));
	assert_non_null(strstr(fixture->judgement.text, "2 results"));
}

static void quiet_summary(struct fixture *fixture, uint32_t marks, uint32_t tests, uint32_t failures, uint32_t ignored)
{
	feed(fixture, (struct parse_event){.kind = PARSE_SUMMARY,
					   .marks = marks,
					   .tests = tests,
					   .failures = failures,
					   .ignored = ignored,
					   .word = true,
					   .ok = failures == 0});
}

static void require_three_results(struct fixture *fixture)
{
	fixture->require = (struct requirements){.tests = 3};
	begin(fixture);
}

static void test_quiet_fixture(void **state)
{
	struct fixture *fixture = *state;

	require_three_results(fixture);
	quiet_summary(fixture, 3, 3, 0, 1);
	judged(fixture, CAUSE_ALL_REQUIRED_SEEN);
	assert_int_equal(fixture->judgement.passed, 2);
	assert_int_equal(fixture->judgement.ignored, 1);
}

/* Nothing was tested. */
static void test_quiet_fixture_ignores_all(void **state)
{
	struct fixture *fixture = *state;

	require_three_results(fixture);
	quiet_summary(fixture, 3, 3, 0, 3);
	judged(fixture, CAUSE_CASE_IGNORED);
	assert_int_equal(fixture->judgement.ignored, 3);
	assert_int_equal(fixture->judgement.passed, 0);
}

static void test_all_ignored_where_a_summary_is_required(void **state)
{
	struct fixture *fixture = *state;

	fixture->require = (struct requirements){.summaries = 1};
	begin(fixture);
	ran(fixture, "one", CASE_IGNORED);
	ran(fixture, "two", CASE_IGNORED);
	summary(fixture, 2, 0, 2, true);
	judged(fixture, CAUSE_CASE_IGNORED);
}

/* Dots of something else do not make up for the results that a suite with names did not print. */
static void test_dots_of_a_suite_that_names_its_passes(void **state)
{
	struct fixture *fixture = *state;

	require_three_results(fixture);
	ran(fixture, "one", CASE_PASS);
	quiet_summary(fixture, 3, 3, 0, 0);
	judged(fixture, CAUSE_CASE_MISSING);
	assert_int_equal(fixture->judgement.passed, 1);
}

/* Garbage that looks like a summary makes no billions of passes. */
static void test_quiet_summary_of_too_many(void **state)
{
	struct fixture *fixture = *state;

	fixture->require = (struct requirements){.summaries = 1};
	begin(fixture);
	quiet_summary(fixture, 2, 4000000000u, 0, 0);
	judged(fixture, CAUSE_COUNT_MISMATCH);
	assert_int_equal(fixture->judgement.passed, 0);
}

static void test_silence_never_completes(void **state)
{
	struct fixture *fixture = *state;

	fixture->end.when = END_SILENCE;
	begin(fixture);
	ran(fixture, "one", CASE_PASS);
	ran(fixture, "two", CASE_PASS);
	assert_false(collector_complete(fixture->collector));
}

static void test_nothing_required_waits(void **state)
{
	struct fixture *fixture = *state;

	fixture->require = (struct requirements){.tests = 0};
	begin(fixture);
	ran(fixture, "one", CASE_PASS);
	assert_false(collector_complete(fixture->collector));
	judged(fixture, CAUSE_ALL_REQUIRED_SEEN);
}

static void test_too_many_cases(void **state)
{
	struct fixture *fixture = *state;
	char name[32];

	begin(fixture);
	fixture->told_count = 0;
	collector_destroy(fixture->collector);
	fixture->collector = collector_create(&fixture->require, &fixture->end, NULL, NULL);
	ran(fixture, "one", CASE_PASS);
	ran(fixture, "two", CASE_PASS);
	for (int i = 0; i < JUDGE_MAX_CASES; i++) {
		snprintf(name, sizeof(name), "c%d", i);
		ran(fixture, name, CASE_PASS);
	}
	judged(fixture, CAUSE_COUNT_MISMATCH);
	assert_int_equal(fixture->judgement.passed, JUDGE_MAX_CASES);
}

static void test_json(void **state)
{
	const struct case_result result = {
		.group = (char *)"A",
		.name = (char *)"one",
		.verdict = CASE_FAIL,
		.message = (char *)"t.c:5: \xc2\xb0",
		.required = true,
		.offset = 12,
		.end = 40,
		.begun_us = 1,
		.ended_us = 2,
	};
	json_t *object = case_result_to_json(&result);

	(void)state;
	assert_non_null(object);
	assert_string_equal(json_string_value(json_object_get(object, "verdict")), "fail");
	assert_string_equal(json_string_value(json_object_get(object, "message")), "t.c:5: \xc2\xb0");
	assert_true(json_is_true(json_object_get(object, "required")));
	assert_true(json_is_false(json_object_get(object, "waived_ignore")));
	assert_int_equal(json_integer_value(json_object_get(object, "end")), 40);
	assert_int_equal(json_integer_value(json_object_get(object, "ended_at_us")), 2);
	json_decref(object);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_passes),
		TEST(test_failure_of_a_case_not_required),
		TEST(test_open_case_at_completion),
		TEST(test_crash_before_failure),
		TEST(test_crash_without_output),
		TEST(test_resets_seen_by_the_probe),
		TEST(test_allowed_resets),
		TEST(test_a_case_that_runs_again_is_one_of_its_group),
		TEST(test_lost_bytes),
		TEST(test_lost_bytes_and_a_failure),
		TEST(test_lost_bytes_but_all_seen),
		TEST(test_cancelled),
		TEST(test_cancel_hides_no_failure),
		TEST(test_wrong_image),
		TEST(test_wrong_image_known_late),
		TEST(test_right_image_in_capitals),
		TEST(test_groups),
		TEST(test_a_group_of_unknown_size_is_over_at_its_summary),
		TEST(test_a_group_whose_summary_never_comes_passes_by_its_cases),
		TEST(test_waived_ignore),
		TEST(test_counts_of_blocks),
		TEST(test_counts_disagree),
		TEST(test_quiet_fixture),
		TEST(test_quiet_fixture_ignores_all),
		TEST(test_all_ignored_where_a_summary_is_required),
		TEST(test_dots_of_a_suite_that_names_its_passes),
		TEST(test_quiet_summary_of_too_many),
		TEST(test_silence_never_completes),
		TEST(test_nothing_required_waits),
		TEST(test_too_many_cases),
		TEST(test_json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
