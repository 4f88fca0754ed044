/* SPDX-License-Identifier: Apache-2.0 */
/* assay core RUN: the core file of a run that failed, for gdb; or what else it left behind. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/farm/artefact.h"
#include "daemon/cli/cli.h"
#include "daemon/cli/commands.h"
#include "daemon/cli/download.h"

static const struct command_help help = {
	"core RUN [--what NAME] [-o FILE]",
	"Writes the ELF core file that run RUN left behind when it failed, to FILE or run-RUN.core.elf; open it with\n"
	"`gdb-multiarch firmware.elf FILE`. --what backtrace.txt prints what gdb made of it, and the fault in words;\n"
	"--what registers.txt all registers.\n",
	1,
	1,
};

int cmd_core(struct cli *cli, int argc, char **argv)
{
	const char *what = "core.elf", *file = NULL;
	const struct option_row rows[] = {
		{"output", 'o', "FILE", "write to FILE, whole or not at all; - is standard output", OPTION_TEXT, &file},
		{"what", 'w', "NAME", "core.elf (the default), backtrace.txt or registers.txt", OPTION_TEXT, &what},
		{NULL, 0, NULL, NULL, OPTION_FLAG, NULL},
	};
	struct err err = {0};
	struct operands operands;
	struct client *client;
	char path[128 + ARTEFACT_NAME_MAX], own[ARTEFACT_NAME_MAX];
	int64_t number;
	int status;

	if (!cli_options(cli, &help, rows, argc, argv, &operands, &status))
		return status;
	if (!artefact_name_valid(what))
		return cli_usage("--what: found \"%s\", expected the name of something that a run leaves behind", what);
	if (!cli_number(operands.word[0], "run", &number))
		return CLI_USAGE;
	snprintf(path, sizeof path, "/runs/%" PRId64 "/artefacts/%s", number, what);
	snprintf(own, sizeof own, "run-%" PRId64 ".core.elf", number);
	if (!file)
		file = strcmp(what, "core.elf") == 0 ? own : "-";
	client = cli_client(cli, &err);
	if (!client || download_file(client, path, file, &err))
		return cli_fail(cli, &err);
	if (file == own)
		printf("%s\n", file);
	return CLI_PASSED;
}
