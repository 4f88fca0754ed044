/* SPDX-License-Identifier: Apache-2.0 */
/* How a job ended that the farm no longer holds. */
#include "daemon/store/store_private.h"

int store_job_verdict(struct store *store, const struct principal *who, int64_t job, enum run_verdict *ret_verdict,
		      struct err *err)
{
	sqlite3_stmt *row = db_statement(&store->db, "SELECT verdict FROM job WHERE id = ? AND (? OR org = ?)", err);
	bool found = false;
	int rc = row ? db_bind(row, "iit", job, (int64_t)(who->role == ROLE_ADMIN), who->org) : (int)ERR_IO;

	if (rc == 0)
		rc = db_step(&store->db, row, &found, err);
	if (rc == 0 && !found)
		rc = err_set(err, ERR_NOT_FOUND, "there is no job %lld", (long long)job);
	if (rc == 0 && !run_verdict_parse(db_text(row, 0), ret_verdict))
		rc = err_set(err, ERR_CORRUPT, "job %lld ended with a verdict that is not known", (long long)job);
	if (row)
		sqlite3_reset(row);
	return rc;
}
