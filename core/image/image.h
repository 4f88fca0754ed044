/* SPDX-License-Identifier: Apache-2.0 */
/* A firmware image: recognised, taken apart into segments, and held against a board type. Pure: works on bytes in
 * memory (libelf for ELF; Intel HEX and raw binary by own readers). */
#ifndef ASSAY_IMAGE_IMAGE_H
#define ASSAY_IMAGE_IMAGE_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/err.h"
#include "core/image/board_type.h"

#define IMAGE_MAX_BYTES    (64u << 20) /* of the file */
#define IMAGE_MAX_SEGMENTS 64
#define IMAGE_BUILD_ID_MAX 32

enum image_format { IMAGE_ELF, IMAGE_HEX, IMAGE_BIN };

struct image_segment {
	uint32_t address;    /* load (physical) address */
	uint32_t size_bytes; /* bytes to write: zero-fill (.bss) is no segment */
	uint8_t *data;       /* owned by the image */
};

struct image {
	enum image_format format;
	char sha256[65]; /* of the file, lower-case hex */
	uint64_t file_bytes;
	char arch[16];  /* "armv7-m" as the ELF's attributes say, "arm" when it has none; "" when the format cannot
			 * tell */
	uint32_t entry; /* ELF e_entry; 0 otherwise */
	/* GNU build id in hex, out of the note; HEX and raw files are searched for it. "" when there is none, or when
	 * there are several. */
	char build_id[2 * IMAGE_BUILD_ID_MAX + 1];
	struct image_segment segment[IMAGE_MAX_SEGMENTS]; /* sorted by address, not overlapping; for a raw binary one,
							   * at address 0 until image_place */
	size_t segment_count;
};

/* Takes an image file apart. ELF by its magic; HEX when it begins with ':'; anything else is a raw binary, unless it
 * is plainly something else (an archive, UF2, an executable of another system). Refuses (ERR_INVALID, or ERR_TOO_BIG)
 * with what was found and expected: empty or huge files, a 64-bit, big-endian or non-ARM ELF, object files and others
 * without segments at fixed addresses, truncated or damaged files, bad HEX checksums, overlapping segments. image is
 * initialised in every case: image_finish it. */
int image_parse(struct image *image, const uint8_t *data, size_t size_bytes, struct err *err);
void image_finish(struct image *image);

/* A raw binary says not where it goes: puts it at the type's first flash region (or vectors address when it has
 * none). What is linked for an alias of memory is put where that memory is written. */
void image_place(struct image *image, const struct board_type *type);

/* Whether a board of this type can hold and run it: architecture, every segment within one region, initial SP in RAM
 * and reset vector inside the image at the vectors address (only when a segment lies there). A raw binary is checked
 * where image_place would put it. Returns 0, or ERR_INVALID with what was found and expected. */
int image_check(const struct image *image, const struct board_type *type, struct err *err);

/* {"sha256", "size", "format", "arch", "entry", "build_id", "segments": [{"address", "size"}]}; NULL when memory ran
 * out. */
json_t *image_to_json(const struct image *image);

const char *image_format_name(enum image_format format);

#endif
