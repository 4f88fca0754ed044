/* SPDX-License-Identifier: Apache-2.0 */
/* assay baseline: what measurements of a board type are held against. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "daemon/cli/api.h"
#include "daemon/cli/commands.h"
#include "daemon/cli/list_table.h"
#include "daemon/cli/text.h"

static const struct command_help help = {
	"baseline list | accept JOB",
	"Lists the baselines of board types, or accepts what the runs of a job that passed measured: from then on\n"
	"limits that are relative (\"10% worse\", \"3 mad\") rest on the median and spread of the accepted values.\n",
	0,
	2,
};

static void add_baseline(struct table *table, const json_t *baseline)
{
	char scratch[64];

	table_cell(table, TONE_STRONG, api_text(baseline, "board_type"));
	table_cell(table, TONE_PLAIN, api_text(baseline, "case"));
	table_cell(table, TONE_PLAIN, api_text(baseline, "name"));
	table_cellf(table, TONE_PLAIN, "%.6g", json_number_value(json_object_get(baseline, "median")));
	table_cellf(table, TONE_PLAIN, "%.6g", json_number_value(json_object_get(baseline, "mad")));
	table_cell(table, TONE_PLAIN, api_text(baseline, "unit"));
	table_cellf(table, TONE_DIM, "%" PRId64, api_int(baseline, "count"));
	table_cell(table, TONE_DIM,
		   text_time(api_int(baseline, "accepted_at_us"), text_now_us(), scratch, sizeof scratch));
	table_cell(table, TONE_DIM, api_text(baseline, "accepted_by"));
}

static int list_baselines(struct cli *cli)
{
	static const char *const headings[] = {"TYPE", "CASE", "MEASUREMENT", ">MEDIAN", ">MAD",
					       "UNIT", ">OF",  "ACCEPTED",    "BY",      NULL};
	static const struct list_table list = {"/baselines", "baselines", headings, add_baseline, NULL};

	return list_table_show(cli, &list);
}

static int accept_job(struct cli *cli, const char *number)
{
	struct err err = {0};
	struct client *client;
	json_t *body, *answer = NULL;
	int64_t job;
	int status = CLI_PASSED;

	if (!cli_number(number, "job", &job))
		return CLI_USAGE;
	client = cli_client(cli, &err);
	body = json_pack("{s:I}", "job", (json_int_t)job);
	if (!client || !body || client_post(client, "/baselines", body, &answer, &err))
		status = cli_fail(cli, &err);
	else if (cli->json)
		status = cli_print_json(answer);
	else if (api_int(answer, "accepted") == 0)
		printf("job %" PRId64 ": nothing new, its values are accepted already\n", job);
	else
		printf("job %" PRId64 ": %" PRId64 " values accepted\n", job, api_int(answer, "accepted"));
	json_decref(body);
	json_decref(answer);
	return status;
}

int cmd_baseline(struct cli *cli, int argc, char **argv)
{
	struct operands operands;
	int status;

	if (!cli_options(cli, &help, NULL, argc, argv, &operands, &status))
		return status;
	if (operands.count == 0 || (operands.count == 1 && strcmp(operands.word[0], "list") == 0))
		return list_baselines(cli);
	if (operands.count == 2 && strcmp(operands.word[0], "accept") == 0)
		return accept_job(cli, operands.word[1]);
	return cli_usage_of(&help);
}
