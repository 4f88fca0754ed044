/* SPDX-License-Identifier: Apache-2.0 */
/* What simulated boards print, as the parser and the judge of real boards understand it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "agents/simulate/print.h"
#include "core/judge/judge.h"
#include "core/parse/parse.h"

static char *cases[] = {(char *)"Flash.erase", (char *)"Flash.write", (char *)"Led.blink"};
static char *lines[] = {(char *)"ready"};
static struct required_group groups[] = {{.name = (char *)"Flash", .min_cases = 4}, {.name = (char *)"Loose"}};

static void on_event(void *context, const struct parse_event *event)
{
	collector_feed(context, event, 1);
}

static struct run_judgement judge(const struct requirements *require, enum sim_outcome outcome, enum capture_end end)
{
	static const struct end_rule rule = {.when = END_REQUIRED};
	struct sim_script script;
	struct buf first, rest;
	struct collector *collector = collector_create(require, &rule, NULL, NULL);
	struct parser *parser = parser_create(on_event, collector);
	struct judge_facts facts = {.capture = end};
	struct run_judgement judgement;

	sim_script_init(&script);
	script.flood_bytes = 100000;
	buf_init(&first, 1u << 20);
	buf_init(&rest, 1u << 20);
	assert_int_equal(sim_print(require, &script, outcome, "sim1-1", &first, &rest), 0);
	facts.console_bytes = first.len + rest.len;
	for (int part = 0; part < 2; part++) {
		const struct buf *text = part ? &rest : &first;

		if (!text->len)
			continue;
		collector_text(collector, (const uint8_t *)text->data, text->len);
		parser_feed(parser, (const uint8_t *)text->data, text->len);
	}
	parser_end(parser);
	collector_judge(collector, &facts, &judgement);
	parser_destroy(parser);
	collector_destroy(collector);
	buf_finish(&first);
	buf_finish(&rest);
	return judgement;
}

static const struct requirements everything = {.cases = cases,
					       .case_count = 3,
					       .groups = groups,
					       .group_count = 2,
					       .lines = lines,
					       .line_count = 1,
					       .tests = 9,
					       .summaries = 1};

static void a_pass_has_all_that_is_required(void **state)
{
	static const struct requirements nothing = {0}, counted = {.tests = 40};
	struct run_judgement judgement = judge(&everything, SIM_PASS, CAPTURE_COMPLETE);

	(void)state;
	assert_int_equal(judgement.cause, CAUSE_ALL_REQUIRED_SEEN);
	assert_int_equal(judgement.passed, 9);
	assert_int_equal(judge(&nothing, SIM_PASS, CAPTURE_COMPLETE).passed, 8);
	assert_int_equal(judge(&counted, SIM_PASS, CAPTURE_COMPLETE).passed, 40);
}

static void a_flood_passes_too(void **state)
{
	(void)state;
	assert_int_equal(judge(&everything, SIM_FLOOD, CAPTURE_COMPLETE).cause, CAUSE_ALL_REQUIRED_SEEN);
}

static void the_last_case_fails_or_is_missing(void **state)
{
	static const struct requirements named = {.cases = cases, .case_count = 3};
	struct run_judgement judgement = judge(&named, SIM_FAIL, CAPTURE_COMPLETE);

	(void)state;
	assert_int_equal(judgement.cause, CAUSE_CASE_FAILED);
	assert_int_equal(judgement.passed, 2);
	assert_int_equal(judgement.failed, 1);
	judgement = judge(&named, SIM_MISSING, CAPTURE_SILENCE);
	assert_int_equal(judgement.cause, CAUSE_CASE_MISSING);
	assert_int_equal(judgement.passed, 2);
	assert_int_equal(judgement.missing, 1);
}

static void an_expected_failure_fails(void **state)
{
	static struct case_rule rules[3] = {{.expect = EXPECT_FAIL}, {.expect = EXPECT_PASS}, {.expect = EXPECT_PASS}};
	static const struct requirements expected = {.cases = cases, .case_count = 3, .rules = rules};

	(void)state;
	assert_int_equal(judge(&expected, SIM_PASS, CAPTURE_COMPLETE).cause, CAUSE_PASSED_EXPECTED);
}

/* A banner proves which image printed the results: here none did. */
static void it_never_proves_an_image(void **state)
{
	static const struct requirements banner = {.cases = cases, .case_count = 3, .banner = true};

	(void)state;
	assert_int_equal(judge(&banner, SIM_PASS, CAPTURE_COMPLETE).cause, CAUSE_BANNER_MISSING);
}

static void silence_is_no_output(void **state)
{
	(void)state;
	assert_int_equal(judge(&everything, SIM_SILENT, CAPTURE_SILENCE).cause, CAUSE_NO_OUTPUT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_pass_has_all_that_is_required),
		cmocka_unit_test(a_flood_passes_too),
		cmocka_unit_test(the_last_case_fails_or_is_missing),
		cmocka_unit_test(an_expected_failure_fails),
		cmocka_unit_test(silence_is_no_output),
		cmocka_unit_test(it_never_proves_an_image),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
