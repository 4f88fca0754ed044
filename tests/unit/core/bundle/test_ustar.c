/* SPDX-License-Identifier: Apache-2.0 */
/* Headers of the archive: they read back, and no bit of one is free. That tar reads them is shown by
 * tests/system/evidence. */
#include <string.h>

#include "core/bundle/ustar.h"
#include "tests/unit/core/base/cmocka_all.h"

static const struct ustar_entry ENTRY = {.path = "runs/12/console.bin", .size_bytes = 70000, .time_s = 1700000000};

static void test_reads_back(void **state)
{
	struct ustar_entry entry;
	uint8_t block[USTAR_BLOCK];
	struct err err = {0};

	(void)state;
	assert_int_equal(ustar_write(&ENTRY, block, &err), 0);
	assert_int_equal(ustar_read(block, &entry, &err), 0);
	assert_string_equal(entry.path, ENTRY.path);
	assert_int_equal(entry.size_bytes, ENTRY.size_bytes);
	assert_int_equal(entry.time_s, ENTRY.time_s);
}

/* Bits of the path, size and time make another header of the same form only together with the checksum. */
static void test_every_bit_counts(void **state)
{
	struct ustar_entry entry;
	uint8_t block[USTAR_BLOCK];
	struct err err = {0};

	(void)state;
	ustar_write(&ENTRY, block, &err);
	for (size_t bit = 0; bit < (size_t)USTAR_BLOCK * 8; bit++) {
		block[bit / 8] ^= (uint8_t)(1 << bit % 8);
		assert_int_equal(ustar_read(block, &entry, &err), ERR_CORRUPT);
		block[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
}

static void test_paths_that_lead_elsewhere_are_refused(void **state)
{
	static const char *const wrong[] = {"",     "/etc/passwd", "a//b", "../a", "a/../b",
					    "a/.b", "a/",          "a b",  "a\nb", "\xc3\xa4"};
	struct ustar_entry entry = ENTRY;
	uint8_t block[USTAR_BLOCK];
	struct err err = {0};

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		memcpy(entry.path, wrong[i], strlen(wrong[i]) + 1);
		assert_int_equal(ustar_write(&entry, block, &err), ERR_INVALID);
	}
	memset(entry.path, 'a', USTAR_PATH_MAX - 1);
	entry.path[USTAR_PATH_MAX - 1] = '\0';
	assert_int_equal(ustar_write(&entry, block, &err), 0);
	assert_int_equal(ustar_read(block, &entry, &err), 0);
	entry.size_bytes = USTAR_SIZE_MAX + 1;
	assert_int_equal(ustar_write(&entry, block, &err), ERR_INVALID);
}

static void test_padding(void **state)
{
	(void)state;
	assert_int_equal(ustar_padding(0), 0);
	assert_int_equal(ustar_padding(1), 511);
	assert_int_equal(ustar_padding(512), 0);
	assert_int_equal(ustar_padding(USTAR_SIZE_MAX), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reads_back),
		cmocka_unit_test(test_every_bit_counts),
		cmocka_unit_test(test_paths_that_lead_elsewhere_are_refused),
		cmocka_unit_test(test_padding),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
