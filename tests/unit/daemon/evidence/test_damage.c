/* SPDX-License-Identifier: Apache-2.0 */
/* A bundle with any byte flipped, cut off anywhere, or with something behind it does not hold, and the file is named.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/core/base/cmocka_all.h"
#include "tests/unit/daemon/evidence/support.h"

struct damaged {
	struct world *world;
	uint8_t *bytes;
	size_t size;
	int fd; /* a copy that may be changed */
};

static int setup(void **state)
{
	struct damaged *damaged = calloc(1, sizeof(*damaged));
	struct stat info;
	struct err err = {0};
	int fd = -1;

	damaged->world = world_create();
	while (damaged->world->run_count > 1) /* one has files of every kind */
		free(damaged->world->runs[--damaged->world->run_count].console);
	damaged->world->verdict = "failed";
	damaged->world->cause = "case-failed";
	world_seal(damaged->world);
	assert_int_equal(evidence_open(&damaged->world->evidence, 3, &fd, &err), 0);
	assert_int_equal(fstat(fd, &info), 0);
	damaged->size = (size_t)info.st_size;
	damaged->bytes = malloc(damaged->size + 4096);
	assert_int_equal(read(fd, damaged->bytes, damaged->size), info.st_size);
	close(fd);
	damaged->fd = memfd_create("bundle", 0);
	assert_int_equal(write(damaged->fd, damaged->bytes, damaged->size), info.st_size);
	*state = damaged;
	return 0;
}

static int teardown(void **state)
{
	struct damaged *damaged = *state;

	close(damaged->fd);
	world_destroy(damaged->world);
	free(damaged->bytes);
	free(damaged);
	return 0;
}

/* The path in the last header at or before the byte; "archive" behind the last file. */
static void path_at(const struct damaged *damaged, size_t byte, char path[USTAR_PATH_MAX])
{
	size_t at = 0;

	snprintf(path, USTAR_PATH_MAX, "archive");
	while (at + USTAR_BLOCK <= damaged->size) {
		struct ustar_entry entry;
		struct err err = {0};
		size_t next;

		if (ustar_read(damaged->bytes + at, &entry, &err)) {
			snprintf(path, USTAR_PATH_MAX, "archive");
			return;
		}
		next = at + USTAR_BLOCK + (size_t)entry.size_bytes + ustar_padding(entry.size_bytes);
		if (byte < next) {
			memcpy(path, entry.path, sizeof(entry.path));
			return;
		}
		at = next;
	}
}

static void put_byte(const struct damaged *damaged, size_t at, uint8_t byte)
{
	assert_int_equal(pwrite(damaged->fd, &byte, 1, (off_t)at), 1);
}

static bool in_header(const struct damaged *damaged, size_t at)
{
	struct ustar_entry entry;

	return ustar_read(damaged->bytes + at / USTAR_BLOCK * USTAR_BLOCK, &entry, NULL) == 0;
}

/* Every byte of the signature and of what headers say; of longer texts every fifth, of zeros in a row the first, the
 * last and some in between: they all go the same ways. */
static bool to_be_tried(const struct damaged *damaged, size_t at, const char *path)
{
	const uint8_t *bytes = damaged->bytes;

	if (!bytes[at])
		return at % 61 == 0 || at + 1 == damaged->size || bytes[at + 1] || bytes[at - 1];
	return at % 5 == 0 || strcmp(path, MANIFEST_SIGNATURE) == 0 || in_header(damaged, at);
}

static void test_every_byte_flipped_is_named(void **state)
{
	struct damaged *damaged = *state;
	char path[USTAR_PATH_MAX], wanted[USTAR_PATH_MAX + 4];
	struct told told;

	assert_int_equal(told_verify(damaged->fd, &damaged->world->key, &told), 0);
	for (size_t at = 0; at < damaged->size; at++) {
		path_at(damaged, at, path);
		if (!to_be_tried(damaged, at, path))
			continue;
		put_byte(damaged, at, (uint8_t)(damaged->bytes[at] ^ (1 << at % 8)));
		if (told_verify(damaged->fd, &damaged->world->key, &told) != ERR_CORRUPT)
			fail_msg("byte %zu can be changed", at);
		snprintf(wanted, sizeof(wanted), "%s: ", path);
		if (!strstr(told.broken, wanted))
			fail_msg("byte %zu is of %s, and that was told: %s", at, path, told.broken);
		put_byte(damaged, at, damaged->bytes[at]);
	}
	assert_int_equal(told_verify(damaged->fd, &damaged->world->key, &told), 0);
}

static void test_cut_off_anywhere(void **state)
{
	struct damaged *damaged = *state;
	struct told told;

	for (size_t len = damaged->size - 1; len > USTAR_BLOCK; len -= len > 300 ? 97 : 1) {
		assert_int_equal(ftruncate(damaged->fd, (off_t)len), 0);
		if (told_verify(damaged->fd, &damaged->world->key, &told) != ERR_CORRUPT)
			fail_msg("it may be cut off at %zu", len);
	}
	/* Nothing that could be told from any other file. */
	assert_int_equal(ftruncate(damaged->fd, 10), 0);
	assert_int_equal(told_verify(damaged->fd, &damaged->world->key, &told), ERR_INVALID);
	assert_int_equal(ftruncate(damaged->fd, 0), 0);
	assert_int_equal(told_verify(damaged->fd, &damaged->world->key, &told), ERR_INVALID);
}

static void test_nothing_may_follow(void **state)
{
	struct damaged *damaged = *state;
	struct told told;

	put_byte(damaged, damaged->size, 0);
	assert_int_equal(told_verify(damaged->fd, &damaged->world->key, &told), ERR_CORRUPT);
	assert_non_null(strstr(told.broken, "archive: something was put behind its end"));
}

static void test_anything_else_is_no_bundle(void **state)
{
	struct damaged *damaged = *state;
	struct told told;
	int fd = open("/proc/self/exe", O_RDONLY);

	assert_int_equal(told_verify(fd, &damaged->world->key, &told), ERR_INVALID);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_every_byte_flipped_is_named, setup, teardown),
		cmocka_unit_test_setup_teardown(test_cut_off_anywhere, setup, teardown),
		cmocka_unit_test_setup_teardown(test_nothing_may_follow, setup, teardown),
		cmocka_unit_test_setup_teardown(test_anything_else_is_no_bundle, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
