/* SPDX-License-Identifier: Apache-2.0 */
/* The state directory: made, private, and held by one process at a time. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/store/store_private.h"

static int make_dir(const char *path, struct err *err)
{
	struct stat st;

	if (mkdir(path, 0700) == 0)
		return 0;
	if (errno != EEXIST)
		return err_set_errno(err, errno, "cannot make %s", path);
	if (stat(path, &st) != 0)
		return err_set_errno(err, errno, "cannot use %s", path);
	if (!S_ISDIR(st.st_mode))
		return err_set(err, ERR_INVALID, "%s is no directory", path);
	/* Another user's, or read-only: better now than when the first upload comes. */
	if (access(path, R_OK | W_OK | X_OK) != 0)
		return err_set_errno(err, errno, "cannot write in %s", path);
	return 0;
}

/* Whose the lock is, as it says itself. */
static long holder(int fd)
{
	char text[32] = "";
	ssize_t len = pread(fd, text, sizeof(text) - 1, 0);

	return len > 0 ? strtol(text, NULL, 10) : 0;
}

static int take_lock(struct store *store, struct err *err)
{
	char path[STORE_PATH_MAX + 16], text[32];
	int len;

	(void)snprintf(path, sizeof(path), "%s/lock", store->dir);
	store->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (store->lock_fd < 0)
		return err_set_errno(err, errno, "cannot open %s", path);
	if (flock(store->lock_fd, LOCK_EX | LOCK_NB) != 0) {
		if (errno == EWOULDBLOCK)
			return err_set(err, ERR_BUSY, "state directory %s is in use by process %ld", store->dir,
				       holder(store->lock_fd));
		return err_set_errno(err, errno, "cannot lock %s", path);
	}
	len = snprintf(text, sizeof(text), "%ld\n", (long)getpid());
	if (ftruncate(store->lock_fd, 0) != 0 || pwrite(store->lock_fd, text, (size_t)len, 0) != len)
		return err_set_errno(err, errno ? errno : ENOSPC, "cannot write %s", path);
	return 0;
}

/* Files that a crash cut short. */
static void remove_leftovers(const char *dir, const char *prefix, const char *suffix)
{
	DIR *stream = opendir(dir);

	if (!stream)
		return;
	for (struct dirent *entry; (entry = readdir(stream));) {
		size_t len = strlen(entry->d_name), tail = strlen(suffix);

		if (strncmp(entry->d_name, prefix, strlen(prefix)) == 0 && len >= tail &&
		    strcmp(entry->d_name + len - tail, suffix) == 0)
			(void)unlinkat(dirfd(stream), entry->d_name, 0);
	}
	closedir(stream);
}

int dir_prepare(struct store *store, const char *dir, struct err *err)
{
	int rc;

	store->lock_fd = -1;
	if (!dir || !dir[0] || strlen(dir) >= sizeof(store->dir) - 32)
		return err_set(err, ERR_INVALID, "the state directory's path is empty or too long");
	(void)snprintf(store->dir, sizeof(store->dir), "%s", dir);
	(void)snprintf(store->database, sizeof(store->database), "%s/assay.db", dir);
	(void)snprintf(store->console_dir, sizeof(store->console_dir), "%s/console", dir);
	(void)snprintf(store->image_dir, sizeof(store->image_dir), "%s/images", dir);
	(void)snprintf(store->artefact_dir, sizeof(store->artefact_dir), "%s/artefacts", dir);
	rc = make_dir(store->dir, err);
	if (rc == 0)
		rc = take_lock(store, err);
	if (rc == 0)
		rc = make_dir(store->console_dir, err);
	if (rc == 0)
		rc = make_dir(store->image_dir, err);
	if (rc == 0)
		rc = make_dir(store->artefact_dir, err);
	if (rc)
		return rc;
	remove_leftovers(store->image_dir, ".upload-", "");
	remove_leftovers(store->artefact_dir, ".upload-", "");
	remove_leftovers(store->console_dir, "", ".zst.new");
	remove_leftovers(store->console_dir, "report.", ""); /* until it is unlinked, at once */
	return 0;
}

void dir_release(struct store *store)
{
	if (store->lock_fd >= 0)
		close(store->lock_fd);
	store->lock_fd = -1;
}
