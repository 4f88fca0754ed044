/* SPDX-License-Identifier: Apache-2.0 */
/* A database connection: statements that are prepared once, values bound and read by a format, errors as ours. For one
 * thread. */
#ifndef ASSAY_STORE_DB_H
#define ASSAY_STORE_DB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <sqlite3.h>

#include "core/base/err.h"

#define DB_MAX_STATEMENTS 128

struct db {
	sqlite3 *handle;
	struct {
		const char *sql; /* by its address: pass literals */
		sqlite3_stmt *statement;
	} cached[DB_MAX_STATEMENTS];
	size_t cached_count;
	int wal_pages;    /* a writer's: in the log that is not yet in the file */
	dev_t log_device; /* the log's, once it was seen; inode 0: not yet */
	ino_t log_inode;
};

/* Opens (and for a writer makes, 0600) the file, in WAL mode with full durability. db is good for db_close in every
 * case. */
int db_open(struct db *db, const char *path, bool read_only, struct err *err);
void db_close(struct db *db);

/* The statement for a literal, reset and unbound; owned by db. NULL with err. */
sqlite3_stmt *db_statement(struct db *db, const char *sql, struct err *err);

/* Binds from the first parameter on: i int64_t, t const char * (NULL counts as ""), d const double * (NULL
 * is SQL's NULL), b const void * and size_t. What the
 * pointers point to must stay until the statement is reset. */
int db_bind(sqlite3_stmt *statement, const char *format, ...);

/* Binds and runs a statement that gives no rows. */
int db_run(struct db *db, struct err *err, const char *sql, const char *format, ...);

/* Steps once: 0 with *ret_row telling whether there is a row, or an error. */
int db_step(struct db *db, sqlite3_stmt *statement, bool *ret_row, struct err *err);

/* Runs SQL text of any number of statements. */
int db_exec(struct db *db, const char *sql, struct err *err);

/* Whether the files this connection writes are still those that their names lead to: what is written to others would be
 * lost. 0, or ERR_IO with which one is not. */
int db_check_place(struct db *db, struct err *err);

/* Brings the log into the file, as far as readers let it; never waits for them. */
void db_checkpoint(struct db *db);

/* One integer; absent: fallback. */
int db_get_int(struct db *db, const char *sql, int64_t fallback, int64_t *ret_value, struct err *err);

/* What the last error of the connection is in our words. ERR_INVALID and ERR_TOO_BIG: what was to be written breaks a
 * rule of the database, and always will. */
int db_error(struct db *db, const char *doing, struct err *err);

/* Column readers; text is valid until the next step. Never NULL. */
const char *db_text(sqlite3_stmt *statement, int column);
int64_t db_int(sqlite3_stmt *statement, int column);
double db_double(sqlite3_stmt *statement, int column);
void db_text_into(sqlite3_stmt *statement, int column, char *target, size_t size);

#endif
