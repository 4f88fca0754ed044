/* SPDX-License-Identifier: Apache-2.0 */
/* The order of the checks, and reading files out of a bundle. */
#include "daemon/cli/verify.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/cli/verify_private.h"

void verify_tell(struct verify *verify, enum verify_word word, const char *what, const char *format, ...)
{
	char text[1200];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (word == VERIFY_BROKEN)
		verify->broken = true;
	verify->on_told(verify->context, word, what, text);
}

bool verify_read(struct verify *verify, uint64_t at, void *data, size_t size)
{
	char *target = data;

	while (size) {
		ssize_t got = pread(verify->fd, target, size, (off_t)at);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0 && !verify->err.code)
			err_set_errno(&verify->err, errno, "cannot read the bundle");
		if (got <= 0)
			return false;
		target += got;
		at += (uint64_t)got;
		size -= (size_t)got;
	}
	return true;
}

/* Files are asked for about in the order in which they stand. */
const struct manifest_file *verify_find(struct verify *verify, const char *path)
{
	const struct manifest *manifest = &verify->manifest;

	for (size_t i = 0; i < manifest->file_count; i++) {
		size_t at = (verify->last_found + i) % manifest->file_count;

		if (strcmp(manifest->files[at].path, path) == 0) {
			verify->last_found = at;
			return &manifest->files[at];
		}
	}
	return NULL;
}

bool verify_open(struct verify *verify, const char *path, struct verify_file *ret_file)
{
	const struct manifest_file *row = verify_find(verify, path);
	char *piece = row ? malloc(VERIFY_PIECE) : NULL;

	*ret_file = (struct verify_file){.verify = verify};
	if (!piece)
		return false;
	ret_file->at = verify->offset[row - verify->manifest.files];
	ret_file->end = ret_file->at + row->size_bytes;
	ret_file->piece = piece;
	return true;
}

void verify_close(struct verify_file *file)
{
	free(file->piece);
	file->piece = NULL;
}

static bool refill(struct verify_file *file)
{
	uint64_t left = file->end - file->at;
	size_t want = left < VERIFY_PIECE ? (size_t)left : VERIFY_PIECE;

	if (want == 0 || !verify_read(file->verify, file->at, file->piece, want))
		return false;
	file->at += want;
	file->piece_len = want;
	file->piece_at = 0;
	return true;
}

size_t verify_next(struct verify_file *file, const char **ret_data, size_t size)
{
	size_t len;

	if (file->piece_at == file->piece_len && !refill(file))
		return 0;
	len = file->piece_len - file->piece_at;
	if (len > size)
		len = size;
	*ret_data = file->piece + file->piece_at;
	file->piece_at += len;
	return len;
}

bool verify_line(struct verify_file *file, struct buf *line)
{
	bool any = false;

	buf_reset(line);
	while (file->piece_at < file->piece_len || refill(file)) {
		const char *from = file->piece + file->piece_at;
		const char *newline = memchr(from, '\n', file->piece_len - file->piece_at);
		size_t len = newline ? (size_t)(newline - from) : file->piece_len - file->piece_at;

		if (buf_append(line, from, len))
			return false;
		file->piece_at += len + (newline ? 1 : 0);
		any = true;
		if (newline)
			break;
	}
	return any;
}

json_t *verify_json(struct verify *verify, const char *path)
{
	struct verify_file file;
	const char *data;
	struct buf text;
	struct err err = {0};
	json_t *value = NULL;
	size_t len;
	int rc = 0;

	if (!verify_open(verify, path, &file)) {
		verify_tell(verify, VERIFY_BROKEN, path, "it is not in the bundle");
		return NULL;
	}
	buf_init(&text, VERIFY_MAX_JSON);
	while (!rc && (len = verify_next(&file, &data, VERIFY_PIECE)) > 0)
		rc = buf_append(&text, data, len);
	if (rc)
		err_set(&err, (enum err_code)rc, "%s", err_name((enum err_code)rc));
	else
		rc = json_parse(buf_text(&text), text.len, VERIFY_MAX_JSON, &value, &err);
	if (rc)
		verify_tell(verify, VERIFY_BROKEN, path, "%s", err.text);
	buf_finish(&text);
	verify_close(&file);
	return rc ? NULL : value;
}

static bool text_is(const json_t *object, const char *key, const char *expected)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text && strcmp(text, expected) == 0;
}

static int by_index(const void *a, const void *b)
{
	const struct manifest_run *one = *(const struct manifest_run *const *)a;
	const struct manifest_run *other = *(const struct manifest_run *const *)b;

	if (one->index != other->index)
		return one->index < other->index ? -1 : 1;
	return one->attempt < other->attempt ? -1 : one->attempt > other->attempt;
}

/* The verdict that the job has by the last attempt of each of its runs. */
static enum run_verdict combined_verdict(const struct manifest *manifest)
{
	const struct manifest_run **order = calloc(manifest->run_count + 1, sizeof(struct manifest_run *));
	enum run_verdict *verdicts = calloc(manifest->run_count + 1, sizeof(*verdicts));
	enum run_verdict combined = RUN_NONE;
	size_t count = 0;

	if (order && verdicts) {
		for (size_t i = 0; i < manifest->run_count; i++)
			order[i] = &manifest->runs[i];
		qsort(order, manifest->run_count, sizeof(struct manifest_run *), by_index);
		for (size_t i = 0; i < manifest->run_count; i++) {
			if (i + 1 == manifest->run_count || order[i + 1]->index != order[i]->index)
				verdicts[count++] = order[i]->verdict;
		}
		combined = run_verdict_combine(verdicts, count);
	}
	free(order);
	free(verdicts);
	return combined;
}

static void verify_job(struct verify *verify)
{
	const struct manifest *manifest = &verify->manifest;
	json_t *job = verify_json(verify, "job.json");
	enum run_verdict combined = combined_verdict(manifest);
	char what[40];

	snprintf(what, sizeof(what), "job %" PRId64, manifest->job);
	if (job && (json_integer_value(json_object_get(job, "id")) != manifest->job ||
		    !text_is(job, "verdict", run_verdict_name(manifest->verdict)) ||
		    !text_is(job, "cause", cause_name(manifest->cause))))
		verify_tell(verify, VERIFY_BROKEN, "job.json", "its job or verdict is another one than the manifest's");
	json_decref(job);
	if (combined != manifest->verdict)
		verify_tell(verify, VERIFY_BROKEN, what, "its verdict is %s, that of its runs together is %s",
			    run_verdict_name(manifest->verdict), run_verdict_name(combined));
	else
		verify_tell(verify, VERIFY_HOLDS, what, "%s, as its runs together", run_verdict_name(combined));
}

int verify_bundle(int fd, const struct minisig_public *key, verify_told_fn on_told, void *context, struct err *err)
{
	struct verify verify = {.fd = fd, .key = key, .on_told = on_told, .context = context};

	manifest_init(&verify.manifest);
	if (verify_manifest(&verify) && verify_archive(&verify)) {
		verify_job(&verify);
		for (size_t i = 0; i < verify.manifest.run_count && !verify.err.code; i++)
			verify_run(&verify, &verify.manifest.runs[i]);
	}
	manifest_finish(&verify.manifest);
	free(verify.offset);
	if (verify.err.code)
		*err = verify.err;
	if (verify.err.code)
		return (int)verify.err.code;
	return verify.broken ? err_set(err, ERR_CORRUPT, "the evidence does not hold") : 0;
}
