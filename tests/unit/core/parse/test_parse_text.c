/* SPDX-License-Identifier: Apache-2.0 */
/* The words of console text: log prefixes, where a log line cuts into another, and cleaning bytes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/parse/parse_text.h"

static void test_log_heads(void **state)
{
	static const struct {
		const char *text;
		size_t head;
	} cases[] = {
		{"39 24534 [TestRunner] x", 22},
		{"1 [IP-task] x", 12},
		{"[INFO] x", 7},
		{"[INFO] [MQTT] x", 7},
		{"I (1234) wifi: x", 15},
		{"[00:00:01.250,000] <inf> app: x", 30},
		{"[00:00:01.250,000] x", 19},
		{"1 2 3 x", 0},
		{"12 Tests 0 Failures 0 Ignored ", 0},
		{"1 [unclosed x", 0},
		{"[INFOX] x", 0},
		{"I (x) wifi: x", 0},
		{"", 0},
		{"1", 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(text_log_head(cases[i].text, strlen(cases[i].text)), cases[i].head);
	assert_int_equal(text_log_heads("  0 0 [Tmr] [INFO] x", 20), 19);
	assert_int_equal(text_log_number("17 3 [a] x", 10), 17);
	assert_int_equal(text_log_number(" 17 3 [a] x", 11), 17);
	assert_int_equal(text_log_number("[INFO] x", 8), -1);
}

static size_t interruption(const char *text, int64_t last_number)
{
	return text_find_log_head(text, strlen(text), 0, last_number);
}

static void test_interruptions(void **state)
{
	(void)state;
	assert_int_equal(interruption("TEST(A, o8 101 [IP-task] up", -1), 9);
	assert_int_equal(interruption("TEST(A, o8 101 [IP-task] up", 7), 9);
	assert_int_equal(interruption("TEST(A, case_111 101 [IP] x", 10),
			 14); /* 11 follows 10, so the 1 is the name's */
	assert_int_equal(interruption("TEST(A, case_111 101 [IP] x", -1),
			 13); /* nothing known: all digits are the log's */
	assert_int_equal(interruption("TEST(A, one)[INFO] x", -1), 12);
	assert_int_equal(interruption("TEST(A, one)I (5) x: y", -1), 12);
	assert_int_equal(interruption("nothing [of] the (kind) here", -1), 28);
}

static void check_clean(const char *raw, size_t size_bytes, const char *expected)
{
	char text[256];
	uint64_t at[256];
	size_t len = text_clean((const uint8_t *)raw, size_bytes, 1000, text, at);

	assert_int_equal(len, strlen(expected));
	assert_memory_equal(text, expected, len);
	for (size_t i = 0; i < len; i++) {
		uint8_t byte = (uint8_t)raw[at[i] - 1000];

		assert_true(byte == (uint8_t)text[i] || (byte == '\t' && text[i] == ' '));
	}
	/* The clean beginning does not depend on what follows. */
	for (size_t part = 0; part < size_bytes; part++) {
		size_t part_len = text_clean((const uint8_t *)raw, part, 1000, text, at);

		assert_true(part_len <= len);
		assert_memory_equal(text, expected, part_len);
	}
}

#define CHECK_CLEAN(raw, expected) check_clean(raw, sizeof(raw) - 1, expected)

static void test_clean(void **state)
{
	(void)state;
	CHECK_CLEAN("plain", "plain");
	CHECK_CLEAN("\033[42mPASS\033[0m!", "PASS!");
	CHECK_CLEAN("a\033(Bb\033Mc\033", "abc");
	CHECK_CLEAN("a\0b\x01\x7f\tc", "ab c");
	CHECK_CLEAN("21 \xc2\xb0\x43", "21 \xc2\xb0\x43");
	CHECK_CLEAN("\xff\xfe\x80\xc0\xaf\xe2\x28\xa1x", "(x");                /* none of it is UTF-8 */
	CHECK_CLEAN("\xed\xa0\x80\xf5\x80\x80\x80\xe0\x80\xafx\xe2\x82", "x"); /* surrogate, too big, too long, cut */
	CHECK_CLEAN("\xe2\x82\xac\xf0\x9f\x98\x80", "\xe2\x82\xac\xf0\x9f\x98\x80");
	CHECK_CLEAN("\xc2\x85x", "x"); /* a C1 control */
}

static void test_repair(void **state)
{
	char cut[] = "21 \xc2\xb0 \xe2\x82";
	char good[] = "21 \xc2\xb0";

	(void)state;
	text_repair(cut);
	assert_string_equal(cut, "21 \xc2\xb0 ??");
	text_repair(good);
	assert_string_equal(good, "21 \xc2\xb0");
}

static void test_numbers(void **state)
{
	uint32_t value = 7;
	size_t pos = 1;

	(void)state;
	assert_true(text_read_number("x4294967295 ", 12, &pos, &value));
	assert_int_equal(value, 4294967295u);
	assert_int_equal(pos, 11);
	pos = 0;
	assert_false(text_read_number("4294967296", 10, &pos, &value));
	assert_false(text_read_number("99999999999999999999", 20, &pos, &value));
	assert_false(text_read_number("x", 1, &pos, &value));
	assert_int_equal(pos, 0);
	assert_int_equal(value, 4294967295u);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_log_heads), cmocka_unit_test(test_interruptions), cmocka_unit_test(test_clean),
		cmocka_unit_test(test_repair),    cmocka_unit_test(test_numbers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
