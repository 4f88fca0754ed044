/* SPDX-License-Identifier: Apache-2.0 */
/* Flash contents as a shared file mapping. */
#include "agents/virtual/flash/store.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static int store_fill(int fd, const char *path, size_t size, struct err *err)
{
	uint8_t erased[4096];
	memset(erased, 0xff, sizeof erased);
	for (size_t done = 0; done < size;) {
		size_t n = size - done < sizeof erased ? size - done : sizeof erased;
		ssize_t written = write(fd, erased, n);
		if (written < 0)
			return err_set_errno(err, errno, "cannot write %s", path);
		done += (size_t)written;
	}
	return 0;
}

/* A new file with erased contents, under its name only when it is whole: a start that is cut short, or had no room,
 * leaves nothing that would be taken for another chip's. The blocks are really allocated, so that a full disk is told
 * now and not by a signal at a later write. */
static int store_create(const char *path, size_t size, int *ret_fd, struct err *err)
{
	char made[PATH_MAX];
	if (snprintf(made, sizeof made, "%s.new", path) >= (int)sizeof made)
		return err_set(err, ERR_TOO_BIG, "%s is too long", path);
	int fd = open(made, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (fd < 0)
		return err_set_errno(err, errno, "cannot open %s", made);
	int failed = store_fill(fd, made, size, err);
	if (!failed && rename(made, path))
		failed = err_set_errno(err, errno, "cannot make %s", path);
	if (failed) {
		unlink(made);
		close(fd);
		return failed;
	}
	*ret_fd = fd;
	return 0;
}

static int store_open(const char *path, size_t size, int *ret_fd, struct err *err)
{
	struct stat stat;
	int fd = open(path, O_RDWR | O_CLOEXEC), failed = 0;
	if (fd < 0 && errno == ENOENT)
		return store_create(path, size, ret_fd, err);
	if (fd < 0)
		return err_set_errno(err, errno, "cannot open %s", path);
	if (fstat(fd, &stat))
		failed = err_set_errno(err, errno, "cannot look at %s", path);
	else if ((size_t)stat.st_size != size)
		failed = err_set(err, ERR_INVALID, "%s has %lld bytes, but this chip's flash has %zu", path,
				 (long long)stat.st_size, size);
	if (failed) {
		close(fd);
		return failed;
	}
	*ret_fd = fd;
	return 0;
}

int flash_store_init(struct flash_store *store, const char *path, size_t size, struct err *err)
{
	*store = (struct flash_store){.size = size};
	if (!size)
		return 0;
	int fd = -1, failed = store_open(path, size, &fd, err);
	if (failed)
		return failed;
	void *cells = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (cells == MAP_FAILED)
		failed = err_set_errno(err, errno, "cannot map %s", path);
	else
		store->cells = cells;
	close(fd);
	return failed;
}

void flash_store_finish(struct flash_store *store)
{
	if (store->cells)
		munmap(store->cells, store->size);
	*store = (struct flash_store){0};
}
