/* SPDX-License-Identifier: Apache-2.0 */
/* Reading tables into the arrays that a farm is rebuilt from; shared by the load*.c files only. */
#ifndef ASSAY_STORE_LOAD_H
#define ASSAY_STORE_LOAD_H

#include <string.h>

#include "core/base/mem.h"
#include "core/farm/farm_records.h"
#include "daemon/store/db.h"

/* add is called for each row, and takes its columns in the order in which sql asks for them. */
struct load_table {
	const char *sql;
	void (*add)(struct farm_records *records, sqlite3_stmt *row);
};

/* Each ends with one whose sql is NULL. */
extern const struct load_table load_jobs[], load_boards[], load_orgs[], load_nights[];

/* A new zeroed element at the end of an array; its room doubles at powers of two. */
#define LOAD_APPEND(array, count)                                                                                      \
	((array) = ((count) & ((count)-1)) == 0                                                                        \
			   ? mem_resize_array((array), (count) ? 2 * (count) : 1, sizeof(*(array)))                    \
			   : (array),                                                                                  \
	 memset(&(array)[(count)], 0, sizeof(*(array))), &(array)[(count)++])

/* A column into an array of char of the row's record. */
#define LOAD_TEXT(column, member) db_text_into(row, (column), (member), sizeof(member))

#endif
