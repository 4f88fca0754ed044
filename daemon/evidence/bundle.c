/* SPDX-License-Identifier: Apache-2.0 */
/* Gathering a bundle's files. */
#include "daemon/evidence/bundle.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define JSON_MAX_BYTES (64u << 20)
#define COPY_BYTES     65536

int bundle_init(struct bundle *bundle, const char *dir, struct err *err)
{
	char path[4200];
	int fd;

	*bundle = (struct bundle){0};
	manifest_init(&bundle->manifest);
	buf_init(&bundle->line, JSON_MAX_BYTES);
	snprintf(path, sizeof(path), "%s/spool-XXXXXX.new", dir);
	fd = mkostemps(path, 4, O_CLOEXEC);
	if (fd < 0)
		return err_set_errno(err, errno, "cannot write in %s", dir);
	(void)unlink(path);
	bundle->spool = fdopen(fd, "w+");
	if (bundle->spool)
		return 0;
	close(fd);
	return err_set(err, ERR_NOMEM, "out of memory");
}

void bundle_finish(struct bundle *bundle)
{
	manifest_finish(&bundle->manifest);
	buf_finish(&bundle->line);
	if (bundle->spool)
		fclose(bundle->spool);
	bundle->spool = NULL;
}

int bundle_fail(struct bundle *bundle, const struct err *err)
{
	if (!bundle->err.code)
		bundle->err = *err;
	return (int)bundle->err.code;
}

static void begin(struct bundle *bundle, const char *format, va_list args)
{
	struct err err = {0};

	if (bundle->err.code)
		return;
	bundle->open = manifest_add_file(&bundle->manifest);
	if (!bundle->open) {
		err_set(&err, ERR_TOO_BIG, "the job has more files than a bundle takes, %d", MANIFEST_MAX_FILES);
		bundle_fail(bundle, &err);
		return;
	}
	vsnprintf(bundle->open->path, sizeof(bundle->open->path), format, args);
	crypto_hash_sha256_init(&bundle->hash);
}

void bundle_begin(struct bundle *bundle, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	begin(bundle, format, args);
	va_end(args);
}

void bundle_add(struct bundle *bundle, const void *data, size_t size)
{
	struct err err = {0};

	if (bundle->err.code || size == 0)
		return;
	if (fwrite(data, 1, size, bundle->spool) != size) {
		err_set_errno(&err, errno, "cannot write the evidence");
		bundle_fail(bundle, &err);
		return;
	}
	crypto_hash_sha256_update(&bundle->hash, data, size);
	bundle->open->size_bytes += size;
}

void bundle_add_json(struct bundle *bundle, json_t *value)
{
	struct err err = {0};
	int rc;

	buf_reset(&bundle->line);
	rc = value ? json_write(value, &bundle->line) : ERR_NOMEM;
	if (!rc)
		rc = buf_append_text(&bundle->line, "\n");
	if (rc) {
		err_set(&err, (enum err_code)rc, "cannot write %s", bundle->open ? bundle->open->path : "a file");
		bundle_fail(bundle, &err);
	}
	bundle_add(bundle, bundle->line.data, bundle->line.len);
	json_decref(value);
}

void bundle_end(struct bundle *bundle)
{
	uint8_t hash[crypto_hash_sha256_BYTES];

	if (bundle->err.code)
		return;
	crypto_hash_sha256_final(&bundle->hash, hash);
	sodium_bin2hex(bundle->open->sha256, sizeof(bundle->open->sha256), hash, sizeof(hash));
	bundle->open = NULL;
}

void bundle_add_json_file(struct bundle *bundle, json_t *value, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	begin(bundle, format, args);
	va_end(args);
	bundle_add_json(bundle, value);
	bundle_end(bundle);
}

void bundle_add_fd_file(struct bundle *bundle, int fd, const char *format, ...)
{
	char piece[COPY_BYTES];
	struct err err = {0};
	ssize_t got = 0;
	va_list args;

	va_start(args, format);
	begin(bundle, format, args);
	va_end(args);
	while (!bundle->err.code && (got = read(fd, piece, sizeof(piece))) > 0)
		bundle_add(bundle, piece, (size_t)got);
	if (got < 0) {
		err_set_errno(&err, errno, "cannot read %s", bundle->open->path);
		bundle_fail(bundle, &err);
	}
	bundle_end(bundle);
	close(fd);
}

static ssize_t stream_write(void *cookie, const char *data, size_t size)
{
	struct bundle *bundle = cookie;

	bundle_add(bundle, data, size);
	return bundle->err.code ? 0 : (ssize_t)size;
}

FILE *bundle_stream(struct bundle *bundle)
{
	struct err err = {0};
	FILE *stream;

	if (bundle->err.code)
		return NULL;
	stream = fopencookie(bundle, "w", (cookie_io_functions_t){.write = stream_write});
	if (!stream) {
		err_set(&err, ERR_NOMEM, "out of memory");
		bundle_fail(bundle, &err);
	}
	return stream;
}
