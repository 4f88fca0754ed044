/* SPDX-License-Identifier: Apache-2.0 */
/* Short consoles in the database: a row a chunk, whose key is run and offset, so that chunks of a run are neighbours.
 *
 * When a console becomes long its rows are written to the files and taken away in the same transaction; the files are
 * synced before it is committed. A transaction that comes to nothing leaves the rows and, perhaps, files with bytes
 * that nobody was told of: who reads finds the rows first, and the next chunk moves them once more. */
#include "daemon/store/console_short.h"

#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "core/base/mem.h"

#define RUN_SHIFT 16 /* of the run in a row's key; offsets are below */

_Static_assert(CONSOLE_SHORT_BYTES <= 1u << RUN_SHIFT, "an offset would be part of the run's number");

static int64_t first_key(int64_t run)
{
	return run << RUN_SHIFT;
}

static uint64_t offset_of(int64_t key)
{
	return (uint64_t)key & ((1u << RUN_SHIFT) - 1);
}

/* Calls on_chunk for each, in the order of offsets. *ret_any: whether there was one. */
static int each_chunk(struct db *db, int64_t run,
		      int (*on_chunk)(void *context, const struct console_record *chunk, struct err *err),
		      void *context, bool *ret_any, struct err *err)
{
	sqlite3_stmt *row = db_statement(
		db, "SELECT id, at_us, bytes FROM console_chunk WHERE id BETWEEN ? AND ? ORDER BY id", err);
	bool more = true;
	int rc = row ? db_bind(row, "ii", first_key(run), first_key(run + 1) - 1) : ERR_CORRUPT;

	*ret_any = false;
	while (rc == 0 && (rc = db_step(db, row, &more, err)) == 0 && more) {
		struct console_record chunk = {.run = run,
					       .offset = offset_of(db_int(row, 0)),
					       .at_us = db_int(row, 1),
					       .data = (uint8_t *)(uintptr_t)sqlite3_column_blob(row, 2),
					       .size_bytes = (size_t)sqlite3_column_bytes(row, 2)};

		*ret_any = true;
		rc = on_chunk(context, &chunk, err);
	}
	if (row)
		sqlite3_reset(row);
	return rc;
}

/* --- writing --- */

static int move_chunk(void *context, const struct console_record *chunk, struct err *err)
{
	return console_append(context, chunk, err);
}

static int move_to_files(struct db *db, struct console_writer *writer, int64_t run, struct err *err)
{
	bool any;
	int rc = each_chunk(db, run, move_chunk, writer, &any, err);

	if (rc == 0 && any)
		rc = db_run(db, err, "DELETE FROM console_chunk WHERE id BETWEEN ? AND ?", "ii", first_key(run),
			    first_key(run + 1) - 1);
	return rc;
}

int console_put(struct db *db, struct console_writer *writer, const struct console_record *record, struct err *err)
{
	bool long_already = console_has_files(writer, record->run);
	int rc = 0;

	if (record->size_bytes == 0)
		return 0;
	if (!long_already && record->offset + record->size_bytes <= CONSOLE_SHORT_BYTES)
		return db_run(db, err,
			      "INSERT INTO console_chunk (id, at_us, bytes) VALUES (?, ?, ?)"
			      " ON CONFLICT (id) DO UPDATE SET bytes = excluded.bytes"
			      " WHERE length(excluded.bytes) > length(bytes)",
			      "iib", first_key(record->run) + (int64_t)record->offset, record->at_us, record->data,
			      record->size_bytes);
	if (!console_is_moved(writer, record->run))
		rc = move_to_files(db, writer, record->run, err);
	if (rc == 0)
		rc = console_append(writer, record, err);
	if (rc == 0)
		console_set_moved(writer, record->run);
	return rc;
}

/* --- reading --- */

struct range {
	uint64_t from;
	uint8_t *buffer;
	size_t size, len; /* room, and how far it is filled */
};

/* What was never told is zero, as in a file. */
static int copy_chunk(void *context, const struct console_record *chunk, struct err *err)
{
	struct range *range = context;
	uint64_t begin = chunk->offset > range->from ? chunk->offset : range->from;
	uint64_t end = chunk->offset + chunk->size_bytes, room_end = range->from + range->size;

	(void)err;
	end = end < room_end ? end : room_end;
	if (begin >= end)
		return 0;
	if (begin - range->from > range->len)
		memset(range->buffer + range->len, 0, (size_t)(begin - range->from) - range->len);
	memcpy(range->buffer + (begin - range->from), chunk->data + (begin - chunk->offset), (size_t)(end - begin));
	if (end - range->from > range->len)
		range->len = (size_t)(end - range->from);
	return 0;
}

int console_get(struct db *db, const char *dir, int64_t run, uint64_t from, uint8_t *buffer, size_t size,
		size_t *ret_len, struct err *err)
{
	struct range range = {from, buffer, size, 0};
	bool any;
	int rc = each_chunk(db, run, copy_chunk, &range, &any, err);

	if (rc == 0 && !any)
		return console_read(dir, run, from, buffer, size, ret_len, err);
	if (rc == 0)
		*ret_len = range.len;
	return rc;
}

struct stamps {
	struct console_time *times;
	size_t count;
};

static int add_stamp(void *context, const struct console_record *chunk, struct err *err)
{
	struct stamps *stamps = context;

	(void)err;
	stamps->times = mem_resize_array(stamps->times, stamps->count + 1, sizeof(*stamps->times));
	stamps->times[stamps->count++] = (struct console_time){chunk->offset, chunk->at_us};
	return 0;
}

int console_get_times(struct db *db, const char *dir, int64_t run, struct console_time **ret_times, size_t *ret_count,
		      struct err *err)
{
	struct stamps stamps = {0};
	bool any;
	int rc = each_chunk(db, run, add_stamp, &stamps, &any, err);

	if (rc || !any)
		free(stamps.times);
	if (rc)
		return rc;
	if (!any)
		return console_times(dir, run, ret_times, ret_count, err);
	*ret_times = stamps.times;
	*ret_count = stamps.count;
	return 0;
}

int console_short_sha256(struct db *db, int64_t run, char ret_sha256[SHA256_HEX], struct err *err)
{
	uint8_t *bytes = mem_alloc(CONSOLE_SHORT_BYTES), hash[crypto_hash_sha256_BYTES];
	struct range range = {0, bytes, CONSOLE_SHORT_BYTES, 0};
	bool any;
	int rc = each_chunk(db, run, copy_chunk, &range, &any, err);

	ret_sha256[0] = '\0';
	if (rc == 0 && any) {
		(void)crypto_hash_sha256(hash, bytes, range.len);
		sodium_bin2hex(ret_sha256, SHA256_HEX, hash, sizeof(hash));
	}
	free(bytes);
	return rc;
}
