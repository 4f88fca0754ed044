/* SPDX-License-Identifier: Apache-2.0 */
/* assay keys: the public keys that a farm's evidence is checked with. */
#include <stdio.h>
#include <string.h>

#include "daemon/cli/api.h"
#include "daemon/cli/cli.h"
#include "daemon/cli/commands.h"
#include "daemon/cli/table.h"

static const struct command_help help = {
	"keys [--public] [--rotate]",
	"Lists the farm's public keys: the one it signs with and those before it. --public prints the current one as\n"
	"minisign has it, for a file. --rotate has the farm make a new one; evidence that was sealed before is "
	"checked\n"
	"with the key of its time.\n",
	0,
	0,
};

static void add_key(struct table *table, const json_t *key, const char *what)
{
	const char *line = strchr(api_text(key, "public"), '\n');
	char public_key[80] = "";

	if (line)
		snprintf(public_key, sizeof public_key, "%.*s", (int)strcspn(line + 1, "\n"), line + 1);
	table_cell(table, TONE_STRONG, api_text(key, "id"));
	table_cell(table, TONE_PLAIN, what);
	table_cell(table, TONE_PLAIN, public_key);
}

static int print_keys(struct cli *cli, const json_t *keys)
{
	static const char *const headings[] = {"KEY", "USE", "PUBLIC KEY", NULL};
	struct table *table = table_create(&cli->style, headings);
	const json_t *key;
	size_t i;
	int code;

	if (!table)
		return CLI_INFRASTRUCTURE;
	add_key(table, json_object_get(keys, "current"), "current");
	json_array_foreach(json_object_get(keys, "past"), i, key)
	{
		add_key(table, key, "past");
	}
	code = table_print(table, stdout);
	table_destroy(table);
	return code ? CLI_INFRASTRUCTURE : CLI_PASSED;
}

static int ask(struct cli *cli, bool rotate, json_t **ret_keys)
{
	struct err err = {0};
	struct client *client;

	if (!rotate)
		return cli_get(cli, "/keys", ret_keys);
	client = cli_client(cli, &err);
	if (!client || client_post(client, "/keys/rotate", NULL, ret_keys, &err))
		return cli_fail(cli, &err);
	return 0;
}

int cmd_keys(struct cli *cli, int argc, char **argv)
{
	bool rotate = false, public_key = false;
	const struct option_row rows[] = {
		{"public", 0, NULL, "print the current public key alone", OPTION_FLAG, &public_key},
		{"rotate", 0, NULL, "have the farm make a new key first", OPTION_FLAG, &rotate},
		{NULL, 0, NULL, NULL, OPTION_FLAG, NULL},
	};
	struct operands operands;
	json_t *keys;
	int status;

	if (!cli_options(cli, &help, rows, argc, argv, &operands, &status))
		return status;
	status = ask(cli, rotate, &keys);
	if (status)
		return status;
	if (public_key)
		fputs(api_text(json_object_get(keys, "current"), "public"), stdout);
	else
		status = cli->json ? cli_print_json(keys) : print_keys(cli, keys);
	json_decref(keys);
	return status;
}
