/* SPDX-License-Identifier: Apache-2.0 */
/* A verdict given again: it depends on the bytes, on what was asked and on the facts, and on nothing else. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/judge/rejudge.h"
#include "tests/unit/core/base/cmocka_all.h"

static const char CONSOLE[] = "ASSAY an385 1.0 image 00ff00ff00ff00ff\n"
			      "TEST(Full, one)\nASSAY mark tick 1000000\nASSAY mark tick 2000000\n"
			      "ASSAY measure lat 12 us\n PASS\n"
			      "TEST(Full, two) PASS\n\n-----------------------\n2 Tests 0 Failures 0 Ignored\nOK\n";

struct again {
	struct asked asked;
	struct run_facts facts;
	struct run_judgement judgement;
	char marked[64];
	size_t case_count;
};

static void prepare(struct again *again, const char *require)
{
	json_t *object = json_loads(require, 0, NULL);
	const char *mark;
	struct err err = {0};

	*again = (struct again){0};
	asked_init(&again->asked);
	run_facts_init(&again->facts);
	assert_non_null(object);
	if (requirements_from_json(object, &again->asked.require, &err))
		fail_msg("%s", err.text);
	json_decref(object);
	again->facts.judge.capture = CAPTURE_COMPLETE;
	again->facts.judge.console_bytes = strlen(CONSOLE);
	mark = strstr(CONSOLE, "ASSAY mark");
	assert_int_equal(run_facts_mark(&again->facts, (uint64_t)(mark - CONSOLE), 5000000), 0);
	mark = strstr(mark + 1, "ASSAY mark");
	assert_int_equal(run_facts_mark(&again->facts, (uint64_t)(mark - CONSOLE), 6000100), 0);
}

static void judge_in_pieces(struct again *again, size_t piece)
{
	struct rejudge *rejudge = rejudge_create(&again->asked, &again->facts);
	const struct case_result *results;

	assert_non_null(rejudge);
	for (size_t at = 0; at < strlen(CONSOLE); at += piece)
		rejudge_feed(rejudge, CONSOLE + at, strlen(CONSOLE) - at < piece ? strlen(CONSOLE) - at : piece);
	rejudge_end(rejudge, &again->judgement);
	results = rejudge_results(rejudge, &again->case_count);
	again->marked[0] = '\0';
	for (size_t i = 0; i < again->case_count; i++) {
		for (size_t j = 0; j < results[i].measurement_count; j++) {
			const struct measurement *value = &results[i].measurements[j];

			if (strcmp(value->name, "tick") == 0)
				snprintf(again->marked, sizeof(again->marked), "%.2f %s", value->value, value->unit);
		}
	}
	rejudge_destroy(rejudge);
}

static void finish(struct again *again)
{
	asked_finish(&again->asked);
	run_facts_finish(&again->facts);
}

static void test_follows_from_the_bytes_however_they_are_cut(void **state)
{
	struct again again;

	(void)state;
	prepare(&again, "{\"groups\":[\"Full\"],\"tests\":2}");
	for (size_t piece = 1; piece < 40; piece++) {
		judge_in_pieces(&again, piece);
		if (again.judgement.cause != CAUSE_ALL_REQUIRED_SEEN)
			fail_msg("%s", again.judgement.text);
		assert_int_equal(again.case_count, 2);
		/* The target's second was 1000100 us long by the rack's clock. */
		assert_string_equal(again.marked, "-99.99 ppm");
	}
	finish(&again);
}

/* The console's end and its begin make no line together. */
static void test_each_byte_is_looked_at_once(void **state)
{
	struct again again;

	(void)state;
	prepare(&again, "{\"cases\":[\"Full.one\",\"Full.two\"],\"lines\":[\"OKASSAY\"]}");
	for (size_t piece = 1; piece <= strlen(CONSOLE); piece += strlen(CONSOLE) - 1) {
		judge_in_pieces(&again, piece);
		assert_int_equal(again.judgement.cause, CAUSE_LINE_MISSING);
	}
	finish(&again);
}

static void test_depends_on_facts_and_asked(void **state)
{
	struct again again;

	(void)state;
	prepare(&again, "{\"groups\":[\"Full\"],\"tests\":3}");
	judge_in_pieces(&again, 100);
	assert_int_equal(cause_verdict(again.judgement.cause), RUN_FAILED);
	finish(&again);

	prepare(&again, "{\"groups\":[\"Full\"],\"tests\":2}");
	again.facts.judge.core_faulted = true;
	judge_in_pieces(&again, 100);
	assert_int_equal(again.judgement.cause, CAUSE_CRASH);
	again.facts.judge.core_faulted = false;
	snprintf(again.facts.judge.expected_build_id, sizeof(again.facts.judge.expected_build_id), "0011001100110011");
	judge_in_pieces(&again, 100);
	assert_int_equal(again.judgement.cause, CAUSE_WRONG_IMAGE);
	finish(&again);
}

static void test_facts_read_back(void **state)
{
	struct again again;
	struct run_facts facts;
	struct err err = {0};
	json_t *object;
	const char *key;
	json_t *value;
	void *next;

	(void)state;
	prepare(&again, "{}");
	snprintf(again.facts.judge.core_text, sizeof(again.facts.judge.core_text), "HardFault at 0x1234");
	object = run_facts_to_json(&again.facts);
	assert_int_equal(run_facts_from_json(object, &facts, &err), 0);
	assert_memory_equal(&facts.judge, &again.facts.judge, sizeof(facts.judge));
	assert_int_equal(facts.mark_count, 2);
	assert_int_equal(run_facts_marked_at(&facts, facts.marks[1].offset), 6000100);
	assert_int_equal(run_facts_marked_at(&facts, facts.marks[1].offset + 1), 0);
	run_facts_finish(&facts);
	json_object_foreach_safe(object, next, key, value)
	{
		json_t *without = json_copy(object);

		json_object_del(without, key);
		assert_int_equal(run_facts_from_json(without, &facts, &err), ERR_INVALID);
		json_object_set_new(without, key, json_null());
		assert_int_equal(run_facts_from_json(without, &facts, &err), ERR_INVALID);
		json_decref(without);
	}
	json_decref(object);
	finish(&again);
}

static void test_too_many_marks_are_said(void **state)
{
	struct run_facts facts;

	(void)state;
	run_facts_init(&facts);
	for (uint64_t i = 0; i < FACTS_MAX_MARKS; i++)
		assert_int_equal(run_facts_mark(&facts, i, 1), 0);
	assert_false(facts.marks_cut);
	assert_int_equal(run_facts_mark(&facts, FACTS_MAX_MARKS, 1), 0);
	assert_true(facts.marks_cut);
	assert_int_equal(facts.mark_count, FACTS_MAX_MARKS);
	run_facts_finish(&facts);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_follows_from_the_bytes_however_they_are_cut),
		cmocka_unit_test(test_each_byte_is_looked_at_once),
		cmocka_unit_test(test_depends_on_facts_and_asked),
		cmocka_unit_test(test_facts_read_back),
		cmocka_unit_test(test_too_many_marks_are_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
