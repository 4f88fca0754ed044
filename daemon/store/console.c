/* SPDX-License-Identifier: Apache-2.0 */
/* Console files while they grow. */
#include "daemon/store/console.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/mem.h"

struct console_file {
	struct list link;
	int64_t run;
	int raw_fd, times_fd;
	uint64_t time_count;
	uint64_t last_offset; /* of the last stamp */
	bool dirty;
	bool moved; /* the database has nothing of it any more */
};

uint64_t le64_get(const uint8_t *bytes)
{
	uint64_t value = 0;

	for (int i = 7; i >= 0; i--)
		value = value << 8 | bytes[i];
	return value;
}

void le64_put(uint8_t *bytes, uint64_t value)
{
	for (int i = 0; i < 8; i++)
		bytes[i] = (uint8_t)(value >> (8 * i));
}

void console_path(char *path, size_t size, const char *dir, int64_t run, const char *suffix)
{
	(void)snprintf(path, size, "%s/%" PRId64 ".%s", dir, run, suffix);
}

static void file_close(struct console_file *file)
{
	if (file->raw_fd >= 0)
		close(file->raw_fd);
	if (file->times_fd >= 0)
		close(file->times_fd);
	list_remove(&file->link);
	free(file);
}

void console_writer_init(struct console_writer *writer, const char *dir)
{
	writer->dir = dir;
	list_init(&writer->open);
	writer->open_count = 0;
	writer->new_files = false;
}

void console_writer_finish(struct console_writer *writer)
{
	while (!list_empty(&writer->open))
		file_close(list_container(writer->open.next, struct console_file, link));
	writer->open_count = 0;
}

static int open_one(struct console_writer *writer, int64_t run, const char *suffix, int *ret_fd, struct err *err)
{
	char path[4400];

	console_path(path, sizeof(path), writer->dir, run, suffix);
	*ret_fd = open(path, O_RDWR | O_CLOEXEC);
	if (*ret_fd < 0 && errno == ENOENT) {
		*ret_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
		writer->new_files = true;
	}
	return *ret_fd < 0 ? err_set_errno(err, errno, "cannot open %s", path) : 0;
}

/* A stamp that was cut by a crash is written again. */
static int read_last_time(struct console_file *file, struct err *err)
{
	uint8_t bytes[CONSOLE_TIME_BYTES];
	struct stat st;

	if (fstat(file->times_fd, &st) != 0)
		return err_set_errno(err, errno, "console of run %" PRId64, file->run);
	file->time_count = (uint64_t)st.st_size / CONSOLE_TIME_BYTES;
	if (file->time_count == 0)
		return 0;
	if (pread(file->times_fd, bytes, sizeof(bytes), (off_t)((file->time_count - 1) * CONSOLE_TIME_BYTES)) !=
	    CONSOLE_TIME_BYTES)
		return err_set_errno(err, errno, "console of run %" PRId64, file->run);
	file->last_offset = le64_get(bytes);
	return 0;
}

/* More files than that are brought to the disk together: each fdatasync is a commit of the file system's journal, which
 * with a thousand runs a second is most of what there is to wait for. */
#define SYNC_EACH_MAX 4

static int sync_file(struct console_file *file, struct err *err)
{
	if (file->dirty && (fdatasync(file->raw_fd) != 0 || fdatasync(file->times_fd) != 0))
		return err_set_errno(err, errno, "console of run %" PRId64, file->run);
	file->dirty = false;
	return 0;
}

/* All that is dirty, and the names with it. syncfs tells of failed writes since Linux 5.8, as fdatasync does. */
static int sync_all(struct console_writer *writer, struct err *err)
{
	struct console_file *file = list_container(writer->open.next, struct console_file, link);

	if (syncfs(file->raw_fd) != 0)
		return err_set_errno(err, errno, "cannot sync the consoles in %s", writer->dir);
	list_for_each (link, &writer->open)
		list_container(link, struct console_file, link)->dirty = false;
	writer->new_files = false;
	return 0;
}

static int sync_dirty(struct console_writer *writer, struct err *err)
{
	size_t dirty = 0;

	list_for_each (link, &writer->open)
		dirty += list_container(link, struct console_file, link)->dirty;
	if (dirty > SYNC_EACH_MAX)
		return sync_all(writer, err);
	list_for_each (link, &writer->open) {
		int rc = sync_file(list_container(link, struct console_file, link), err);

		if (rc)
			return rc;
	}
	return 0;
}

/* The least recently used file makes room; its bytes must be on the disk before they are forgotten. */
static int make_room(struct console_writer *writer, struct err *err)
{
	struct console_file *last;
	int rc;

	if (writer->open_count < CONSOLE_MAX_OPEN)
		return 0;
	last = list_container(writer->open.prev, struct console_file, link);
	rc = last->dirty ? sync_dirty(writer, err) : 0;
	if (rc)
		return rc;
	file_close(last);
	writer->open_count--;
	return 0;
}

static struct console_file *file_find(const struct console_writer *writer, int64_t run)
{
	list_for_each (link, &writer->open) {
		struct console_file *file = list_container(link, struct console_file, link);

		if (file->run == run)
			return file;
	}
	return NULL;
}

bool console_has_files(const struct console_writer *writer, int64_t run)
{
	char path[4400];

	if (file_find(writer, run))
		return true;
	console_path(path, sizeof(path), writer->dir, run, "raw");
	return access(path, F_OK) == 0;
}

bool console_is_moved(const struct console_writer *writer, int64_t run)
{
	const struct console_file *file = file_find(writer, run);

	return file && file->moved;
}

void console_set_moved(struct console_writer *writer, int64_t run)
{
	struct console_file *file = file_find(writer, run);

	if (file)
		file->moved = true;
}

void console_forget_moved(struct console_writer *writer)
{
	list_for_each (link, &writer->open)
		list_container(link, struct console_file, link)->moved = false;
}

static int file_get(struct console_writer *writer, int64_t run, struct console_file **ret_file, struct err *err)
{
	struct console_file *file = file_find(writer, run);
	int rc;

	if (file) {
		list_remove(&file->link);
		list_prepend(&writer->open, &file->link);
		*ret_file = file;
		return 0;
	}
	rc = make_room(writer, err);
	if (rc)
		return rc;
	file = mem_alloc(sizeof(*file));
	list_init(&file->link);
	file->run = run;
	file->times_fd = -1;
	rc = open_one(writer, run, "raw", &file->raw_fd, err);
	if (rc == 0)
		rc = open_one(writer, run, "times", &file->times_fd, err);
	if (rc == 0)
		rc = read_last_time(file, err);
	if (rc) {
		file_close(file);
		return rc;
	}
	list_prepend(&writer->open, &file->link);
	writer->open_count++;
	*ret_file = file;
	return 0;
}

static int write_all(int fd, const uint8_t *data, size_t size, uint64_t offset)
{
	while (size > 0) {
		ssize_t done = pwrite(fd, data, size, (off_t)offset);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return errno;
		if (done == 0)
			return ENOSPC;
		data += done;
		size -= (size_t)done;
		offset += (uint64_t)done;
	}
	return 0;
}

int console_append(struct console_writer *writer, const struct console_record *record, struct err *err)
{
	struct console_file *file;
	uint8_t stamp[CONSOLE_TIME_BYTES];
	int rc = file_get(writer, record->run, &file, err);

	if (rc)
		return rc;
	file->dirty = true;
	rc = write_all(file->raw_fd, record->data, record->size_bytes, record->offset);
	if (rc == 0 && (file->time_count == 0 || record->offset > file->last_offset)) {
		le64_put(stamp, record->offset);
		le64_put(stamp + 8, (uint64_t)record->at_us);
		rc = write_all(file->times_fd, stamp, sizeof(stamp), file->time_count * CONSOLE_TIME_BYTES);
		if (rc == 0) {
			file->time_count++;
			file->last_offset = record->offset;
		}
	}
	return rc ? err_set_errno(err, rc, "console of run %" PRId64, record->run) : 0;
}

int console_sync_dir(const char *dir, struct err *err)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int rc = fd < 0 || fsync(fd) != 0 ? err_set_errno(err, errno, "cannot sync %s", dir) : 0;

	if (fd >= 0)
		close(fd);
	return rc;
}

int console_sync(struct console_writer *writer, struct err *err)
{
	int rc = sync_dirty(writer, err);

	if (rc == 0 && writer->new_files) {
		rc = console_sync_dir(writer->dir, err);
		writer->new_files = rc != 0;
	}
	return rc;
}

void console_close(struct console_writer *writer, int64_t run)
{
	struct console_file *file = file_find(writer, run);

	if (file) {
		file_close(file);
		writer->open_count--;
	}
}
