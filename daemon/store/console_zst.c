/* SPDX-License-Identifier: Apache-2.0 */
/* The compressed console file: independent zstd frames, then a skippable frame with the index:
 *
 *   u32 magic, u32 size                      of the skippable frame
 *   u64 frames, u64 times, u64 times_size    how many of each; bytes of the compressed stamps
 *   frames x { u64 at, u64 size, u64 raw }   in the file, compressed and raw bytes
 *   stamps, compressed: times x { u64 offset, u64 at_us }
 *   u64 index_at, 8 bytes "ASSAYCON"         where the skippable frame begins
 * All little-endian. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sodium.h>
#include <zstd.h>

#include "core/base/buf.h"
#include "core/base/mem.h"
#include "daemon/store/console.h"

#define SKIPPABLE_MAGIC 0x184D2A50u
#define FOOTER_MAGIC    "ASSAYCON"
#define HEAD_BYTES      32
#define FRAME_ENTRY     24
#define FOOTER_BYTES    16
#define INDEX_MAX       (256u << 20)
#define LEVEL           6

static void put64(struct buf *buf, uint64_t value)
{
	uint8_t bytes[8];

	le64_put(bytes, value);
	(void)buf_append(buf, bytes, sizeof(bytes));
}

/* --- writing --- */

struct zst_writer {
	int fd;
	uint64_t at;       /* bytes written */
	struct buf frames; /* index entries */
	uint64_t frame_count;
	crypto_hash_sha256_state hash;
	uint8_t raw[CONSOLE_FRAME_BYTES];
	uint8_t packed[CONSOLE_FRAME_BYTES + 1024];
};

static int emit(struct zst_writer *w, const void *data, size_t size, struct err *err)
{
	const uint8_t *bytes = data;

	while (size > 0) {
		ssize_t done = write(w->fd, bytes, size);

		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return err_set_errno(err, done < 0 ? errno : ENOSPC, "writing a console");
		bytes += done;
		size -= (size_t)done;
		w->at += (uint64_t)done;
	}
	return 0;
}

static int write_frame(struct zst_writer *w, size_t raw_size, struct err *err)
{
	size_t size = ZSTD_compress(w->packed, sizeof(w->packed), w->raw, raw_size, LEVEL);

	if (ZSTD_isError(size))
		return err_set(err, ERR_IO, "compressing a console: %s", ZSTD_getErrorName(size));
	crypto_hash_sha256_update(&w->hash, w->raw, raw_size);
	put64(&w->frames, w->at);
	put64(&w->frames, size);
	put64(&w->frames, raw_size);
	w->frame_count++;
	return emit(w, w->packed, size, err);
}

/* A full frame, or what is left; 0 at the end. */
static ssize_t fill(struct zst_writer *w, int raw_fd, uint64_t from)
{
	size_t len = 0;

	while (len < sizeof(w->raw)) {
		ssize_t done = pread(raw_fd, w->raw + len, sizeof(w->raw) - len, (off_t)(from + len));

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return -1;
		if (done == 0)
			break;
		len += (size_t)done;
	}
	return (ssize_t)len;
}

static int write_frames(struct zst_writer *w, int raw_fd, struct err *err)
{
	uint64_t from = 0;

	for (;;) {
		ssize_t len = fill(w, raw_fd, from);
		int rc;

		if (len < 0)
			return err_set_errno(err, errno, "reading a console");
		if (len == 0)
			return 0;
		rc = write_frame(w, (size_t)len, err);
		if (rc)
			return rc;
		from += (uint64_t)len;
	}
}

static int write_index(struct zst_writer *w, const struct console_time *times, size_t time_count, struct err *err)
{
	size_t raw_size = time_count * sizeof(*times), bound = ZSTD_compressBound(raw_size), packed_size;
	uint8_t *raw = mem_alloc(raw_size), *packed = mem_alloc(bound);
	uint64_t index_at = w->at;
	struct buf head;
	int rc;

	for (size_t i = 0; i < time_count; i++) {
		le64_put(raw + 16 * i, times[i].offset);
		le64_put(raw + 16 * i + 8, (uint64_t)times[i].at_us);
	}
	packed_size = ZSTD_compress(packed, bound, raw, raw_size, LEVEL);
	buf_init(&head, INDEX_MAX);
	put64(&head, (uint64_t)SKIPPABLE_MAGIC | (uint64_t)(HEAD_BYTES - 8 + w->frames.len + packed_size + FOOTER_BYTES)
							 << 32);
	put64(&head, w->frame_count);
	put64(&head, time_count);
	put64(&head, packed_size);
	(void)buf_append(&head, w->frames.data, w->frames.len);
	(void)buf_append(&head, packed, packed_size);
	put64(&head, index_at);
	rc = buf_append(&head, FOOTER_MAGIC, 8);
	rc = rc ? err_set(err, ERR_TOO_BIG, "the index of a console is too big") : emit(w, head.data, head.len, err);
	buf_finish(&head);
	free(raw);
	free(packed);
	return rc;
}

int console_zst_write(const char *path, int raw_fd, const struct console_time *times, size_t time_count,
		      char ret_sha256[SHA256_HEX], struct err *err)
{
	struct zst_writer *w = mem_alloc(sizeof(*w));
	uint8_t hash[crypto_hash_sha256_BYTES];
	int rc;

	buf_init(&w->frames, INDEX_MAX);
	crypto_hash_sha256_init(&w->hash);
	w->fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	rc = w->fd < 0 ? err_set_errno(err, errno, "cannot write %s", path) : write_frames(w, raw_fd, err);
	if (rc == 0)
		rc = write_index(w, times, time_count, err);
	if (w->fd >= 0)
		close(w->fd);
	crypto_hash_sha256_final(&w->hash, hash);
	sodium_bin2hex(ret_sha256, SHA256_HEX, hash, sizeof(hash));
	buf_finish(&w->frames);
	free(w);
	return rc;
}

/* --- reading --- */

struct zst_index {
	uint8_t *bytes; /* from the skippable frame's begin to the end of the file */
	size_t size;
	uint64_t frame_count, time_count, times_size;
};

static int damaged(const char *path, struct err *err)
{
	return err_set(err, ERR_CORRUPT, "%s is damaged", path);
}

static bool pread_all(int fd, void *data, size_t size, uint64_t offset)
{
	uint8_t *bytes = data;

	while (size > 0) {
		ssize_t done = pread(fd, bytes, size, (off_t)offset);

		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return false;
		bytes += done;
		size -= (size_t)done;
		offset += (uint64_t)done;
	}
	return true;
}

static int load_index(int fd, const char *path, struct zst_index *index, struct err *err)
{
	uint8_t footer[FOOTER_BYTES];
	struct stat st;
	uint64_t at, file_size, body;

	if (fstat(fd, &st) != 0)
		return err_set_errno(err, errno, "reading %s", path);
	file_size = (uint64_t)st.st_size;
	if (file_size < HEAD_BYTES + FOOTER_BYTES || !pread_all(fd, footer, sizeof(footer), file_size - FOOTER_BYTES) ||
	    memcmp(footer + 8, FOOTER_MAGIC, 8) != 0)
		return damaged(path, err);
	at = le64_get(footer);
	if (at > file_size - HEAD_BYTES - FOOTER_BYTES || file_size - at > INDEX_MAX)
		return damaged(path, err);
	index->size = (size_t)(file_size - at);
	index->bytes = mem_alloc(index->size);
	if (!pread_all(fd, index->bytes, index->size, at))
		return damaged(path, err);
	index->frame_count = le64_get(index->bytes + 8);
	index->time_count = le64_get(index->bytes + 16);
	index->times_size = le64_get(index->bytes + 24);
	body = index->size - HEAD_BYTES - FOOTER_BYTES;
	if (index->frame_count > body / FRAME_ENTRY || index->times_size > body ||
	    index->frame_count * FRAME_ENTRY + index->times_size != body || index->time_count > INDEX_MAX / 16)
		return damaged(path, err);
	return 0;
}

static int open_zst(const char *dir, int64_t run, char *path, size_t path_size, struct zst_index *index, int *ret_fd,
		    struct err *err)
{
	int rc;

	memset(index, 0, sizeof(*index));
	console_path(path, path_size, dir, run, "zst");
	*ret_fd = open(path, O_RDONLY | O_CLOEXEC);
	if (*ret_fd < 0)
		return errno == ENOENT ? ERR_NOT_FOUND : err_set_errno(err, errno, "cannot open %s", path);
	rc = load_index(*ret_fd, path, index, err);
	if (rc) {
		close(*ret_fd);
		free(index->bytes);
	}
	return rc;
}

/* One frame into raw (CONSOLE_FRAME_BYTES). */
static bool read_frame(int fd, const uint8_t *entry, uint8_t *packed, size_t packed_max, uint8_t *raw)
{
	uint64_t at = le64_get(entry), size = le64_get(entry + 8), raw_size = le64_get(entry + 16);

	if (size > packed_max || raw_size > CONSOLE_FRAME_BYTES || !pread_all(fd, packed, (size_t)size, at))
		return false;
	return ZSTD_decompress(raw, CONSOLE_FRAME_BYTES, packed, (size_t)size) == raw_size;
}

int console_zst_read(const char *dir, int64_t run, uint64_t from, uint8_t *buffer, size_t size, size_t *ret_len,
		     struct err *err)
{
	const size_t packed_max = CONSOLE_FRAME_BYTES + 1024;
	struct zst_index index;
	char path[4400];
	uint8_t *raw, *packed;
	size_t len = 0;
	int fd;
	int rc = open_zst(dir, run, path, sizeof(path), &index, &fd, err);

	if (rc)
		return rc;
	raw = mem_alloc(CONSOLE_FRAME_BYTES);
	packed = mem_alloc(packed_max);
	/* every frame but the last is full */
	for (uint64_t i = from / CONSOLE_FRAME_BYTES; i < index.frame_count && len < size; i++) {
		const uint8_t *entry = index.bytes + HEAD_BYTES + i * FRAME_ENTRY;
		uint64_t begin = i * CONSOLE_FRAME_BYTES, raw_size = le64_get(entry + 16);
		uint64_t skip = from + len - begin;
		size_t part;

		if (!read_frame(fd, entry, packed, packed_max, raw)) {
			rc = damaged(path, err);
			break;
		}
		if (skip >= raw_size)
			break;
		part = (size_t)(raw_size - skip) < size - len ? (size_t)(raw_size - skip) : size - len;
		memcpy(buffer + len, raw + skip, part);
		len += part;
	}
	free(raw);
	free(packed);
	free(index.bytes);
	close(fd);
	if (rc == 0)
		*ret_len = len;
	return rc;
}

int console_zst_times(const char *dir, int64_t run, struct console_time **ret_times, size_t *ret_count, struct err *err)
{
	struct zst_index index;
	struct console_time *times;
	char path[4400];
	uint8_t *raw;
	size_t raw_size, size;
	int fd;
	int rc = open_zst(dir, run, path, sizeof(path), &index, &fd, err);

	if (rc)
		return rc;
	raw_size = (size_t)index.time_count * 16;
	raw = mem_alloc(raw_size);
	times = mem_alloc_array((size_t)index.time_count, sizeof(*times));
	size = ZSTD_decompress(raw, raw_size, index.bytes + HEAD_BYTES + index.frame_count * FRAME_ENTRY,
			       (size_t)index.times_size);
	if (size != raw_size)
		rc = damaged(path, err);
	for (size_t i = 0; rc == 0 && i < index.time_count; i++)
		times[i] = (struct console_time){le64_get(raw + 16 * i), (int64_t)le64_get(raw + 16 * i + 8)};
	free(raw);
	free(index.bytes);
	close(fd);
	if (rc) {
		free(times);
		return rc;
	}
	*ret_times = times;
	*ret_count = (size_t)index.time_count;
	return 0;
}
