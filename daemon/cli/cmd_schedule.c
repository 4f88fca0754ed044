/* SPDX-License-Identifier: Apache-2.0 */
/* assay schedule: jobs by calendar. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/doc.h"
#include "daemon/cli/api.h"
#include "daemon/cli/commands.h"
#include "daemon/cli/files.h"
#include "daemon/cli/list_table.h"
#include "daemon/cli/text.h"

static const struct command_help help = {
	"schedule list | add FILE | show NAME | pause NAME | resume NAME | run-now NAME | remove NAME",
	"Lists schedules, stores the one in FILE (YAML, assay-schedule(5)) in place of an older one of its name, "
	"shows\n"
	"one, pauses or resumes it, begins a night of it now, or removes it. A night is all that the runs of one due\n"
	"time came to: `assay nights`.\n",
	0,
	2,
};

static void add_row(struct table *table, const json_t *schedule)
{
	const json_t *next = json_object_get(schedule, "next_us"), *night = json_object_get(schedule, "night");
	char scratch[64];

	table_cell(table, TONE_STRONG, api_text(schedule, "name"));
	if (json_is_string(json_object_get(schedule, "stopped")))
		table_cell(table, TONE_BAD, "stopped");
	else
		table_cell(table, TONE_PLAIN, json_is_true(json_object_get(schedule, "paused")) ? "paused" : "active");
	table_cell(table, TONE_PLAIN,
		   json_is_integer(next) ? text_time(json_integer_value(next), text_now_us(), scratch, sizeof scratch)
					 : "never");
	if (json_is_integer(night))
		table_cellf(table, TONE_PLAIN, "%" PRId64, (int64_t)json_integer_value(night));
	else
		table_cell(table, TONE_DIM, "");
	table_cell(table, TONE_DIM, api_text(schedule, "author"));
}

static int list_schedules(struct cli *cli)
{
	static const char *const headings[] = {"SCHEDULE", "STATE", "NEXT", ">RUNNING NIGHT", "BY", NULL};
	static const struct list_table list = {"/schedules", "schedules", headings, add_row, "no schedules"};

	return list_table_show(cli, &list);
}

/* rest: what follows the name. */
static bool path_of(char *path, size_t size, const char *name, const char *rest)
{
	size_t len;

	snprintf(path, size, "/schedules/");
	if (!client_append_escaped(path, size, name))
		return false;
	len = strlen(path);
	return (size_t)snprintf(path + len, size - len, "%s", rest) < size - len;
}

static int show_schedule(struct cli *cli, const char *name)
{
	char path[512];
	json_t *answer;
	const char *why;
	int status;

	if (!path_of(path, sizeof path, name, ""))
		return cli_usage("\"%s\" is too long for a schedule's name", name);
	status = cli_get(cli, path, &answer);
	if (status)
		return status;
	if (cli->json)
		status = cli_print_json(answer);
	else
		fputs(api_text(cli_object(answer, "schedule"), "text"), stdout);
	why = api_text(cli_object(answer, "schedule"), "stopped");
	if (why[0])
		fprintf(stderr, "assay: %s is %s\n", name, why);
	json_decref(answer);
	return status;
}

/* The name that the file gives itself; what else is wrong with it the farm says. */
static int read_name(const char *file, const struct buf *text, char *name, size_t size)
{
	struct doc_problems *problems = calloc(1, sizeof *problems);
	struct doc *doc = NULL;
	const char *found;
	int status = CLI_PASSED;

	if (!problems)
		return CLI_INFRASTRUCTURE;
	doc_problems_init(problems, file);
	if (doc_parse(file, text->data, text->len, &doc, problems) ||
	    !doc_read_text(doc->root, "name", true, size - 1, &found, problems))
		status = files_print_problems(problems);
	else
		snprintf(name, size, "%s", found);
	doc_destroy(doc);
	free(problems);
	return status;
}

static int send_schedule(struct cli *cli, const char *file, const char *name, const struct buf *text)
{
	struct err err = {0};
	struct client *client = cli_client(cli, &err);
	char path[1024], scratch[64];
	json_t *answer = NULL;
	const json_t *next;
	int status = CLI_PASSED;

	if (!path_of(path, sizeof path, name, "?file="))
		return cli_usage("\"%s\" is too long for a schedule's name", name);
	if (!client_append_escaped(path, sizeof path, file))
		return cli_usage("\"%s\" is too long for a file's name", file);
	if (!client || client_put_text(client, path, "application/yaml", text->data, text->len, &answer, &err))
		return cli_fail(cli, &err);
	next = json_object_get(cli_object(answer, "schedule"), "next_us");
	if (cli->json)
		status = cli_print_json(answer);
	else
		printf("schedule %s: stored, next %s\n", name,
		       json_is_integer(next)
			       ? text_time(json_integer_value(next), text_now_us(), scratch, sizeof scratch)
			       : "never");
	json_decref(answer);
	return status;
}

static int add_schedule(struct cli *cli, const char *file)
{
	struct err err = {0};
	char name[256];
	struct buf text;
	int status;

	buf_init(&text, DOC_MAX_BYTES);
	if (files_read(file, &text, &err))
		status = cli_usage("%s", err.text);
	else
		status = read_name(file, &text, name, sizeof name);
	if (!status)
		status = send_schedule(cli, file, name, &text);
	buf_finish(&text);
	return status;
}

/* verb "": it is removed. */
static int change_schedule(struct cli *cli, const char *name, const char *verb, const char *said)
{
	struct err err = {0};
	struct client *client = cli_client(cli, &err);
	char path[512];
	json_t *answer = NULL;
	int code, status = CLI_PASSED;

	if (!path_of(path, sizeof path, name, verb))
		return cli_usage("\"%s\" is too long for a schedule's name", name);
	if (!client)
		return cli_fail(cli, &err);
	code = *verb ? client_post(client, path, NULL, &answer, &err) : client_delete(client, path, &answer, &err);
	if (code)
		return cli_fail(cli, &err);
	if (cli->json)
		status = cli_print_json(answer);
	else if (strcmp(verb, "/run") == 0)
		printf("schedule %s: night %" PRId64 "\n", name, api_int(answer, "night"));
	else
		printf("schedule %s: %s\n", name, said);
	json_decref(answer);
	return status;
}

int cmd_schedule(struct cli *cli, int argc, char **argv)
{
	static const struct {
		const char *word, *verb, *said;
	} changes[] = {
		{"pause", "/pause", "paused"},
		{"resume", "/resume", "active again"},
		{"run-now", "/run", ""},
		{"remove", "", "removed"},
	};
	struct operands operands;
	const char *word;
	int status;

	if (!cli_options(cli, &help, NULL, argc, argv, &operands, &status))
		return status;
	word = operands.count ? operands.word[0] : "list";
	if (operands.count < 2 && strcmp(word, "list") == 0)
		return list_schedules(cli);
	if (operands.count == 2 && strcmp(word, "add") == 0)
		return add_schedule(cli, operands.word[1]);
	if (operands.count == 2 && strcmp(word, "show") == 0)
		return show_schedule(cli, operands.word[1]);
	for (size_t i = 0; operands.count == 2 && i < sizeof changes / sizeof changes[0]; i++) {
		if (strcmp(word, changes[i].word) == 0)
			return change_schedule(cli, operands.word[1], changes[i].verb, changes[i].said);
	}
	return cli_usage_of(&help);
}
