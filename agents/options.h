/* SPDX-License-Identifier: Apache-2.0 */
/* The command line and the configuration file of assay-agent: one table of options for both. */
#ifndef ASSAY_AGENTS_OPTIONS_H
#define ASSAY_AGENTS_OPTIONS_H

#include <stdbool.h>

#include "core/base/err.h"

#define OPTION_MAX 512

enum options_command {
	COMMAND_SERVE,
	COMMAND_CHECK,
	COMMAND_RUN,
	COMMAND_SIMULATE,
	COMMAND_SCAN,
	COMMAND_HELP,
	COMMAND_VERSION
};

struct options {
	enum options_command command;
	char board[OPTION_MAX];
	char ca_file[OPTION_MAX];
	char check[OPTION_MAX];
	char config[OPTION_MAX];
	char daemon[OPTION_MAX];
	char dev[OPTION_MAX];
	char image[OPTION_MAX];
	char job[OPTION_MAX];
	char log_level[OPTION_MAX];
	char rack[OPTION_MAX];
	char script[OPTION_MAX];
	char scripts_dir[OPTION_MAX];
	char simulate[OPTION_MAX];
	char state_dir[OPTION_MAX];
	char sysfs[OPTION_MAX];
	char token_file[OPTION_MAX];
	char type[OPTION_MAX];
	char types_dir[OPTION_MAX];
	char vboard[OPTION_MAX];
	bool force, probe; /* scan */
};

/* Reads argv, then the configuration file it names, then fills in the defaults; what stands on the command line wins.
 * ERR_INVALID with what is wrong and, for a file, its line. */
int options_read(int argc, char **argv, struct options *ret_options, struct err *err);
/* Writes the help text to stdout. */
void options_print_help(void);

#endif
