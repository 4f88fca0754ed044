/* SPDX-License-Identifier: Apache-2.0 */
/* assay cancel N: ends what is left of a job. */
#include <inttypes.h>
#include <stdio.h>

#include "daemon/cli/api.h"
#include "daemon/cli/cli.h"
#include "daemon/cli/commands.h"

static const struct command_help help = {
	"cancel JOB…",
	"Cancels jobs: runs that wait are over at once, running ones are stopped and their boards powered off.\n"
	"Status 2 when a job does not exist or has finished already.\n",
	1,
	OPERANDS_MAX,
};

static int cancel_one(struct cli *cli, int64_t number)
{
	struct err err = {0};
	struct client *client = cli_client(cli, &err);
	json_t *answer = NULL;
	char path[64];
	int status = CLI_PASSED;

	snprintf(path, sizeof path, "/jobs/%" PRId64 "/cancel", number);
	if (!client || client_post(client, path, NULL, &answer, &err))
		return cli_fail(cli, &err);
	if (cli->json)
		status = cli_print_json(answer);
	else
		printf("job %" PRId64 ": cancelled\n", number);
	json_decref(answer);
	return status;
}

int cmd_cancel(struct cli *cli, int argc, char **argv)
{
	struct operands operands;
	int64_t numbers[OPERANDS_MAX];
	int status = CLI_PASSED;

	if (!cli_options(cli, &help, NULL, argc, argv, &operands, &status))
		return status;
	for (size_t i = 0; i < operands.count; i++) {
		if (!cli_number(operands.word[i], "job", &numbers[i]))
			return CLI_USAGE;
	}
	for (size_t i = 0; i < operands.count; i++) {
		int one = cancel_one(cli, numbers[i]);

		if (status < one)
			status = one;
	}
	return status;
}
