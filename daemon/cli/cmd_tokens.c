/* SPDX-License-Identifier: Apache-2.0 */
/* assay tokens: who may ask the farm for what. */
#include <stdio.h>
#include <string.h>

#include "core/base/json.h"
#include "daemon/cli/api.h"
#include "daemon/cli/commands.h"
#include "daemon/cli/list_table.h"
#include "daemon/cli/text.h"

static const struct command_help help = {
	"tokens [add NAME [--role ROLE] [--org ORG] [--rack RACK] | remove NAME]",
	"Lists the farm's tokens; makes one, whose text is printed this once and kept nowhere; or removes one.\n"
	"Roles: viewer (reads), member (and submits and cancels), admin (everything), agent (a rack host).\n"
	"An agent's token with --rack is good for the rack of that name only. Needs an admin's token.\n",
	0,
	2,
};

static void add_row(struct table *table, const json_t *token)
{
	char scratch[64];

	table_cell(table, TONE_STRONG, api_text(token, "name"));
	table_cell(table, TONE_PLAIN, api_text(token, "role"));
	table_cell(table, TONE_PLAIN, api_text(token, "org"));
	table_cell(table, TONE_PLAIN, api_text(token, "rack"));
	table_cell(table, TONE_DIM, text_time(api_int(token, "created_at_us"), text_now_us(), scratch, sizeof scratch));
}

static int list_tokens(struct cli *cli)
{
	static const char *const headings[] = {"TOKEN", "ROLE", "ORGANISATION", "RACK", "MADE", NULL};
	static const struct list_table list = {"/tokens", "tokens", headings, add_row, NULL};

	return list_table_show(cli, &list);
}

static int add_token(struct cli *cli, const char *name, const char *role, const char *org, const char *rack)
{
	struct err err = {0};
	struct client *client = cli_client(cli, &err);
	json_t *body = json_pack("{s:s, s:s, s:s}", "name", name, "role", role, "org", org), *answer = NULL;
	int status = CLI_PASSED;

	if (rack)
		json_put(&body, "rack", json_string(rack));
	if (!body) {
		status = cli_usage("name, role and organisation must be UTF-8");
	} else if (!client || client_post(client, "/tokens", body, &answer, &err)) {
		status = cli_fail(cli, &err);
	} else if (cli->json) {
		status = cli_print_json(answer);
	} else {
		/* The text alone on stdout, so that `assay tokens add … >file` makes a token file. */
		fprintf(stderr, "token %s (%s, %s), shown this once:\n", name, role, org);
		printf("%s\n", api_text(cli_object(answer, "token"), "token"));
	}
	json_decref(body);
	json_decref(answer);
	return status;
}

static int remove_token(struct cli *cli, const char *name)
{
	struct err err = {0};
	struct client *client = cli_client(cli, &err);
	char path[512] = "/tokens/";

	if (!client_append_escaped(path, sizeof path, name))
		return cli_usage("\"%s\" is too long for a token's name", name);
	if (!client || client_delete(client, path, NULL, &err))
		return cli_fail(cli, &err);
	printf("token %s: removed\n", name);
	return CLI_PASSED;
}

int cmd_tokens(struct cli *cli, int argc, char **argv)
{
	const char *role = "member", *org = "default", *rack = NULL;
	const struct option_row rows[] = {
		{"role", 'r', "ROLE", "viewer, member (the default), admin or agent", OPTION_TEXT, &role},
		{"org", 0, "ORG", "the organisation it belongs to (default \"default\")", OPTION_TEXT, &org},
		{"rack", 0, "RACK", "agent: the one rack it is good for", OPTION_TEXT, &rack},
		{NULL, 0, NULL, NULL, OPTION_FLAG, NULL},
	};
	struct operands operands;
	int status;

	if (!cli_options(cli, &help, rows, argc, argv, &operands, &status))
		return status;
	if (operands.count == 0)
		return list_tokens(cli);
	if (operands.count == 2 && strcmp(operands.word[0], "add") == 0)
		return add_token(cli, operands.word[1], role, org, rack);
	if (operands.count == 2 && strcmp(operands.word[0], "remove") == 0)
		return remove_token(cli, operands.word[1]);
	return cli_usage_of(&help);
}
