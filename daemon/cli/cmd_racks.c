/* SPDX-License-Identifier: Apache-2.0 */
/* assay racks: the hosts, their hubs, and taking one out of service for a while. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/base/json.h"
#include "daemon/cli/api.h"
#include "daemon/cli/commands.h"
#include "daemon/cli/list_table.h"

static const struct command_help help = {
	"racks [drain NAME [--hub HUB] [--why TEXT] | resume NAME [--hub HUB]]",
	"Lists racks and their hubs: boards, how many may run at a time, how many do. drain: it takes nothing new, "
	"and\n"
	"what runs there goes on to its end; so it stays, over restarts too, until it resumes. Needs an admin's "
	"token.\n",
	0,
	2,
};

static void add_place(struct table *table, const json_t *place)
{
	const json_t *drain = json_object_get(place, "draining");
	char text[600] = "";

	table_cellf(table, TONE_PLAIN, "%" PRId64, api_int(place, "boards"));
	if (json_is_integer(json_object_get(place, "limit")))
		table_cellf(table, TONE_PLAIN, "%" PRId64, api_int(place, "limit"));
	else
		table_cell(table, TONE_DIM, "all");
	table_cellf(table, TONE_PLAIN, "%" PRId64, api_int(place, "running"));
	if (json_is_object(drain))
		snprintf(text, sizeof text, "drained by %s%s%s", api_text(drain, "by"),
			 api_text(drain, "why")[0] ? ": " : "", api_text(drain, "why"));
	table_cell(table, TONE_PLAIN, text);
}

static void add_row(struct table *table, const json_t *agent)
{
	const json_t *hub;
	size_t i;

	table_cell(table, TONE_STRONG, api_text(agent, "name"));
	table_word(table, json_is_true(json_object_get(agent, "online")) ? "online" : "offline");
	table_cell(table, TONE_DIM, api_text(agent, "version"));
	table_cell(table, TONE_DIM, api_text(agent, "site"));
	add_place(table, agent);
	json_array_foreach(json_object_get(agent, "hubs"), i, hub)
	{
		table_cellf(table, TONE_PLAIN, "%s hub %s", api_text(agent, "name"), api_text(hub, "name"));
		for (int k = 0; k < 3; k++)
			table_cell(table, TONE_PLAIN, "");
		add_place(table, hub);
	}
}

static int list_racks(struct cli *cli)
{
	static const char *const headings[] = {"RACK",  "STATE",   "VERSION", "SITE", "BOARDS",
					       "LIMIT", "RUNNING", "DRAINED", NULL};
	static const struct list_table list = {"/agents", "agents", headings, add_row, "no rack has connected yet"};

	return list_table_show(cli, &list);
}

static int set_draining(struct cli *cli, const char *name, bool draining, const char *hub, const char *why)
{
	struct err err = {0};
	struct client *client = cli_client(cli, &err);
	json_t *body = json_object(), *answer = NULL;
	char path[600] = "/agents/";
	int status = CLI_PASSED;

	if (!client_append_escaped(path, sizeof path - 8, name)) {
		json_decref(body);
		return cli_usage("\"%s\" is too long for a rack's name", name);
	}
	strncat(path, draining ? "/drain" : "/resume", sizeof path - strlen(path) - 1);
	if (hub)
		json_put(&body, "hub", json_string(hub));
	if (why)
		json_put(&body, "why", json_string(why));
	if (!client || client_post(client, path, body, &answer, &err))
		status = cli_fail(cli, &err);
	else if (cli->json)
		status = cli_print_json(answer);
	else
		printf("rack %s%s%s: %s; %" PRId64 " runs under way\n", name, hub ? " hub " : "", hub ? hub : "",
		       draining ? "takes nothing new" : "takes what comes",
		       api_int(cli_object(answer, "agent"), "running"));
	json_decref(body);
	json_decref(answer);
	return status;
}

int cmd_racks(struct cli *cli, int argc, char **argv)
{
	const char *hub = NULL, *why = NULL;
	const struct option_row rows[] = {
		{"hub", 0, "HUB", "one of its hubs, not the whole host", OPTION_TEXT, &hub},
		{"why", 0, "TEXT", "drain: what people read who wait for its boards", OPTION_TEXT, &why},
		{NULL, 0, NULL, NULL, OPTION_FLAG, NULL},
	};
	struct operands operands;
	int status;

	if (!cli_options(cli, &help, rows, argc, argv, &operands, &status))
		return status;
	if (operands.count == 0 || (operands.count == 1 && strcmp(operands.word[0], "list") == 0))
		return list_racks(cli);
	if (operands.count == 2 && strcmp(operands.word[0], "drain") == 0)
		return set_draining(cli, operands.word[1], true, hub, why);
	if (operands.count == 2 && strcmp(operands.word[0], "resume") == 0)
		return set_draining(cli, operands.word[1], false, hub, NULL);
	return cli_usage_of(&help);
}
