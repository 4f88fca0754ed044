/* SPDX-License-Identifier: Apache-2.0 */
/* assay suites: what the farm knows to require, and storing more of it. */
#include <stdio.h>
#include <stdlib.h>

#include "core/base/buf.h"
#include "core/base/doc.h"
#include "core/spec/spec.h"
#include "daemon/cli/api.h"
#include "daemon/cli/commands.h"
#include "daemon/cli/files.h"
#include "daemon/cli/list_table.h"

static const struct command_help help = {
	"suites [NAME] [--put FILE]",
	"Lists the farm's suites, shows one, or with --put stores the suite in FILE (YAML) under the name it gives\n"
	"itself, in place of an older one.\n",
	0,
	1,
};

static void add_suite(struct table *table, const json_t *suite)
{
	table_cell(table, TONE_STRONG, api_text(suite, "name"));
	table_cell(table, TONE_PLAIN, api_text(suite, "version"));
}

static int list_suites(struct cli *cli)
{
	static const char *const headings[] = {"SUITE", "VERSION", NULL};
	static const struct list_table list = {"/suites", "suites", headings, add_suite, "no suites"};

	return list_table_show(cli, &list);
}

static int show_suite(struct cli *cli, const char *name)
{
	char path[512] = "/suites/";
	json_t *answer;
	int status;

	if (!client_append_escaped(path, sizeof path, name))
		return cli_usage("\"%s\" is too long for a suite's name", name);
	status = cli_get(cli, path, &answer);
	if (status)
		return status;
	if (cli->json || !*api_text(cli_object(answer, "suite"), "text"))
		status = cli_print_json(answer);
	else
		fputs(api_text(cli_object(answer, "suite"), "text"), stdout);
	json_decref(answer);
	return status;
}

static int send_suite(struct cli *cli, const struct suite *suite, const struct buf *text)
{
	struct err err = {0};
	struct client *client = cli_client(cli, &err);
	char path[512] = "/suites/";
	json_t *answer = NULL;
	int status = CLI_PASSED;

	if (!client || !client_append_escaped(path, sizeof path, suite->name) ||
	    client_put_text(client, path, "application/yaml", text->data, text->len, &answer, &err))
		return cli_fail(cli, &err);
	if (cli->json)
		status = cli_print_json(answer);
	else
		printf("suite %s %s: stored\n", suite->name, suite->version);
	json_decref(answer);
	return status;
}

static int put_suite(struct cli *cli, const char *file)
{
	struct err err = {0};
	struct doc_problems *problems = calloc(1, sizeof *problems);
	struct suite suite = {0};
	struct buf text;
	int status;

	if (!problems)
		return CLI_INFRASTRUCTURE;
	buf_init(&text, DOC_MAX_BYTES);
	doc_problems_init(problems, file);
	if (files_read(file, &text, &err))
		status = cli_usage("%s", err.text);
	else if (suite_read(file, buf_text(&text), text.len, &suite, problems))
		status = files_print_problems(problems);
	else
		status = send_suite(cli, &suite, &text);
	suite_finish(&suite);
	buf_finish(&text);
	free(problems);
	return status;
}

int cmd_suites(struct cli *cli, int argc, char **argv)
{
	const char *put = NULL;
	const struct option_row rows[] = {
		{"put", 0, "FILE", "store the suite in FILE", OPTION_TEXT, &put},
		{NULL, 0, NULL, NULL, OPTION_FLAG, NULL},
	};
	struct operands operands;
	int status;

	if (!cli_options(cli, &help, rows, argc, argv, &operands, &status))
		return status;
	if (put)
		return put_suite(cli, put);
	if (operands.count)
		return show_suite(cli, operands.word[0]);
	return list_suites(cli);
}
