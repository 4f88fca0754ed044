/* SPDX-License-Identifier: Apache-2.0 */
/* Aligned columns, with and without a terminal. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <locale.h>

#include "daemon/cli/table.h"

static const char *const headings[] = {">NO", "NAME", "WHY", NULL};

/* Fills a table and gives what it prints; free() it. */
static char *print(const struct style *style, const char *const rows[][3], size_t count)
{
	struct table *table = table_create(style, headings);
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(table);
	assert_non_null(out);
	for (size_t i = 0; i < count; i++) {
		for (size_t column = 0; column < 3; column++)
			table_cell(table, column == 0 ? TONE_GOOD : TONE_PLAIN, rows[i][column]);
	}
	assert_int_equal(table_print(table, out), 0);
	fclose(out);
	table_destroy(table);
	return text;
}

static void test_columns_line_up(void **state)
{
	static const char *const rows[][3] = {{"1", "größer", "x"}, {"12", "漢", NULL}};
	const struct style style = {.columns = 80};
	char *text = print(&style, rows, 2);

	(void)state;
	assert_string_equal(text, "NO  NAME    WHY\n 1  größer  x\n12  漢\n");
	free(text);
}

static void test_a_terminal_cuts_the_widest_column(void **state)
{
	static const char *const rows[][3] = {{"1", "name", "a reason that is much too long to fit"}};
	const struct style terminal = {.tty = true, .columns = 30}, pipe = {.columns = 30};
	char *text = print(&terminal, rows, 1);

	(void)state;
	assert_string_equal(text, "NO  NAME  WHY\n 1  name  a reason that is mu…\n");
	free(text);
	text = print(&pipe, rows, 1);
	assert_non_null(strstr(text, "a reason that is much too long to fit\n"));
	free(text);
}

static void test_long_names_and_long_reasons_share_a_terminal(void **state)
{
	static const char *const rows[][3] = {
		{"123456", "a name that is far too long to fit", "a reason that is much too long to fit"}};
	const struct style terminal = {.tty = true, .columns = 48}, tiny = {.tty = true, .columns = 8};
	char *text = print(&terminal, rows, 1);

	(void)state;
	assert_string_equal(strchr(text, '\n') + 1, "123456  a name that is far…  a reason that is m…\n");
	free(text);
	text = print(&tiny, rows, 1);
	assert_string_equal(strchr(text, '\n') + 1, "123456  a name that is …  a reason that i…\n");
	free(text);
}

static void test_colours_only_where_wanted(void **state)
{
	static const char *const rows[][3] = {{"1", "n", "w"}};
	const struct style colour = {.tty = true, .colour = true, .columns = 80}, none = {.columns = 80};
	char *text = print(&colour, rows, 1);

	(void)state;
	assert_non_null(strstr(text, "\033[32m1\033[0m"));
	free(text);
	text = print(&none, rows, 1);
	assert_null(strchr(text, '\033'));
	free(text);
}

static void test_cells_cannot_reach_the_terminal(void **state)
{
	static const char *const rows[][3] = {{"1", "\033]0;x\007", "a\nb"}};
	const struct style style = {.columns = 80};
	char *text = print(&style, rows, 1);

	(void)state;
	assert_non_null(strstr(text, "\\x1b]0;x\\x07  a b\n"));
	free(text);
}

static void test_no_rows_print_nothing(void **state)
{
	const struct style style = {.columns = 80};
	char *text = print(&style, NULL, 0);

	(void)state;
	assert_string_equal(text, "");
	free(text);
	table_destroy(NULL);
}

static void test_words_have_signs_without_colour(void **state)
{
	const struct style ascii = {.columns = 80}, unicode = {.unicode = true, .columns = 80};

	(void)state;
	assert_string_equal(style_word_sign(&ascii, "failed"), "x");
	assert_string_equal(style_word_sign(&unicode, "failed"), "✗");
	assert_string_equal(style_word_sign(&unicode, "never heard of"), " ");
	assert_int_equal(style_word_tone("infrastructure"), TONE_WARN);
	assert_int_equal(style_word_tone(NULL), TONE_PLAIN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_columns_line_up),
		cmocka_unit_test(test_a_terminal_cuts_the_widest_column),
		cmocka_unit_test(test_long_names_and_long_reasons_share_a_terminal),
		cmocka_unit_test(test_colours_only_where_wanted),
		cmocka_unit_test(test_cells_cannot_reach_the_terminal),
		cmocka_unit_test(test_no_rows_print_nothing),
		cmocka_unit_test(test_words_have_signs_without_colour),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
