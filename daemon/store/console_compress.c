/* SPDX-License-Identifier: Apache-2.0 */
/* Turning closed runs' raw consoles into compressed ones, many at a time.
 *
 * Happy path: the compressed files are written under other names -> their bytes are brought to the disk -> they get
 * their names -> the names are brought to the disk -> the raw files go. A kill at any moment leaves a console whole in
 * one form or the other. Ways it fails: of one run, which then keeps its raw file; or of the disk, and all keep theirs.
 *
 * With a thousand runs a second the commits of the file system's journal are what there is to wait for: syncfs needs
 * two for all of them, fsync three for each. It tells of failed writes since Linux 5.8. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "daemon/store/console.h"

static int open_raw(const char *dir, int64_t run, const char *suffix)
{
	char path[4400];

	console_path(path, sizeof(path), dir, run, suffix);
	return open(path, O_RDONLY | O_CLOEXEC);
}

static void write_one(const char *dir, struct console_closed *closed, int raw_fd, int times_fd)
{
	struct console_time *times = NULL;
	char temp[4400];
	size_t count = 0;
	int rc = console_stamps(times_fd, &times, &count, &closed->err);

	console_path(temp, sizeof(temp), dir, closed->run, "zst.new");
	if (rc == 0)
		rc = console_zst_write(temp, raw_fd, times, count, closed->found, &closed->err);
	free(times);
	if (rc)
		(void)unlink(temp);
	else
		closed->written = true;
}

static void write_if_raw(const char *dir, struct console_closed *closed)
{
	int raw_fd = open_raw(dir, closed->run, "raw"), times_fd = open_raw(dir, closed->run, "times");

	if (raw_fd >= 0 && times_fd >= 0)
		write_one(dir, closed, raw_fd, times_fd);
	if (raw_fd >= 0)
		close(raw_fd);
	if (times_fd >= 0)
		close(times_fd);
}

static int sync_disk(const char *dir, struct err *err)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int rc = fd < 0 || syncfs(fd) != 0 ? err_set_errno(err, errno, "cannot sync %s", dir) : 0;

	if (fd >= 0)
		close(fd);
	return rc;
}

static void give_up(const char *dir, struct console_closed *closed, const struct err *err)
{
	char temp[4400];

	console_path(temp, sizeof(temp), dir, closed->run, "zst.new");
	(void)unlink(temp);
	closed->written = false;
	closed->err = *err;
}

static void name_one(const char *dir, struct console_closed *closed)
{
	char temp[4400], final[4400];
	struct err err = {0};

	console_path(temp, sizeof(temp), dir, closed->run, "zst.new");
	console_path(final, sizeof(final), dir, closed->run, "zst");
	if (rename(temp, final) == 0)
		return;
	(void)err_set_errno(&err, errno, "cannot rename %s", temp);
	give_up(dir, closed, &err);
}

static void remove_raw(const char *dir, int64_t run)
{
	char path[4400];

	console_path(path, sizeof(path), dir, run, "raw");
	(void)unlink(path);
	console_path(path, sizeof(path), dir, run, "times");
	(void)unlink(path);
}

void console_compress_all(const char *dir, struct console_closed *closed, size_t count)
{
	struct err err = {0};
	size_t written = 0;
	int rc = 0;

	for (size_t i = 0; i < count; i++) {
		write_if_raw(dir, &closed[i]);
		written += closed[i].written;
	}
	if (written)
		rc = sync_disk(dir, &err);
	for (size_t i = 0; i < count; i++) {
		if (closed[i].written && rc)
			give_up(dir, &closed[i], &err);
		else if (closed[i].written)
			name_one(dir, &closed[i]);
	}
	if (written && rc == 0)
		rc = console_sync_dir(dir, &err);
	for (size_t i = 0; i < count; i++) {
		if (closed[i].written && rc == 0)
			remove_raw(dir, closed[i].run);
		else if (closed[i].written) /* it has both: the next start tries again */
			closed[i].err = err;
	}
}

int console_compress(const char *dir, int64_t run, char ret_sha256[SHA256_HEX], struct err *err)
{
	struct console_closed closed = {.run = run};

	console_compress_all(dir, &closed, 1);
	if (closed.err.code) {
		if (err)
			*err = closed.err;
		return (int)closed.err.code;
	}
	if (ret_sha256)
		mem_text_into(ret_sha256, SHA256_HEX, closed.found);
	return 0;
}
