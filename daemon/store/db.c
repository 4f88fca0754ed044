/* SPDX-License-Identifier: Apache-2.0 */
/* The connection over SQLite. */
#include "daemon/store/db.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/mem.h"

#define BUSY_WAIT_MS 5000

/* SQLite forgets what the system said of a write to the log; the log's file has it still. */
static int system_error(struct db *db)
{
	int system = sqlite3_system_errno(db->handle);
	sqlite3_file *log = NULL;

	if (system == 0 && sqlite3_file_control(db->handle, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log) == SQLITE_OK &&
	    log && log->pMethods)
		(void)log->pMethods->xFileControl(log, SQLITE_FCNTL_LAST_ERRNO, &system);
	return system;
}

static enum err_code code_of(struct db *db, int rc)
{
	int system = (rc & 0xff) == SQLITE_IOERR || (rc & 0xff) == SQLITE_CANTOPEN ? system_error(db) : 0;

	switch (rc & 0xff) {
	case SQLITE_FULL:
		return ERR_NO_SPACE;
	case SQLITE_NOMEM:
		return ERR_NOMEM;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return ERR_BUSY;
	case SQLITE_READONLY:
	case SQLITE_PERM:
	case SQLITE_AUTH:
		return ERR_DENIED;
	case SQLITE_CANTOPEN:
		return system == EACCES ? ERR_DENIED : ERR_IO;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return ERR_CORRUPT;
	case SQLITE_CONSTRAINT:
	case SQLITE_MISMATCH:
	case SQLITE_RANGE:
		return ERR_INVALID;
	case SQLITE_TOOBIG:
		return ERR_TOO_BIG;
	case SQLITE_IOERR:
		return system == ENOSPC || system == EDQUOT || system == EFBIG ? ERR_NO_SPACE : ERR_IO;
	default:
		return ERR_IO;
	}
}

/* What lies behind SQLite's "disk I/O error", as far as it is known. */
static const char *system_words(struct db *db, int rc)
{
	switch ((rc & 0xff) == SQLITE_IOERR ? system_error(db) : 0) {
	case EFBIG:
		return ": the limit on file sizes is reached";
	case EDQUOT:
		return ": the disk quota is used up";
	case ENOSPC:
		return ": no space left on the disk";
	case EROFS:
		return ": the file system has become read-only";
	default:
		return "";
	}
}

int db_error(struct db *db, const char *doing, struct err *err)
{
	int rc = db->handle ? sqlite3_extended_errcode(db->handle) : SQLITE_NOMEM;

	if (!db->handle)
		return err_set(err, ERR_NOMEM, "%s: out of memory", doing);
	if (code_of(db, rc) == ERR_CORRUPT)
		return err_set(err, ERR_CORRUPT, "%s is damaged, a copy of it has to be put back (%s: %s)",
			       sqlite3_db_filename(db->handle, "main"), doing, sqlite3_errmsg(db->handle));
	return err_set(err, code_of(db, rc), "%s: %s%s", doing, sqlite3_errmsg(db->handle), system_words(db, rc));
}

/* SQLite would make the file with the umask's rights. */
static int make_file(const char *path, struct err *err)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	if (fd < 0)
		return err_set_errno(err, errno, "cannot open %s", path);
	(void)fchmod(fd, 0600);
	close(fd);
	return 0;
}

/* Instead of SQLite's own checkpoint, which would be part of somebody's commit. */
static int on_wal(void *context, sqlite3 *handle, const char *name, int pages)
{
	(void)handle;
	(void)name;
	((struct db *)context)->wal_pages = pages;
	return SQLITE_OK;
}

/* Also SQLite holds the log open, without looking at it by its name again. */
static bool log_moved(struct db *db, const char *log)
{
	struct stat now;

	if (stat(log, &now) != 0)
		return db->log_inode != 0;
	if (db->log_inode == 0) {
		db->log_device = now.st_dev;
		db->log_inode = now.st_ino;
	}
	return now.st_dev != db->log_device || now.st_ino != db->log_inode;
}

int db_check_place(struct db *db, struct err *err)
{
	const char *file = sqlite3_db_filename(db->handle, "main");
	const char *log = sqlite3_filename_wal(file);
	int moved = 0;

	(void)sqlite3_file_control(db->handle, "main", SQLITE_FCNTL_HAS_MOVED, &moved);
	if (moved || log_moved(db, log))
		return err_set(err, ERR_IO,
			       "%s was moved, removed or replaced while the farm uses it: put it back, or restart the "
			       "farm with what is there",
			       moved ? file : log);
	return 0;
}

void db_checkpoint(struct db *db)
{
	/* what does not work now is tried again after a later commit */
	(void)sqlite3_wal_checkpoint_v2(db->handle, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
	db->wal_pages = 0;
}

/* 32 MiB. With thousands of runs under way a commit changes thousands of pages: those that find no room are written
 * early, and again when they change again. */
#define WRITER_CACHE "PRAGMA cache_size=-32768;"

int db_open(struct db *db, const char *path, bool read_only, struct err *err)
{
	int flags = (read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE) |
		    SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE;
	int rc;

	memset(db, 0, sizeof(*db));
	rc = read_only ? 0 : make_file(path, err);
	if (rc)
		return rc;
	if (sqlite3_open_v2(path, &db->handle, flags, NULL) != SQLITE_OK)
		return db_error(db, path, err);
	sqlite3_extended_result_codes(db->handle, 1);
	sqlite3_busy_timeout(db->handle, BUSY_WAIT_MS);
	rc = db_exec(db,
		     read_only ? "PRAGMA query_only=ON; PRAGMA mmap_size=268435456;"
			       : "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;"
				 "PRAGMA journal_size_limit=16777216;" WRITER_CACHE,
		     err);
	if (rc && rc != ERR_CORRUPT)
		err_prefix(err, "%s", path);
	else if (rc == 0 && !read_only)
		(void)sqlite3_wal_hook(db->handle, on_wal, db);
	return rc;
}

void db_close(struct db *db)
{
	for (size_t i = 0; i < db->cached_count; i++)
		sqlite3_finalize(db->cached[i].statement);
	sqlite3_close(db->handle);
	memset(db, 0, sizeof(*db));
}

sqlite3_stmt *db_statement(struct db *db, const char *sql, struct err *err)
{
	sqlite3_stmt *statement;

	for (size_t i = 0; i < db->cached_count; i++) {
		if (db->cached[i].sql == sql) {
			sqlite3_reset(db->cached[i].statement);
			sqlite3_clear_bindings(db->cached[i].statement);
			return db->cached[i].statement;
		}
	}
	if (db->cached_count == DB_MAX_STATEMENTS) {
		(void)err_set(err, ERR_TOO_BIG, "too many statements");
		return NULL;
	}
	if (sqlite3_prepare_v3(db->handle, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL) != SQLITE_OK) {
		(void)db_error(db, "preparing a statement", err);
		return NULL;
	}
	db->cached[db->cached_count].sql = sql;
	db->cached[db->cached_count++].statement = statement;
	return statement;
}

static int bind_list(sqlite3_stmt *statement, const char *format, va_list args)
{
	int rc = (int)strlen(format) == sqlite3_bind_parameter_count(statement) ? SQLITE_OK : SQLITE_MISUSE;

	for (int i = 1; *format && rc == SQLITE_OK; format++, i++) {
		if (*format == 'i') {
			rc = sqlite3_bind_int64(statement, i, va_arg(args, int64_t));
		} else if (*format == 't') {
			const char *text = va_arg(args, const char *);

			rc = sqlite3_bind_text(statement, i, text ? text : "", -1, SQLITE_STATIC);
		} else if (*format == 'd') {
			const double *value = va_arg(args, const double *);

			rc = value ? sqlite3_bind_double(statement, i, *value) : sqlite3_bind_null(statement, i);
		} else {
			const void *data = va_arg(args, const void *);
			size_t size = va_arg(args, size_t);

			rc = sqlite3_bind_blob64(statement, i, data, size, SQLITE_STATIC);
		}
	}
	return rc;
}

int db_bind(sqlite3_stmt *statement, const char *format, ...)
{
	va_list args;
	int rc;

	va_start(args, format);
	rc = bind_list(statement, format, args);
	va_end(args);
	return rc == SQLITE_OK ? 0 : ERR_NOMEM;
}

int db_run(struct db *db, struct err *err, const char *sql, const char *format, ...)
{
	sqlite3_stmt *statement = db_statement(db, sql, err);
	va_list args;
	int rc;

	if (!statement)
		return err ? (int)err->code : ERR_IO;
	va_start(args, format);
	rc = bind_list(statement, format, args);
	va_end(args);
	if (rc == SQLITE_MISUSE) {
		sqlite3_reset(statement);
		return err_set(err, ERR_INVALID, "values do not match: %.80s", sql);
	}
	if (rc == SQLITE_OK)
		rc = sqlite3_step(statement);
	if (rc != SQLITE_DONE && rc != SQLITE_ROW)
		rc = db_error(db, "database", err);
	else
		rc = 0;
	sqlite3_reset(statement);
	return rc;
}

int db_step(struct db *db, sqlite3_stmt *statement, bool *ret_row, struct err *err)
{
	int rc = sqlite3_step(statement);

	if (rc == SQLITE_ROW || rc == SQLITE_DONE) {
		*ret_row = rc == SQLITE_ROW;
		return 0;
	}
	return db_error(db, "database", err);
}

int db_exec(struct db *db, const char *sql, struct err *err)
{
	if (sqlite3_exec(db->handle, sql, NULL, NULL, NULL) != SQLITE_OK)
		return db_error(db, "database", err);
	return 0;
}

int db_get_int(struct db *db, const char *sql, int64_t fallback, int64_t *ret_value, struct err *err)
{
	sqlite3_stmt *statement = db_statement(db, sql, err);
	bool row = false;
	int rc;

	if (!statement)
		return err ? (int)err->code : ERR_IO;
	rc = db_step(db, statement, &row, err);
	if (rc == 0)
		*ret_value = row && sqlite3_column_type(statement, 0) != SQLITE_NULL ? db_int(statement, 0) : fallback;
	sqlite3_reset(statement);
	return rc;
}

const char *db_text(sqlite3_stmt *statement, int column)
{
	const unsigned char *text = sqlite3_column_text(statement, column);

	return text ? (const char *)text : "";
}

double db_double(sqlite3_stmt *statement, int column)
{
	return sqlite3_column_double(statement, column);
}

int64_t db_int(sqlite3_stmt *statement, int column)
{
	return sqlite3_column_int64(statement, column);
}

void db_text_into(sqlite3_stmt *statement, int column, char *target, size_t size)
{
	mem_text_into(target, size, db_text(statement, column));
}
