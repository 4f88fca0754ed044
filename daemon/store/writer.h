/* SPDX-License-Identifier: Apache-2.0 */
/* The one writer: a thread that makes changes durable in the order they came, all that wait in one transaction.
 *
 * Happy path: put -> the thread takes all that waits -> BEGIN, rows, console bytes -> consoles synced -> COMMIT ->
 * on_committed with the last number.
 * Ways it fails: the transaction fails (no space, read-only, damaged, moved away, …) -> rolled back; wishes that can be
 * refused are refused; the changes stay, on_trouble tells, and they are tried again every retry_ms or when more comes.
 * The database refuses what is in it -> rolled back, and each change and wish is tried alone: what is before the bad
 * change is committed, on_refused tells, the bad one and all changes after it are dropped until writer_rewind; a bad
 * wish is refused. A crash loses what was not committed, of which nobody was told. */
#ifndef ASSAY_STORE_WRITER_H
#define ASSAY_STORE_WRITER_H

#include <stdint.h>

#include "core/base/err.h"
#include "core/base/list.h"
#include "core/farm/change.h"
#include "daemon/store/db.h"

struct writer; /* private; create/destroy */

/* Something else to be written, which can be refused: a token, an image's row. */
struct wish {
	struct list link;
	/* In the writer's thread and transaction. Returns nonzero only when the database failed; what is wrong with the
	 * wish itself it keeps for on_done. */
	int (*apply)(struct wish *wish, struct db *db, struct err *err);
	/* In the writer's thread, once: committed (NULL), or not. */
	void (*on_done)(struct wish *wish, const struct err *err);
};

/* All called in the writer's thread. */
struct writer_ports {
	void *context;
	void (*on_committed)(void *context, int64_t number);
	void (*on_trouble)(void *context, const struct err *err); /* NULL: works again */
	/* The change can never be committed. What came after it is dropped, and so is what comes, until writer_rewind.
	 */
	void (*on_refused)(void *context, const struct change_refusal *refusal);
	/* A run ended and its console is closed. sha256: what its agent says it is. */
	void (*on_run_closed)(void *context, int64_t run, const char *sha256);
};

struct writer_options {
	const char *database; /* path; not owned */
	const char *console_dir;
	int64_t lazy_ms, retry_ms;
};

/* Opens the database, which has its shape already, and starts the thread. */
int writer_create(const struct writer_options *options, const struct writer_ports *ports, struct writer **ret_writer,
		  struct err *err);
/* Tries once to commit what waits, refuses the wishes that are left, ends the thread. Accepts NULL. */
void writer_stop(struct writer *writer);
/* Stops; closes the database. When no other connection is left, SQLite then brings its log into the file. Accepts NULL.
 */
void writer_destroy(struct writer *writer);

/* Any thread. Takes the change over. */
void writer_put(struct writer *writer, struct change *change);
void writer_wish(struct writer *writer, struct wish *wish);
/* After on_refused: the changes that wait are dropped, those that come from now on are taken again. */
void writer_rewind(struct writer *writer);

#endif
