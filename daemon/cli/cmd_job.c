/* SPDX-License-Identifier: Apache-2.0 */
/* assay job N: one job with its runs. */
#include "daemon/cli/cli.h"
#include "daemon/cli/commands.h"
#include "daemon/cli/job_table.h"
#include "daemon/cli/waits.h"

static const struct command_help help = {
	"job N",
	"Shows job N: each attempt of each of its runs with verdict and reason, and the verdict of all.\n"
	"The exit status tells only whether it could be shown; `assay report N` tells the verdict.\n",
	1,
	1,
};

static int print_job(struct cli *cli, json_t *job)
{
	waits_add(cli, json_object_get(job, "runs"));
	return job_table_print(&cli->style, job) ? CLI_INFRASTRUCTURE : CLI_PASSED;
}

int cmd_job(struct cli *cli, int argc, char **argv)
{
	return cli_show(cli, &help, argc, argv, "job", print_job);
}
