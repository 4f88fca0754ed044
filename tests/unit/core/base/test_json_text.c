/* SPDX-License-Identifier: Apache-2.0 */
/* JSON written as text: the same as jansson writes of objects. */
#include "core/base/json_text.h"
#include "tests/unit/core/base/cmocka_all.h"

#include <stdlib.h>
#include <string.h>

static void assert_same(struct buf *text, json_t *object)
{
	struct buf expected;

	buf_init(&expected, 1u << 20);
	assert_int_equal(json_write(object, &expected), 0);
	assert_string_equal(buf_text(text), buf_text(&expected));
	assert_int_equal(text->len, expected.len);
	buf_finish(&expected);
	json_decref(object);
	buf_finish(text);
}

static void test_members_of_all_kinds(void **state)
{
	static const int64_t numbers[] = {0, 1, -1, 42, 1000000007, INT64_MAX, INT64_MIN};
	struct json_writer writer;
	struct buf text;
	json_t *object = json_object(), *inner = json_object();

	(void)state;
	buf_init(&text, 4096);
	json_begin(&writer, &text);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		char key[3] = {'n', (char)('0' + i), '\0'};

		json_add_int(&writer, key, numbers[i]);
		json_put(&object, key, json_integer(numbers[i]));
	}
	json_add_bool(&writer, "yes", true);
	json_put(&object, "yes", json_true());
	json_open(&writer, "inner");
	json_add_bool(&writer, "no", false);
	json_add_int(&writer, "k", 3);
	json_close(&writer);
	json_put(&inner, "no", json_false());
	json_put(&inner, "k", json_integer(3));
	json_put(&object, "inner", inner);
	json_open(&writer, "empty");
	json_close(&writer);
	json_put(&object, "empty", json_object());
	json_add(&writer, "list", json_pack("[i,s]", 1, "two"));
	json_put(&object, "list", json_pack("[i,s]", 1, "two"));
	json_end(&writer);
	assert_false(writer.failed);
	assert_same(&text, object);
}

static void test_an_empty_object(void **state)
{
	struct json_writer writer;
	struct buf text;

	(void)state;
	buf_init(&text, 100);
	json_begin(&writer, &text);
	json_add_members(&writer, json_object());
	json_add_members(&writer, NULL);
	json_end(&writer);
	assert_same(&text, json_object());
}

static void test_members_of_objects(void **state)
{
	struct json_writer writer;
	struct buf text;

	(void)state;
	buf_init(&text, 100);
	json_begin(&writer, &text);
	json_add_members(&writer, json_pack("{s:i,s:s}", "a", 1, "b", "x"));
	json_add_int(&writer, "c", 2);
	json_add_members(&writer, json_pack("{s:n}", "d"));
	json_end(&writer);
	assert_same(&text, json_pack("{s:i,s:s,s:i,s:n}", "a", 1, "b", "x", "c", 2, "d"));
}

static void assert_same_text(const char *words, size_t max)
{
	struct json_writer writer;
	struct buf text;
	json_t *object = json_object();

	buf_init(&text, 1u << 16);
	json_begin(&writer, &text);
	json_add_text(&writer, "t", words, max);
	json_end(&writer);
	assert_false(writer.failed);
	json_put(&object, "t", json_text(words, max));
	assert_same(&text, object);
}

static void test_texts_are_as_jansson_writes_them(void **state)
{
	static const char *const texts[] = {
		"",
		"plain",
		"a \"quoted\" \\ word / and more",
		"\x01\x02\x08\x09\x0a\x0b\x0c\x0d\x1f \x7f",
		"gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x90\x9b",
		"\xff\xc3 broken \xe2\x82",
		"\xed\xa0\x80 \xc0\x80",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		for (size_t max = 0; max < 40; max++)
			assert_same_text(texts[i], max);
	}
}

static void test_random_bytes(void **state)
{
	uint32_t seed = 12345;

	(void)state;
	for (size_t round = 0; round < 3000; round++) {
		char words[41];
		size_t len;

		seed = seed * 1664525 + 1013904223;
		len = (seed >> 8) % sizeof(words);
		for (size_t i = 0; i < len; i++) {
			seed = seed * 1664525 + 1013904223;
			words[i] = (char)(seed >> 24 ? seed >> 24 : 1);
		}
		words[len] = '\0';
		assert_same_text(words, (seed >> 4) % 60);
	}
}

static void test_what_does_not_fit_is_told(void **state)
{
	(void)state;
	for (size_t max = 1; max < 40; max++) {
		struct json_writer writer;
		struct buf text;

		buf_init(&text, max);
		json_begin(&writer, &text);
		json_add_int(&writer, "number", 123456);
		json_add_text(&writer, "t", "12345678", 100);
		json_end(&writer);
		assert_int_equal(writer.failed, max < strlen("{\"number\":123456,\"t\":\"12345678\"}"));
		buf_finish(&text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_members_of_all_kinds), cmocka_unit_test(test_an_empty_object),
		cmocka_unit_test(test_members_of_objects),   cmocka_unit_test(test_texts_are_as_jansson_writes_them),
		cmocka_unit_test(test_random_bytes),         cmocka_unit_test(test_what_does_not_fit_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
