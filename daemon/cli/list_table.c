/* SPDX-License-Identifier: Apache-2.0 */
/* Showing what the farm lists. */
#include "daemon/cli/list_table.h"

#include <stdio.h>

int list_table_print(struct cli *cli, const struct list_table *list, const json_t *rows)
{
	struct table *table = table_create(&cli->style, list->headings);
	const json_t *row;
	size_t i;
	int code;

	if (!table)
		return CLI_INFRASTRUCTURE;
	json_array_foreach(rows, i, row)
	{
		list->add_row(table, row);
	}
	code = table_print(table, stdout);
	table_destroy(table);
	if (list->none && !json_array_size(rows))
		printf("%s\n", list->none);
	return code ? CLI_INFRASTRUCTURE : CLI_PASSED;
}

int list_table_show(struct cli *cli, const struct list_table *list)
{
	json_t *answer;
	int status = cli_get(cli, list->path, &answer);

	if (status)
		return status;
	status = cli->json ? cli_print_json(answer) : list_table_print(cli, list, cli_list(answer, list->key));
	json_decref(answer);
	return status;
}
