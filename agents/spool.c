/* SPDX-License-Identifier: Apache-2.0 */
/* The spool's writing side: appending, reading one message, removing. Reading it all again is in spool_load.c. */
#include "agents/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "agents/spool_private.h"
#include "core/base/json.h"
#include "core/base/log.h"

struct list *spool_runs(struct spool *spool)
{
	return &spool->runs;
}

struct list *spool_waiting(struct spool *spool)
{
	return &spool->waiting;
}

struct spool_run *spool_find(struct spool *spool, int64_t run)
{
	list_for_each (link, &spool->runs) {
		struct spool_run *candidate = list_container(link, struct spool_run, link);

		if (candidate->run == run)
			return candidate;
	}
	return NULL;
}

void spool_make_path(const struct spool *spool, int64_t run, char *ret_path, size_t size)
{
	snprintf(ret_path, size, "%s/%" PRId64 ".jsonl", spool->dir, run);
}

int spool_note_offset(struct spool_run *run, uint64_t offset)
{
	size_t room = run->offset_room ? run->offset_room * 2 : 64;
	uint64_t *grown;

	if (run->last >= SPOOL_MAX_MESSAGES)
		return ERR_TOO_BIG;
	if ((size_t)run->last == run->offset_room) {
		grown = realloc(run->offset, room * sizeof *grown);
		if (!grown)
			return ERR_NOMEM;
		run->offset = grown;
		run->offset_room = room;
	}
	run->offset[run->last++] = offset;
	return 0;
}

void spool_run_free(struct spool_run *run)
{
	if (run->fd >= 0)
		close(run->fd);
	list_remove(&run->link);
	list_remove(&run->wait_link);
	free(run->offset);
	buf_finish(&run->memory);
	free(run);
}

struct spool_run *spool_run_new(struct spool *spool, int64_t number)
{
	struct spool_run *run = calloc(1, sizeof *run);

	if (!run)
		return NULL;
	run->run = number;
	run->spool = spool;
	run->fd = -1;
	buf_init(&run->memory, SPOOL_MAX_MEMORY);
	list_init(&run->link);
	list_init(&run->wait_link);
	return run;
}

/* Appends one line at file_len; on failure the file is cut back to whole lines. */
static int append_line(struct spool_run *run, const char *text, size_t len, struct err *err)
{
	struct iovec parts[2] = {{(void *)(uintptr_t)text, len}, {(void *)(uintptr_t) "\n", 1}};
	ssize_t put;

	do {
		put = pwritev(run->fd, parts, 2, (off_t)run->file_len);
	} while (put < 0 && errno == EINTR);
	if (put == (ssize_t)len + 1) {
		run->file_len += len + 1;
		return 0;
	}
	if (put >= 0)
		errno = ENOSPC; /* a short write to a file means that there is no more room */
	err_set_errno(err, errno, "cannot write the spool of run %" PRId64, run->run);
	if (ftruncate(run->fd, (off_t)run->file_len))
		log_warn("spool", "run %" PRId64 ": cannot cut a half-written line off", run->run);
	return (int)err->code;
}

static int write_head(struct spool_run *run, struct err *err)
{
	char path[SPOOL_PATH_BYTES], line[160];
	int len;

	spool_make_path(run->spool, run->run, path, sizeof path);
	run->fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (run->fd < 0)
		return err_set_errno(err, errno, "cannot write %s", path);
	len = snprintf(line, sizeof line, "{\"run\":%" PRId64 ",\"fence\":%" PRId64 ",\"board\":\"%s\"}", run->run,
		       run->fence, run->board);
	if (append_line(run, line, (size_t)len, err) == 0)
		return 0;
	close(run->fd);
	unlink(path);
	run->fd = -1;
	return (int)err->code;
}

int spool_create(struct spool *spool, int64_t number, int64_t fence, const char *board, struct spool_run **ret_run,
		 struct err *err)
{
	struct spool_run *run;
	struct err local = {0};

	if (spool_find(spool, number))
		return err_set(err, ERR_EXISTS, "run %" PRId64 " is in the spool already", number);
	run = spool_run_new(spool, number);
	if (!run)
		return err_set(err, ERR_NOMEM, "out of memory");
	run->fence = fence;
	snprintf(run->board, sizeof run->board, "%s", board);
	list_append(&spool->runs, &run->link);
	*ret_run = run;
	if (write_head(run, &local) == 0)
		return 0;
	if (err)
		*err = local;
	return (int)local.code;
}

/* Without a disk: kept in memory, behind all that is in the file. */
static int append_to_memory(struct spool_run *run, const char *text, size_t len)
{
	uint64_t offset = run->file_len + run->memory.len;

	if (run->memory.len + len + 1 > SPOOL_MAX_MEMORY || spool_note_offset(run, offset))
		return ERR_TOO_BIG;
	if (buf_append(&run->memory, text, len) || buf_append(&run->memory, "\n", 1)) {
		run->memory.len = (size_t)(offset - run->file_len);
		run->last--;
		return ERR_TOO_BIG;
	}
	return 0;
}

int spool_append(struct spool_run *run, const char *text, size_t len, bool ended, struct err *err)
{
	uint64_t offset = run->file_len;
	struct err disk = {0};

	if (run->fd < 0 || run->memory.len) {
		/* Once one message is in memory, all later ones are: the file has no gaps. */
		err_set(&disk, ERR_NO_SPACE, "the spool of run %" PRId64 " is kept in memory only", run->run);
	} else if (append_line(run, text, len, &disk) == 0) {
		if (spool_note_offset(run, offset) == 0) {
			run->ended = ended;
			return 0;
		}
		run->file_len = offset;
		if (ftruncate(run->fd, (off_t)offset))
			log_warn("spool", "run %" PRId64 ": cannot cut a line off", run->run);
		return err_set(err, ERR_TOO_BIG, "run %" PRId64 " has too many messages", run->run);
	}
	if (append_to_memory(run, text, len))
		return err_set(err, ERR_TOO_BIG, "run %" PRId64 " has no room for more messages", run->run);
	run->ended = ended;
	if (err)
		*err = disk;
	return (int)disk.code;
}

static int read_from_file(struct spool_run *run, uint64_t offset, size_t len, struct buf *out, struct err *err)
{
	char *target = buf_reserve(out, len);
	ssize_t got;

	if (!target)
		return err_set(err, ERR_NOMEM, "no memory for a message of %zu bytes", len);
	do {
		got = pread(run->fd, target, len, (off_t)offset);
	} while (got < 0 && errno == EINTR);
	if (got != (ssize_t)len)
		return err_set(err, ERR_CORRUPT, "the spool of run %" PRId64 " is shorter than it was", run->run);
	out->len += len;
	out->data[out->len] = '\0';
	return 0;
}

int spool_read(struct spool_run *run, int64_t n, struct buf *out, struct err *err)
{
	uint64_t offset, end;

	if (n < 1 || n > run->last)
		return err_set(err, ERR_NOT_FOUND, "run %" PRId64 " has no message %" PRId64, run->run, n);
	offset = run->offset[n - 1];
	if (offset >= run->file_len) {
		end = n < run->last ? run->offset[n] : run->file_len + run->memory.len;
		return buf_append(out, run->memory.data + (offset - run->file_len), (size_t)(end - offset - 1));
	}
	end = n < run->last && run->offset[n] < run->file_len ? run->offset[n] : run->file_len;
	return read_from_file(run, offset, (size_t)(end - offset - 1), out, err);
}

void spool_sync(struct spool_run *run)
{
	if (run->fd >= 0 && fdatasync(run->fd))
		log_warn("spool", "run %" PRId64 ": cannot sync: %s", run->run, strerror(errno));
}

void spool_delete(struct spool_run *run)
{
	char path[SPOOL_PATH_BYTES];

	spool_make_path(run->spool, run->run, path, sizeof path);
	spool_remove_files(run->spool, run->run);
	unlink(path);
	spool_run_free(run);
}

void spool_close(struct spool *spool)
{
	if (!spool)
		return;
	list_for_each_safe (link, &spool->runs)
		spool_run_free(list_container(link, struct spool_run, link));
	free(spool);
}
