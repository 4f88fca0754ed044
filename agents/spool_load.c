/* SPDX-License-Identifier: Apache-2.0 */
/* Reads the spool again after a start. Whatever a dying agent or a full disk left at the end of a file is cut off; what
 * is before it counts. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agents/base/files.h"
#include "agents/spool_private.h"
#include "core/base/json.h"
#include "core/base/log.h"
#include "core/wire/message.h"

#define FILE_MAX_BYTES (1u << 30)

static bool read_head(struct spool_run *run, const char *line, size_t len)
{
	struct err err = {0};
	json_t *head = NULL;
	const char *board = "";
	int64_t number = 0;
	bool good = json_parse(line, len, 4096, &head, &err) == 0 &&
		    json_read_int(head, "run", true, run->run, run->run, &number, &err) == 0 &&
		    json_read_int(head, "fence", true, 0, INT64_MAX, &run->fence, &err) == 0 &&
		    json_read_text(head, "board", true, &board, &err) == 0;

	snprintf(run->board, sizeof run->board, "%s", board);
	json_decref(head);
	return good;
}

/* Whether the line is this run's next message. */
static bool read_message(struct spool_run *run, const char *line, size_t len, uint64_t offset)
{
	struct wire_message message;
	bool good;

	if (run->ended || wire_decode(line, len, WIRE_AGENT, &message, NULL))
		return false;
	good = message.type == WIRE_EVENT && message.as.event.run == run->run && message.as.event.n == run->last + 1 &&
	       spool_note_offset(run, offset) == 0;
	run->ended = good && message.as.event.kind == WIRE_EVENT_RUN_ENDED;
	wire_message_finish(&message);
	return good;
}

/* Takes whole, good lines from the front; returns how many bytes they are. */
static size_t read_lines(struct spool_run *run, const char *data, size_t len)
{
	size_t at = 0;
	const char *end;

	while ((end = memchr(data + at, '\n', len - at))) {
		size_t line_len = (size_t)(end - (data + at));

		if (at == 0 ? !read_head(run, data, line_len) : !read_message(run, data + at, line_len, at))
			break;
		at += line_len + 1;
	}
	return at;
}

static void set_aside(const char *path)
{
	char bad[SPOOL_PATH_BYTES + 8];

	snprintf(bad, sizeof bad, "%s.bad", path);
	if (rename(path, bad))
		unlink(path);
	log_warn("spool", "%s makes no sense; moved to %s", path, bad);
}

static int load_run(struct spool *spool, int64_t number, struct err *err)
{
	struct spool_run *run = spool_run_new(spool, number);
	char path[SPOOL_PATH_BYTES], *data = NULL;
	size_t len = 0;
	int rc;

	if (!run)
		return err_set(err, ERR_NOMEM, "out of memory");
	spool_make_path(spool, number, path, sizeof path);
	rc = files_read(path, FILE_MAX_BYTES, &data, &len, err);
	if (rc == 0) {
		run->file_len = read_lines(run, data, len);
		free(data);
		if (run->file_len == 0) {
			set_aside(path);
			spool_run_free(run);
			return 0;
		}
		run->fd = open(path, O_RDWR | O_CLOEXEC);
		if (run->fd < 0 || (run->file_len < len && ftruncate(run->fd, (off_t)run->file_len)))
			rc = err_set_errno(err, errno, "cannot open %s for writing", path);
	}
	if (rc) {
		spool_run_free(run);
		return rc;
	}
	if (run->file_len < len)
		log_warn("spool", "run %" PRId64 ": %zu bytes of a broken end cut off", number,
			 len - (size_t)run->file_len);
	list_append(&spool->runs, &run->link);
	return 0;
}

/* Files of a run that is not here any more. */
static void drop_strays(struct spool *spool)
{
	DIR *dir = opendir(spool->dir);
	struct dirent *entry;
	int64_t number;
	char *end;

	if (!dir)
		return;
	while ((entry = readdir(dir))) {
		number = strtoll(entry->d_name, &end, 10);
		if (end != entry->d_name && number > 0 && strcmp(end, ".files") == 0 && !spool_find(spool, number))
			spool_remove_files(spool, number);
	}
	closedir(dir);
}

static int load_all(struct spool *spool, struct err *err)
{
	DIR *dir = opendir(spool->dir);
	struct dirent *entry;
	int64_t number;
	char *end;
	int rc = 0;

	if (!dir)
		return err_set_errno(err, errno, "cannot read %s", spool->dir);
	while (rc == 0 && (entry = readdir(dir))) {
		number = strtoll(entry->d_name, &end, 10);
		if (end != entry->d_name && number > 0 && strcmp(end, ".jsonl") == 0)
			rc = load_run(spool, number, err);
	}
	closedir(dir);
	return rc;
}

int spool_open(const char *dir, struct spool **ret_spool, struct err *err)
{
	struct spool *spool = calloc(1, sizeof *spool);
	int rc;

	if (!spool)
		return err_set(err, ERR_NOMEM, "out of memory");
	list_init(&spool->runs);
	list_init(&spool->waiting);
	if ((size_t)snprintf(spool->dir, sizeof spool->dir, "%s", dir) >= sizeof spool->dir)
		rc = err_set(err, ERR_TOO_BIG, "path too long: %s", dir);
	else
		rc = files_make_dir(dir, err);
	if (rc == 0)
		rc = load_all(spool, err);
	if (rc == 0)
		drop_strays(spool);
	if (rc) {
		spool_close(spool);
		return rc;
	}
	*ret_spool = spool;
	return 0;
}
