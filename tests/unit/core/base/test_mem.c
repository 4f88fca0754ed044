/* SPDX-License-Identifier: Apache-2.0 */
/* Memory and fixed texts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/mem.h"

static void test_blocks_are_zeroed_and_never_null(void **state)
{
	char *block = mem_alloc(100);
	static const char zero[100];

	(void)state;
	assert_memory_equal(block, zero, 100);
	free(block);
	block = mem_alloc(0);
	assert_non_null(block);
	free(block);
	block = mem_alloc_array(0, 8);
	assert_non_null(block);
	free(block);
	block = mem_copy("abc", 4);
	assert_string_equal(block, "abc");
	block = mem_resize_array(block, 2, 8);
	assert_string_equal(block, "abc");
	free(block);
	block = mem_copy(NULL, 0);
	assert_non_null(block);
	free(block);
	block = mem_text(NULL);
	assert_string_equal(block, "");
	free(block);
}

static void test_texts_are_cut_between_characters(void **state)
{
	char target[6];

	(void)state;
	mem_text_into(target, sizeof(target), "abc");
	assert_string_equal(target, "abc");
	mem_text_into(target, sizeof(target), "abcdefgh");
	assert_string_equal(target, "abcde");
	mem_text_into(target, sizeof(target), NULL);
	assert_string_equal(target, "");
	mem_text_into(target, sizeof(target), "abcd\xc3\xa4");
	assert_string_equal(target, "abcd");
	mem_text_into(target, sizeof(target), "abc\xc3\xa4");
	assert_string_equal(target, "abc\xc3\xa4");
	mem_text_into(target, sizeof(target), "abc\xe2\x82\xac");
	assert_string_equal(target, "abc");
	mem_text_into(target, 1, "abc");
	assert_string_equal(target, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_blocks_are_zeroed_and_never_null),
		cmocka_unit_test(test_texts_are_cut_between_characters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
