/* SPDX-License-Identifier: Apache-2.0 */
/* Turning a change's records into rows. */
#ifndef ASSAY_STORE_APPLY_H
#define ASSAY_STORE_APPLY_H

#include "core/farm/change.h"
#include "daemon/store/console.h"
#include "daemon/store/db.h"

/* Inside a transaction. ret_failed: on an error, the record that failed. */
int apply_change(struct db *db, struct console_writer *console, const struct change *change,
		 const struct record **ret_failed, struct err *err);

/* For its own files, apply_*.c: the organisation's row, which has to be there before any that names it, and the rows of
 * each subject. */
int apply_need_org(struct db *db, const char *org, struct err *err);
int apply_of_jobs(struct db *db, const struct record *record, struct err *err);
int apply_of_boards(struct db *db, const struct record *record, struct err *err);
int apply_of_orgs(struct db *db, const struct record *record, struct err *err);
int apply_of_nights(struct db *db, const struct record *record, struct err *err);

#endif
