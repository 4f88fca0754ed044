/* SPDX-License-Identifier: Apache-2.0 */
/* Small files. */
#include "agents/base/files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATH_BYTES 1024

static int read_all(int fd, const char *path, char *data, size_t size, size_t *ret_len, struct err *err)
{
	size_t len = 0;
	ssize_t got;

	while (len < size) {
		got = read(fd, data + len, size - len);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return err_set_errno(err, errno, "cannot read %s", path);
		if (got == 0)
			break;
		len += (size_t)got;
	}
	*ret_len = len;
	return 0;
}

int files_read(const char *path, size_t max, char **ret_data, size_t *ret_len, struct err *err)
{
	struct stat info;
	char *data = NULL;
	size_t len = 0;
	int rc, fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return err_set_errno(err, errno, "cannot open %s", path);
	if (fstat(fd, &info))
		rc = err_set_errno(err, errno, "cannot read %s", path);
	else if (!S_ISREG(info.st_mode))
		rc = err_set(err, ERR_INVALID, "%s is not a regular file", path);
	else if ((uint64_t)info.st_size > max)
		rc = err_set(err, ERR_TOO_BIG, "%s has %lld bytes, at most %zu are taken", path,
			     (long long)info.st_size, max);
	else if (!(data = malloc((size_t)info.st_size + 1)))
		rc = err_set(err, ERR_NOMEM, "cannot hold %s in memory", path);
	else
		rc = read_all(fd, path, data, (size_t)info.st_size, &len, err);
	close(fd);
	if (rc) {
		free(data);
		return rc;
	}
	data[len] = '\0';
	*ret_data = data;
	*ret_len = len;
	return 0;
}

static int write_all(int fd, const char *data, size_t len)
{
	ssize_t put;

	while (len) {
		put = write(fd, data, len);
		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return -1;
		data += put;
		len -= (size_t)put;
	}
	return 0;
}

int files_write(const char *path, const void *data, size_t len, struct err *err)
{
	char fresh[PATH_BYTES];
	int fd, failed;

	if ((size_t)snprintf(fresh, sizeof fresh, "%s.new", path) >= sizeof fresh)
		return err_set(err, ERR_TOO_BIG, "path too long: %s", path);
	fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0)
		return err_set_errno(err, errno, "cannot write %s", fresh);
	failed = write_all(fd, data, len) ? errno : 0;
	if (close(fd) && !failed)
		failed = errno;
	if (!failed && rename(fresh, path))
		failed = errno;
	if (!failed)
		return 0;
	unlink(fresh);
	return err_set_errno(err, failed, "cannot write %s", path);
}

int files_make_dir(const char *path, struct err *err)
{
	char part[PATH_BYTES];
	size_t len = strlen(path);

	if (len == 0 || len >= sizeof part)
		return err_set(err, ERR_INVALID, "not a directory's path: \"%s\"", path);
	for (size_t i = 1; i <= len; i++) {
		if (path[i] != '/' && path[i] != '\0')
			continue;
		memcpy(part, path, i);
		part[i] = '\0';
		if (mkdir(part, 0700) && errno != EEXIST)
			return err_set_errno(err, errno, "cannot make directory %s", part);
	}
	return 0;
}
