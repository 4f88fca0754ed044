/* SPDX-License-Identifier: Apache-2.0 */
/* Harmless text, widths, durations and sizes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <locale.h>

#include "daemon/cli/text.h"

static void check_clean(const char *text, const char *expected)
{
	struct buf out;

	buf_init(&out, 4096);
	assert_int_equal(text_append_clean(&out, text), 0);
	assert_string_equal(buf_text(&out), expected);
	buf_finish(&out);
}

static void test_clean_text_cannot_reach_the_terminal(void **state)
{
	(void)state;
	check_clean("plain", "plain");
	check_clean("Größe µs → 漢", "Größe µs → 漢");
	check_clean("\033[2Jgone", "\\x1b[2Jgone");
	check_clean("a\nb\tc\rd", "a b c d");
	check_clean("\x9b\xff", "\\x9b\\xff");
	check_clean("c1: \xc2\x9b!", "c1: ?!"); /* a control character of two bytes */
	check_clean("", "");
}

static void check_cut(const char *text, size_t columns, const char *expected)
{
	struct buf out;

	buf_init(&out, 4096);
	assert_int_equal(text_append_cut(&out, text, columns), 0);
	assert_string_equal(buf_text(&out), expected);
	assert_true(text_columns(buf_text(&out)) <= columns);
	buf_finish(&out);
}

static void test_cutting_counts_columns_not_bytes(void **state)
{
	(void)state;
	check_cut("abcdef", 6, "abcdef");
	check_cut("abcdef", 5, "abcd…");
	check_cut("äöüäöü", 4, "äöü…");
	check_cut("漢字漢字", 5, "漢字…"); /* two columns each */
	check_cut("漢字漢字", 4, "漢…");
	check_cut("abc", 1, "…");
	check_cut("abc", 0, "");
}

static void test_durations(void **state)
{
	static const struct {
		int64_t us;
		const char *text;
	} rows[] = {{-1, ""},
		    {0, "0 ms"},
		    {60, "<0.1 ms"},
		    {940, "0.9 ms"},
		    {1000, "1 ms"},
		    {999499, "999 ms"},
		    {999500, "1.0 s"},
		    {59949999, "59.9 s"},
		    {60000000, "1:00 min"},
		    {3661000000, "1:01:01 h"}};
	char scratch[64];

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		assert_string_equal(text_duration(rows[i].us, scratch, sizeof scratch), rows[i].text);
}

static void test_sizes(void **state)
{
	char scratch[32];

	(void)state;
	assert_string_equal(text_bytes(0, scratch, sizeof scratch), "0 B");
	assert_string_equal(text_bytes(1023, scratch, sizeof scratch), "1023 B");
	assert_string_equal(text_bytes(1536, scratch, sizeof scratch), "1.5 KiB");
	assert_string_equal(text_bytes(5u << 20, scratch, sizeof scratch), "5.0 MiB");
}

static void test_ago(void **state)
{
	const int64_t now = 1700000000000000, second = 1000000;
	char scratch[64];

	(void)state;
	assert_string_equal(text_ago(0, now, scratch, sizeof scratch), "");
	assert_string_equal(text_ago(now + second, now, scratch, sizeof scratch), "now");
	assert_string_equal(text_ago(now - 59 * second, now, scratch, sizeof scratch), "59 s ago");
	assert_string_equal(text_ago(now - 7200 * second, now, scratch, sizeof scratch), "2 h ago");
	assert_string_equal(text_ago(now - 3 * 86400 * second, now, scratch, sizeof scratch), "3 days ago");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_clean_text_cannot_reach_the_terminal),
		cmocka_unit_test(test_cutting_counts_columns_not_bytes),
		cmocka_unit_test(test_durations),
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_ago),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
