/* SPDX-License-Identifier: Apache-2.0 */
/* assay jobs: the latest jobs, one a line. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "daemon/cli/api.h"
#include "daemon/cli/cli.h"
#include "daemon/cli/commands.h"
#include "daemon/cli/table.h"
#include "daemon/cli/text.h"

static const struct command_help help = {
	"jobs [--state STATE] [--kind KIND] [--limit N] [--before JOB]",
	"Lists jobs, the latest first.\n",
	0,
	0,
};

static int print_jobs(struct cli *cli, const json_t *jobs)
{
	static const char *const headings[] = {">JOB", "OUTCOME", "NAME", "SUBMITTED", ">TOOK", "REASON", NULL};
	struct table *table = table_create(&cli->style, headings);
	int64_t now_us = text_now_us();
	const json_t *job;
	char scratch[64];
	size_t i;
	int code;

	if (!table)
		return CLI_INFRASTRUCTURE;
	json_array_foreach(jobs, i, job)
	{
		table_cellf(table, TONE_STRONG, "%" PRId64, api_int(job, "id"));
		table_word(table, api_outcome(job));
		table_cell(table, TONE_PLAIN, api_text(job, "name"));
		table_cell(table, TONE_DIM, text_ago(api_int(job, "submitted_at_us"), now_us, scratch, sizeof scratch));
		table_cell(table, TONE_DIM,
			   text_duration(api_took_us(job, "submitted_at_us", now_us), scratch, sizeof scratch));
		table_cell(table, TONE_PLAIN, api_reason(job));
	}
	code = table_print(table, stdout);
	table_destroy(table);
	if (!json_array_size(jobs))
		printf("no jobs\n");
	return code ? CLI_INFRASTRUCTURE : CLI_PASSED;
}

int cmd_jobs(struct cli *cli, int argc, char **argv)
{
	const char *state = NULL, *kind = NULL;
	int64_t limit = 20, before = 0;
	const struct option_row rows[] = {
		{"state", 's', "STATE", "only these: queued, running or finished", OPTION_TEXT, &state},
		{"kind", 'k', "KIND", "test (default), lease, check, diagnosis or any", OPTION_TEXT, &kind},
		{"limit", 'n', "N", "at most so many (default 20)", OPTION_NUMBER, &limit},
		{"before", 0, "JOB", "only jobs older than this one", OPTION_NUMBER, &before},
		{NULL, 0, NULL, NULL, OPTION_FLAG, NULL},
	};
	struct operands operands;
	char path[256];
	json_t *answer;
	int status;

	if (!cli_options(cli, &help, rows, argc, argv, &operands, &status))
		return status;
	snprintf(path, sizeof path, "/jobs?limit=%" PRId64, limit);
	if (before)
		snprintf(path + strlen(path), sizeof path - strlen(path), "&before=%" PRId64, before);
	if (state) {
		snprintf(path + strlen(path), sizeof path - strlen(path), "&state=");
		if (!client_append_escaped(path, sizeof path, state))
			return cli_usage("--state: found \"%s\", expected queued, running or finished", state);
	}
	if (kind) {
		snprintf(path + strlen(path), sizeof path - strlen(path), "&kind=");
		if (!client_append_escaped(path, sizeof path, kind))
			return cli_usage("--kind: found \"%s\", expected test, lease, check, diagnosis or any", kind);
	}
	status = cli_get(cli, path, &answer);
	if (status)
		return status;
	status = cli->json ? cli_print_json(answer) : print_jobs(cli, cli_list(answer, "jobs"));
	json_decref(answer);
	return status;
}
