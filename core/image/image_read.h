/* SPDX-License-Identifier: Apache-2.0 */
/* What the readers of the image formats share; private to image*.c. */
#ifndef ASSAY_IMAGE_IMAGE_READ_H
#define ASSAY_IMAGE_IMAGE_READ_H

#include "core/image/image.h"

/* Each takes data apart into image, which is empty but for format, hash and file size. */
int image_read_elf(struct image *image, const uint8_t *data, size_t size_bytes, struct err *err);
int image_read_hex(struct image *image, const uint8_t *data, size_t size_bytes, struct err *err);

/* Adds a copy of the bytes as a segment, in any order. Refuses more than IMAGE_MAX_SEGMENTS, more than
 * IMAGE_MAX_BYTES in all, and what passes the end of the address space. */
int image_add_segment(struct image *image, uint32_t address, const uint8_t *data, size_t size_bytes, struct err *err);

/* Reads the architecture out of ARM build attributes (the content of .ARM.attributes). Returns its name ("armv7e-m",
 * "armv7-a", …), or NULL when they do not say or are damaged. */
const char *arm_attributes_arch(const uint8_t *data, size_t size_bytes);

#endif
