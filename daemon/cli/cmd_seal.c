/* SPDX-License-Identifier: Apache-2.0 */
/* assay seal N: has a finished job sealed, and fetches the evidence. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "daemon/cli/api.h"
#include "daemon/cli/cli.h"
#include "daemon/cli/commands.h"
#include "daemon/cli/download.h"

static const struct command_help help = {
	"seal JOB [-o FILE]",
	"Seals job JOB: all that is kept of it as one archive, signed with the farm's key, as job-JOB.evidence.tar "
	"here\n"
	"or as FILE. `assay verify` checks it without a farm; `assay keys` tells the public key.\n",
	1,
	1,
};

#define WAIT_SHOWN_AFTER_MS 1000
#define WAIT_LINE           60

/* The line on a terminal that says for how long; on nothing else is there one. */
struct waiting {
	const char *doing;
	int64_t job;
	bool tty, shown;
};

static void on_wait(void *context, int64_t waited_ms)
{
	struct waiting *waiting = context;

	if (!waiting->tty || waited_ms < WAIT_SHOWN_AFTER_MS)
		return;
	fprintf(stderr, "\rsealing job %" PRId64 ": %" PRId64 " s", waiting->job, waited_ms / 1000);
	fflush(stderr);
	waiting->shown = true;
}

static void waiting_end(struct waiting *waiting)
{
	if (waiting->shown)
		fprintf(stderr, "\r%*s\r", WAIT_LINE, "");
	waiting->shown = false;
}

static int seal(struct cli *cli, int64_t job, json_t **ret_summary)
{
	struct err err = {0};
	struct client *client = cli_client(cli, &err);
	struct waiting waiting = {.job = job, .tty = isatty(STDERR_FILENO) == 1};
	char path[64];
	int rc;

	if (!client)
		return cli_fail(cli, &err);
	client_be_patient(client, on_wait, &waiting);
	snprintf(path, sizeof path, "/jobs/%" PRId64 "/seal", job);
	rc = client_post(client, path, NULL, ret_summary, &err);
	client_be_patient(client, NULL, NULL);
	waiting_end(&waiting);
	return rc ? cli_fail(cli, &err) : 0;
}

int cmd_seal(struct cli *cli, int argc, char **argv)
{
	const char *file = NULL;
	const struct option_row rows[] = {
		{"output", 'o', "FILE", "write to FILE, whole or not at all", OPTION_TEXT, &file},
		{NULL, 0, NULL, NULL, OPTION_FLAG, NULL},
	};
	char path[64], name[64];
	struct err err = {0};
	struct operands operands;
	json_t *summary = NULL;
	int64_t job;
	int status;

	if (!cli_options(cli, &help, rows, argc, argv, &operands, &status))
		return status;
	if (!cli_number(operands.word[0], "job", &job))
		return CLI_USAGE;
	status = seal(cli, job, &summary);
	if (status)
		return status;
	snprintf(path, sizeof path, "/jobs/%" PRId64 "/evidence", job);
	snprintf(name, sizeof name, "job-%" PRId64 ".evidence.tar", job);
	if (download_file(cli->client, path, file ? file : name, &err)) {
		json_decref(summary);
		return cli_fail(cli, &err);
	}
	if (cli->json)
		status = cli_print_json(summary);
	else if (!file || strcmp(file, "-") != 0)
		printf("job %" PRId64 " sealed with key %s: %s\n", job, api_text(summary, "key"), file ? file : name);
	json_decref(summary);
	return status;
}
