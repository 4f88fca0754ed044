/* SPDX-License-Identifier: Apache-2.0 */
/* Images: recognising the format, keeping segments in order, and holding an image against a board type. */
#include "core/image/image.h"

#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "core/image/image_read.h"

static const char *const formats[] = {[IMAGE_ELF] = "elf", [IMAGE_HEX] = "hex", [IMAGE_BIN] = "bin"};

const char *image_format_name(enum image_format format)
{
	return (size_t)format < sizeof formats / sizeof formats[0] ? formats[format] : "unknown";
}

/* Files that are often sent by mistake, by how they begin. */
static const struct {
	const char *magic;
	size_t len;
	const char *what;
} others[] = {
	{"UF2\n", 4, "a UF2 file"},
	{"S0", 2, "a Motorola S-record file"},
	{"!<arch>\n", 8, "a static library"},
	{"PK\x03\x04", 4, "a zip archive"},
	{"\x1f\x8b", 2, "a gzip file"},
	{"\xfd"
	 "7zXZ",
	 5, "an xz file"},
	{"BZh", 3, "a bzip2 file"},
	{"\x28\xb5\x2f\xfd", 4, "a zstd file"},
	{"MZ", 2, "a Windows executable"},
	{"\xcf\xfa\xed\xfe", 4, "a macOS executable"},
	{"%PDF", 4, "a PDF document"},
	{"\x89PNG", 4, "a PNG picture"},
	{"<?xml", 5, "an XML document"},
	{"<!DOCTYPE", 9, "an HTML page"},
	{"#!", 2, "a script"},
};

static int refuse_other(const uint8_t *data, size_t size_bytes, struct err *err)
{
	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
		if (size_bytes >= others[i].len && memcmp(data, others[i].magic, others[i].len) == 0)
			return err_set(err, ERR_INVALID, "found %s, expected an ELF, Intel HEX or raw binary image",
				       others[i].what);
	}
	return 0;
}

int image_add_segment(struct image *image, uint32_t address, const uint8_t *data, size_t size_bytes, struct err *err)
{
	struct image_segment *segment;
	uint64_t total = size_bytes;

	for (size_t i = 0; i < image->segment_count; i++)
		total += image->segment[i].size_bytes;
	if (total > IMAGE_MAX_BYTES)
		return err_set(err, ERR_TOO_BIG, "found segments of more than %u bytes in all, expected at most that",
			       IMAGE_MAX_BYTES);
	if (image->segment_count >= IMAGE_MAX_SEGMENTS)
		return err_set(err, ERR_INVALID, "found more than %d separate segments, expected at most that",
			       IMAGE_MAX_SEGMENTS);
	if (size_bytes - 1 > UINT32_MAX - address)
		return err_set(err, ERR_INVALID,
			       "found a segment of %zu bytes at 0x%08x, expected it to end within 4 GiB", size_bytes,
			       address);
	segment = &image->segment[image->segment_count];
	segment->data = malloc(size_bytes);
	if (!segment->data)
		return err_set(err, ERR_NOMEM, "out of memory for a segment of %zu bytes", size_bytes);
	memcpy(segment->data, data, size_bytes);
	segment->address = address;
	segment->size_bytes = (uint32_t)size_bytes;
	image->segment_count++;
	return 0;
}

static int compare_segments(const void *a, const void *b)
{
	const struct image_segment *left = a, *right = b;

	return (left->address > right->address) - (left->address < right->address);
}

static int sort_segments(struct image *image, struct err *err)
{
	qsort(image->segment, image->segment_count, sizeof image->segment[0], compare_segments);
	for (size_t i = 1; i < image->segment_count; i++) {
		const struct image_segment *low = &image->segment[i - 1], *high = &image->segment[i];

		if (high->address - low->address < low->size_bytes)
			return err_set(err, ERR_INVALID,
				       "found overlapping segments at 0x%08x (%u bytes) and 0x%08x, expected each "
				       "address once",
				       low->address, low->size_bytes, high->address);
	}
	return 0;
}

static void hash_file(struct image *image, const uint8_t *data, size_t size_bytes)
{
	unsigned char hash[crypto_hash_sha256_BYTES];

	crypto_hash_sha256(hash, data, size_bytes);
	sodium_bin2hex(image->sha256, sizeof image->sha256, hash, sizeof hash);
}

static uint32_t read_le32(const uint8_t *bytes)
{
	return (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

/* Whether a GNU build-id note stands at bytes; how long the id behind its 16 bytes of head is. */
static bool is_build_id(const uint8_t *bytes, size_t left, size_t *ret_len)
{
	static const uint8_t name[] = {'G', 'N', 'U', 0};
	uint32_t len;

	if (left < 16 || read_le32(bytes) != sizeof name || read_le32(bytes + 8) != 3 ||
	    memcmp(bytes + 12, name, sizeof name) != 0)
		return false;
	len = read_le32(bytes + 4);
	if (len < 8 || len > IMAGE_BUILD_ID_MAX || len > left - 16)
		return false;
	*ret_len = len;
	return true;
}

/* HEX and raw files have no headers that lead to the note, but the note is among the bytes, at a word. An image that
 * holds more than one (a boot loader and an application) has no single id. */
static void find_build_id(struct image *image)
{
	size_t found = 0;

	for (size_t i = 0; i < image->segment_count; i++) {
		const struct image_segment *segment = &image->segment[i];

		for (size_t at = -segment->address % 4; at < segment->size_bytes; at += 4) {
			size_t len;

			if (!is_build_id(segment->data + at, segment->size_bytes - at, &len))
				continue;
			sodium_bin2hex(image->build_id, sizeof image->build_id, segment->data + at + 16, len);
			found++;
		}
	}
	if (found > 1)
		image->build_id[0] = '\0';
}

int image_parse(struct image *image, const uint8_t *data, size_t size_bytes, struct err *err)
{
	int rc;

	memset(image, 0, sizeof *image);
	if (!size_bytes)
		return err_set(err, ERR_INVALID, "found an empty file, expected an ELF, Intel HEX or raw binary image");
	if (size_bytes > IMAGE_MAX_BYTES)
		return err_set(err, ERR_TOO_BIG, "found a file of %zu bytes, expected at most %u", size_bytes,
			       IMAGE_MAX_BYTES);
	image->file_bytes = size_bytes;
	hash_file(image, data, size_bytes);
	if (size_bytes >= 4 && memcmp(data,
				      "\x7f"
				      "ELF",
				      4) == 0) {
		image->format = IMAGE_ELF;
		rc = image_read_elf(image, data, size_bytes, err);
	} else if (data[0] == ':') {
		image->format = IMAGE_HEX;
		rc = image_read_hex(image, data, size_bytes, err);
	} else {
		image->format = IMAGE_BIN;
		rc = refuse_other(data, size_bytes, err);
		if (!rc)
			rc = image_add_segment(image, 0, data, size_bytes, err);
	}
	if (!rc)
		rc = sort_segments(image, err);
	if (!rc && image->format != IMAGE_ELF)
		find_build_id(image);
	return rc;
}

void image_finish(struct image *image)
{
	for (size_t i = 0; i < image->segment_count; i++)
		free(image->segment[i].data);
	image->segment_count = 0;
}

/* Where a raw binary goes. */
static uint32_t binary_address(const struct board_type *type)
{
	for (size_t i = 0; i < type->region_count; i++) {
		if (type->region[i].kind == MEMORY_FLASH && !type->region[i].is_alias &&
		    !type->region[i].erased_with_chip)
			return type->region[i].address;
	}
	return type->vectors_address;
}

/* The address of a segment on a board of this type. */
static uint32_t segment_address(const struct image *image, size_t index, const struct board_type *type)
{
	const struct image_segment *segment = &image->segment[index];

	return image->format == IMAGE_BIN ? binary_address(type)
					  : board_type_home(type, segment->address, segment->size_bytes);
}

void image_place(struct image *image, const struct board_type *type)
{
	for (size_t i = 0; i < image->segment_count; i++)
		image->segment[i].address = segment_address(image, i, type);
	qsort(image->segment, image->segment_count, sizeof image->segment[0], compare_segments);
}

/* The bytes at [address, address + size), or NULL when no segment holds them all. */
static const uint8_t *bytes_at(const struct image *image, const struct board_type *type, uint32_t address,
			       uint32_t size_bytes)
{
	for (size_t i = 0; i < image->segment_count; i++) {
		const struct image_segment *segment = &image->segment[i];
		uint32_t start = segment_address(image, i, type), from = address - start;

		if (address >= start && from < segment->size_bytes && size_bytes <= segment->size_bytes - from)
			return segment->data + from;
	}
	return NULL;
}

static int check_arch(const struct image *image, const struct board_type *type, struct err *err)
{
	if (!image->arch[0] || strcmp(image->arch, "arm") == 0 || board_type_runs(type, image->arch))
		return 0;
	return err_set(err, ERR_INVALID, "found an image built for %s, expected one that runs on %s (board type %s)",
		       image->arch, type->arch, type->name);
}

static int check_segments(const struct image *image, const struct board_type *type, struct err *err)
{
	for (size_t i = 0; i < image->segment_count; i++) {
		uint32_t address = segment_address(image, i, type), size_bytes = image->segment[i].size_bytes;
		const struct memory_region *region = board_type_region(type, address, 1);

		if (board_type_region(type, address, size_bytes))
			continue;
		if (region)
			return err_set(err, ERR_INVALID,
				       "found a segment of %u bytes at 0x%08x that passes the end of the %s at 0x%08x "
				       "(%u bytes), expected it to fit board type %s",
				       size_bytes, address, region->kind == MEMORY_FLASH ? "flash" : "RAM",
				       region->address, region->size_bytes, type->name);
		return err_set(err, ERR_INVALID,
			       "found a segment of %u bytes at 0x%08x, where board type %s has no memory; expected "
			       "addresses within its regions (the first is at 0x%08x)",
			       size_bytes, address, type->name, type->region[0].address);
	}
	return 0;
}

/* An address and its alias are one place: a segment for each cannot both be written. */
static int check_aliases(const struct image *image, const struct board_type *type, struct err *err)
{
	for (size_t i = 0; i < image->segment_count; i++) {
		uint32_t one = segment_address(image, i, type), one_bytes = image->segment[i].size_bytes;

		for (size_t j = i + 1; j < image->segment_count; j++) {
			uint32_t other = segment_address(image, j, type), other_bytes = image->segment[j].size_bytes;

			if (one <= other ? other - one < one_bytes : one - other < other_bytes)
				return err_set(
					err, ERR_INVALID,
					"found segments at 0x%08x and 0x%08x, which are the same memory of board "
					"type %s, expected each address once",
					image->segment[i].address, image->segment[j].address, type->name);
		}
	}
	return 0;
}

/* The initial stack pointer is the first thing used: what lies below it must be RAM. */
static int check_vectors(const struct image *image, const struct board_type *type, struct err *err)
{
	const uint8_t *vectors = bytes_at(image, type, type->vectors_address, 8);
	const struct memory_region *region;
	uint32_t sp, reset, code;

	if (!vectors)
		return 0;
	sp = read_le32(vectors);
	reset = read_le32(vectors + 4);
	region = board_type_region(type, sp - 4, 4);
	if (sp % 4 || !region || region->kind != MEMORY_RAM)
		return err_set(err, ERR_INVALID,
			       "found an initial stack pointer of 0x%08x at 0x%08x, expected a word address in RAM "
			       "(is this an image for board type %s?)",
			       sp, type->vectors_address, type->name);
	code = board_type_home(type, reset & ~1u, 2); /* an image for an alias has its vectors point there */
	if (!(reset & 1) || !bytes_at(image, type, code, 2))
		return err_set(err, ERR_INVALID,
			       "found a reset vector of 0x%08x at 0x%08x, expected a Thumb address (odd) within the "
			       "image",
			       reset, type->vectors_address + 4);
	return 0;
}

int image_check(const struct image *image, const struct board_type *type, struct err *err)
{
	int rc = check_arch(image, type, err);

	if (!rc)
		rc = check_segments(image, type, err);
	if (!rc)
		rc = check_aliases(image, type, err);
	return rc ? rc : check_vectors(image, type, err);
}

json_t *image_to_json(const struct image *image)
{
	json_t *object = json_object(), *segments = json_array();

	for (size_t i = 0; i < image->segment_count; i++)
		json_push(&segments, json_pack("{s:I, s:I}", "address", (json_int_t)image->segment[i].address, "size",
					       (json_int_t)image->segment[i].size_bytes));
	json_put(&object, "sha256", json_string(image->sha256));
	json_put(&object, "size", json_integer((json_int_t)image->file_bytes));
	json_put(&object, "format", json_string(image_format_name(image->format)));
	json_put(&object, "arch", json_string(image->arch));
	json_put(&object, "entry", json_integer(image->entry));
	json_put(&object, "build_id", json_string(image->build_id));
	json_put(&object, "segments", segments);
	return object;
}
