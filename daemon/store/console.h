/* SPDX-License-Identifier: Apache-2.0 */
/* Console files. While a run is open: <run>.raw, its bytes by offset, and <run>.times, 16 bytes (offset, unix
 * microseconds; little-endian) for each chunk. Afterwards: <run>.zst, frames of CONSOLE_FRAME_BYTES each and an index
 * in a skippable frame, so that any part can be read alone and `zstd -d` still gives the whole. */
#ifndef ASSAY_STORE_CONSOLE_H
#define ASSAY_STORE_CONSOLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/err.h"
#include "core/base/list.h"
#include "core/farm/record_job.h"

#define CONSOLE_FRAME_BYTES (64u << 10)
#define CONSOLE_TIME_BYTES  16 /* of a stamp */
#define CONSOLE_MAX_OPEN    64 /* files the writer keeps open */

struct console_time {
	uint64_t offset;
	int64_t at_us;
};

/* The writer's side; for one thread. */
struct console_writer {
	const char *dir;  /* not owned */
	struct list open; /* struct console_file, the most recently used first */
	size_t open_count;
	bool new_files; /* the directory is to be synced too */
};

void console_writer_init(struct console_writer *writer, const char *dir);
void console_writer_finish(struct console_writer *writer);
/* Writes the bytes at their place; the same bytes again change nothing. */
int console_append(struct console_writer *writer, const struct console_record *record, struct err *err);
/* What was appended is on the disk. */
int console_sync(struct console_writer *writer, struct err *err);
/* Whether the run has a raw file. */
bool console_has_files(const struct console_writer *writer, int64_t run);
/* Whether it was said of the run's open files that they have all there is (console_short.c); to be forgotten when the
 * transaction that made it so comes to nothing. */
bool console_is_moved(const struct console_writer *writer, int64_t run);
void console_set_moved(struct console_writer *writer, int64_t run);
void console_forget_moved(struct console_writer *writer);
/* No more will come for that run. */
void console_close(struct console_writer *writer, int64_t run);

/* Any thread, any number at a time, also while the run is written or compressed. Reads bytes [from, from + size) as far
 * as there are any. A run without a console has none. */
int console_read(const char *dir, int64_t run, uint64_t from, uint8_t *buffer, size_t size, size_t *ret_len,
		 struct err *err);
/* All stamps; a heap array. */
int console_times(const char *dir, int64_t run, struct console_time **ret_times, size_t *ret_count, struct err *err);

/* A run whose console will not grow any more. */
struct console_closed {
	int64_t run;
	char found[SHA256_HEX]; /* of its bytes, once compressed; "": there was nothing to do */
	struct err err;         /* it stays raw; code 0: it went well */
	bool written;           /* private */
};

/* console_compress.c: turns the runs' raw files into compressed ones, durable before the raw ones go. All but run is
 * zeroed before. */
void console_compress_all(const char *dir, struct console_closed *closed, size_t count);
/* The same for one. ret_sha256 (may be NULL): of the bytes. Nothing to do is success, with "". */
int console_compress(const char *dir, int64_t run, char ret_sha256[SHA256_HEX], struct err *err);
/* Runs that have a raw file; a heap array. Stamps without a raw file are removed; for the start, before there is a
 * writer. */
int console_list_raw(const char *dir, int64_t **ret_runs, size_t *ret_count, struct err *err);

/* console_zst.c: the compressed file. ERR_NOT_FOUND when there is none. */
int console_zst_read(const char *dir, int64_t run, uint64_t from, uint8_t *buffer, size_t size, size_t *ret_len,
		     struct err *err);
int console_zst_times(const char *dir, int64_t run, struct console_time **ret_times, size_t *ret_count,
		      struct err *err);
/* Writes all of the open raw file under path; it is not on the disk yet. */
int console_zst_write(const char *path, int raw_fd, const struct console_time *times, size_t time_count,
		      char ret_sha256[SHA256_HEX], struct err *err);

/* All stamps of an open file; a heap array. */
int console_stamps(int fd, struct console_time **ret_times, size_t *ret_count, struct err *err);
/* The names in the directory are on the disk. */
int console_sync_dir(const char *dir, struct err *err);
/* "<dir>/<run>.<suffix>" */
void console_path(char *path, size_t size, const char *dir, int64_t run, const char *suffix);
uint64_t le64_get(const uint8_t *bytes);
void le64_put(uint8_t *bytes, uint64_t value);

#endif
