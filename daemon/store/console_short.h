/* SPDX-License-Identifier: Apache-2.0 */
/* Consoles wherever they are: what a run prints is kept in the database as long as it is short, and moves to files of
 * its own when it becomes longer. A thousand short runs a second are then a thousand rows of a commit that is made
 * anyhow, and not two thousand new files. */
#ifndef ASSAY_STORE_CONSOLE_SHORT_H
#define ASSAY_STORE_CONSOLE_SHORT_H

#include "daemon/store/console.h"
#include "daemon/store/db.h"

#define CONSOLE_SHORT_BYTES (16u << 10)

/* In the writer's transaction: keeps the bytes in the database, or in the run's files when they end behind
 * CONSOLE_SHORT_BYTES or it has files already; what the database had moves there. The same bytes again change nothing.
 */
int console_put(struct db *db, struct console_writer *writer, const struct console_record *record, struct err *err);

/* As console_read and console_times, wherever the console is. Inside a transaction they agree with the run's row. */
int console_get(struct db *db, const char *dir, int64_t run, uint64_t from, uint8_t *buffer, size_t size,
		size_t *ret_len, struct err *err);
int console_get_times(struct db *db, const char *dir, int64_t run, struct console_time **ret_times, size_t *ret_count,
		      struct err *err);

/* The SHA-256 of a console in the database, in hex; "": it is not there. */
int console_short_sha256(struct db *db, int64_t run, char ret_sha256[SHA256_HEX], struct err *err);

#endif
