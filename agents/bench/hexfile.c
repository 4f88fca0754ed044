/* SPDX-License-Identifier: Apache-2.0 */
/* Intel HEX. */
#include "agents/bench/hexfile.h"

#define RECORD_BYTES 32
#define TYPE_DATA    0
#define TYPE_UPPER   4 /* upper 16 bits of the addresses that follow */

static int append_record(struct buf *out, uint8_t type, uint16_t address, const uint8_t *data, uint8_t count)
{
	static const char digit[] = "0123456789ABCDEF";
	char line[1 + 2 * (4 + RECORD_BYTES + 1) + 1];
	uint8_t head[4] = {count, (uint8_t)(address >> 8), (uint8_t)address, type}, sum = 0, byte;
	size_t len = 0;

	line[len++] = ':';
	for (size_t i = 0; i < 4u + count; i++) {
		byte = i < 4 ? head[i] : data[i - 4];
		sum = (uint8_t)(sum + byte);
		line[len++] = digit[byte >> 4];
		line[len++] = digit[byte & 15];
	}
	sum = (uint8_t)-sum;
	line[len++] = digit[sum >> 4];
	line[len++] = digit[sum & 15];
	line[len++] = '\n';
	return buf_append(out, line, len);
}

int hexfile_append(struct buf *out, uint32_t address, const uint8_t *data, uint32_t size_bytes)
{
	uint32_t part, upper, last_upper = UINT32_MAX;
	uint8_t bytes[2];
	int rc = 0;

	while (size_bytes && rc == 0) {
		upper = address >> 16;
		if (upper != last_upper) {
			bytes[0] = (uint8_t)(upper >> 8);
			bytes[1] = (uint8_t)upper;
			rc = append_record(out, TYPE_UPPER, 0, bytes, 2);
			last_upper = upper;
		}
		/* Records end on their own boundaries, so none crosses into another upper half. */
		part = RECORD_BYTES - address % RECORD_BYTES;
		if (part > size_bytes)
			part = size_bytes;
		if (rc == 0)
			rc = append_record(out, TYPE_DATA, (uint16_t)address, data, (uint8_t)part);
		address += part;
		data += part;
		size_bytes -= part;
	}
	return rc;
}

int hexfile_end(struct buf *out)
{
	return buf_append_text(out, ":00000001FF\n");
}
