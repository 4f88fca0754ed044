/* SPDX-License-Identifier: Apache-2.0 */
/* Files that are there whole or not at all. */
#include "daemon/cli/download.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Whether there is something to write into that must not be put away: a device, a pipe. */
static bool is_no_file(const char *path)
{
	struct stat about;

	return stat(path, &about) == 0 && !S_ISREG(about.st_mode);
}

static int download_into(struct client *client, const char *path, const char *device, struct err *err)
{
	FILE *out = fopen(device, "we");
	int code;

	if (!out)
		return err_set_errno(err, errno, "cannot write %s", device);
	code = client_download(client, path, out, err);
	if (fclose(out) && !code)
		code = err_set_errno(err, errno, "cannot write %s", device);
	return code;
}

/* Writes beside the file and renames, so that a file is there whole or not at all. */
static int download_to(struct client *client, const char *path, const char *file, struct err *err)
{
	char part[4096 + 8];
	FILE *out;
	int code, fd;

	if (is_no_file(file))
		return download_into(client, path, file, err);
	if (strlen(file) >= 4096)
		return err_set(err, ERR_INVALID, "the file's name is too long");
	snprintf(part, sizeof part, "%s.XXXXXX", file);
	fd = mkostemp(part, O_CLOEXEC);
	out = fd < 0 ? NULL : fdopen(fd, "w");
	if (!out) {
		err_set_errno(err, errno, "cannot write %s", file);
		if (fd >= 0)
			close(fd);
		return (int)err->code;
	}
	fchmod(fd, 0644);
	code = client_download(client, path, out, err);
	if (fclose(out) && !code)
		code = err_set_errno(err, errno, "cannot write %s", file);
	if (!code && rename(part, file))
		code = err_set_errno(err, errno, "cannot write %s", file);
	if (code)
		unlink(part);
	return code;
}

int download_file(struct client *client, const char *path, const char *file, struct err *err)
{
	return strcmp(file, "-") == 0 ? client_download(client, path, stdout, err)
				      : download_to(client, path, file, err);
}
