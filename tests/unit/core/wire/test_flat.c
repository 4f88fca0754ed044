/* SPDX-License-Identifier: Apache-2.0 */
/* Flat objects: what is one, what is left to the reader of any JSON, and how members are had. */
#include <string.h>

#include "core/base/json.h"
#include "core/wire/flat.h"
#include "tests/unit/core/base/cmocka_all.h"

static void test_members(void **state)
{
	static const char text[] =
		"{\"a\":\"b\xc3\xa9\",\"none\":\"\",\"n\":0,\"most\":999999999999999999,\"yes\":true,\"no\":false,"
		"\"list\":[]}";
	struct flat flat;

	(void)state;
	assert_true(flat_read(text, strlen(text), &flat));
	assert_int_equal(flat.count, 7);
	assert_string_equal(flat_take(&flat, "a")->as.text, "b\xc3\xa9");
	assert_int_equal(flat_take(&flat, "most")->as.number, 999999999999999999);
	/* also what stands before the last one taken */
	assert_string_equal(flat_take(&flat, "none")->as.text, "");
	assert_int_equal(flat_take(&flat, "n")->kind, FLAT_NUMBER);
	assert_int_equal(flat_take(&flat, "list")->kind, FLAT_EMPTY_LIST);
	assert_int_equal(flat_take(&flat, "no")->kind, FLAT_FALSE);
	assert_null(flat_take(&flat, "no"));
	assert_null(flat_take(&flat, "other"));
	assert_false(flat_all_taken(&flat));
	assert_int_equal(flat_take(&flat, "yes")->kind, FLAT_TRUE);
	assert_true(flat_all_taken(&flat));
	flat_finish(&flat);
	flat_finish(&flat);
}

static void test_twice(void **state)
{
	static const char text[] = "{\"a\":1,\"b\":2,\"a\":3}";
	struct flat flat;

	(void)state;
	assert_true(flat_read(text, strlen(text), &flat));
	assert_int_equal(flat_take(&flat, "a")->as.number, 1);
	assert_int_equal(flat_take(&flat, "b")->as.number, 2);
	assert_false(flat_all_taken(&flat));
	flat_finish(&flat);
}

static void test_not_flat(void **state)
{
	static const char *const texts[] = {
		"",
		"{",
		"{}",
		"[]",
		"\"a\"",
		" {\"a\":1}",
		"{\"a\":1} ",
		"{\"a\": 1}",
		"{\"a\":1}}",
		"{\"a\":1",
		"{\"a\":1,}",
		"{\"a\":1 ",
		"{,\"a\":1}",
		"{\"a\"}",
		"{\"a\":}",
		"{\"a:1}",
		"{\"a\":\"b}",
		"{a:1}",
		"{\"a\":01}",
		"{\"a\":-1}",
		"{\"a\":1.5}",
		"{\"a\":1e3}",
		"{\"a\":1000000000000000000}", /* a digit too many */
		"{\"a\":null}",
		"{\"a\":tru}",
		"{\"a\":truer}",
		"{\"a\":[1]}",
		"{\"a\":[ ]}",
		"{\"a\":{}}",
		"{\"a\":\"\\n\"}",
		"{\"a\":\"\n\"}",
		"{\"a\":\"\xff\"}",
		"{\"a\":\"\xc0\x80\"}",     /* overlong */
		"{\"a\":\"\xed\xa0\x80\"}", /* a surrogate */
		"{\"a\":\"\xc3\"}",         /* a character cut off */
		"{\"a\":\"\xe2\x82",
	};
	struct flat flat;

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		if (flat_read(texts[i], strlen(texts[i]), &flat))
			fail_msg("%s is taken for flat", texts[i]);
	}
}

/* Every byte in every place of an object: flat only where the reader of any JSON takes it too. */
static void test_every_byte(void **state)
{
	static const char good[] = "{\"k\":\"t\",\"n\":10,\"y\":true,\"e\":[]}";
	char text[sizeof good];

	(void)state;
	for (size_t at = 0; at < strlen(good); at++) {
		for (unsigned byte = 0; byte < 256; byte++) {
			struct flat flat;
			json_t *value = NULL;

			memcpy(text, good, sizeof good);
			text[at] = (char)byte;
			if (!flat_read(text, strlen(good), &flat))
				continue;
			/* but for keys that stand twice, which flat_all_taken tells */
			json_t *last = json_loadb(text, strlen(good), 0, NULL);
			assert_non_null(last);
			if (json_parse(text, strlen(good), sizeof text, &value, NULL) == 0)
				assert_int_equal(json_object_size(value), flat.count);
			else
				assert_true(json_object_size(last) < flat.count);
			json_decref(value);
			json_decref(last);
			flat_finish(&flat);
		}
	}
}

/* A member more than there is room for. */
static void test_many_members(void **state)
{
	struct buf text;
	struct flat flat;

	(void)state;
	buf_init(&text, 1024);
	for (unsigned i = 0; i < FLAT_MAX_MEMBERS; i++)
		buf_appendf(&text, "%c\"%u\":%u", i ? ',' : '{', i, i);
	assert_int_equal(buf_append_text(&text, "}"), 0);
	assert_true(flat_read(text.data, text.len, &flat));
	assert_int_equal(flat.count, FLAT_MAX_MEMBERS);
	flat_finish(&flat);
	text.len--;
	assert_int_equal(buf_append_text(&text, ",\"more\":1}"), 0);
	assert_false(flat_read(text.data, text.len, &flat));
	buf_finish(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_members),    cmocka_unit_test(test_twice),        cmocka_unit_test(test_not_flat),
		cmocka_unit_test(test_every_byte), cmocka_unit_test(test_many_members),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
