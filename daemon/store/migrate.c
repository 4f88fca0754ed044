/* SPDX-License-Identifier: Apache-2.0 */
/* Migrations: each runs once, in its own transaction, and leaves its checksum, so that a database which was brought
 * forward by another program's steps is not taken for ours. */
#include "daemon/store/migrate.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include <sodium.h>

#include "core/base/log.h"

static void checksum(const struct migration *migration, char ret_hex[65])
{
	unsigned char hash[32];

	crypto_generichash(hash, sizeof(hash), migration->sql, strlen((const char *)migration->sql), NULL, 0);
	sodium_bin2hex(ret_hex, 65, hash, sizeof(hash));
}

/* Another program's tables are neither read nor added to. */
static int check_ours(struct db *db, int64_t version, const char *path, struct err *err)
{
	int64_t found = 0;
	int rc = db_get_int(db,
			    version == 0 ? "SELECT count(*) FROM sqlite_schema WHERE tbl_name <> 'migration'"
					 : "SELECT count(*) FROM sqlite_schema WHERE name IN ('migration', 'meta')",
			    0, &found, err);

	if (rc == 0 && found != (version == 0 ? 0 : 2))
		rc = err_set(err, ERR_UNSUPPORTED, "%s is a database of another program", path);
	return rc;
}

static int check_applied(struct db *db, int64_t version, const char *path, struct err *err)
{
	sqlite3_stmt *statement = db_statement(db, "SELECT version, checksum FROM migration ORDER BY version", err);
	bool row = false;
	int rc = statement ? db_step(db, statement, &row, err) : ERR_CORRUPT;

	while (rc == 0 && row) {
		int64_t number = db_int(statement, 0);
		char expected[65];

		if (number < 1 || number > version)
			rc = err_set(err, ERR_CORRUPT, "%s lists a migration %lld", path, (long long)number);
		if (rc)
			break;
		checksum(&migrations[number - 1], expected);
		if (strcmp(expected, db_text(statement, 1)) != 0)
			rc = err_set(err, ERR_UNSUPPORTED,
				     "%s was brought to version %lld by other steps than this program's (%s differs)",
				     path, (long long)number, migrations[number - 1].name);
		else
			rc = db_step(db, statement, &row, err);
	}
	if (statement)
		sqlite3_reset(statement);
	return rc;
}

static int apply_one(struct db *db, int number, struct err *err)
{
	char hex[65], pragma[64];
	int rc = db_exec(db, "BEGIN IMMEDIATE", err);

	if (rc)
		return rc;
	checksum(&migrations[number - 1], hex);
	(void)snprintf(pragma, sizeof(pragma), "PRAGMA user_version=%d", number);
	rc = db_exec(db, (const char *)migrations[number - 1].sql, err);
	if (rc == 0)
		rc = db_run(db, err,
			    "INSERT INTO migration (version, name, checksum, applied_at_us) VALUES (?, ?, ?, ?)",
			    "itti", (int64_t)number, migrations[number - 1].name, hex, (int64_t)time(NULL) * 1000000);
	if (rc == 0)
		rc = db_exec(db, pragma, err);
	if (rc == 0)
		rc = db_exec(db, "COMMIT", err);
	if (rc)
		(void)db_exec(db, "ROLLBACK", NULL);
	return rc;
}

int migrate(struct db *db, const char *path, struct err *err)
{
	int64_t version;
	int rc = db_get_int(db, "PRAGMA user_version", 0, &version, err);

	if (rc)
		return rc;
	if (version > migration_count)
		return err_set(err, ERR_UNSUPPORTED,
			       "%s is of version %lld, this program knows versions up to %d: use a newer assayd", path,
			       (long long)version, migration_count);
	rc = check_ours(db, version, path, err);
	if (rc)
		return rc;
	rc = db_exec(db,
		     "CREATE TABLE IF NOT EXISTS migration (version INTEGER PRIMARY KEY, name TEXT NOT NULL,"
		     " checksum TEXT NOT NULL, applied_at_us INTEGER NOT NULL) STRICT",
		     err);
	if (rc == 0)
		rc = check_applied(db, version, path, err);
	if (rc == 0 && version == 0)
		log_info("store", "%s: a new database, version %d", path, migration_count);
	for (int number = (int)version + 1; rc == 0 && number <= migration_count; number++) {
		if (version > 0)
			log_info("store", "%s: bringing the database to version %d (%s)", path, number,
				 migrations[number - 1].name);
		rc = apply_one(db, number, err);
	}
	return rc;
}
