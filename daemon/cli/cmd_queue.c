/* SPDX-License-Identifier: Apache-2.0 */
/* assay queue: what waits, in the order it will be given boards; of one run, each board and why it does not have it. */
#include <inttypes.h>
#include <stdio.h>

#include "daemon/cli/api.h"
#include "daemon/cli/commands.h"
#include "daemon/cli/list_table.h"
#include "daemon/cli/text.h"
#include "daemon/cli/waits.h"

static const struct command_help help = {
	"queue [RUN]",
	"Lists the runs that wait, in the order they would be given boards: how many go before each, when it is\n"
	"expected to start, by how long runs like those before it took, and by when it has started for sure where\n"
	"that lies less than a day away, and why it waits. Of one run: each board it could have, and why it does not "
	"have it.\n",
	0,
	1,
};

static void add_waiting(struct table *table, const json_t *entry)
{
	const char *board = api_text(entry, "board");
	char scratch[128];

	table_cellf(table, TONE_DIM, "%" PRId64, api_int(entry, "position"));
	table_cellf(table, TONE_STRONG, "%" PRId64, api_int(entry, "run"));
	table_cellf(table, TONE_PLAIN, "%" PRId64 " %s", api_int(entry, "job"), api_text(entry, "name"));
	table_cell(table, TONE_PLAIN, board[0] ? board : api_text(entry, "board_type"));
	table_cell(table, TONE_PLAIN, waits_when(entry, text_now_us(), scratch, sizeof(scratch)));
	table_cell(table, TONE_DIM, api_text(entry, "waits"));
}

static void add_board(struct table *table, const json_t *board)
{
	char scratch[64];

	table_cell(table, TONE_STRONG, api_text(board, "board"));
	table_cell(table, TONE_PLAIN, api_text(board, "state"));
	table_cell(table, TONE_PLAIN, text_time(api_int(board, "until_us"), text_now_us(), scratch, sizeof(scratch)));
	table_cell(table, TONE_DIM, api_text(board, "why"));
}

static int show_run(struct cli *cli, int64_t run)
{
	static const char *const headings[] = {"BOARD", "STATE", "UNTIL", "WHY NOT", NULL};
	static const struct list_table boards = {NULL, "boards", headings, add_board, "no board is of its type"};
	char path[64], text[512];
	json_t *answer;
	const json_t *entry;
	int status;

	(void)snprintf(path, sizeof(path), "/queue?run=%" PRId64, run);
	status = cli_get(cli, path, &answer);
	if (status)
		return status;
	entry = json_array_get(cli_list(answer, "queue"), 0);
	if (cli->json) {
		status = cli_print_json(answer);
	} else if (!entry) {
		printf("run %" PRId64 " does not wait\n", run);
	} else {
		waits_reason(entry, text, sizeof(text));
		printf("%s\n", text);
		status = list_table_print(cli, &boards, cli_list(entry, "boards"));
	}
	json_decref(answer);
	return status;
}

int cmd_queue(struct cli *cli, int argc, char **argv)
{
	static const char *const headings[] = {">BEFORE", ">RUN", "JOB", "BOARD", "EXPECTED", "WHY", NULL};
	static const struct list_table list = {"/queue?limit=1000", "queue", headings, add_waiting,
					       "nothing waits for a board"};
	struct operands operands;
	int64_t run;
	int status;

	if (!cli_options(cli, &help, NULL, argc, argv, &operands, &status))
		return status;
	if (operands.count == 0)
		return list_table_show(cli, &list);
	return cli_number(operands.word[0], "run", &run) ? show_run(cli, run) : CLI_USAGE;
}
