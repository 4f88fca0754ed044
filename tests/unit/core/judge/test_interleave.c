/* SPDX-License-Identifier: Apache-2.0 */
/* Firmware whose tasks print into each other's lines is judged right: a suite's output with log lines put in at any
 * byte, even inside of names and verdicts, gives each case its verdict. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/buf.h"
#include "core/judge/judge.h"
#include "core/parse/parse.h"

#define SUITES     4000
#define CASES_MAX  12
#define LOGS_EVERY 30 /* bytes, on average */

static uint32_t random_state;

static uint32_t random_next(uint32_t below)
{
	random_state = random_state * 1664525u + 1013904223u;
	return (random_state >> 8) % below;
}

struct planned {
	char name[40];
	enum case_verdict verdict;
};

struct suite_plan {
	struct planned cases[CASES_MAX];
	size_t count;
	uint32_t failed, ignored;
	const char *eol;
};

/* What another task may say; some of it looks like a result. */
static void append_log(struct buf *out, unsigned number)
{
	static const char *const texts[] = {
		"vDHCPProcess: offer c0a80001ip",
		"Socket 5 closed (ok)",
		"self test PASS",
		"link: FAIL",
		"retry 3: PASS",
		"12 Tests passed today",
		"OK",
		"prvTask t.c:5: x",
		"heap 4096 [free]",
		"TEST of the link",
		"PASS",
	};
	static const char *const tasks[] = {"IP-task", "Tmr Svc", "MQTT", "TestRunner"};

	buf_appendf(out, "%u %u [%s] %s\r\n", number, 100 + number * 7, tasks[random_next(4)],
		    texts[random_next(sizeof(texts) / sizeof(texts[0]))]);
}

static void plan(struct suite_plan *suite)
{
	static const char *const eols[] = {"\r\n", "\n", "\n\r"};

	*suite = (struct suite_plan){.count = 1 + random_next(CASES_MAX), .eol = eols[random_next(3)]};
	for (size_t i = 0; i < suite->count; i++) {
		struct planned *planned = &suite->cases[i];
		uint32_t kind = random_next(6);

		snprintf(planned->name, sizeof(planned->name), "%s_%zu", random_next(2) ? "Sockets_Connect" : "x",
			 i + 1);
		planned->verdict = kind == 0 ? CASE_FAIL : kind == 1 ? CASE_IGNORED : CASE_PASS;
		suite->failed += planned->verdict == CASE_FAIL;
		suite->ignored += planned->verdict == CASE_IGNORED;
	}
}

/* What the suite's own task prints. */
static void print_suite(const struct suite_plan *suite, struct buf *out)
{
	for (size_t i = 0; i < suite->count; i++) {
		buf_appendf(out, "TEST(Full_TCP, %s)", suite->cases[i].name);
		if (suite->cases[i].verdict == CASE_PASS)
			buf_append_text(out, random_next(4) ? " PASS" : " PASS (12 ms)");
		else if (suite->cases[i].verdict == CASE_FAIL)
			buf_append_text(out, random_next(2) ? "src/t.c:105::FAIL: Expected 1 Was 2. x:FAIL: PASS"
							    : "C:\\w\\t.c:7::FAIL");
		else
			buf_append_text(out, "t.c:19::IGNORE: not ported");
		buf_append_text(out, suite->eol);
	}
	buf_appendf(out, "%s-----------------------%s%zu Tests %u Failures %u Ignored %s%s%s", suite->eol, suite->eol,
		    suite->count, suite->failed, suite->ignored, suite->eol, suite->failed ? "FAIL" : "OK", suite->eol);
}

/* The suite's bytes with log lines put in between; the first log line comes before all, as it does at a start. */
static void interleave(const struct buf *suite, struct buf *out)
{
	unsigned number = 1 + random_next(30);

	append_log(out, number++);
	for (size_t i = 0; i < suite->len; i++) {
		while (random_next(LOGS_EVERY) == 0)
			append_log(out, number++);
		buf_append(out, suite->data + i, 1);
	}
}

static void on_event(void *context, const struct parse_event *event)
{
	collector_feed(context, event, 0);
}

static const char *check(const struct suite_plan *suite, struct collector *collector, size_t console_bytes)
{
	static char complaint[600];
	struct judge_facts facts = {.capture = CAPTURE_SILENCE, .console_bytes = console_bytes};
	enum cause expected = suite->failed                    ? CAUSE_CASE_FAILED
			      : suite->ignored == suite->count ? CAUSE_NO_RESULT
							       : CAUSE_ALL_REQUIRED_SEEN;
	struct run_judgement judgement;
	const struct case_result *results;
	size_t count;

	collector_judge(collector, &facts, &judgement);
	results = collector_results(collector, &count);
	snprintf(complaint, sizeof(complaint), "%s: %s", cause_name(judgement.cause), judgement.text);
	if (judgement.cause != expected || count != suite->count)
		return complaint;
	for (size_t i = 0; i < count; i++) {
		if (strcmp(results[i].name, suite->cases[i].name) != 0 ||
		    results[i].verdict != suite->cases[i].verdict) {
			snprintf(complaint, sizeof(complaint), "%s is %s", results[i].name,
				 case_verdict_name(results[i].verdict));
			return complaint;
		}
	}
	return NULL;
}

static const char *run_suite(uint32_t seed, struct buf *console)
{
	char ignored_ok[] = "*";
	char *patterns[] = {ignored_ok};
	struct requirements require = {.ignored_ok = patterns, .ignored_ok_count = 1, .summaries = 1};
	struct end_rule end = {.when = END_REQUIRED};
	struct suite_plan suite;
	struct buf quiet;
	struct collector *collector = collector_create(&require, &end, NULL, NULL);
	struct parser *parser = parser_create(on_event, collector);
	const char *complaint;

	random_state = seed * 2654435761u;
	plan(&suite);
	require.tests = (uint32_t)suite.count;
	buf_init(&quiet, 1 << 20);
	print_suite(&suite, &quiet);
	interleave(&quiet, console);
	parser_feed(parser, (const uint8_t *)console->data, console->len);
	parser_end(parser);
	complaint = check(&suite, collector, console->len);
	parser_destroy(parser);
	collector_destroy(collector);
	buf_finish(&quiet);
	return complaint;
}

static void test_interleaved_suites(void **state)
{
	size_t bad = 0;

	(void)state;
	for (uint32_t seed = 1; seed <= SUITES; seed++) {
		struct buf console;
		const char *complaint;

		buf_init(&console, 1 << 20);
		complaint = run_suite(seed, &console);
		if (complaint && bad++ < 3)
			print_error("seed %u: %s\n%s\n", seed, complaint, buf_text(&console));
		buf_finish(&console);
	}
	print_message("%d suites, %zu judged wrong\n", SUITES, bad);
	assert_int_equal(bad, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_interleaved_suites)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
