/* SPDX-License-Identifier: Apache-2.0 */
/* Options by their table. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/cli/options.h"

static const struct command_help help = {"thing A [B] [--flag]", "", 1, 2};

struct values {
	bool flag, common;
	const char *text;
	int64_t number;
};

static enum options_outcome parse(struct values *values, struct operands *operands, int argc, char **argv)
{
	const struct option_row rows[] = {
		{"flag", 'f', NULL, "a flag", OPTION_FLAG, &values->flag},
		{"text", 't', "TEXT", "a text", OPTION_TEXT, &values->text},
		{"number", 'n', "N", "a number", OPTION_NUMBER, &values->number},
		{NULL, 0, NULL, NULL, OPTION_FLAG, NULL},
	};
	const struct option_row common[] = {
		{"common", 0, NULL, "of all", OPTION_FLAG, &values->common},
		{NULL, 0, NULL, NULL, OPTION_FLAG, NULL},
	};

	*values = (struct values){.number = -5};
	*operands = (struct operands){0};
	return options_parse(&help, rows, common, argc, argv, operands);
}

#define PARSE(...)                                                                                                     \
	parse(&values, &operands, (int)(sizeof((char *[]){"thing", __VA_ARGS__}) / sizeof(char *)),                    \
	      (char *[]){"thing", __VA_ARGS__, NULL})

static void test_options_and_operands_in_any_order(void **state)
{
	struct values values;
	struct operands operands;

	(void)state;
	assert_int_equal(PARSE("a", "--text=x y", "-f", "b", "--number", "12", "--common"), OPTIONS_GO_ON);
	assert_true(values.flag && values.common);
	assert_string_equal(values.text, "x y");
	assert_int_equal(values.number, 12);
	assert_int_equal(operands.count, 2);
	assert_string_equal(operands.word[0], "a");
	assert_string_equal(operands.word[1], "b");
}

static void test_what_is_not_given_stays(void **state)
{
	struct values values;
	struct operands operands;

	(void)state;
	assert_int_equal(PARSE("a"), OPTIONS_GO_ON);
	assert_false(values.flag);
	assert_null(values.text);
	assert_int_equal(values.number, -5);
}

static void test_two_dashes_end_the_options(void **state)
{
	struct values values;
	struct operands operands;

	(void)state;
	assert_int_equal(PARSE("--", "--flag"), OPTIONS_GO_ON);
	assert_false(values.flag);
	assert_string_equal(operands.word[0], "--flag");
}

static void test_wrong_usage_is_refused(void **state)
{
	struct values values;
	struct operands operands;

	(void)state;
	assert_int_equal(PARSE("--flag"), OPTIONS_WRONG); /* an operand is missing */
	assert_int_equal(PARSE("a", "b", "c"), OPTIONS_WRONG);
	assert_int_equal(PARSE("a", "--unknown"), OPTIONS_WRONG);
	assert_int_equal(PARSE("a", "-x"), OPTIONS_WRONG);
	assert_int_equal(PARSE("a", "--text"), OPTIONS_WRONG); /* its value is missing */
	assert_int_equal(PARSE("a", "--flag=yes"), OPTIONS_WRONG);
	assert_int_equal(PARSE("a", "-n", "twelve"), OPTIONS_WRONG);
	assert_int_equal(PARSE("a", "-n", "-1"), OPTIONS_WRONG);
	assert_int_equal(PARSE("a", "-n", "99999999999999999999"), OPTIONS_WRONG);
}

static void test_help_wins(void **state)
{
	struct values values;
	struct operands operands;

	(void)state;
	assert_int_equal(PARSE("--help"), OPTIONS_HELP_WANTED);
	assert_int_equal(PARSE("a", "b", "c", "-h"), OPTIONS_HELP_WANTED);
}

static void test_help_shows_every_row(void **state)
{
	struct values values;
	const struct option_row rows[] = {
		{"flag", 'f', NULL, "a flag", OPTION_FLAG, &values.flag},
		{"text", 0, "TEXT", "a text", OPTION_TEXT, &values.text},
		{NULL, 0, NULL, NULL, OPTION_FLAG, NULL},
	};
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	(void)state;
	assert_non_null(out);
	options_print(rows, out);
	options_print(NULL, out);
	fclose(out);
	assert_string_equal(text, "  -f, --flag                   a flag\n"
				  "  --text TEXT                  a text\n");
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_options_and_operands_in_any_order),
		cmocka_unit_test(test_what_is_not_given_stays),
		cmocka_unit_test(test_two_dashes_end_the_options),
		cmocka_unit_test(test_wrong_usage_is_refused),
		cmocka_unit_test(test_help_wins),
		cmocka_unit_test(test_help_shows_every_row),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
