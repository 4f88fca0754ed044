/* SPDX-License-Identifier: Apache-2.0 */
/* Tags as text and as JSON. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/spec/tags.h"

static void test_adding(void **state)
{
	char tags[TAGS_SIZE] = "";
	char longest[TAG_SIZE];

	(void)state;
	assert_true(tags_add(tags, "scope"));
	assert_true(tags_add(tags, "usb-3.0_x"));
	assert_true(tags_add(tags, "scope"));
	assert_string_equal(tags, "scope usb-3.0_x");
	assert_false(tags_add(tags, ""));
	assert_false(tags_add(tags, "two words"));
	assert_false(tags_add(tags, "Upper"));
	assert_false(tags_add(tags, "this-one-is-longer-than-31-bytes"));
	memset(longest, 'a', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	tags[0] = '\0';
	for (int i = 0; i < TAGS_MAX; i++) {
		longest[0] = (char)('a' + i);
		assert_true(tags_add(tags, longest));
	}
	assert_int_equal(strlen(tags), TAGS_SIZE - 1);
	assert_true(tags_add(tags, longest));
	assert_false(tags_add(tags, "more"));
}

static void test_there_and_back(void **state)
{
	char tags[TAGS_SIZE] = "", again[TAGS_SIZE] = "as before";
	json_t *list, *wrong = json_pack("[s, i]", "a", 1), *text = json_string("a");

	(void)state;
	assert_true(tags_add(tags, "b") && tags_add(tags, "a"));
	assert_false(tags_from_json(wrong, again));
	assert_false(tags_from_json(text, again));
	assert_string_equal(again, "as before");
	list = tags_to_json(tags);
	assert_int_equal(json_array_size(list), 2);
	assert_true(tags_from_json(list, again));
	assert_string_equal(again, "b a");
	json_decref(list);
	json_decref(wrong);
	json_decref(text);
	list = tags_to_json("");
	assert_int_equal(json_array_size(list), 0);
	json_decref(list);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_adding),
		cmocka_unit_test(test_there_and_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
