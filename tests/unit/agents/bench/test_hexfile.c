/* SPDX-License-Identifier: Apache-2.0 */
/* What is written as Intel HEX reads back as the same bytes at the same addresses. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "agents/bench/hexfile.h"
#include "core/image/image.h"

static void round_trip(uint32_t address, uint32_t size_bytes)
{
	uint8_t *data = malloc(size_bytes);
	struct image image;
	struct buf hex;

	for (uint32_t i = 0; i < size_bytes; i++)
		data[i] = (uint8_t)(i * 7 + (i >> 8));
	buf_init(&hex, 4u << 20);
	assert_int_equal(hexfile_append(&hex, address, data, size_bytes), 0);
	assert_int_equal(hexfile_end(&hex), 0);
	assert_int_equal(image_parse(&image, (const uint8_t *)hex.data, hex.len, NULL), 0);
	assert_int_equal(image.segment_count, 1);
	assert_int_equal(image.segment[0].address, address);
	assert_int_equal(image.segment[0].size_bytes, size_bytes);
	assert_memory_equal(image.segment[0].data, data, size_bytes);
	image_finish(&image);
	buf_finish(&hex);
	free(data);
}

static void reads_back(void **state)
{
	(void)state;
	round_trip(0x00000000, 1);
	round_trip(0x08000000, 8676);
	round_trip(0x0800fffd, 7);      /* over a 64 KiB boundary, not on a record's */
	round_trip(0x00010003, 200000); /* over several */
	round_trip(0xffffff00, 0x100);  /* up to the last byte there is */
}

static void respects_the_maximum(void **state)
{
	uint8_t data[64] = {0};
	struct buf hex;

	(void)state;
	buf_init(&hex, 20);
	assert_int_equal(hexfile_append(&hex, 0, data, sizeof data), ERR_TOO_BIG);
	buf_finish(&hex);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_back),
		cmocka_unit_test(respects_the_maximum),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
