/* SPDX-License-Identifier: Apache-2.0 */
/* Bringing a database to the shape this program knows: forward only, one transaction for each step. */
#ifndef ASSAY_STORE_MIGRATE_H
#define ASSAY_STORE_MIGRATE_H

#include "core/base/err.h"
#include "daemon/store/db.h"

/* One file of schema/sql, in order. */
struct migration {
	const char *name;
	const unsigned char *sql; /* NUL-terminated UTF-8 */
};

extern const struct migration migrations[];
extern const int migration_count;

/* ERR_UNSUPPORTED: the database is newer than this program, or one of its steps is not the one built in. */
int migrate(struct db *db, const char *path, struct err *err);

#endif
