/* SPDX-License-Identifier: Apache-2.0 */
/* assay flakes: cases that change their mind while the firmware does not. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "daemon/cli/api.h"
#include "daemon/cli/commands.h"
#include "daemon/cli/list_table.h"

static const struct command_help help = {
	"flakes [TYPE]",
	"Lists cases that passed and failed on the same image, of all board types or one, the surest first. FLAKES is\n"
	"the share of times a result differed from the one before it on the same image, over the last 100 results;\n"
	"AT LEAST is how low it may really be, as few results prove little (95 % Wilson interval).\n",
	0,
	1,
};

static void add_flake(struct table *table, const json_t *flaky)
{
	const json_t *flake = json_object_get(flaky, "flake");
	const char *group = api_text(flaky, "group");

	table_cellf(table, TONE_STRONG, "%s%s%s", group, group[0] ? "." : "", api_text(flaky, "name"));
	table_cell(table, TONE_PLAIN, api_text(flaky, "board_type"));
	table_cellf(table, TONE_PLAIN, "%.0f %%", 100 * json_number_value(json_object_get(flake, "score")));
	table_cellf(table, TONE_PLAIN, "%.0f %%", 100 * json_number_value(json_object_get(flake, "low")));
	table_cellf(table, TONE_DIM, "%" PRId64 " of %" PRId64, api_int(flake, "flips"), api_int(flake, "pairs"));
	table_cellf(table, TONE_DIM, "%" PRId64 " of %" PRId64, api_int(flake, "passed"), api_int(flake, "results"));
}

int cmd_flakes(struct cli *cli, int argc, char **argv)
{
	static const char *const headings[] = {"CASE", "TYPE", ">FLAKES", ">AT LEAST", ">FLIPS", ">PASSED", NULL};
	char path[512] = "/flakes";
	const struct list_table list = {path, "flakes", headings, add_flake,
					"no flaky cases: none has passed and failed on the same image"};
	struct operands operands;
	int status;

	if (!cli_options(cli, &help, NULL, argc, argv, &operands, &status))
		return status;
	if (operands.count) {
		snprintf(path, sizeof path, "/flakes?board_type=");
		if (!client_append_escaped(path, sizeof path, operands.word[0]))
			return cli_usage("\"%s\" is too long for a board type's name", operands.word[0]);
	}
	return list_table_show(cli, &list);
}
