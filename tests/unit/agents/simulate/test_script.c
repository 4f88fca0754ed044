/* SPDX-License-Identifier: Apache-2.0 */
/* The script of a simulated rack: what is read, and what is refused with which word. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "agents/simulate/script.h"
#include "core/base/err.h"

static struct sim_script script;
static struct doc_problems problems;

static int read_script(const char *text)
{
	sim_script_init(&script);
	doc_problems_init(&problems, "s.yaml");
	return sim_script_read("s.yaml", text, strlen(text), &script, &problems);
}

static void everything_has_a_default(void **state)
{
	(void)state;
	assert_int_equal(read_script("{}"), 0);
	assert_string_equal(script.name, "sim");
	assert_int_equal(script.rack_boards, 500);
	assert_int_equal(script.share[SIM_PASS], 1);
	assert_int_equal(script.step[SIM_FLASH].kind, SIM_FIXED);
	assert_int_equal(script.step[SIM_FLASH].ms, 0);
	assert_ptr_equal(sim_script_shares(&script, 1), script.share);
}

static void reads_all_of_it(void **state)
{
	(void)state;
	assert_int_equal(
		read_script("name: lab\nrack-boards: 3\nseed: 9\n"
			    "steps:\n  attach: 20ms\n  flash: {uniform: [100ms, 400ms]}\n"
			    "  capture: {lognormal: {median: 2s, sigma: 0.6, most: 30s}}\n"
			    "outcomes: {pass: 9, hang: 1}\ncases: 5\nflood: 2K\naway: 1s\n"
			    "boards:\n  - {from: 3, to: 5, outcomes: {hang: 1}}\n  - {from: 4, outcomes: {fail: 2}}\n"
			    "racks:\n  - {rack: 2, fault: deaf}\n  - {rack: 3, fault: leaves, every: 10s, for: 2s}\n"),
		0);
	assert_string_equal(script.name, "lab");
	assert_int_equal(script.step[SIM_ATTACH].ms, 20);
	assert_int_equal(script.step[SIM_FLASH].kind, SIM_UNIFORM);
	assert_int_equal(script.step[SIM_FLASH].most_ms, 400);
	assert_int_equal(script.step[SIM_CAPTURE].kind, SIM_LOGNORMAL);
	assert_int_equal(script.step[SIM_CAPTURE].ms, 2000);
	assert_true(script.step[SIM_CAPTURE].sigma > 0.59 && script.step[SIM_CAPTURE].sigma < 0.61);
	assert_int_equal(script.flood_bytes, 2048);
	assert_int_equal(sim_script_shares(&script, 2)[SIM_PASS], 9);
	assert_int_equal(sim_script_shares(&script, 3)[SIM_HANG], 1);
	assert_int_equal(sim_script_shares(&script, 4)[SIM_FAIL], 2);
	assert_int_equal(sim_script_shares(&script, 4)[SIM_HANG], 0);
	assert_int_equal(script.rack_count, 2);
	assert_int_equal(script.rack[0].fault, SIM_DEAF);
	assert_int_equal(script.rack[1].for_ms, 2000);
}

static void says_what_is_wrong(void **state)
{
	static const struct {
		const char *text, *field;
	} cases[] = {
		{"step: {}", "step"},
		{"name: Lab", "name"},
		{"rack-boards: 0", "rack-boards"},
		{"rack-boards: 513", "rack-boards"},
		{"steps: {flush: 1s}", "steps.flush"},
		{"steps: {flash: soon}", "steps.flash"},
		{"steps: {flash: {uniform: [1s]}}", "steps.flash.uniform"},
		{"steps: {flash: {uniform: [2s, 1s]}}", "steps.flash.uniform"},
		{"steps: {flash: {uniform: [1s, x]}}", "steps.flash.uniform[1]"},
		{"steps: {flash: {lognormal: {median: 1s, sigma: 99, most: 2s}}}", "steps.flash.lognormal.sigma"},
		{"steps: {flash: {}}", "steps.flash"},
		{"outcomes: {pass: 0}", "outcomes"},
		{"outcomes: {explode: 1}", "outcomes.explode"},
		{"boards: [{from: 2, to: 1, outcomes: {pass: 1}}]", "boards[0].to"},
		{"boards: [{from: 2}]", "boards[0].outcomes"},
		{"racks: [{rack: 1, fault: sulks}]", "racks[0].fault"},
		{"racks: [{rack: 1, fault: leaves, every: 1s}]", "racks[0].for"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		assert_int_equal(read_script(cases[i].text), ERR_INVALID);
		if (strcmp(problems.item[0].field, cases[i].field) != 0)
			fail_msg("%s: field %s, found %s", cases[i].text, problems.item[0].field,
				 problems.item[0].found);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(everything_has_a_default),
		cmocka_unit_test(reads_all_of_it),
		cmocka_unit_test(says_what_is_wrong),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
