/* SPDX-License-Identifier: Apache-2.0 */
/* What a farm is rebuilt from: everything open, and what always is, read in one transaction. */
#include "daemon/store/load.h"

#include "daemon/store/store_private.h"

static int load_rows(struct db *db, const struct load_table *table, struct farm_records *records, struct err *err)
{
	sqlite3_stmt *row = db_statement(db, table->sql, err);
	bool more = true;
	int rc = row ? 0 : ERR_CORRUPT;

	while (rc == 0 && (rc = db_step(db, row, &more, err)) == 0 && more)
		table->add(records, row);
	if (row)
		sqlite3_reset(row);
	return rc;
}

static int load_farm_id(struct db *db, struct farm_records *records, struct err *err)
{
	sqlite3_stmt *row = db_statement(db, "SELECT value FROM meta WHERE key = 'farm_id'", err);
	bool found = false;
	int rc = row ? db_step(db, row, &found, err) : ERR_CORRUPT;

	if (rc == 0 && found)
		db_text_into(row, 0, records->farm_id, sizeof(records->farm_id));
	if (row)
		sqlite3_reset(row);
	return rc;
}

/* What was given out last, and when the farm last lived. */
static int load_numbers(struct db *db, struct farm_records *records, struct err *err)
{
	const struct {
		const char *sql;
		int64_t *number;
	} numbers[] = {
		{"SELECT max(id) FROM job", &records->last_job},
		{"SELECT max(id) FROM run", &records->last_run},
		{"SELECT max(id) FROM waiver", &records->last_waiver},
		{"SELECT max(id) FROM night", &records->last_night},
		{"SELECT max(seq) FROM event", &records->last_seq},
		{"SELECT max(ifnull((SELECT at_us FROM event ORDER BY seq DESC LIMIT 1), 0),"
		 " ifnull((SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'stopped_at_us'), 0))",
		 &records->last_at_us},
	};
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < sizeof(numbers) / sizeof(numbers[0]); i++)
		rc = db_get_int(db, numbers[i].sql, 0, numbers[i].number, err);
	return rc;
}

int store_load(struct store *store, struct farm_records *ret_records, struct err *err)
{
	static const struct load_table *const subjects[] = {load_jobs, load_boards, load_orgs, load_nights};
	struct farm_records records = {0};
	struct db *db = &store->db;
	int rc = db_exec(db, "BEGIN", err);

	if (rc)
		return rc;
	rc = load_farm_id(db, &records, err);
	if (rc == 0)
		rc = load_numbers(db, &records, err);
	for (size_t i = 0; rc == 0 && i < sizeof(subjects) / sizeof(subjects[0]); i++) {
		for (const struct load_table *table = subjects[i]; rc == 0 && table->sql; table++)
			rc = load_rows(db, table, &records, err);
	}
	(void)db_exec(db, "COMMIT", NULL);
	if (rc) {
		farm_records_finish(&records);
		return rc;
	}
	*ret_records = records;
	return 0;
}
