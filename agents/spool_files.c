/* SPDX-License-Identifier: Apache-2.0 */
/* The spool's files: what runs leave behind besides messages. A kill at any moment leaves a whole file or none; a file
 * that no message tells of goes with its run. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agents/spool_private.h"
#include "core/base/log.h"

#define FILE_PATH_BYTES (SPOOL_PATH_BYTES + ARTEFACT_NAME_MAX + 8)

void spool_make_files_path(const struct spool *spool, int64_t run, char *ret_path, size_t size)
{
	snprintf(ret_path, size, "%s/%" PRId64 ".files", spool->dir, run);
}

/* On disk before the message that tells of it, as far as the disk does what it is told. */
static int sync_path(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC), rc;

	if (fd < 0)
		return -1;
	rc = fsync(fd);
	close(fd);
	return rc;
}

int spool_add_file(struct spool_run *run, const char *path, const char *name, struct err *err)
{
	char dir[SPOOL_PATH_BYTES], target[FILE_PATH_BYTES];

	if (!artefact_name_valid(name))
		return err_set(err, ERR_INVALID, "\"%s\" is no name for a file", name);
	spool_make_files_path(run->spool, run->run, dir, sizeof dir);
	snprintf(target, sizeof target, "%s/%s", dir, name);
	if (mkdir(dir, 0700) && errno != EEXIST)
		return err_set_errno(err, errno, "cannot make %s", dir);
	if (sync_path(path, O_RDONLY) || rename(path, target) || sync_path(dir, O_RDONLY | O_DIRECTORY))
		return err_set_errno(err, errno, "cannot keep %s of run %" PRId64, name, run->run);
	return 0;
}

bool spool_first_file(const struct spool_run *run, char *ret_path, size_t size, char ret_name[ARTEFACT_NAME_MAX])
{
	char dir[SPOOL_PATH_BYTES];
	struct dirent *entry;
	bool found = false;
	DIR *stream;

	spool_make_files_path(run->spool, run->run, dir, sizeof dir);
	stream = opendir(dir);
	if (!stream)
		return false;
	while (!found && (entry = readdir(stream))) {
		found = artefact_name_valid(entry->d_name);
		if (found) {
			snprintf(ret_name, ARTEFACT_NAME_MAX, "%.63s", entry->d_name);
			snprintf(ret_path, size, "%s/%s", dir, ret_name);
		}
	}
	closedir(stream);
	return found;
}

void spool_remove_files(const struct spool *spool, int64_t run)
{
	char dir[SPOOL_PATH_BYTES];
	struct dirent *entry;
	DIR *stream;

	spool_make_files_path(spool, run, dir, sizeof dir);
	stream = opendir(dir);
	if (!stream)
		return;
	while ((entry = readdir(stream))) {
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			unlinkat(dirfd(stream), entry->d_name, 0);
	}
	closedir(stream);
	if (rmdir(dir))
		log_warn("spool", "cannot remove %s: %s", dir, strerror(errno));
}
