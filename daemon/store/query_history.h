/* SPDX-License-Identifier: Apache-2.0 */
/* What cases did before: results for flake scores, and measured values. */
#ifndef ASSAY_STORE_QUERY_HISTORY_H
#define ASSAY_STORE_QUERY_HISTORY_H

#include "core/farm/reader.h"
#include "daemon/store/db.h"

/* As the functions of struct job_reader say. */
int history_flake(struct db *db, int64_t run, const char *group, const char *name, struct flake *ret_flake,
		  struct err *err);
int history_values(struct db *db, int64_t run, const char *group, const char *name, const struct measurement *measured,
		   struct reader_value *values, size_t *ret_count, struct err *err);

#endif
