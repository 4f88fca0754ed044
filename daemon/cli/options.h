/* SPDX-License-Identifier: Apache-2.0 */
/* Command line options as a table, from which both parsing and help come. */
#ifndef ASSAY_CLI_OPTIONS_H
#define ASSAY_CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define OPTIONS_MAX  24 /* rows of one command with the common ones */
#define OPERANDS_MAX 4096

enum option_kind { OPTION_FLAG, OPTION_TEXT, OPTION_NUMBER };

/* One option. target is a bool, a const char * (borrowed from argv) or an int64_t, by kind; untouched when the option
 * is not given. */
struct option_row {
	const char *name;  /* without the dashes */
	char letter;       /* 0: none */
	const char *value; /* how help calls the value; NULL for a flag */
	const char *help;  /* no full stop */
	enum option_kind kind;
	void *target;
};

struct command_help {
	const char *usage;   /* "submit JOB.yaml [options]" */
	const char *about;   /* a few sentences; wherever its lines end, it is shown in 80 columns */
	size_t operands_min; /* how many words may stand beside the options */
	size_t operands_max;
};

/* The words that are no options, in their order; borrowed from argv. */
struct operands {
	const char *word[OPERANDS_MAX];
	size_t count;
};

enum options_outcome {
	OPTIONS_GO_ON,
	OPTIONS_HELP_WANTED, /* nothing was printed */
	OPTIONS_WRONG        /* said on stderr */
};

/* Parses argv[1…] by two tables (each NULL or ended by a row without a name). Options may stand anywhere; "--" ends
 * them. Prefixes of long names are understood when they fit one name only. */
enum options_outcome options_parse(const struct command_help *help, const struct option_row *rows,
				   const struct option_row *common, int argc, char **argv,
				   struct operands *ret_operands);

/* Writes "assay " and a usage, in 80 columns behind "usage: ". */
void usage_print(const char *usage, FILE *out);

/* Writes a table of options as help shows it. */
void options_print(const struct option_row *rows, FILE *out);

#endif
