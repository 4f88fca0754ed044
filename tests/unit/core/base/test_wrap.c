/* SPDX-License-Identifier: Apache-2.0 */
/* Words in lines: where these are cut, and how those that follow begin. */
#include "core/base/wrap.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static void check_wrapped(const char *text, size_t first, const char *expected)
{
	char *written = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&written, &size);

	assert_non_null(out);
	wrap_print(out, text, first, 2, 10);
	fclose(out);
	assert_string_equal(written, expected);
	free(written);
}

static void test_words_are_wrapped(void **state)
{
	(void)state;
	check_wrapped("", 0, "\n");
	check_wrapped("0123456789", 0, "0123456789\n");
	check_wrapped("01234 6789", 0, "01234 6789\n");
	check_wrapped("01234 67890", 0, "01234\n  67890\n");
	check_wrapped("a  b\nc\n", 0, "a b c\n");
	check_wrapped("ab cd", 6, "ab\n  cd\n");
	check_wrapped("a 0123456789abc d", 0, "a\n  0123456789abc\n  d\n");
	check_wrapped("ääää ääääh", 0, "ääää ääääh\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_words_are_wrapped)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
