/* SPDX-License-Identifier: Apache-2.0 */
/* Parsing options by their table, on top of getopt_long. */
#include "daemon/cli/options.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/wrap.h"
#include "daemon/cli/text.h"

/* The two tables as one, and as getopt_long wants them. */
struct parse {
	const struct option_row *row[OPTIONS_MAX];
	size_t count;
	struct option longs[OPTIONS_MAX + 2];
	char shorts[2 * OPTIONS_MAX + 4];
};

/* Where the text of an option begins. */
enum { HELP_COLUMN = 31 };

enum { VALUE_HELP = 1000, VALUE_LONG = 1001 };

static void add_rows(struct parse *parse, const struct option_row *rows)
{
	for (; rows && rows->name && parse->count < OPTIONS_MAX; rows++)
		parse->row[parse->count++] = rows;
}

static void parse_init(struct parse *parse, const struct option_row *rows, const struct option_row *common)
{
	char *letter = parse->shorts;

	memset(parse, 0, sizeof *parse);
	add_rows(parse, rows);
	add_rows(parse, common);
	*letter++ = ':';
	*letter++ = 'h';
	for (size_t i = 0; i < parse->count; i++) {
		const struct option_row *row = parse->row[i];
		int has_value = row->kind == OPTION_FLAG ? no_argument : required_argument;

		parse->longs[i] = (struct option){row->name, has_value, NULL, VALUE_LONG + (int)i};
		if (row->letter) {
			*letter++ = row->letter;
			if (has_value == required_argument)
				*letter++ = ':';
		}
	}
	parse->longs[parse->count] = (struct option){"help", no_argument, NULL, VALUE_HELP};
}

static const struct option_row *find_row(const struct parse *parse, int value)
{
	if (value >= VALUE_LONG)
		return parse->row[value - VALUE_LONG];
	for (size_t i = 0; i < parse->count; i++) {
		if (parse->row[i]->letter == value)
			return parse->row[i];
	}
	return NULL;
}

static bool store(const struct option_row *row, const char *value)
{
	char *end;
	long long number;

	switch (row->kind) {
	case OPTION_FLAG:
		*(bool *)row->target = true;
		return true;
	case OPTION_TEXT:
		*(const char **)row->target = value;
		return true;
	case OPTION_NUMBER:
		errno = 0;
		number = strtoll(value, &end, 10);
		if (errno || end == value || *end || number < 0) {
			fprintf(stderr, "assay: --%s: found \"%s\", expected a number from 0\n", row->name, value);
			return false;
		}
		*(int64_t *)row->target = number;
		return true;
	}
	return false;
}

static void complain(const struct parse *parse, int outcome, char **argv)
{
	const struct option_row *row = optopt ? find_row(parse, optopt) : NULL;

	if (outcome == ':' && row)
		fprintf(stderr, "assay: --%s needs %s\n", row->name, row->value);
	else if (optopt && optopt < VALUE_HELP)
		fprintf(stderr, "assay: unknown option -%c\n", optopt);
	else if (optopt)
		fprintf(stderr, "assay: option %s takes no value\n", argv[optind - 1]);
	else
		fprintf(stderr, "assay: unknown option %s\n", argv[optind - 1]);
}

static bool take_operands(const struct command_help *help, int argc, char **argv, struct operands *ret_operands)
{
	size_t count = (size_t)(argc - optind);

	if (count < help->operands_min) {
		fprintf(stderr, "assay: something is missing\nusage: ");
		usage_print(help->usage, stderr);
		return false;
	}
	if (count > help->operands_max || count > OPERANDS_MAX) {
		if (help->operands_max == OPERANDS_MAX)
			fprintf(stderr, "assay: %zu words, and at most %d are taken at once\nusage: ", count,
				OPERANDS_MAX);
		else
			fprintf(stderr,
				"assay: \"%s\" is one word too many\nusage: ", argv[optind + (int)help->operands_max]);
		usage_print(help->usage, stderr);
		return false;
	}
	ret_operands->count = count;
	for (size_t i = 0; i < count; i++)
		ret_operands->word[i] = argv[optind + (int)i];
	return true;
}

enum options_outcome options_parse(const struct command_help *help, const struct option_row *rows,
				   const struct option_row *common, int argc, char **argv,
				   struct operands *ret_operands)
{
	struct parse parse;
	int outcome;

	parse_init(&parse, rows, common);
	optind = 0; /* glibc: begin afresh */
	opterr = 0;
	while ((outcome = getopt_long(argc, argv, parse.shorts, parse.longs, NULL)) != -1) {
		if (outcome == 'h' || outcome == VALUE_HELP)
			return OPTIONS_HELP_WANTED;
		if (outcome == '?' || outcome == ':') {
			complain(&parse, outcome, argv);
			fprintf(stderr, "usage: ");
			usage_print(help->usage, stderr);
			return OPTIONS_WRONG;
		}
		if (!store(find_row(&parse, outcome), optarg))
			return OPTIONS_WRONG;
	}
	return take_operands(help, argc, argv, ret_operands) ? OPTIONS_GO_ON : OPTIONS_WRONG;
}

void usage_print(const char *usage, FILE *out)
{
	fprintf(out, "assay ");
	wrap_print(out, usage, strlen("usage: assay "), strlen("usage: assay "), WRAP_COLUMNS);
}

void options_print(const struct option_row *rows, FILE *out)
{
	for (; rows && rows->name; rows++) {
		char letter[8] = "";
		char left[64];

		if (rows->letter)
			snprintf(letter, sizeof letter, "-%c, ", rows->letter);
		snprintf(left, sizeof left, "%s--%s%s%s", letter, rows->name, rows->value ? " " : "",
			 rows->value ? rows->value : "");
		fprintf(out, "  %-*s ", HELP_COLUMN - 3, left);
		wrap_print(out, rows->help, HELP_COLUMN, HELP_COLUMN, WRAP_COLUMNS);
	}
}
