/* SPDX-License-Identifier: Apache-2.0 */
/* JSON: parsing, field readers and their errors, writing, text of any bytes, building that loses nothing. */
#include <stdlib.h>
#include <string.h>

#include "core/base/json.h"
#include "tests/unit/core/base/cmocka_all.h"

static json_t *parse(const char *text)
{
	struct err err = {0};
	json_t *value = NULL;

	if (json_parse(text, strlen(text), 10000, &value, &err))
		fail_msg("%s: %s", text, err.text);
	return value;
}

static void test_parse_refuses(void **state)
{
	static const char *const bad[] = {"",        "{",           "{\"a\":1,}", "{\"a\":1,\"a\":2}", "nul",
					  "[1] [2]", "\"\\ud800\"", "\"\xff\"",   "{'a':1}",           "[1e999]"};

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		struct err err = {0};
		json_t *value = NULL;

		assert_int_equal(json_parse(bad[i], strlen(bad[i]), 100, &value, &err), ERR_INVALID);
		assert_null(value);
		assert_int_not_equal(err.text[0], '\0');
	}
}

static void test_parse_too_big(void **state)
{
	struct err err = {0};
	json_t *value = NULL;

	(void)state;
	assert_int_equal(json_parse("[1,2,3]", 7, 6, &value, &err), ERR_TOO_BIG);
	assert_int_equal(json_parse("[1,2,3]", 7, 7, &value, &err), 0);
	json_decref(value);
}

static void test_write_keeps_order(void **state)
{
	json_t *value = parse("{ \"z\": 1, \"a\": [true, null, \"\xc3\xa9\"] }");
	struct buf out;

	(void)state;
	buf_init(&out, 100);
	assert_int_equal(json_write(value, &out), 0);
	assert_string_equal(buf_text(&out), "{\"z\":1,\"a\":[true,null,\"\xc3\xa9\"]}");
	json_decref(value);
	buf_finish(&out);
}

static void test_write_too_big_leaves_no_trace(void **state)
{
	json_t *value = parse("[\"0123456789\"]");
	struct buf out;

	(void)state;
	buf_init(&out, 10);
	buf_append_text(&out, "keep");
	assert_int_equal(json_write(value, &out), ERR_TOO_BIG);
	assert_string_equal(buf_text(&out), "keep");
	assert_int_equal(json_write(NULL, &out), ERR_NOMEM);
	json_decref(value);
	buf_finish(&out);
}

#define assert_story(err, expected) assert_string_equal((err).text, expected)

static void test_readers_take_good_fields(void **state)
{
	static const char *const words[] = {"one", "two"};
	json_t *object = parse("{\"t\":\"x\",\"i\":-5,\"b\":true,\"o\":{},\"a\":[],\"e\":\"two\",\"n\":null}"),
	       *value = NULL;
	const char *text = "untouched";
	struct err err = {0};
	int64_t number = 7;
	size_t index = 9;
	bool flag = false;

	(void)state;
	assert_int_equal(json_read_text(object, "t", true, &text, &err), 0);
	assert_string_equal(text, "x");
	assert_int_equal(json_read_int(object, "i", true, -5, 5, &number, &err), 0);
	assert_int_equal(number, -5);
	assert_int_equal(json_read_bool(object, "b", true, &flag, &err), 0);
	assert_true(flag);
	assert_int_equal(json_read_object(object, "o", true, &value, &err), 0);
	assert_int_equal(json_read_array(object, "a", true, &value, &err), 0);
	assert_int_equal(json_read_enum(object, "e", true, words, 2, &index, &err), 0);
	assert_int_equal(index, 1);
	/* Absent and null are the same, and leave the output alone. */
	assert_int_equal(json_read_text(object, "n", false, &text, &err), 0);
	assert_int_equal(json_read_text(object, "absent", false, &text, &err), 0);
	assert_string_equal(text, "x");
	assert_int_equal(json_read_enum(object, "absent", false, words, 2, &index, &err), 0);
	assert_int_equal(index, 1);
	json_decref(object);
}

static void test_readers_refuse(void **state)
{
	static const char *const words[] = {"one", "two"};
	json_t *object = parse("{\"t\":1,\"i\":\"5\",\"r\":1.5,\"big\":99,\"b\":0,\"o\":[],\"a\":{},\"e\":\"three\"}");
	json_t *value = NULL;
	const char *text = "kept";
	struct err err = {0};
	int64_t number = 7;
	size_t index = 9;
	bool flag = true;

	(void)state;
	assert_int_equal(json_read_text(object, "t", true, &text, &err), ERR_INVALID);
	assert_story(err, "t: found an integer, expected a string");
	assert_int_equal(json_read_text(object, "none", true, &text, &err), ERR_INVALID);
	assert_story(err, "none: found nothing, expected a string");
	assert_int_equal(json_read_int(object, "i", true, 0, 9, &number, &err), ERR_INVALID);
	assert_story(err, "i: found a string, expected an integer");
	assert_int_equal(json_read_int(object, "r", true, 0, 9, &number, &err), ERR_INVALID);
	assert_story(err, "r: found a number, expected an integer");
	assert_int_equal(json_read_int(object, "big", true, 0, 9, &number, &err), ERR_INVALID);
	assert_story(err, "big: found 99, expected 0 to 9");
	assert_int_equal(json_read_bool(object, "b", true, &flag, &err), ERR_INVALID);
	assert_int_equal(json_read_object(object, "o", true, &value, &err), ERR_INVALID);
	assert_int_equal(json_read_array(object, "a", true, &value, &err), ERR_INVALID);
	assert_int_equal(json_read_enum(object, "e", true, words, 2, &index, &err), ERR_INVALID);
	assert_story(err, "e: found \"three\", expected a known word");
	assert_string_equal(text, "kept");
	assert_int_equal(number, 7);
	assert_int_equal(index, 9);
	assert_true(flag);
	assert_null(value);
	json_decref(object);
}

static void check_text(const char *in, size_t max, const char *out)
{
	json_t *value = json_text(in, max);

	assert_non_null(value);
	assert_string_equal(json_string_value(value), out);
	json_decref(value);
}

static void test_text_of_any_bytes(void **state)
{
	(void)state;
	check_text("", 10, "");
	check_text("plain", 10, "plain");
	check_text("caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80", 100, "caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80");
	check_text("a\xff"
		   "b",
		   10,
		   "a\xef\xbf\xbd"
		   "b");
	check_text("\xc3", 10, "\xef\xbf\xbd");                                 /* cut off */
	check_text("\xc0\xaf", 10, "\xef\xbf\xbd\xef\xbf\xbd");                 /* overlong */
	check_text("\xed\xa0\x80", 10, "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"); /* surrogate */
	check_text("\xf4\x90\x80\x80", 20, "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
	check_text("\xe2\x82"
		   "A",
		   10,
		   "\xef\xbf\xbd\xef\xbf\xbd"
		   "A");
	/* Cut at a character. */
	check_text("ab\xc3\xa9", 3, "ab");
	check_text("ab\xc3\xa9", 4, "ab\xc3\xa9");
	check_text("abc", 0, "");
}

static void test_text_survives_a_round_trip(void **state)
{
	(void)state;
	for (int seed = 0; seed < 500; seed++) {
		char bytes[64], *dumped;
		json_t *value, *again = NULL;
		struct err err;

		srand((unsigned int)seed);
		for (size_t i = 0; i < sizeof bytes - 1; i++)
			bytes[i] = (char)(1 + rand() % 255);
		bytes[sizeof bytes - 1] = '\0';
		value = json_text(bytes, 1000);
		dumped = json_dumps(value, JSON_ENCODE_ANY);
		assert_non_null(dumped);
		assert_int_equal(json_parse(dumped, strlen(dumped), 10000, &again, &err), 0);
		assert_true(json_equal(value, again));
		free(dumped);
		json_decref(value);
		json_decref(again);
	}
}

static void test_put_and_push_stay_lost(void **state)
{
	json_t *object = json_object(), *array = json_array();

	(void)state;
	json_put(&object, "a", json_integer(1));
	json_push(&array, json_integer(1));
	assert_int_equal(json_object_size(object), 1);
	assert_int_equal(json_array_size(array), 1);
	json_put(&object, "b", NULL);
	json_push(&array, NULL);
	assert_null(object);
	assert_null(array);
	json_put(&object, "c", json_integer(1));
	json_push(&array, json_integer(1));
	assert_null(object);
	assert_null(array);
}

static void test_text_into_an_array(void **state)
{
	json_t *object = json_pack("{s:s, s:s, s:s, s:i}", "empty", "", "fits", "abc", "long", "abcd", "number", 3);
	struct err err = {0};
	char text[4] = "old";

	(void)state;
	assert_int_equal(json_read_text_into(object, "long", 0, text, sizeof text, &err), ERR_INVALID);
	assert_non_null(strstr(err.text, "long: found a text of 4 bytes, expected 0 to 3"));
	assert_int_equal(json_read_text_into(object, "empty", 1, text, sizeof text, &err), ERR_INVALID);
	assert_int_equal(json_read_text_into(object, "number", 0, text, sizeof text, &err), ERR_INVALID);
	assert_int_equal(json_read_text_into(object, "absent", 0, text, sizeof text, &err), ERR_INVALID);
	assert_string_equal(text, "old");
	assert_int_equal(json_read_text_into(object, "fits", 1, text, sizeof text, &err), 0);
	assert_string_equal(text, "abc");
	assert_int_equal(json_read_text_into(object, "empty", 0, text, sizeof text, &err), 0);
	assert_string_equal(text, "");
	json_decref(object);
}

static void test_numbers(void **state)
{
	static const double all[] = {0, -3, 12.5, 1e15, 1e300, -0.001};
	struct err err = {0};
	double value = 7;
	json_t *object = json_object();

	(void)state;
	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
		json_put(&object, "n", json_number(all[i]));
		assert_int_equal(json_read_number(object, "n", true, &value, &err), 0);
		assert_true(value == all[i]);
	}
	json_put(&object, "n", json_number(12));
	assert_true(json_is_integer(json_object_get(object, "n")));
	assert_int_equal(json_read_number(object, "absent", false, &value, &err), 0);
	assert_int_equal(json_read_number(object, "absent", true, &value, &err), ERR_INVALID);
	json_put(&object, "n", json_string("12"));
	assert_int_equal(json_read_number(object, "n", true, &value, &err), ERR_INVALID);
	json_decref(object);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse_refuses),
		cmocka_unit_test(test_parse_too_big),
		cmocka_unit_test(test_write_keeps_order),
		cmocka_unit_test(test_write_too_big_leaves_no_trace),
		cmocka_unit_test(test_readers_take_good_fields),
		cmocka_unit_test(test_readers_refuse),
		cmocka_unit_test(test_text_of_any_bytes),
		cmocka_unit_test(test_text_survives_a_round_trip),
		cmocka_unit_test(test_put_and_push_stay_lost),
		cmocka_unit_test(test_text_into_an_array),
		cmocka_unit_test(test_numbers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
