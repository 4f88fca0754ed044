/* SPDX-License-Identifier: Apache-2.0 */
/* assay org: what organisations and their members may have of the farm. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/base/json.h"
#include "daemon/cli/api.h"
#include "daemon/cli/commands.h"
#include "daemon/cli/list_table.h"

static const struct command_help help = {
	"org [list | add NAME | set NAME [--member MEMBER] | remove NAME]",
	"Lists organisations, adds one, or says what one may have: its weight among the others (100 is usual; twice "
	"the weight,\n"
	"twice the board time), the most boards it may have at once, and how many come before anybody's share. With\n"
	"--member: that member's weight among the others of its organisation. remove: it has what is usual again.\n"
	"Changing needs an admin's token.\n",
	0,
	2,
};

struct wanted {
	const char *member;
	int64_t weight, cap, guaranteed;
	bool add;
};

static void add_row(struct table *table, const json_t *org)
{
	const json_t *member;
	size_t i;

	table_cell(table, TONE_STRONG, api_text(org, "name"));
	table_cell(table, TONE_PLAIN, "");
	table_cellf(table, TONE_PLAIN, "%" PRId64, api_int(org, "weight"));
	if (json_is_integer(json_object_get(org, "cap")))
		table_cellf(table, TONE_PLAIN, "%" PRId64, api_int(org, "cap"));
	else
		table_cell(table, TONE_DIM, "none");
	table_cellf(table, TONE_PLAIN, "%" PRId64, api_int(org, "guaranteed"));
	table_cellf(table, TONE_PLAIN, "%" PRId64, api_int(org, "boards"));
	json_array_foreach(json_object_get(org, "members"), i, member)
	{
		table_cell(table, TONE_DIM, api_text(org, "name"));
		table_cell(table, TONE_PLAIN, api_text(member, "name"));
		table_cellf(table, TONE_PLAIN, "%" PRId64, api_int(member, "weight"));
		for (int k = 0; k < 3; k++)
			table_cell(table, TONE_PLAIN, "");
	}
}

static int list_orgs(struct cli *cli)
{
	static const char *const headings[] = {"ORGANISATION", "MEMBER", "WEIGHT", "CAP", "GUARANTEED", "BOARDS", NULL};
	static const struct list_table list = {"/orgs", "orgs", headings, add_row, NULL};

	return list_table_show(cli, &list);
}

static bool make_path(const char *name, const char *member, char *path, size_t size)
{
	snprintf(path, size, "/orgs/");
	if (!client_append_escaped(path, size, name))
		return false;
	if (!member)
		return true;
	if (strlen(path) + sizeof "/members/" > size)
		return false;
	strncat(path, "/members/", size - strlen(path) - 1);
	return client_append_escaped(path, size, member);
}

static int64_t member_weight(const json_t *org, const char *name)
{
	const json_t *member;
	size_t i;

	json_array_foreach(json_object_get(org, "members"), i, member)
	{
		if (strcmp(api_text(member, "name"), name) == 0)
			return api_int(member, "weight");
	}
	return 100; /* what is usual is not kept */
}

static int print_org(struct cli *cli, json_t *answer, const char *member, const char *what)
{
	const json_t *org = cli_object(answer, "org");
	char cap[32] = "none";

	if (cli->json)
		return cli_print_json(answer);
	if (member) {
		printf("member %s of %s: %s; weight %" PRId64 "\n", member, api_text(org, "name"), what,
		       member_weight(org, member));
		return CLI_PASSED;
	}
	if (json_is_integer(json_object_get(org, "cap")))
		snprintf(cap, sizeof cap, "%" PRId64, api_int(org, "cap"));
	printf("organisation %s: %s; weight %" PRId64 ", cap %s, guaranteed %" PRId64 "\n", api_text(org, "name"), what,
	       api_int(org, "weight"), cap, api_int(org, "guaranteed"));
	return CLI_PASSED;
}

static int set_org(struct cli *cli, const char *name, const struct wanted *wanted)
{
	struct err err = {0};
	struct client *client;
	json_t *body = json_object(), *answer = NULL;
	char path[600];
	int status;

	if (!make_path(name, wanted->member, path, sizeof path)) {
		json_decref(body);
		return cli_usage("\"%s\" is too long for an organisation's name", name);
	}
	if (wanted->weight >= 0)
		json_put(&body, "weight", json_integer(wanted->weight));
	if (wanted->cap >= 0)
		json_put(&body, "cap", json_integer(wanted->cap));
	if (wanted->guaranteed >= 0)
		json_put(&body, "guaranteed", json_integer(wanted->guaranteed));
	if (wanted->add)
		json_put(&body, "add", json_true());
	client = cli_client(cli, &err);
	if (!client || client_post(client, path, body, &answer, &err))
		status = cli_fail(cli, &err);
	else
		status = print_org(cli, answer, wanted->member, wanted->add ? "added" : "set");
	json_decref(body);
	json_decref(answer);
	return status;
}

static int remove_org(struct cli *cli, const char *name)
{
	struct err err = {0};
	struct client *client = cli_client(cli, &err);
	json_t *answer = NULL;
	char path[600];
	int status;

	if (!make_path(name, NULL, path, sizeof path))
		return cli_usage("\"%s\" is too long for an organisation's name", name);
	if (!client || client_delete(client, path, &answer, &err))
		return cli_fail(cli, &err);
	status = print_org(cli, answer, NULL, "as usual again");
	json_decref(answer);
	return status;
}

int cmd_org(struct cli *cli, int argc, char **argv)
{
	struct wanted wanted = {.weight = -1, .cap = -1, .guaranteed = -1};
	const struct option_row rows[] = {
		{"weight", 'w', "N", "among the others; 100 is usual", OPTION_NUMBER, &wanted.weight},
		{"cap", 0, "N", "boards at once at most; 0: no cap", OPTION_NUMBER, &wanted.cap},
		{"guaranteed", 'g', "N", "boards at once that come before anybody's share", OPTION_NUMBER,
		 &wanted.guaranteed},
		{"member", 'm', "NAME", "set: the weight is this member's", OPTION_TEXT, &wanted.member},
		{NULL, 0, NULL, NULL, OPTION_FLAG, NULL},
	};
	struct operands operands;
	const char *what;
	int status;

	if (!cli_options(cli, &help, rows, argc, argv, &operands, &status))
		return status;
	what = operands.count ? operands.word[0] : "list";
	if (operands.count < 2 && strcmp(what, "list") == 0)
		return list_orgs(cli);
	wanted.add = strcmp(what, "add") == 0;
	if (wanted.add && wanted.member)
		return cli_usage("members are added with a token: assay tokens add %s --org ORG", wanted.member);
	if (operands.count == 2 && (wanted.add || strcmp(what, "set") == 0))
		return set_org(cli, operands.word[1], &wanted);
	if (operands.count == 2 && strcmp(what, "remove") == 0)
		return remove_org(cli, operands.word[1]);
	return cli_usage_of(&help);
}
