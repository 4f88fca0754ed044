/* SPDX-License-Identifier: Apache-2.0 */
/* The growing buffer: content, its maximum, taking and consuming. */
#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/err.h"
#include "tests/unit/core/base/cmocka_all.h"

static void test_append_keeps_a_nul(void **state)
{
	struct buf buf;

	(void)state;
	buf_init(&buf, 1000);
	assert_string_equal(buf_text(&buf), "");
	assert_int_equal(buf_append(&buf, NULL, 0), 0);
	assert_int_equal(buf_append_text(&buf, "ab"), 0);
	assert_int_equal(buf_appendf(&buf, "%d-%s", 12, "x"), 0);
	assert_int_equal(buf_append(&buf, "\0z", 2), 0);
	assert_int_equal(buf.len, 8);
	assert_memory_equal(buf.data, "ab12-x\0z", 9);
	buf_finish(&buf);
	assert_int_equal(buf.len, 0);
	assert_int_equal(buf_append_text(&buf, "again"), 0);
	assert_string_equal(buf_text(&buf), "again");
	buf_finish(&buf);
}

static void test_maximum(void **state)
{
	struct buf buf;

	(void)state;
	buf_init(&buf, 10);
	assert_int_equal(buf_append_text(&buf, "0123456789"), 0);
	assert_int_equal(buf_append(&buf, "x", 1), ERR_TOO_BIG);
	assert_int_equal(buf_appendf(&buf, "%s", "x"), ERR_TOO_BIG);
	assert_null(buf_reserve(&buf, 1));
	assert_int_equal(buf_append(&buf, "", 0), 0);
	assert_string_equal(buf_text(&buf), "0123456789");
	buf_consume(&buf, 4);
	assert_int_equal(buf_append(&buf, "abcd", 4), 0);
	assert_string_equal(buf_text(&buf), "456789abcd");
	/* A length near the top of size_t must not wrap. */
	assert_int_equal(buf_append(&buf, "x", SIZE_MAX), ERR_TOO_BIG);
	assert_int_equal(buf_append(&buf, "x", SIZE_MAX - buf.len), ERR_TOO_BIG);
	buf_finish(&buf);
}

static void test_max_zero(void **state)
{
	struct buf buf;

	(void)state;
	buf_init(&buf, 0);
	assert_int_equal(buf_append_text(&buf, ""), 0);
	assert_int_equal(buf_append_text(&buf, "a"), ERR_TOO_BIG);
	buf_finish(&buf);
}

static void test_grows_over_many_appends(void **state)
{
	struct buf buf;

	(void)state;
	buf_init(&buf, 100000);
	for (int i = 0; i < 100000; i++) {
		char c = (char)('a' + i % 26);

		assert_int_equal(buf_append(&buf, &c, 1), 0);
	}
	assert_int_equal(buf.len, 100000);
	for (int i = 0; i < 100000; i++)
		assert_int_equal(buf.data[i], 'a' + i % 26);
	assert_int_equal(buf.data[buf.len], '\0');
	buf_finish(&buf);
}

static void test_reserve_then_fill(void **state)
{
	struct buf buf;
	char *room;

	(void)state;
	buf_init(&buf, 64);
	room = buf_reserve(&buf, 64);
	assert_non_null(room);
	memset(room, 'q', 64);
	buf.len += 64;
	buf.data[buf.len] = '\0';
	assert_int_equal(strlen(buf_text(&buf)), 64);
	buf_finish(&buf);
}

static void test_consume(void **state)
{
	struct buf buf;

	(void)state;
	buf_init(&buf, 64);
	buf_consume(&buf, 5);
	buf_append_text(&buf, "hello world");
	buf_consume(&buf, 0);
	buf_consume(&buf, 6);
	assert_string_equal(buf_text(&buf), "world");
	buf_consume(&buf, 999);
	assert_string_equal(buf_text(&buf), "");
	assert_int_equal(buf.len, 0);
	buf_finish(&buf);
}

static void test_take(void **state)
{
	struct buf buf;
	char *text;

	(void)state;
	buf_init(&buf, 64);
	text = buf_take(&buf);
	assert_string_equal(text, "");
	free(text);
	buf_append_text(&buf, "mine");
	text = buf_take(&buf);
	assert_string_equal(text, "mine");
	assert_int_equal(buf.len, 0);
	assert_string_equal(buf_text(&buf), "");
	free(text);
	buf_reset(&buf);
	buf_finish(&buf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_append_keeps_a_nul),
		cmocka_unit_test(test_maximum),
		cmocka_unit_test(test_max_zero),
		cmocka_unit_test(test_grows_over_many_appends),
		cmocka_unit_test(test_reserve_then_fill),
		cmocka_unit_test(test_consume),
		cmocka_unit_test(test_take),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
