/* SPDX-License-Identifier: Apache-2.0 */
/* Intel HEX: records are decoded in the order of the file, then sorted by address and joined into segments. */
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "core/image/image_read.h"

enum record_type {
	RECORD_DATA,
	RECORD_END,
	RECORD_SEGMENT_BASE,
	RECORD_START_SEGMENT,
	RECORD_LINEAR_BASE,
	RECORD_START
};

/* A data record; its bytes are in the decoder's blob. */
struct record {
	uint32_t address;
	uint32_t size_bytes;
	size_t from;
};

struct decoder {
	const uint8_t *text;
	size_t len, at;
	int line;
	struct err *err;
	struct record *records;
	size_t record_count;
	uint8_t *blob;
	size_t blob_bytes;
	uint32_t base;
	uint32_t entry;
	bool ended;
};

/* A record as its line holds it. */
struct line {
	uint8_t byte[5 + 255]; /* length, address, type, data, checksum */
	size_t count;
};

static int hex_digit(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

/* Reads the digits behind ':' into bytes; stands at what follows them. */
static int read_digits(struct decoder *decoder, struct line *line)
{
	line->count = 0;
	while (decoder->at < decoder->len && hex_digit(decoder->text[decoder->at]) >= 0) {
		int high = hex_digit(decoder->text[decoder->at]), low = -1;

		if (decoder->at + 1 < decoder->len)
			low = hex_digit(decoder->text[decoder->at + 1]);
		if (low < 0)
			return err_set(decoder->err, ERR_INVALID,
				       "line %d: found an odd number of digits, expected pairs", decoder->line);
		if (line->count == sizeof line->byte)
			return err_set(decoder->err, ERR_INVALID, "line %d: found more than 260 bytes in a record",
				       decoder->line);
		line->byte[line->count++] = (uint8_t)(high << 4 | low);
		decoder->at += 2;
	}
	return 0;
}

static int check_line(struct decoder *decoder, const struct line *line)
{
	unsigned int sum = 0;

	if (line->count < 5 || line->count != (size_t)line->byte[0] + 5)
		return err_set(decoder->err, ERR_INVALID,
			       "line %d: found a record of %zu bytes, expected %d as its length says", decoder->line,
			       line->count, line->count ? line->byte[0] + 5 : 5);
	for (size_t i = 0; i + 1 < line->count; i++)
		sum += line->byte[i];
	sum = (0u - sum) & 0xff;
	if (sum != line->byte[line->count - 1])
		return err_set(decoder->err, ERR_INVALID, "line %d: found checksum 0x%02x, expected 0x%02x",
			       decoder->line, line->byte[line->count - 1], sum);
	return 0;
}

static int take_data(struct decoder *decoder, const struct line *line)
{
	uint32_t offset = (uint32_t)line->byte[1] << 8 | line->byte[2], size_bytes = line->byte[0];
	struct record *record = &decoder->records[decoder->record_count];

	if (!size_bytes)
		return 0;
	if (decoder->base > UINT32_MAX - offset || size_bytes - 1 > UINT32_MAX - (decoder->base + offset))
		return err_set(decoder->err, ERR_INVALID, "line %d: found an address past 4 GiB", decoder->line);
	*record = (struct record){decoder->base + offset, size_bytes, decoder->blob_bytes};
	memcpy(decoder->blob + decoder->blob_bytes, line->byte + 4, size_bytes);
	decoder->blob_bytes += size_bytes;
	decoder->record_count++;
	return 0;
}

static int expect_size(const struct decoder *decoder, const struct line *line, unsigned int size_bytes)
{
	if (line->byte[0] == size_bytes)
		return 0;
	return err_set(decoder->err, ERR_INVALID, "line %d: found %d data bytes in a record of type %d, expected %u",
		       decoder->line, line->byte[0], line->byte[3], size_bytes);
}

static int take_line(struct decoder *decoder, const struct line *line)
{
	uint32_t high = (uint32_t)line->byte[4] << 8 | line->byte[5];
	uint32_t low = (uint32_t)line->byte[6] << 8 | line->byte[7];
	int rc;

	switch (line->byte[3]) {
	case RECORD_DATA:
		return take_data(decoder, line);
	case RECORD_END:
		decoder->ended = true;
		return expect_size(decoder, line, 0);
	case RECORD_SEGMENT_BASE:
		decoder->base = high << 4;
		return expect_size(decoder, line, 2);
	case RECORD_START_SEGMENT:
		return expect_size(decoder, line, 4);
	case RECORD_LINEAR_BASE:
		decoder->base = high << 16;
		return expect_size(decoder, line, 2);
	case RECORD_START:
		rc = expect_size(decoder, line, 4);
		decoder->entry = high << 16 | low;
		return rc;
	default:
		return err_set(decoder->err, ERR_INVALID, "line %d: found record type %d, expected 0 to 5",
			       decoder->line, line->byte[3]);
	}
}

/* Skips line ends and blanks. Returns whether bytes are left. */
static bool skip_blank(struct decoder *decoder)
{
	while (decoder->at < decoder->len && strchr("\r\n \t\x1a", decoder->text[decoder->at])) {
		if (!decoder->text[decoder->at])
			return true;
		decoder->line += decoder->text[decoder->at] == '\n';
		decoder->at++;
	}
	return decoder->at < decoder->len;
}

static int decode(struct decoder *decoder)
{
	while (skip_blank(decoder)) {
		struct line line = {0};
		int rc;

		if (decoder->ended)
			return err_set(decoder->err, ERR_INVALID, "line %d: found more after the end record",
				       decoder->line);
		if (decoder->text[decoder->at] != ':')
			return err_set(decoder->err, ERR_INVALID,
				       "line %d: found byte 0x%02x, expected ':' or a line end", decoder->line,
				       decoder->text[decoder->at]);
		decoder->at++;
		rc = read_digits(decoder, &line);
		if (!rc)
			rc = check_line(decoder, &line);
		if (!rc)
			rc = take_line(decoder, &line);
		if (rc)
			return rc;
	}
	if (!decoder->ended)
		return err_set(decoder->err, ERR_INVALID,
			       "found no end record, expected :00000001FF (is the file cut off?)");
	if (!decoder->record_count)
		return err_set(decoder->err, ERR_INVALID, "found no data records, expected an image");
	return 0;
}

static int compare_records(const void *a, const void *b)
{
	const struct record *left = a, *right = b;

	if (left->address != right->address)
		return left->address < right->address ? -1 : 1;
	return (left->from > right->from) - (left->from < right->from);
}

/* Joins records that touch. Overlaps become segments that overlap, which image_parse refuses. */
static int join(const struct decoder *decoder, struct image *image)
{
	uint8_t *joined = malloc(decoder->blob_bytes);
	size_t filled = 0;
	int rc = 0;

	if (!joined)
		return err_set(decoder->err, ERR_NOMEM, "out of memory for an image of %zu bytes", decoder->blob_bytes);
	qsort(decoder->records, decoder->record_count, sizeof *decoder->records, compare_records);
	for (size_t i = 0; i < decoder->record_count && !rc; i++) {
		const struct record *record = &decoder->records[i];

		memcpy(joined + filled, decoder->blob + record->from, record->size_bytes);
		filled += record->size_bytes;
		if (i + 1 < decoder->record_count && record[1].address - record->address == record->size_bytes)
			continue;
		rc = image_add_segment(image, (uint32_t)(record->address + record->size_bytes - filled), joined, filled,
				       decoder->err);
		filled = 0;
	}
	free(joined);
	return rc;
}

int image_read_hex(struct image *image, const uint8_t *data, size_t size_bytes, struct err *err)
{
	struct decoder decoder = {.text = data, .len = size_bytes, .line = 1, .err = err};
	int rc;

	/* The shortest data record has 13 characters and holds one byte; data is at most half of the file. */
	decoder.records = calloc(size_bytes / 13 + 1, sizeof *decoder.records);
	decoder.blob = malloc(size_bytes / 2 + 1);
	if (decoder.records && decoder.blob)
		rc = decode(&decoder);
	else
		rc = err_set(err, ERR_NOMEM, "out of memory for an image of %zu bytes", size_bytes);
	if (!rc)
		rc = join(&decoder, image);
	if (!rc)
		image->entry = decoder.entry;
	free(decoder.records);
	free(decoder.blob);
	return rc;
}
