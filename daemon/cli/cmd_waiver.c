/* SPDX-License-Identifier: Apache-2.0 */
/* assay waiver: known defects of board types that may fail for a while. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "core/base/json.h"
#include "daemon/cli/api.h"
#include "daemon/cli/commands.h"
#include "daemon/cli/list_table.h"

static const struct command_help help = {
	"waiver list | add TYPE CASE --reason TEXT --until DATE | withdraw N",
	"Lists waivers, gives one, or withdraws one. A waiver says that boards of a type are known to fail a case\n"
	"(Group.Case, or a beginning and *): until its day a failure of it is shown as waived and fails no run.\n"
	"It never covers a crash, a hang or a case that did not run.\n",
	0,
	3,
};

/* As it was given: a waiver to the end of a day by its last day. */
static const char *until_text(int64_t until_us, char *scratch, size_t size)
{
	time_t at = (time_t)(until_us / 1000000), day = at - 1;
	struct tm moment;

	scratch[0] = '\0';
	if (!localtime_r(&at, &moment))
		return scratch;
	if (moment.tm_hour || moment.tm_min || moment.tm_sec)
		strftime(scratch, size, "%Y-%m-%d %H:%M:%S", &moment);
	else if (localtime_r(&day, &moment))
		strftime(scratch, size, "%Y-%m-%d", &moment);
	return scratch;
}

static void add_row(struct table *table, const json_t *waiver)
{
	const json_t *often = json_object_get(waiver, "intermittent");
	char scratch[64];

	table_cellf(table, TONE_STRONG, "%" PRId64, api_int(waiver, "id"));
	table_cell(table, TONE_PLAIN, api_text(waiver, "state"));
	table_cell(table, TONE_PLAIN, api_text(waiver, "board_type"));
	table_cell(table, TONE_PLAIN, api_text(waiver, "case"));
	table_cell(table, TONE_DIM, until_text(api_int(waiver, "until_us"), scratch, sizeof scratch));
	table_cell(table, TONE_DIM, api_text(waiver, "author"));
	table_cell(table, TONE_DIM, json_is_true(often) ? "intermittent" : "always");
	table_cell(table, TONE_PLAIN, api_text(waiver, "reason"));
}

static int list_waivers(struct cli *cli)
{
	static const char *const headings[] = {"WAIVER", "STATE", "TYPE",   "CASE", "UNTIL",
					       "BY",     "KIND",  "REASON", NULL};
	static const struct list_table list = {"/waivers", "waivers", headings, add_row, NULL};

	return list_table_show(cli, &list);
}

/* A day (through its end) or a moment, by local time, or with a Z by universal time; 0: it is neither. */
static int64_t read_time(const char *text, bool end_of_day)
{
	struct tm moment = {.tm_isdst = -1};
	const char *rest = strptime(text, "%Y-%m-%d", &moment);
	bool day = rest && !*rest, universal = false;
	time_t at;

	if (day && end_of_day)
		moment.tm_mday++;
	if (!day) {
		rest = strptime(text, "%Y-%m-%dT%H:%M:%S", &moment);
		universal = rest && strcmp(rest, "Z") == 0;
		if (!rest || (*rest && !universal))
			return 0;
	}
	at = universal ? timegm(&moment) : mktime(&moment);
	return at > 0 ? (int64_t)at * 1000000 : 0;
}

static int print_waiver(struct cli *cli, json_t *answer, const char *what)
{
	const json_t *waiver = cli_object(answer, "waiver");

	if (cli->json)
		return cli_print_json(answer);
	printf("waiver %" PRId64 ": %s, %s of %s\n", api_int(waiver, "id"), what, api_text(waiver, "case"),
	       api_text(waiver, "board_type"));
	return CLI_PASSED;
}

struct wanted {
	const char *reason, *from, *until, *org;
	bool intermittent;
};

/* A board type with a typing error would waive nothing, and nobody would notice. */
static void warn_of_unknown_type(struct cli *cli, const char *type)
{
	const json_t *board;
	json_t *answer;
	bool known = false;
	size_t i;

	if (cli_get(cli, "/boards", &answer))
		return;
	json_array_foreach(cli_list(answer, "boards"), i, board) known =
		known || strcmp(api_text(board, "type"), type) == 0;
	if (!known)
		fprintf(stderr, "assay: the farm has no board of type %s yet\n", type);
	json_decref(answer);
}

static int add_waiver(struct cli *cli, const char *type, const char *cases, const struct wanted *wanted)
{
	int64_t from_us = wanted->from ? read_time(wanted->from, false) : 0;
	int64_t until_us = wanted->until ? read_time(wanted->until, true) : 0;
	struct err err = {0};
	struct client *client;
	json_t *body, *answer = NULL;
	int status;

	if (!wanted->reason || !wanted->until)
		return cli_usage("a waiver needs --reason and --until");
	if (!until_us || (wanted->from && !from_us))
		return cli_usage(
			"\"%s\" is no day (2027-01-31) or time (2027-01-31T12:00:00, or with Z at its end: UTC)",
			until_us ? wanted->from : wanted->until);
	client = cli_client(cli, &err);
	body = json_pack("{s:s, s:s, s:s, s:b, s:I}", "board_type", type, "case", cases, "reason", wanted->reason,
			 "intermittent", (int)wanted->intermittent, "until_us", (json_int_t)until_us);
	if (from_us)
		json_put(&body, "from_us", json_integer(from_us));
	if (wanted->org)
		json_put(&body, "org", json_string(wanted->org));
	if (!body)
		status = cli_usage("board type, case, reason and organisation must be UTF-8");
	else if (!client || client_post(client, "/waivers", body, &answer, &err))
		status = cli_fail(cli, &err);
	else {
		status = print_waiver(cli, answer, "given");
		warn_of_unknown_type(cli, type);
	}
	json_decref(body);
	json_decref(answer);
	return status;
}

static int withdraw_waiver(struct cli *cli, const char *number)
{
	struct err err = {0};
	struct client *client;
	json_t *answer = NULL;
	char path[64];
	int64_t id;
	int status;

	if (!cli_number(number, "waiver", &id))
		return CLI_USAGE;
	client = cli_client(cli, &err);
	snprintf(path, sizeof path, "/waivers/%" PRId64, id);
	if (!client || client_delete(client, path, &answer, &err))
		return cli_fail(cli, &err);
	status = print_waiver(cli, answer, "withdrawn");
	json_decref(answer);
	return status;
}

int cmd_waiver(struct cli *cli, int argc, char **argv)
{
	struct wanted wanted = {0};
	const struct option_row rows[] = {
		{"reason", 'r', "TEXT", "add: why the failure is accepted for now", OPTION_TEXT, &wanted.reason},
		{"until", 'u', "DATE", "add: its last day, or a moment (2027-01-31, 2027-01-31T12:00:00)", OPTION_TEXT,
		 &wanted.until},
		{"from", 0, "DATE", "add: its first day, or a moment (default now)", OPTION_TEXT, &wanted.from},
		{"intermittent", 'i', NULL, "add: the case is known to pass at times", OPTION_FLAG,
		 &wanted.intermittent},
		{"org", 0, "ORG", "add: for whose runs (default the token's; \"default\" is everyone's)", OPTION_TEXT,
		 &wanted.org},
		{NULL, 0, NULL, NULL, OPTION_FLAG, NULL},
	};
	struct operands operands;
	int status;

	if (!cli_options(cli, &help, rows, argc, argv, &operands, &status))
		return status;
	if (operands.count == 0 || (operands.count == 1 && strcmp(operands.word[0], "list") == 0))
		return list_waivers(cli);
	if (operands.count == 3 && strcmp(operands.word[0], "add") == 0)
		return add_waiver(cli, operands.word[1], operands.word[2], &wanted);
	if (operands.count == 2 && strcmp(operands.word[0], "withdraw") == 0)
		return withdraw_waiver(cli, operands.word[1]);
	return cli_usage_of(&help);
}
