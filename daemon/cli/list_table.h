/* SPDX-License-Identifier: Apache-2.0 */
/* What the farm lists, as a table: the whole of most commands that show something. */
#ifndef ASSAY_CLI_LIST_TABLE_H
#define ASSAY_CLI_LIST_TABLE_H

#include "daemon/cli/cli.h"
#include "daemon/cli/table.h"

/* One element of the list, a row. */
typedef void (*list_row_fn)(struct table *table, const json_t *row);

struct list_table {
	const char *path; /* of the API */
	const char *key;  /* of the list in the answer */
	const char *const *headings;
	list_row_fn add_row;
	const char *none; /* what is said of an empty list; NULL: nothing */
};

/* Asks, and prints the table, or with --json the answer. Returns the exit status. */
int list_table_show(struct cli *cli, const struct list_table *list);
/* Prints the table of what was answered already. Returns the exit status. */
int list_table_print(struct cli *cli, const struct list_table *list, const json_t *rows);

#endif
