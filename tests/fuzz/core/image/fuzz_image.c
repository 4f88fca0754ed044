/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as an image: refused with a story, or taken apart into segments that are in order, and held against a board
 * type. */
#include <stdint.h>
#include <stdlib.h>

#include "core/image/image.h"
#include "core/image/image_read.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require_that(int good)
{
	if (!good)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct board_type type = {
		.name = "t",
		.arch = "armv7e-m",
		.region = {{.kind = MEMORY_FLASH, .size_bytes = 1 << 20},
			   {.kind = MEMORY_RAM, .address = 0x20000000, .size_bytes = 1 << 17}},
		.region_count = 2};
	struct image image;
	struct err err = {0};

	if (image_parse(&image, data, size, &err) == 0) {
		json_t *object = image_to_json(&image);

		require_that(object && image.segment_count > 0);
		for (size_t i = 1; i < image.segment_count; i++)
			require_that(image.segment[i].address - image.segment[i - 1].address >=
				     image.segment[i - 1].size_bytes);
		image_place(&image, &type);
		require_that(image_check(&image, &type, &err) == 0 || err.text[0]);
		json_decref(object);
	} else {
		require_that(err.code && err.text[0]);
	}
	image_finish(&image);
	arm_attributes_arch(data, size);
	return 0;
}
