/* SPDX-License-Identifier: Apache-2.0 */
/* assay health: what helps boards that do not answer. */
#include <inttypes.h>
#include <stdio.h>

#include "daemon/cli/api.h"
#include "daemon/cli/commands.h"
#include "daemon/cli/list_table.h"
#include "daemon/cli/text.h"

static const struct command_help help = {
	"health [--rack]",
	"Shows what each rung of the recovery ladder is worth, by board type or by rack: how often it was tried, how\n"
	"often it helped, and how long it took when it did. A board that does not answer is tried with the gentlest\n"
	"means that reaches what is wrong, and quarantined when none helps.\n",
	0,
	0,
};

static void add_figure(struct table *table, const json_t *figure)
{
	int64_t tried = api_int(figure, "tried"), helped = api_int(figure, "helped");
	const char *type = api_text(figure, "board_type");
	char scratch[64];

	table_cell(table, TONE_STRONG, type[0] ? type : api_text(figure, "agent"));
	table_cell(table, TONE_PLAIN, api_text(figure, "rung"));
	table_cellf(table, TONE_PLAIN, "%" PRId64, tried);
	table_cellf(table, TONE_PLAIN, "%" PRId64, helped);
	table_cellf(table, TONE_PLAIN, "%.0f %%", tried ? 100.0 * (double)helped / (double)tried : 0);
	table_cell(table, TONE_DIM, helped ? text_duration(api_int(figure, "median_us"), scratch, sizeof scratch) : "");
	table_cell(table, TONE_DIM, helped ? text_duration(api_int(figure, "p90_us"), scratch, sizeof scratch) : "");
}

int cmd_health(struct cli *cli, int argc, char **argv)
{
	static const char *const by_type[] = {"TYPE", "RUNG", ">TRIED", ">HELPED", ">SHARE", ">MEDIAN", ">P90", NULL};
	static const char *const by_rack[] = {"RACK", "RUNG", ">TRIED", ">HELPED", ">SHARE", ">MEDIAN", ">P90", NULL};
	bool rack = false;
	const struct option_row rows[] = {
		{"rack", 'r', NULL, "by rack instead of by board type", OPTION_FLAG, &rack},
		{NULL, 0, NULL, NULL, OPTION_FLAG, NULL},
	};
	struct list_table list = {
		.path = "/recoveries/figures", .add_row = add_figure, .none = "no board has had to be helped yet"};
	struct operands operands;
	int status;

	if (!cli_options(cli, &help, rows, argc, argv, &operands, &status))
		return status;
	list.key = rack ? "by_rack" : "by_type";
	list.headings = rack ? by_rack : by_type;
	return list_table_show(cli, &list);
}
