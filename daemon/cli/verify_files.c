/* SPDX-License-Identifier: Apache-2.0 */
/* The archive against its manifest, byte by byte: no header, padding or end of it is free. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <sodium.h>

#include "daemon/cli/verify_private.h"

/* Whether this could ever have been a bundle: one flipped bit does not take both signs away. */
static bool looks_like_bundle(const uint8_t block[USTAR_BLOCK])
{
	return memcmp(block, MANIFEST_PATH, sizeof(MANIFEST_PATH)) == 0 || memcmp(block + 257, "ustar", 6) == 0;
}

static bool zeros(const uint8_t *data, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		if (data[i])
			return false;
	}
	return true;
}

/* Reads the padding behind a file's bytes. */
static void check_padding(struct verify *verify, const char *path, uint64_t at, uint64_t size)
{
	uint8_t padding[USTAR_BLOCK];
	size_t len = ustar_padding(size);

	if (!verify_read(verify, at + size, padding, len))
		verify_tell(verify, VERIFY_BROKEN, path, "the archive is cut off behind it");
	else if (!zeros(padding, len))
		verify_tell(verify, VERIFY_BROKEN, path, "the archive's padding behind it is damaged");
}

/* One of the two files that the manifest does not list: reads it into data, of at most max bytes. Returns the offset of
 * what follows it, 0 when there is no going on. */
static uint64_t read_listed_nowhere(struct verify *verify, uint64_t at, const char *path, struct buf *data,
				    int64_t *ret_time_s)
{
	struct ustar_entry entry;
	uint8_t block[USTAR_BLOCK];
	struct err err = {0};
	char *room;

	if (!verify_read(verify, at, block, sizeof(block))) {
		verify_tell(verify, VERIFY_BROKEN, path, "the archive ends before it");
		return 0;
	}
	if (ustar_read(block, &entry, &err)) {
		verify_tell(verify, VERIFY_BROKEN, path, "%s", err.text);
		return 0;
	}
	room = strcmp(entry.path, path) == 0 && entry.size_bytes <= data->max
		       ? buf_reserve(data, (size_t)entry.size_bytes + 1)
		       : NULL;
	if (!room) {
		verify_tell(verify, VERIFY_BROKEN, path, "another file stands in its place, or it is too large");
		return 0;
	}
	if (!verify_read(verify, at + USTAR_BLOCK, room, (size_t)entry.size_bytes)) {
		verify_tell(verify, VERIFY_BROKEN, path, "the archive is cut off in it");
		return 0;
	}
	room[entry.size_bytes] = '\0';
	data->len += (size_t)entry.size_bytes;
	*ret_time_s = entry.time_s;
	check_padding(verify, path, at + USTAR_BLOCK, entry.size_bytes);
	return at + USTAR_BLOCK + entry.size_bytes + ustar_padding(entry.size_bytes);
}

static void check_signature(struct verify *verify, const struct buf *manifest, const struct buf *signature)
{
	char id[MINISIG_ID_TEXT];
	struct err err = {0};
	int rc = minisig_verify(verify->key, manifest->data, manifest->len, signature->data, signature->len, &err);

	minisig_id_text(verify->key->id, id);
	if (rc == ERR_CORRUPT)
		verify_tell(verify, VERIFY_BROKEN, MANIFEST_PATH, "%s", err.text);
	else if (rc)
		verify_tell(verify, VERIFY_BROKEN, MANIFEST_SIGNATURE, "%s", err.text);
	else
		verify_tell(verify, VERIFY_HOLDS, MANIFEST_PATH, "signed with key %s", id);
}

static bool lay_out(struct verify *verify, uint64_t at)
{
	verify->offset = calloc(verify->manifest.file_count + 1, sizeof(*verify->offset));
	if (!verify->offset) {
		err_set(&verify->err, ERR_NOMEM, "out of memory");
		return false;
	}
	for (size_t i = 0; i < verify->manifest.file_count; i++) {
		uint64_t size = verify->manifest.files[i].size_bytes;

		verify->offset[i] = at + USTAR_BLOCK;
		at += USTAR_BLOCK + size + ustar_padding(size);
	}
	verify->offset[verify->manifest.file_count] = at;
	return true;
}

/* Headers written with the manifest's own time. */
static bool read_manifest(struct verify *verify, const struct buf *text, int64_t time_s, int64_t signature_time_s)
{
	struct err err = {0};
	int rc = manifest_read(buf_text(text), text->len, &verify->manifest, &err);

	if (rc == ERR_UNSUPPORTED && !verify->broken)
		verify->err = err;
	else if (rc)
		verify_tell(verify, VERIFY_BROKEN, MANIFEST_PATH, "%s", err.text);
	else if (time_s != verify->manifest.created_at_us / 1000000)
		verify_tell(verify, VERIFY_BROKEN, MANIFEST_PATH, "the archive gives it another time than its own");
	else if (time_s != signature_time_s)
		verify_tell(verify, VERIFY_BROKEN, MANIFEST_SIGNATURE, "the archive gives it another time");
	return rc == 0;
}

bool verify_manifest(struct verify *verify)
{
	uint8_t block[USTAR_BLOCK];
	struct buf manifest, signature;
	int64_t time_s = 0, signature_time_s = 0;
	uint64_t at;
	bool good;

	if (!verify_read(verify, 0, block, sizeof(block)) || !looks_like_bundle(block)) {
		if (!verify->err.code)
			err_set(&verify->err, ERR_INVALID, "this is no bundle of evidence");
		return false;
	}
	buf_init(&manifest, MANIFEST_MAX_BYTES);
	buf_init(&signature, MINISIG_TEXT_MAX);
	at = read_listed_nowhere(verify, 0, MANIFEST_PATH, &manifest, &time_s);
	if (at)
		at = read_listed_nowhere(verify, at, MANIFEST_SIGNATURE, &signature, &signature_time_s);
	if (at)
		check_signature(verify, &manifest, &signature);
	good = at && read_manifest(verify, &manifest, time_s, signature_time_s) && lay_out(verify, at);
	buf_finish(&manifest);
	buf_finish(&signature);
	return good;
}

static void check_header(struct verify *verify, size_t i, int64_t time_s)
{
	const struct manifest_file *file = &verify->manifest.files[i];
	struct ustar_entry entry = {.size_bytes = file->size_bytes, .time_s = time_s};
	uint8_t block[USTAR_BLOCK], expected[USTAR_BLOCK];
	struct err err = {0};

	memcpy(entry.path, file->path, sizeof(entry.path));
	if (ustar_write(&entry, expected, &err))
		verify_tell(verify, VERIFY_BROKEN, file->path, "%s", err.text);
	else if (!verify_read(verify, verify->offset[i] - USTAR_BLOCK, block, sizeof(block)))
		verify_tell(verify, VERIFY_BROKEN, file->path, "the archive ends before it");
	else if (memcmp(block, expected, sizeof(block)) != 0)
		verify_tell(verify, VERIFY_BROKEN, file->path, "the archive's header of it is damaged");
}

static void check_bytes(struct verify *verify, size_t i)
{
	const struct manifest_file *row = &verify->manifest.files[i];
	uint8_t hash[crypto_hash_sha256_BYTES];
	crypto_hash_sha256_state state;
	struct verify_file file;
	char hex[SHA256_HEX];
	uint64_t total = 0;
	const char *data;
	size_t len;

	if (!verify_open(verify, row->path, &file))
		return;
	crypto_hash_sha256_init(&state);
	while ((len = verify_next(&file, &data, VERIFY_PIECE)) > 0) {
		crypto_hash_sha256_update(&state, (const uint8_t *)data, len);
		total += len;
	}
	verify_close(&file);
	crypto_hash_sha256_final(&state, hash);
	sodium_bin2hex(hex, sizeof(hex), hash, sizeof(hash));
	if (total < row->size_bytes)
		verify_tell(verify, VERIFY_BROKEN, row->path, "the archive is cut off in it");
	else if (strcmp(hex, row->sha256) != 0)
		verify_tell(verify, VERIFY_BROKEN, row->path, "its bytes are not those that were sealed");
	else if (strncmp(row->path, "images/", 7) == 0 && strcmp(row->path + 7, hex) != 0)
		verify_tell(verify, VERIFY_BROKEN, row->path, "its SHA-256 is %s", hex);
}

static void check_sums(struct verify *verify)
{
	struct verify_file file;
	struct buf expected;
	const char *data;
	size_t len, at = 0;
	bool same = verify_open(verify, MANIFEST_SUMS, &file);

	buf_init(&expected, MANIFEST_MAX_BYTES);
	same = same && manifest_sums(&verify->manifest, &expected) == 0;
	while (same && (len = verify_next(&file, &data, VERIFY_PIECE)) > 0) {
		same = len <= expected.len - at && memcmp(expected.data + at, data, len) == 0;
		at += len;
	}
	if (!same || at != expected.len)
		verify_tell(verify, VERIFY_BROKEN, MANIFEST_SUMS, "it does not say what the manifest says");
	verify_close(&file);
	buf_finish(&expected);
}

static void check_end(struct verify *verify)
{
	uint64_t at = verify->offset[verify->manifest.file_count];
	uint8_t end[USTAR_END_BLOCKS * USTAR_BLOCK];
	struct stat info;

	if (!verify_read(verify, at, end, sizeof(end)))
		verify_tell(verify, VERIFY_BROKEN, "archive", "it is cut off at its end");
	else if (!zeros(end, sizeof(end)))
		verify_tell(verify, VERIFY_BROKEN, "archive", "its end is damaged");
	else if (fstat(verify->fd, &info) == 0 && (uint64_t)info.st_size != at + sizeof(end))
		verify_tell(verify, VERIFY_BROKEN, "archive", "something was put behind its end");
}

/* Files that the archive has wholly, when it is shorter than it should be: told once, at the first one it lacks, and
 * not at each that follows. */
static size_t count_whole(struct verify *verify)
{
	size_t count = verify->manifest.file_count, whole = 0;
	struct stat info;

	if (fstat(verify->fd, &info) || (uint64_t)info.st_size >= verify->offset[count])
		return count;
	while (whole < count) {
		uint64_t size = verify->manifest.files[whole].size_bytes;

		if (verify->offset[whole] + size + ustar_padding(size) > (uint64_t)info.st_size)
			break;
		whole++;
	}
	verify_tell(verify, VERIFY_BROKEN, verify->manifest.files[whole].path,
		    "the archive is cut off here: %zu of %zu files are whole", whole, count);
	return whole;
}

bool verify_archive(struct verify *verify)
{
	bool broken = verify->broken;
	size_t whole;

	verify->broken = false;
	whole = count_whole(verify);
	for (size_t i = 0; i < whole && !verify->err.code; i++) {
		check_header(verify, i, verify->manifest.created_at_us / 1000000);
		check_bytes(verify, i);
		check_padding(verify, verify->manifest.files[i].path, verify->offset[i],
			      verify->manifest.files[i].size_bytes);
	}
	if (whole == verify->manifest.file_count) {
		check_sums(verify);
		check_end(verify);
	}
	if (!verify->broken)
		verify_tell(verify, VERIFY_HOLDS, "archive", "%zu files, all as they were sealed",
			    verify->manifest.file_count);
	verify->broken = verify->broken || broken;
	return whole == verify->manifest.file_count;
}
