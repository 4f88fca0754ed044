/* SPDX-License-Identifier: Apache-2.0 */
/* assay images: those that are held for what they did to boards, and those that are on trial. */
#include <stdio.h>
#include <string.h>

#include "daemon/cli/api.h"
#include "daemon/cli/commands.h"
#include "daemon/cli/list_table.h"
#include "daemon/cli/text.h"

static const struct command_help help = {
	"images [release SHA256 --why TEXT]",
	"Images that are held: several boards that did well could not be worked with right after them. They get no "
	"more\n"
	"boards until a person lets them go on. Images on trial: nobody has seen one leave a board of the type well, "
	"so\n"
	"they get few boards at once until one that ran it takes a next run. release lets one that is held begin its\n"
	"trial anew, and one on trial have all boards; the first 8 digits of the hash will do.\n",
	0,
	2,
};

static void add_row(struct table *table, const json_t *image)
{
	const json_t *struck = json_object_get(image, "struck"), *one;
	char scratch[64], boards[400] = "";
	size_t i, used = 0;

	json_array_foreach(struck, i, one)
	{
		if (used < sizeof boards)
			used += (size_t)snprintf(boards + used, sizeof boards - used, "%s%s after run %lld: %s",
						 i ? ", " : "", api_text(one, "board"), (long long)api_int(one, "run"),
						 api_text(one, "cause"));
	}
	table_cellf(table, TONE_STRONG, "%.12s", api_text(image, "sha256"));
	table_cell(table, TONE_PLAIN, api_text(image, "name"));
	table_cell(table, TONE_DIM, text_ago(api_int(image, "held_at_us"), text_now_us(), scratch, sizeof scratch));
	table_cell(table, TONE_PLAIN, boards);
}

static void add_trial(struct table *table, const json_t *trial)
{
	table_cellf(table, TONE_STRONG, "%.12s", api_text(trial, "sha256"));
	table_cell(table, TONE_PLAIN, api_text(trial, "board_type"));
	table_cellf(table, TONE_PLAIN, "%lld", (long long)api_int(trial, "running"));
	table_cellf(table, TONE_PLAIN, "%lld", (long long)api_int(trial, "to_tell"));
	table_cellf(table, TONE_PLAIN, "%lld", (long long)api_int(trial, "struck"));
	table_cellf(table, TONE_PLAIN, "%lld", (long long)api_int(trial, "waiting"));
}

static int release(struct cli *cli, const char *sha256, const char *why)
{
	char path[512], start[480] = "/held-images/";
	struct err err = {0};
	struct client *client;
	json_t *body, *answer = NULL;
	int status = CLI_PASSED;

	if (!why)
		return cli_usage("release needs --why");
	if (!client_append_escaped(start, sizeof start, sha256))
		return cli_usage("\"%s\" is too long for a hash", sha256);
	snprintf(path, sizeof path, "%s/release", start);
	body = json_pack("{s:s}", "why", why);
	client = cli_client(cli, &err);
	if (!body)
		status = cli_usage("the reason must be UTF-8");
	else if (!client || client_post(client, path, body, &answer, &err))
		status = cli_fail(cli, &err);
	else if (cli->json)
		status = cli_print_json(answer);
	json_decref(body);
	json_decref(answer);
	return status;
}

static int show(struct cli *cli)
{
	static const char *const headings[] = {"IMAGE", "NAME", "HELD", "BOARDS IT PUT OUT OF ACTION", NULL};
	static const char *const trial_headings[] = {"IMAGE",  "ON TRIAL ON", "RUNNING", "TO TELL",
						     "STRUCK", "RUNS WAIT",   NULL};
	static const struct list_table held = {"/held-images", "images", headings, add_row, "no image is held"};
	static const struct list_table trials = {"/held-images", "trials", trial_headings, add_trial, NULL};
	const json_t *on_trial;
	json_t *answer;
	int status = cli_get(cli, held.path, &answer);

	if (status)
		return status;
	on_trial = cli_list(answer, trials.key);
	if (cli->json)
		status = cli_print_json(answer);
	else
		status = list_table_print(cli, &held, cli_list(answer, held.key));
	if (status == CLI_PASSED && !cli->json && json_array_size(on_trial)) {
		(void)putchar('\n');
		status = list_table_print(cli, &trials, on_trial);
	}
	json_decref(answer);
	return status;
}

int cmd_images(struct cli *cli, int argc, char **argv)
{
	const char *why = NULL;
	const struct option_row rows[] = {
		{"why", 'w', "TEXT", "release: the reason, which is kept", OPTION_TEXT, &why},
		{NULL, 0, NULL, NULL, OPTION_FLAG, NULL},
	};
	struct operands operands;
	int status;

	if (!cli_options(cli, &help, rows, argc, argv, &operands, &status))
		return status;
	if (operands.count == 0)
		return show(cli);
	if (operands.count == 2 && strcmp(operands.word[0], "release") == 0)
		return release(cli, operands.word[1], why);
	return cli_usage("usage: assay %s", help.usage);
}
