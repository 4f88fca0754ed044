/* SPDX-License-Identifier: Apache-2.0 */
/* The verifier on bundles that anybody may have made: whatever the bytes are, it comes to an end, and only what the key
 * signed holds. The first bit of the input chooses whether the manifest's signature is made to fit, so
 * that what comes behind it is reached too. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <sodium.h>

#include "daemon/cli/verify.h"

static struct minisig_secret secret;
static int fd = -1;

static void on_told(void *context, enum verify_word word, const char *what, const char *text)
{
	(void)context;
	(void)word;
	if (!what[0] || !text[0])
		abort();
}

static void put_file(const char *path, const void *data, size_t size, int64_t time_s)
{
	static const uint8_t zeros[USTAR_BLOCK];
	struct ustar_entry entry = {.size_bytes = size, .time_s = time_s};
	uint8_t block[USTAR_BLOCK];

	snprintf(entry.path, sizeof(entry.path), "%s", path);
	if (ustar_write(&entry, block, NULL) || write(fd, block, sizeof(block)) < 0 || write(fd, data, size) < 0 ||
	    write(fd, zeros, ustar_padding(size)) < 0)
		abort();
}

/* A signed archive: the input up to the first NUL is the manifest, the rest are the archive's other bytes. */
static void put_signed(const uint8_t *data, size_t size)
{
	const uint8_t *end = memchr(data, '\0', size);
	size_t len = end ? (size_t)(end - data) : size;
	char signature[MINISIG_TEXT_MAX];
	struct manifest manifest;
	int64_t time_s = 0;

	if (manifest_read((const char *)data, len, &manifest, NULL) == 0) {
		time_s = manifest.created_at_us / 1000000;
		manifest_finish(&manifest);
	}
	if (minisig_sign(&secret, data, len, "", signature, NULL))
		abort();
	put_file(MANIFEST_PATH, data, len, time_s);
	put_file(MANIFEST_SIGNATURE, signature, strlen(signature), time_s);
	if (end && write(fd, end + 1, size - len - 1) < 0)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct err err = {0};

	if (fd < 0) {
		if (sodium_init() < 0)
			abort();
		minisig_create(&secret);
		fd = memfd_create("bundle", 0);
	}
	if (size == 0 || ftruncate(fd, 0) || lseek(fd, 0, SEEK_SET))
		return 0;
	if (data[0] & 1)
		put_signed(data + 1, size - 1);
	else if (write(fd, data + 1, size - 1) < 0)
		abort();
	if (verify_bundle(fd, &secret.public_key, on_told, NULL, &err) == 0 && !(data[0] & 1))
		abort(); /* nobody but the key signs */
	return 0;
}
