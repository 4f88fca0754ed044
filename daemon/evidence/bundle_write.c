/* SPDX-License-Identifier: Apache-2.0 */
/* Putting a bundle together: manifest, signature, the files, two blocks of zeros. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/evidence/bundle.h"

#define COPY_BYTES 65536

struct tar {
	int fd;
	int64_t time_s;
	struct err *err;
};

static int tar_put(struct tar *tar, const void *data, size_t size)
{
	const char *at = data;

	while (size) {
		ssize_t put = write(tar->fd, at, size);

		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return err_set_errno(tar->err, errno, "cannot write the evidence");
		at += put;
		size -= (size_t)put;
	}
	return 0;
}

static int tar_header(struct tar *tar, const char *path, uint64_t size)
{
	struct ustar_entry entry = {.size_bytes = size, .time_s = tar->time_s};
	uint8_t block[USTAR_BLOCK];
	int rc;

	snprintf(entry.path, sizeof(entry.path), "%s", path);
	rc = ustar_write(&entry, block, tar->err);
	return rc ? rc : tar_put(tar, block, sizeof(block));
}

static int tar_pad(struct tar *tar, uint64_t size)
{
	static const uint8_t zeros[USTAR_BLOCK];

	return tar_put(tar, zeros, ustar_padding(size));
}

static int tar_text(struct tar *tar, const char *path, const void *data, size_t size)
{
	int rc = tar_header(tar, path, size);

	if (!rc)
		rc = tar_put(tar, data, size);
	return rc ? rc : tar_pad(tar, size);
}

/* The next size bytes of the spool. */
static int tar_copy(struct tar *tar, FILE *spool, uint64_t size)
{
	char piece[COPY_BYTES];
	uint64_t left = size;
	int rc = 0;

	while (!rc && left) {
		size_t want = left < sizeof(piece) ? (size_t)left : sizeof(piece);

		if (fread(piece, 1, want, spool) != want)
			return err_set(tar->err, ERR_IO, "cannot read back what was gathered");
		rc = tar_put(tar, piece, want);
		left -= want;
	}
	return rc ? rc : tar_pad(tar, size);
}

static int tar_files(struct tar *tar, struct bundle *bundle)
{
	static const uint8_t end[USTAR_END_BLOCKS * USTAR_BLOCK];
	int rc = 0;

	if (fflush(bundle->spool) || fseeko(bundle->spool, 0, SEEK_SET))
		return err_set_errno(tar->err, errno, "cannot write the evidence");
	for (size_t i = 0; i < bundle->manifest.file_count && !rc; i++) {
		const struct manifest_file *file = &bundle->manifest.files[i];

		rc = tar_header(tar, file->path, file->size_bytes);
		if (!rc)
			rc = tar_copy(tar, bundle->spool, file->size_bytes);
	}
	return rc ? rc : tar_put(tar, end, sizeof(end));
}

static void add_sums(struct bundle *bundle)
{
	struct buf sums;
	struct err err = {0};

	buf_init(&sums, MANIFEST_MAX_BYTES);
	int rc = manifest_sums(&bundle->manifest, &sums);
	if (rc) {
		err_set(&err, (enum err_code)rc, "cannot write " MANIFEST_SUMS);
		bundle_fail(bundle, &err);
	}
	bundle_begin(bundle, MANIFEST_SUMS);
	bundle_add(bundle, sums.data, sums.len);
	bundle_end(bundle);
	buf_finish(&sums);
}

static int sign(const struct bundle *bundle, const struct minisig_secret *secret, const struct buf *text,
		char ret_signature[MINISIG_TEXT_MAX], struct err *err)
{
	char comment[MINISIG_COMMENT_MAX];

	snprintf(comment, sizeof(comment), "timestamp:%" PRId64 "\tfile:" MANIFEST_PATH "\tfarm:%s\tjob:%" PRId64,
		 bundle->manifest.created_at_us / 1000000, bundle->manifest.farm, bundle->manifest.job);
	return minisig_sign(secret, text->data, text->len, comment, ret_signature, err);
}

int bundle_write(struct bundle *bundle, const struct minisig_secret *secret, int fd, char ret_sha256[SHA256_HEX],
		 struct err *err)
{
	struct tar tar = {.fd = fd, .time_s = bundle->manifest.created_at_us / 1000000, .err = err};
	uint8_t hash[crypto_hash_sha256_BYTES];
	char signature[MINISIG_TEXT_MAX];
	struct buf text;
	int rc;

	add_sums(bundle);
	buf_init(&text, MANIFEST_MAX_BYTES);
	rc = bundle->err.code ? (*err = bundle->err, (int)err->code) : manifest_write(&bundle->manifest, &text);
	if (rc && !bundle->err.code)
		err_set(err, (enum err_code)rc, "cannot write " MANIFEST_PATH);
	if (!rc)
		rc = sign(bundle, secret, &text, signature, err);
	if (!rc)
		rc = tar_text(&tar, MANIFEST_PATH, text.data, text.len);
	if (!rc)
		rc = tar_text(&tar, MANIFEST_SIGNATURE, signature, strlen(signature));
	if (!rc)
		rc = tar_files(&tar, bundle);
	if (!rc) {
		crypto_hash_sha256(hash, (const uint8_t *)text.data, text.len);
		sodium_bin2hex(ret_sha256, SHA256_HEX, hash, sizeof(hash));
	}
	buf_finish(&text);
	return rc;
}
