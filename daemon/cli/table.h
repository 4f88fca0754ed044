/* SPDX-License-Identifier: Apache-2.0 */
/* A table with aligned columns, for a terminal or a pipe. */
#ifndef ASSAY_CLI_TABLE_H
#define ASSAY_CLI_TABLE_H

#include <stddef.h>
#include <stdio.h>

#include "daemon/cli/style.h"

#define TABLE_MAX_COLUMNS 12
#define TABLE_MAX_ROWS    200000

struct table; /* private; create/destroy */

/* headings: columns of them, ended by NULL. A heading that begins with '>' is a column aligned right (the sign is not
 * shown). The last column is cut to fit a terminal; into a pipe nothing is cut. Returns NULL when memory runs out. */
struct table *table_create(const struct style *style, const char *const headings[]);
void table_destroy(struct table *table);

/* The next cell, from left to right; row after row begins by itself. text NULL is an empty cell. Text is made harmless.
 * Running out of memory is remembered and told by table_print. */
void table_cell(struct table *table, enum tone tone, const char *text);
void table_cellf(struct table *table, enum tone tone, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* A verdict or state word with its sign and tone. */
void table_word(struct table *table, const char *word);

/* Prints the table, or nothing when it has no rows. Returns 0 or ERR_NOMEM. */
int table_print(struct table *table, FILE *out);

#endif
