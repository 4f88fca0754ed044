/* SPDX-License-Identifier: Apache-2.0 */
/* assay nights: what schedules came to, night by night. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/cli/api.h"
#include "daemon/cli/commands.h"
#include "daemon/cli/download.h"
#include "daemon/cli/list_table.h"
#include "daemon/cli/text.h"

static const struct command_help help = {
	"nights list [SCHEDULE] | show N | accept N | compare A B",
	"Lists nights, the latest first; shows what came of one, and what changed since the one it is compared with;\n"
	"accepts one: from then on later nights are compared with it; or compares night B with night A. With --format\n"
	"json or html (one page that needs nothing else), show and compare write that. Shown, the exit status is 1 "
	"when\n"
	"a night has new failures or missing cases, 3 while it has not ended, or when some of it could not be run.\n",
	0,
	3,
};

static void add_row(struct table *table, const json_t *night)
{
	static const char *const kinds[] = {"new-failure", "missing", "flaky", "slower", "still-failing", "fixed"};
	const json_t *counts = json_object_get(night, "counts");
	char scratch[64];

	table_cellf(table, TONE_STRONG, "%" PRId64, api_int(night, "id"));
	table_cell(table, TONE_PLAIN, api_text(night, "schedule"));
	table_cell(table, TONE_DIM, text_time(api_int(night, "due_us"), text_now_us(), scratch, sizeof scratch));
	table_cell(table, TONE_PLAIN, api_text(night, "state"));
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		if (json_is_object(counts))
			table_cellf(table, TONE_PLAIN, "%" PRId64, api_int(counts, kinds[i]));
		else
			table_cell(table, TONE_DIM, "");
	}
	if (json_is_object(counts))
		table_cellf(table, TONE_PLAIN, "%" PRId64, api_int(night, "not_run"));
	else
		table_cell(table, TONE_DIM, "");
	table_cell(table, TONE_DIM, api_text(night, "accepted_by"));
	table_cell(table, TONE_PLAIN, api_text(night, "text"));
}

static int list_nights(struct cli *cli, const char *schedule)
{
	static const char *const headings[] = {">NIGHT",   "SCHEDULE", "DUE",     "STATE",  ">NEW",
					       ">MISSING", ">FLAKY",   ">SLOWER", ">STILL", ">FIXED",
					       ">NOT RUN", "ACCEPTED", "",        NULL};
	char path[512] = "/nights?schedule=";
	struct list_table list = {path, "nights", headings, add_row, "no nights"};

	if (schedule && !client_append_escaped(path, sizeof path, schedule))
		return cli_usage("\"%s\" is too long for a schedule's name", schedule);
	return list_table_show(cli, &list);
}

/* As the verdict of a run would be. */
static int night_status(struct cli *cli, int64_t number)
{
	char path[64];
	const json_t *night, *counts;
	json_t *answer;
	int status;

	snprintf(path, sizeof path, "/nights/%" PRId64, number);
	status = cli_get(cli, path, &answer);
	if (status)
		return status;
	night = cli_object(answer, "night");
	counts = json_object_get(night, "counts");
	if (!json_is_object(counts))
		status = CLI_INFRASTRUCTURE;
	else if (api_int(counts, "new-failure") || api_int(counts, "missing"))
		status = CLI_FAILED;
	else if (api_int(night, "not_run"))
		status = CLI_INFRASTRUCTURE;
	json_decref(answer);
	return status;
}

static int report(struct cli *cli, int64_t number, int64_t with, const char *format, const char *file)
{
	struct err err = {0};
	struct client *client = cli_client(cli, &err);
	char path[160];

	if (with)
		snprintf(path, sizeof path, "/nights/%" PRId64 "/report?format=%s&with=%" PRId64, number, format, with);
	else
		snprintf(path, sizeof path, "/nights/%" PRId64 "/report?format=%s", number, format);
	if (!client)
		return cli_fail(cli, &err);
	client_be_patient(client, NULL, NULL);
	if (download_file(client, path, file, &err))
		return cli_fail(cli, &err);
	return with ? CLI_PASSED : night_status(cli, number);
}

static int accept_night(struct cli *cli, int64_t number)
{
	struct err err = {0};
	struct client *client = cli_client(cli, &err);
	json_t *answer = NULL;
	char path[64];
	int status = CLI_PASSED;

	snprintf(path, sizeof path, "/nights/%" PRId64 "/accept", number);
	if (!client || client_post(client, path, NULL, &answer, &err))
		return cli_fail(cli, &err);
	if (cli->json)
		status = cli_print_json(answer);
	else
		printf("night %" PRId64 ": accepted, later nights of %s are compared with it\n", number,
		       api_text(cli_object(answer, "night"), "schedule"));
	json_decref(answer);
	return status;
}

int cmd_nights(struct cli *cli, int argc, char **argv)
{
	const char *format = NULL, *file = "-";
	const struct option_row rows[] = {
		{"format", 'f', "FORMAT", "text (the default), json or html", OPTION_TEXT, &format},
		{"output", 'o', "FILE", "write to FILE, whole or not at all", OPTION_TEXT, &file},
		{NULL, 0, NULL, NULL, OPTION_FLAG, NULL},
	};
	struct operands operands;
	const char *word;
	int64_t first, second;
	int status;

	if (!cli_options(cli, &help, rows, argc, argv, &operands, &status))
		return status;
	if (!format)
		format = cli->json ? "json" : "text";
	if (strcmp(format, "text") != 0 && strcmp(format, "json") != 0 && strcmp(format, "html") != 0)
		return cli_usage("--format: found \"%s\", expected text, json or html", format);
	word = operands.count ? operands.word[0] : "list";
	if (operands.count <= 2 && strcmp(word, "list") == 0)
		return list_nights(cli, operands.count == 2 ? operands.word[1] : NULL);
	if (operands.count < 2)
		return cli_usage_of(&help);
	if (!cli_number(operands.word[1], "night", &first))
		return CLI_USAGE;
	if (operands.count == 2 && strcmp(word, "show") == 0)
		return report(cli, first, 0, format, file);
	if (operands.count == 2 && strcmp(word, "accept") == 0)
		return accept_night(cli, first);
	if (operands.count != 3 || strcmp(word, "compare") != 0)
		return cli_usage_of(&help);
	if (!cli_number(operands.word[2], "night", &second))
		return CLI_USAGE;
	return report(cli, second, first, format, file);
}
