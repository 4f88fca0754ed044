/* SPDX-License-Identifier: Apache-2.0 */
/* The forms of TAP's lines. */
#include <string.h>

#include "core/parse/parse_tap.h"
#include "tests/unit/core/base/cmocka_all.h"

static struct tap_line line_of(const char *text)
{
	return (struct tap_line){.text = text, .len = strlen(text)};
}

static void test_points(void **state)
{
	static const struct {
		const char *text;
		bool ok, numbered;
		uint32_t number;
		const char *name, *why;
		int directive;
	} table[] = {
		{"ok", true, false, 0, "", "", DIRECTIVE_NONE},
		{"ok 3", true, true, 3, "", "", DIRECTIVE_NONE},
		{"not ok 4 - it works", false, true, 4, "it works", "", DIRECTIVE_NONE},
		{"ok - no number", true, false, 0, "no number", "", DIRECTIVE_NONE},
		{"ok 12th man", true, false, 0, "12th man", "", DIRECTIVE_NONE},
		{"ok 5 - a # SKIP no disk", true, true, 5, "a", " no disk", DIRECTIVE_SKIP},
		{"ok 5 - a # skipped", true, true, 5, "a", "", DIRECTIVE_SKIP},
		{"not ok 6 b # Todo: later", false, true, 6, "b", " later", DIRECTIVE_TODO},
		{"ok 7 - c # todont", true, true, 7, "c # todont", "", DIRECTIVE_NONE},
		{"ok 8 - issue#12", true, true, 8, "issue#12", "", DIRECTIVE_NONE},
		{"ok 9 - d # time=12ms", true, true, 9, "d", "", DIRECTIVE_NONE},
	};

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
		struct tap_line line = line_of(table[i].text);
		struct tap_point point;
		size_t name_len = strlen(table[i].name);

		assert_true(tap_read_point(&line, &point));
		if (point.ok != table[i].ok || point.numbered != table[i].numbered ||
		    (point.numbered && point.number != table[i].number) ||
		    point.directive != (unsigned)table[i].directive || point.name_to - point.name_at != name_len ||
		    memcmp(line.text + point.name_at, table[i].name, name_len) != 0 ||
		    strcmp(line.text + point.why_at, table[i].why) != 0)
			fail_msg("%s", table[i].text);
	}
}

static void test_what_is_no_point(void **state)
{
	static const char *const table[] = {"okay 1 - a", "not okay", "not", "OK 1", "1 ok", ""};

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
		struct tap_line line = line_of(table[i]);
		struct tap_point point;

		if (tap_read_point(&line, &point))
			fail_msg("%s", table[i]);
	}
}

static void test_plans_and_versions(void **state)
{
	static const struct {
		const char *text;
		int count; /* -1: no plan */
		bool version;
	} table[] = {
		{"1..5", 5, false},
		{"1..0 # SKIP no board", 0, false},
		{"1..", -1, false},
		{"2..5", -1, false},
		{"1..5x", -1, false},
		{"TAP version 13", -1, true},
		{"TAP version 14", -1, true},
		{"TAP version 12", -1, false},
		{"TAP version 14.1", -1, false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
		struct tap_line line = line_of(table[i].text);
		uint32_t count = 99;

		if (tap_read_plan(&line, &count) != (table[i].count >= 0) ||
		    count != (table[i].count >= 0 ? (uint32_t)table[i].count : 99) ||
		    tap_is_version(&line) != table[i].version)
			fail_msg("%s: %u", table[i].text, count);
	}
}

static void test_names(void **state)
{
	static const char *const table[][2] = {
		{"opens a file", "opens_a_file"}, {"a (b), \"c\"", "a_b_c"}, {"issue \\#1", "issue_#1"}, {"", ""}};
	char name[PARSE_NAME_MAX], longer[2 * PARSE_NAME_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
		size_t len = tap_write_name(name, table[i][0], strlen(table[i][0]));

		if (len != strlen(table[i][1]) || memcmp(name, table[i][1], len) != 0)
			fail_msg("%s gives %.*s", table[i][0], (int)len, name);
	}
	memset(longer, 'x', sizeof longer);
	assert_true(tap_write_name(name, longer, sizeof longer) < PARSE_NAME_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_points),
		cmocka_unit_test(test_what_is_no_point),
		cmocka_unit_test(test_plans_and_versions),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
