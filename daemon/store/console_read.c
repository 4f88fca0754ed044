/* SPDX-License-Identifier: Apache-2.0 */
/* Reading consoles, raw or compressed. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "daemon/store/console.h"

static int open_raw(const char *dir, int64_t run, const char *suffix, struct err *err)
{
	char path[4400];
	int fd;

	console_path(path, sizeof(path), dir, run, suffix);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		(void)err_set_errno(err, errno, "cannot open %s", path);
	return fd;
}

static int read_raw(int fd, uint64_t from, uint8_t *buffer, size_t size, size_t *ret_len, struct err *err)
{
	size_t len = 0;

	while (len < size) {
		ssize_t done = pread(fd, buffer + len, size - len, (off_t)(from + len));

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return err_set_errno(err, errno, "reading a console");
		if (done == 0)
			break;
		len += (size_t)done;
	}
	*ret_len = len;
	return 0;
}

/* Compressed, else raw, else compressed after all: it may have been compressed between the two looks. */
int console_read(const char *dir, int64_t run, uint64_t from, uint8_t *buffer, size_t size, size_t *ret_len,
		 struct err *err)
{
	for (int look = 0; look < 2; look++) {
		int rc = console_zst_read(dir, run, from, buffer, size, ret_len, err);
		int fd;

		if (rc != ERR_NOT_FOUND)
			return rc;
		fd = open_raw(dir, run, "raw", NULL);
		if (fd >= 0) {
			rc = read_raw(fd, from, buffer, size, ret_len, err);
			close(fd);
			return rc;
		}
	}
	*ret_len = 0;
	return 0;
}

int console_stamps(int fd, struct console_time **ret_times, size_t *ret_count, struct err *err)
{
	struct stat st;
	struct console_time *times;
	uint8_t *bytes;
	size_t size, count;
	int rc;

	if (fstat(fd, &st) != 0)
		return err_set_errno(err, errno, "reading console times");
	size = (size_t)st.st_size / CONSOLE_TIME_BYTES * CONSOLE_TIME_BYTES;
	bytes = mem_alloc(size);
	rc = read_raw(fd, 0, bytes, size, &size, err);
	if (rc) {
		free(bytes);
		return rc;
	}
	count = size / CONSOLE_TIME_BYTES;
	times = mem_alloc_array(count, sizeof(*times));
	for (size_t i = 0; i < count; i++)
		times[i] = (struct console_time){le64_get(bytes + i * CONSOLE_TIME_BYTES),
						 (int64_t)le64_get(bytes + i * CONSOLE_TIME_BYTES + 8)};
	free(bytes);
	*ret_times = times;
	*ret_count = count;
	return 0;
}

int console_times(const char *dir, int64_t run, struct console_time **ret_times, size_t *ret_count, struct err *err)
{
	for (int look = 0; look < 2; look++) {
		int rc = console_zst_times(dir, run, ret_times, ret_count, err);
		int fd;

		if (rc != ERR_NOT_FOUND)
			return rc;
		fd = open_raw(dir, run, "times", NULL);
		if (fd >= 0) {
			rc = console_stamps(fd, ret_times, ret_count, err);
			close(fd);
			return rc;
		}
	}
	*ret_times = mem_alloc(1);
	*ret_count = 0;
	return 0;
}

/* A kill may come between the two when a raw file is removed; while a run is open, its raw file is there before its
 * stamps. */
static void remove_stray_times(const char *dir, int64_t run)
{
	char path[4400];

	console_path(path, sizeof(path), dir, run, "raw");
	if (access(path, F_OK) == 0 || errno != ENOENT)
		return;
	console_path(path, sizeof(path), dir, run, "times");
	(void)unlink(path);
}

int console_list_raw(const char *dir, int64_t **ret_runs, size_t *ret_count, struct err *err)
{
	DIR *stream = opendir(dir);
	int64_t *runs = mem_alloc(sizeof(*runs));
	size_t count = 0;

	if (!stream) {
		free(runs);
		return err_set_errno(err, errno, "cannot list %s", dir);
	}
	for (struct dirent *entry; (entry = readdir(stream));) {
		char *end;
		long long run = strtoll(entry->d_name, &end, 10);

		if (end != entry->d_name && strcmp(end, ".times") == 0)
			remove_stray_times(dir, run);
		if (end == entry->d_name || strcmp(end, ".raw") != 0)
			continue;
		runs = mem_resize_array(runs, count + 1, sizeof(*runs));
		runs[count++] = run;
	}
	closedir(stream);
	*ret_runs = runs;
	*ret_count = count;
	return 0;
}
