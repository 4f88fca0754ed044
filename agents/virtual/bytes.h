/* SPDX-License-Identifier: Apache-2.0 */
/* Little-endian integers in byte arrays, and hexadecimal digits, as debug probes and QEMU speak them. */
#ifndef ASSAY_VIRTUAL_BYTES_H
#define ASSAY_VIRTUAL_BYTES_H

#include <stddef.h>
#include <stdint.h>

static inline uint16_t bytes_get16(const uint8_t *p)
{
	return (uint16_t)(p[0] | p[1] << 8);
}

static inline uint32_t bytes_get32(const uint8_t *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

/* size is 1, 2 or 4. */
static inline uint32_t bytes_get(const uint8_t *p, unsigned size)
{
	return size == 4 ? bytes_get32(p) : size == 2 ? bytes_get16(p) : p[0];
}

static inline void bytes_put(uint8_t *p, unsigned size, uint32_t value)
{
	for (unsigned i = 0; i < size; i++)
		p[i] = (uint8_t)(value >> 8 * i);
}

static inline void bytes_put16(uint8_t *p, uint32_t value)
{
	bytes_put(p, 2, value);
}

static inline void bytes_put32(uint8_t *p, uint32_t value)
{
	bytes_put(p, 4, value);
}

/* 0..15, or -1 when c is no hexadecimal digit. */
static inline int bytes_hex_digit(int c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Decodes up to size bytes of hexadecimal text; returns how many were there before the first other character. */
static inline size_t bytes_from_hex(const char *text, size_t len, uint8_t *out, size_t size)
{
	size_t n = 0;
	while (n < size && 2 * n + 1 < len) {
		int high = bytes_hex_digit(text[2 * n]), low = bytes_hex_digit(text[2 * n + 1]);
		if (high < 0 || low < 0)
			break;
		out[n++] = (uint8_t)(high << 4 | low);
	}
	return n;
}

/* Writes 2 * len characters, without a final NUL. */
static inline void bytes_to_hex(const uint8_t *data, size_t len, char *out)
{
	static const char digits[] = "0123456789abcdef";
	for (size_t i = 0; i < len; i++) {
		out[2 * i] = digits[data[i] >> 4];
		out[2 * i + 1] = digits[data[i] & 15];
	}
}

#endif
