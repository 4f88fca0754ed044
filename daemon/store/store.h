/* SPDX-License-Identifier: Apache-2.0 */
/* Everything durable: the database (one writer thread with group commit, a few readers), console files and image files
 * under one state directory. No SQLite type is shown.
 *
 * Layout: <dir>/lock, assay.db (+ -wal, -shm), console/<run>.raw|.times|.zst (of runs that printed
 * more than a little; the others' are in the database), images/<sha256>, artefacts/<sha256>.
 * Directories are 0700, files 0600.
 *
 * Threads: every function is for the thread that opened the store, except as said. Results are handed to that thread by
 * wake(), after which it must call store_dispatch(). */
#ifndef ASSAY_STORE_STORE_H
#define ASSAY_STORE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/err.h"
#include "core/farm/archive.h"
#include "core/farm/change.h"
#include "core/farm/farm_records.h"
#include "core/farm/principal.h"
#include "core/image/image.h"

struct store; /* private; open/close */

struct store_options {
	const char *dir; /* made when missing (its parents must be there) */
	void *context;
	/* From any thread: have store_dispatch called soon on the store's thread (uv_async_send will do). Several wakes
	 * may lead to one dispatch. */
	void (*wake)(void *context);
	/* From store_dispatch: every change up to number is durable. */
	void (*on_committed)(void *context, int64_t number);
	/* From store_dispatch: a commit failed and is tried again every retry_ms (err), or works again (NULL). */
	void (*on_trouble)(void *context, const struct err *err);
	/* From store_dispatch: the change can never be committed, for what is in it; those before it are. It and all
	 * that came after it are dropped, and so is what comes, until store_rewind. */
	void (*on_refused)(void *context, const struct change_refusal *refusal);
	int64_t lazy_ms;  /* how long a lazy change may wait for company; default 20 */
	int64_t retry_ms; /* default 500 */
	int readers;      /* reader threads; default 2 */
};

/* Opens or makes the state directory. ERR_BUSY: another process has it (its pid is in the text); ERR_UNSUPPORTED: the
 * database is newer than this program; ERR_CORRUPT; ERR_NO_SPACE; ERR_DENIED or ERR_IO: cannot be written, with the
 * path. */
int store_open(const struct store_options *options, struct store **ret_store, struct err *err);
/* Commits what is queued (gives up what cannot be committed now, and answers to what was only asked), ends the threads
 * and closes. No callback comes after
 * it returned; answers still owed come from inside with ERR_CANCELLED. Accepts NULL. */
void store_close(struct store *store);

/* Delivers results; call after every wake. */
void store_dispatch(struct store *store);

/* What a farm is rebuilt from. Blocks (only used at start and after a refusal). */
int store_load(struct store *store, struct farm_records *ret_records, struct err *err);
/* All tokens, for auth; a heap array. Blocks (only used at start). */
int store_load_tokens(struct store *store, struct token **ret_tokens, size_t *ret_count, struct err *err);

/* Makes a change durable after all before it; takes it over. Never refuses: what cannot be committed stays queued and
 * on_trouble is called; what never can be is dropped and on_refused is called. */
void store_commit(struct store *store, struct change *change);
/* After on_refused: drops what was committed meanwhile; changes are taken again. store_load tells what is durable. */
void store_rewind(struct store *store);
/* The parsed image, borrowed until the next call; for farm_ports.image. Recently used images are kept in memory; others
 * are read here and now. */
const struct image *store_image(struct store *store, const struct principal *who, const char *sha256, struct err *err);

/* For farm_ports.job_verdict: RUN_NONE of one that is not over. */
int store_job_verdict(struct store *store, const struct principal *who, int64_t job, enum run_verdict *ret_verdict,
		      struct err *err);

/* Takes images apart in another thread, so that store_image finds them in memory; what is wrong with one is
 * store_image's to say, and at most STORE_MAX_PREPARED are. Returns true when nothing is to be waited for; else
 * on_prepared comes later, with NULL, or ERR_CANCELLED (the store is closing). */
#define STORE_MAX_PREPARED 32
typedef void (*on_prepared_fn)(void *context, const struct err *err);
bool store_prepare_images(struct store *store, const char *const *sha256, size_t count, on_prepared_fn on_prepared,
			  void *context);

/* What is kept how long; 0: for ever. Accepted nights, the last one of each schedule and those somebody is still to be
 * told of are kept in any case. */
struct prune_limits {
	int64_t now_us; /* unix */
	int64_t night_days, delivery_days, recovery_days;
	int64_t drop_versions; /* of each name */
};

/* Takes a small piece of what is past its time away, in one transaction. Answered with {"removed": ROWS, "kept": NULL},
 * and when there was nothing left to take with "kept": {"nights","deliveries","drop_versions","recoveries",
 * "database_bytes"}. */
void store_prune(struct store *store, const struct prune_limits *limits, on_answer_fn on_answer, void *context);

/* Reading, images and tokens. Lives as long as the store. */
const struct archive *store_archive(struct store *store);

#endif
