/* SPDX-License-Identifier: Apache-2.0 */
/* assay boards: every board and what it is doing. */
#include <inttypes.h>
#include <stdio.h>

#include "daemon/cli/api.h"
#include "daemon/cli/cli.h"
#include "daemon/cli/commands.h"
#include "daemon/cli/table.h"
#include "daemon/cli/text.h"

static const struct command_help help = {
	"boards [NAME]",
	"Lists the boards of all racks with their state, or one board.\n",
	0,
	1,
};

static void add_board(struct table *table, const json_t *board, int64_t now_us)
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
	table_cell(table, TONE_DIM, text_ago(api_int(board, "changed_at_us"), now_us, scratch, sizeof scratch));
	table_cell(table, TONE_DIM, api_text(board, "unique_id"));
	table_cell(table, TONE_PLAIN, api_text(board, "reason"));
}

static int print_boards(struct cli *cli, json_t *answer, bool one)
{
	static const char *const headings[] = {"BOARD", "STATE",     "TYPE",   "AGENT", "DOING",
					       "SINCE", "UNIQUE ID", "REASON", NULL};
	struct table *table = table_create(&cli->style, headings);
	const json_t *boards = cli_list(answer, "boards"), *board;
	int64_t now_us = text_now_us();
	size_t i;
	int code;

	if (!table)
		return CLI_INFRASTRUCTURE;
	if (one)
		add_board(table, cli_object(answer, "board"), now_us);
	json_array_foreach(one ? NULL : boards, i, board) add_board(table, board, now_us);
	code = table_print(table, stdout);
	table_destroy(table);
	if (!one && !json_array_size(boards))
		printf("no boards: no agent has connected yet\n");
	return code ? CLI_INFRASTRUCTURE : CLI_PASSED;
}

int cmd_boards(struct cli *cli, int argc, char **argv)
{
	struct operands operands;
	char path[512] = "/boards";
	json_t *answer;
	int status;

	if (!cli_options(cli, &help, NULL, argc, argv, &operands, &status))
		return status;
	if (operands.count) {
		snprintf(path, sizeof path, "/boards/");
		if (!client_append_escaped(path, sizeof path, operands.word[0]))
			return cli_usage("\"%s\" is too long for a board's name", operands.word[0]);
	}
	status = cli_get(cli, path, &answer);
	if (status)
		return status;
	status = cli->json ? cli_print_json(answer) : print_boards(cli, answer, operands.count != 0);
	json_decref(answer);
	return status;
}
