/* SPDX-License-Identifier: Apache-2.0 */
/* assay boards: every board and what it is doing; taken out of service and let in again. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "daemon/cli/api.h"
#include "daemon/cli/board_wear.h"
#include "daemon/cli/cli.h"
#include "daemon/cli/cmd_time.h"
#include "daemon/cli/commands.h"
#include "daemon/cli/list_table.h"
#include "daemon/cli/text.h"

static const struct command_help help = {
	"boards [NAME [--time | --wear] | history NAME | quarantine|release|retire|unretire NAME --why TEXT]",
	"Lists the boards of all racks with their state, or shows one board.\n"
	"quarantine and retire take a board out of service; release and unretire let it in again: its agent takes it "
	"up\n"
	"anew and it must pass its health check. history tells who did so, when and why. --time tells what its time "
	"went\n"
	"into, by UTC day, --wear how often the sectors of its flash were erased.\n",
	0,
	2,
};

static void add_board(struct table *table, const json_t *board)
{
	char scratch[64];

	table_cell(table, TONE_STRONG, api_text(board, "name"));
	table_word(table, api_text(board, "state"));
	table_cell(table, TONE_PLAIN, api_text(board, "type"));
	table_cell(table, TONE_DIM, api_text(board, "agent"));
	if (api_int(board, "run"))
		table_cellf(table, TONE_PLAIN, "run %" PRId64 " of job %" PRId64, api_int(board, "run"),
			    api_int(board, "job"));
	else
		table_cell(table, TONE_PLAIN, "");
	table_cell(table, TONE_DIM, text_ago(api_int(board, "changed_at_us"), text_now_us(), scratch, sizeof scratch));
	table_cell(table, TONE_DIM, api_text(board, "unique_id"));
	table_cell(table, TONE_PLAIN, api_text(board, "reason"));
}

/* "/boards/NAME" and what follows it. */
static bool board_path(char *path, size_t size, const char *name, const char *rest)
{
	size_t len;

	snprintf(path, size, "/boards/");
	if (!client_append_escaped(path, size, name) || (len = strlen(path)) + strlen(rest) >= size)
		return false;
	snprintf(path + len, size - len, "%s", rest);
	return true;
}

static void print_one(const json_t *board, int64_t now_us)
{
	const json_t *hold = json_object_get(board, "hold");
	char scratch[64];

	printf("board %s: %s%s%s\n", api_text(board, "name"), api_text(board, "state"),
	       api_text(board, "reason")[0] ? ": " : "", api_text(board, "reason"));
	printf("type %s, agent %s, unique id %s\n", api_text(board, "type"), api_text(board, "agent"),
	       api_text(board, "unique_id")[0] ? api_text(board, "unique_id") : "not known yet");
	if (api_int(board, "run"))
		printf("run %" PRId64 " of job %" PRId64 "\n", api_int(board, "run"), api_int(board, "job"));
	if (json_is_object(hold))
		printf("%s by %s %s: %s\n", api_text(hold, "state"), api_text(hold, "by"),
		       text_ago(api_int(hold, "at_us"), now_us, scratch, sizeof scratch), api_text(hold, "why"));
	if (api_text(board, "unproven")[0])
		printf("needs its health check: %s\n", api_text(board, "unproven"));
	if (json_is_object(json_object_get(board, "golden")))
		printf("checked with %s\n", api_text(json_object_get(board, "golden"), "image"));
	else
		printf("no golden image: that it is brought up is its check\n");
	if (api_int(board, "proven_at_us"))
		printf("last seen to work %s, %" PRId64 " runs ended since\n",
		       text_ago(api_int(board, "proven_at_us"), now_us, scratch, sizeof scratch),
		       api_int(board, "runs_since_pass"));
}

static int print_board(struct cli *cli, const json_t *board)
{
	(void)cli;
	print_one(board, text_now_us());
	return CLI_PASSED;
}

static int print_wear(struct cli *cli, const json_t *wear)
{
	struct err err = {0};

	if (!board_wear_print(&cli->style, wear))
		return CLI_PASSED;
	err_set(&err, ERR_NOMEM, "out of memory");
	return cli_fail(cli, &err);
}

/* What is told of one board under /boards/NAME and rest. */
static int show(struct cli *cli, const char *name, const char *rest, int (*print)(struct cli *cli, const json_t *told))
{
	char path[512];
	json_t *answer;
	int status;

	if (!board_path(path, sizeof path, name, rest))
		return cli_usage("\"%s\" is too long for a board's name", name);
	status = cli_get(cli, path, &answer);
	if (status)
		return status;
	status = cli->json ? cli_print_json(answer) : print(cli, answer);
	json_decref(answer);
	return status;
}

static void add_decision(struct table *table, const json_t *event)
{
	char scratch[64];

	table_cell(table, TONE_DIM, text_ago(api_int(event, "at_us"), text_now_us(), scratch, sizeof scratch));
	table_cell(table, TONE_STRONG, api_text(event, "type") + strlen("board."));
	table_cell(table, TONE_PLAIN, api_text(event, "by"));
	table_cell(table, TONE_PLAIN, api_text(event, "why"));
}

static int show_history(struct cli *cli, const char *name)
{
	static const char *const headings[] = {"WHEN", "WHAT", "BY", "WHY", NULL};
	char path[512];
	const struct list_table list = {path, "history", headings, add_decision, "nothing was decided about it yet"};

	if (!board_path(path, sizeof path, name, "/history"))
		return cli_usage("\"%s\" is too long for a board's name", name);
	return list_table_show(cli, &list);
}

static int give_order(struct cli *cli, const char *verb, const char *name, const char *why)
{
	char path[512], rest[32];
	struct err err = {0};
	struct client *client;
	json_t *body, *answer = NULL;
	int status = CLI_PASSED;

	snprintf(rest, sizeof rest, "/%s", verb);
	if (!why)
		return cli_usage("%s needs --why", verb);
	if (!board_path(path, sizeof path, name, rest))
		return cli_usage("\"%s\" is too long for a board's name", name);
	client = cli_client(cli, &err);
	body = json_pack("{s:s}", "why", why);
	if (!body)
		status = cli_usage("the reason must be UTF-8");
	else if (!client || client_post(client, path, body, &answer, &err))
		status = cli_fail(cli, &err);
	else if (cli->json)
		status = cli_print_json(answer);
	else
		print_one(cli_object(answer, "board"), text_now_us());
	json_decref(body);
	json_decref(answer);
	return status;
}

static int show_time(struct cli *cli, const char *name, int64_t days)
{
	char path[512], rest[48];

	snprintf(rest, sizeof rest, "/time?days=%" PRId64, days);
	if (!board_path(path, sizeof path, name, rest))
		return cli_usage("\"%s\" is too long for a board's name", name);
	return cmd_board_time(cli, path);
}

static bool is_order(const char *word)
{
	static const char *const orders[] = {"quarantine", "release", "retire", "unretire"};

	for (size_t i = 0; i < sizeof orders / sizeof orders[0]; i++) {
		if (strcmp(word, orders[i]) == 0)
			return true;
	}
	return false;
}

static int list_boards(struct cli *cli)
{
	static const char *const headings[] = {"BOARD", "STATE",     "TYPE",   "AGENT", "DOING",
					       "SINCE", "UNIQUE ID", "REASON", NULL};
	static const struct list_table list = {"/boards", "boards", headings, add_board,
					       "no boards: no agent has connected yet"};

	return list_table_show(cli, &list);
}

int cmd_boards(struct cli *cli, int argc, char **argv)
{
	const char *why = NULL;
	int64_t days = TIME_USUAL_DAYS;
	bool time = false, wear = false;
	const struct option_row rows[] = {
		{"why", 'w', "TEXT", "quarantine, release, retire, unretire: the reason, which is kept", OPTION_TEXT,
		 &why},
		{"time", 't', NULL, "what the board's time went into, instead", OPTION_FLAG, &time},
		{"days", 'd', "N", "with --time: of so many days, 1 to 31; else 7", OPTION_NUMBER, &days},
		{"wear", 0, NULL, "how often the sectors of its flash were erased, instead", OPTION_FLAG, &wear},
		{NULL, 0, NULL, NULL, OPTION_FLAG, NULL},
	};
	struct operands operands;
	int status;

	if (!cli_options(cli, &help, rows, argc, argv, &operands, &status))
		return status;
	if (wear && operands.count != 1)
		return cli_usage("--wear needs the name of a board, and nothing else");
	if (wear)
		return show(cli, operands.word[0], "/wear", print_wear);
	if (time && operands.count == 1)
		return show_time(cli, operands.word[0], days);
	if (time)
		return cli_usage("--time needs the name of one board; of all there is assay farm --time");
	if (operands.count == 0)
		return list_boards(cli);
	if (operands.count == 1)
		return show(cli, operands.word[0], "", print_board);
	if (strcmp(operands.word[0], "history") == 0)
		return show_history(cli, operands.word[1]);
	if (is_order(operands.word[0]))
		return give_order(cli, operands.word[0], operands.word[1], why);
	return cli_usage_of(&help);
}
