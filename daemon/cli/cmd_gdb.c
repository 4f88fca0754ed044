/* SPDX-License-Identifier: Apache-2.0 */
/* assay gdb: a debugger on a leased board. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/cli/cli.h"
#include "daemon/cli/commands.h"
#include "daemon/cli/lease_session.h"

#define ARGUMENTS_MAX (OPERANDS_MAX + 8)

static const struct command_help help = {
	"gdb LEASE [--gdb PROGRAM] [ELF [ARGUMENT…]]",
	"Runs gdb on the board of a lease that is yours: gdb-multiarch or arm-none-eabi-gdb, whichever is there, with "
	"the\n"
	"board as its target. What follows the number is handed to gdb; its own options stand behind \"--\".\n",
	1,
	OPERANDS_MAX,
};

struct debugger {
	const char *program;
	char target[80];
	const struct operands *operands;
	const char *argument[ARGUMENTS_MAX];
};

static bool is_there(const char *program)
{
	char copy[4096], path[4300];
	const char *search = getenv("PATH");
	char *at = copy, *dir;

	snprintf(copy, sizeof copy, "%s", search ? search : "/usr/bin:/bin");
	while ((dir = strsep(&at, ":"))) {
		snprintf(path, sizeof path, "%s/%s", dir, program);
		if (access(path, X_OK) == 0)
			return true;
	}
	return false;
}

static const char *find_debugger(void)
{
	static const char *const known[] = {"gdb-multiarch", "arm-none-eabi-gdb"};

	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
		if (is_there(known[i]))
			return known[i];
	}
	return NULL;
}

static char *const *arguments(void *context, uint16_t gdb_port)
{
	struct debugger *debugger = context;
	size_t count = 0;

	snprintf(debugger->target, sizeof debugger->target, "target extended-remote 127.0.0.1:%u", gdb_port);
	debugger->argument[count++] = debugger->program;
	debugger->argument[count++] = "-ex";
	debugger->argument[count++] = debugger->target;
	for (size_t i = 1; i < debugger->operands->count; i++)
		debugger->argument[count++] = debugger->operands->word[i];
	debugger->argument[count] = NULL;
	return (char *const *)(uintptr_t)debugger->argument;
}

int cmd_gdb(struct cli *cli, int argc, char **argv)
{
	struct debugger debugger = {0};
	struct lease_wishes wishes = {.no_console = true, .arguments = arguments, .context = &debugger};
	const struct option_row rows[] = {
		{"gdb", 0, "PROGRAM", "the debugger (default gdb-multiarch or arm-none-eabi-gdb)", OPTION_TEXT,
		 &debugger.program},
		{NULL, 0, NULL, NULL, OPTION_FLAG, NULL},
	};
	struct operands operands;
	int64_t lease;
	int status;

	if (!cli_options(cli, &help, rows, argc, argv, &operands, &status))
		return status;
	if (!cli_number(operands.word[0], "lease", &lease))
		return CLI_USAGE;
	if (!debugger.program)
		debugger.program = find_debugger();
	if (!debugger.program)
		return cli_usage("neither gdb-multiarch nor arm-none-eabi-gdb is there: name one with --gdb");
	debugger.operands = &operands;
	wishes.runs_program = true;
	return lease_session(cli, lease, &wishes);
}
