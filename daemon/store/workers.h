/* SPDX-License-Identifier: Apache-2.0 */
/* A few threads for what takes time and changes no row: queries, taking images apart, compressing consoles. */
#ifndef ASSAY_STORE_WORKERS_H
#define ASSAY_STORE_WORKERS_H

#include <stdbool.h>

#include "core/base/err.h"
#include "core/base/list.h"
#include "daemon/store/db.h"

#define WORKERS_MAX_WAITING 1024
#define WORKERS_MAX_THREADS 16

struct workers; /* private; create/destroy */

/* A piece of work, a member of what it is about. */
struct work {
	struct list link;
	/* In a worker's thread, once; db is the thread's own read-only connection, or NULL: too late, give it up. */
	void (*run)(struct work *work, struct db *db);
};

int workers_create(const char *database, int thread_count, struct workers **ret_workers, struct err *err);
/* Ends the threads: what waits is given up, and a read under way is interrupted. Accepts NULL. */
void workers_destroy(struct workers *workers);

/* Any thread. Returns false when too much waits already; with must it never does. */
bool workers_put(struct workers *workers, struct work *work, bool must);

#endif
