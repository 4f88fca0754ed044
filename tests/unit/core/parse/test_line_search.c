/* SPDX-License-Identifier: Apache-2.0 */
/* Looking for texts in a console, cut into pieces of every size; and what a run is judged by when only texts are
 * required. */
#include <stdio.h>
#include <string.h>

#include "core/judge/judge.h"
#include "core/parse/line_search.h"
#include "tests/unit/core/base/cmocka_all.h"

/* How many of the texts are missing after the console, which must not depend on how it was cut. */
static size_t missing_after(char *const *texts, size_t count, const char *console, size_t size_bytes)
{
	size_t missing = 0;

	for (size_t piece = 1; piece <= size_bytes; piece++) {
		struct line_search *search = line_search_create(texts, count);

		assert_non_null(search);
		for (size_t at = 0; at < size_bytes; at += piece)
			line_search_feed(search, (const uint8_t *)console + at,
					 size_bytes - at < piece ? size_bytes - at : piece);
		if (piece > 1)
			assert_int_equal(line_search_missing(search), missing);
		missing = line_search_missing(search);
		line_search_destroy(search);
	}
	return missing;
}

static bool found(const char *text, const char *console)
{
	char *texts[] = {(char *)text};

	return missing_after(texts, 1, console, strlen(console)) == 0;
}

static void test_found(void **state)
{
	(void)state;
	assert_true(found("ready", "ready"));
	assert_true(found("ready", "not yet\r\nnow it is ready to go\r\n"));
	assert_true(found(">>> ", "hello\r\n>>> ")); /* no line end follows */
	assert_true(found("aab", "aaab"));
	assert_true(found("abcabd", "abcabcabd"));
	assert_true(found("aa", "a\naa"));
	assert_true(found("caf\xc3\xa9", "a caf\xc3\xa9\n"));
	assert_true(found("a b", "a\tb"));
	assert_true(found("MicroPython v1", "\x1b[2J\x1b[31mMicro\x1b[0mPython\x1b(B v1\x1b"
					    "7"));
	assert_true(found("ab", "a\x01"
				"b"));
}

static void test_not_found(void **state)
{
	(void)state;
	assert_false(found("ready", "read y"));
	assert_false(found("ready", "rea\ndy"));
	assert_false(found("ready", "rea\rdy"));
	assert_false(found("ready", "Ready"));
	assert_false(found("31m", "\x1b[31mred"));
	assert_false(found("ready", "\x1b[\nread"));
	assert_false(found("ready", "read"));
	assert_true(found("ready", "\x1b[\nready")); /* a line's end ends a broken sequence too */
}

static void test_several(void **state)
{
	char *texts[] = {(char *)"one", (char *)"two", (char *)"one two"};
	const char *console = "two\none\n";
	struct line_search *search = line_search_create(texts, 3);

	(void)state;
	assert_int_equal(missing_after(texts, 3, console, strlen(console)), 1);
	assert_int_equal(missing_after(texts, 3, "one two", 7), 0);
	assert_int_equal(missing_after(texts, 3, "\0one", 4), 2);
	line_search_feed(search, (const uint8_t *)console, 4);
	assert_false(line_search_seen(search, 0));
	assert_true(line_search_seen(search, 1));
	line_search_feed(search, (const uint8_t *)console, 4); /* counts once */
	assert_int_equal(line_search_missing(search), 2);
	line_search_destroy(search);
	search = line_search_create(NULL, 0);
	line_search_feed(search, (const uint8_t *)console, 4);
	assert_int_equal(line_search_missing(search), 0);
	line_search_destroy(search);
	line_search_destroy(NULL);
}

static void test_longest(void **state)
{
	char text[LINE_SEARCH_TEXT_MAX + 1], console[2 * LINE_SEARCH_TEXT_MAX + 2];

	(void)state;
	memset(text, 'x', LINE_SEARCH_TEXT_MAX);
	text[LINE_SEARCH_TEXT_MAX - 1] = 'y';
	text[LINE_SEARCH_TEXT_MAX] = '\0';
	memset(console, 'x', sizeof console - 1);
	console[sizeof console - 1] = '\0';
	assert_false(found(text, console));
	console[sizeof console - 2] = 'y';
	assert_true(found(text, console));
}

/* What is said of a run that printed this, with these texts required. */
static enum cause judge(char **lines, size_t count, const char *console, struct judge_facts facts, char ret_text[400])
{
	struct requirements require = {.lines = lines, .line_count = count};
	struct end_rule end = END_RULE_DEFAULT;
	struct collector *collector = collector_create(&require, &end, NULL, NULL);
	struct run_judgement judgement;

	assert_non_null(collector);
	assert_false(collector_complete(collector));
	collector_text(collector, (const uint8_t *)console, strlen(console));
	assert_int_equal(collector_complete(collector), facts.capture == CAPTURE_COMPLETE);
	facts.console_bytes = strlen(console);
	collector_judge(collector, &facts, &judgement);
	snprintf(ret_text, 400, "%s", judgement.text);
	collector_destroy(collector);
	return judgement.cause;
}

static void test_judged_by_lines(void **state)
{
	char *lines[] = {(char *)"up", (char *)"ready>"};
	char text[400];

	(void)state;
	assert_int_equal(judge(lines, 2, "up 1\nready>", (struct judge_facts){.capture = CAPTURE_COMPLETE}, text),
			 CAUSE_ALL_REQUIRED_SEEN);
	assert_non_null(strstr(text, "required and seen: 2 lines"));
	assert_int_equal(judge(lines, 2, "up 1\n", (struct judge_facts){.capture = CAPTURE_SILENCE}, text),
			 CAUSE_LINE_MISSING);
	assert_non_null(strstr(text, "1 of 2 required lines did not come: \"ready>\"; 5 bytes"));
	assert_int_equal(judge(lines, 2, "down\n", (struct judge_facts){.capture = CAPTURE_LIMIT}, text),
			 CAUSE_LINE_MISSING);
	assert_non_null(strstr(text, "\"up\" and others"));
	assert_int_equal(judge(lines, 2, "", (struct judge_facts){.capture = CAPTURE_SILENCE}, text), CAUSE_NO_OUTPUT);
	/* What did not come proves nothing when bytes were lost; a stopped core is what it is. */
	assert_int_equal(judge(lines, 2, "up\n", (struct judge_facts){.capture = CAPTURE_LOST}, text),
			 CAUSE_CONSOLE_LOST);
	assert_int_equal(judge(lines, 2, "up ready>\n",
			       (struct judge_facts){.capture = CAPTURE_COMPLETE, .core_faulted = true}, text),
			 CAUSE_CRASH);
	assert_int_equal(cause_verdict(CAUSE_LINE_MISSING), RUN_FAILED);
}

/* A failed case is one, whatever lines came; and lines printed after a restart nobody allowed prove nothing. */
static void test_cases_and_restarts_count_first(void **state)
{
	char *lines[] = {(char *)"ready>"};
	struct requirements require = {.lines = lines, .line_count = 1};
	struct end_rule end = END_RULE_DEFAULT;
	struct judge_facts facts = {.capture = CAPTURE_COMPLETE, .console_bytes = 10};
	struct parse_event event = {.group = "A", .name = "b", .message = "", .build_id = "", .verdict = CASE_FAIL};
	struct run_judgement judgement;
	struct collector *collector = collector_create(&require, &end, NULL, NULL);

	(void)state;
	collector_text(collector, (const uint8_t *)"ready>", 6);
	event.kind = PARSE_CASE_BEGUN;
	collector_feed(collector, &event, 0);
	event.kind = PARSE_CASE_ENDED;
	collector_feed(collector, &event, 0);
	collector_judge(collector, &facts, &judgement);
	assert_int_equal(judgement.cause, CAUSE_CASE_FAILED);
	collector_destroy(collector);

	collector = collector_create(&require, &end, NULL, NULL);
	event.kind = PARSE_BOOT;
	collector_feed(collector, &event, 0);
	collector_text(collector, (const uint8_t *)"ready>", 6);
	assert_false(collector_complete(collector));
	facts.capture = CAPTURE_REBOOT;
	collector_judge(collector, &facts, &judgement);
	assert_int_equal(judgement.cause, CAUSE_REBOOT);
	collector_destroy(collector);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_found),           cmocka_unit_test(test_not_found),
		cmocka_unit_test(test_several),         cmocka_unit_test(test_longest),
		cmocka_unit_test(test_judged_by_lines), cmocka_unit_test(test_cases_and_restarts_count_first),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
