/* SPDX-License-Identifier: Apache-2.0 */
/* assay report N: a job's or run's report, to a file or standard output. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/cli/api.h"
#include "daemon/cli/cli.h"
#include "daemon/cli/commands.h"
#include "daemon/cli/download.h"

static const struct command_help help = {
	"report N [--run] [--format FORMAT] [-o FILE]",
	"Writes the report of job N (with --run: of run N). The exit status is that of the verdict, as with\n"
	"`assay submit --wait`; 3 while it is not finished. FORMAT is text, json, junit, html (one page that needs\n"
	"nothing else), idt-device or idt-frq (the two XML files of the AWS IoT Device Tester).\n",
	1,
	1,
};

static const char *const formats[] = {"text", "json", "junit", "html", "idt-device", "idt-frq", NULL};

static bool is_format(const char *format)
{
	for (size_t i = 0; formats[i]; i++) {
		if (strcmp(formats[i], format) == 0)
			return true;
	}
	return false;
}

/* The exit status that belongs to the verdict. */
static int verdict_status(struct cli *cli, const char *kind, int64_t number)
{
	json_t *answer;
	char path[64];
	int status;

	snprintf(path, sizeof path, "/%ss/%" PRId64, kind, number);
	status = cli_get(cli, path, &answer);
	if (status)
		return status;
	status = cli_verdict_status(api_text(cli_object(answer, kind), "verdict"));
	json_decref(answer);
	return status;
}

int cmd_report(struct cli *cli, int argc, char **argv)
{
	const char *format = NULL, *file = NULL;
	bool run = false;
	const struct option_row rows[] = {
		{"format", 'f', "FORMAT", "text (the default), json, junit, html, idt-device or idt-frq", OPTION_TEXT,
		 &format},
		{"output", 'o', "FILE", "write to FILE, whole or not at all", OPTION_TEXT, &file},
		{"run", 'r', NULL, "N is a run's number, not a job's", OPTION_FLAG, &run},
		{NULL, 0, NULL, NULL, OPTION_FLAG, NULL},
	};
	struct err err = {0};
	struct operands operands;
	struct client *client;
	char path[128];
	int64_t number;
	int status, code;

	if (!cli_options(cli, &help, rows, argc, argv, &operands, &status))
		return status;
	if (!format)
		format = cli->json ? "json" : "text";
	if (!is_format(format))
		return cli_usage("--format: found \"%s\", expected text, json, junit, html, idt-device or idt-frq",
				 format);
	if (!cli_number(operands.word[0], run ? "run" : "job", &number))
		return CLI_USAGE;
	snprintf(path, sizeof path, "/%s/%" PRId64 "/report?format=%s", run ? "runs" : "jobs", number, format);
	client = cli_client(cli, &err);
	if (!client)
		return cli_fail(cli, &err);
	client_be_patient(client, NULL, NULL); /* a large job's report is finished before its first byte comes */
	code = download_file(client, path, file ? file : "-", &err);
	return code ? cli_fail(cli, &err) : verdict_status(cli, run ? "run" : "job", number);
}
