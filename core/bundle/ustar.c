/* SPDX-License-Identifier: Apache-2.0 */
/* Headers of POSIX 1003.1-1988 ("ustar"), written in one way only. */
#include "core/bundle/ustar.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* Where the fields lie. */
#define AT_MODE     100
#define AT_OWNER    108
#define AT_GROUP    116
#define AT_SIZE     124
#define AT_TIME     136
#define AT_CHECKSUM 148
#define AT_TYPE     156
#define AT_MAGIC    257
#define LONG_DIGITS 11

static bool part_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
	       c == '-';
}

static bool path_valid(const char *path)
{
	char before = '/';

	if (strlen(path) >= USTAR_PATH_MAX)
		return false;
	for (const char *at = path; *at; before = *at++) {
		if (*at == '/' ? before == '/' : !part_char(*at) || (*at == '.' && before == '/'))
			return false;
	}
	return before != '/';
}

/* Digits behind each other and a NUL, as tar has its numbers. */
static void put_octal(uint8_t *field, int digits, uint64_t value)
{
	for (int i = digits - 1; i >= 0; i--, value >>= 3)
		field[i] = (uint8_t)('0' + (value & 7));
	field[digits] = '\0';
}

static bool get_octal(const uint8_t *field, int digits, uint64_t *ret_value)
{
	uint64_t value = 0;

	for (int i = 0; i < digits; i++) {
		if (field[i] < '0' || field[i] > '7')
			return false;
		value = value << 3 | (uint64_t)(field[i] - '0');
	}
	*ret_value = value;
	return true;
}

static void put_checksum(uint8_t block[USTAR_BLOCK])
{
	uint64_t sum = 0;

	memset(block + AT_CHECKSUM, ' ', 8);
	for (int i = 0; i < USTAR_BLOCK; i++)
		sum += block[i];
	put_octal(block + AT_CHECKSUM, 6, sum);
}

int ustar_write(const struct ustar_entry *entry, uint8_t ret_block[USTAR_BLOCK], struct err *err)
{
	if (!path_valid(entry->path))
		return err_set(err, ERR_INVALID, "%.100s cannot be a path in an archive", entry->path);
	if (entry->size_bytes > USTAR_SIZE_MAX || entry->time_s < 0 || (uint64_t)entry->time_s > USTAR_SIZE_MAX)
		return err_set(err, ERR_INVALID, "%s is too large for an archive", entry->path);
	memset(ret_block, 0, USTAR_BLOCK);
	memcpy(ret_block, entry->path, strlen(entry->path));
	put_octal(ret_block + AT_MODE, 7, 0444);
	put_octal(ret_block + AT_OWNER, 7, 0);
	put_octal(ret_block + AT_GROUP, 7, 0);
	put_octal(ret_block + AT_SIZE, LONG_DIGITS, entry->size_bytes);
	put_octal(ret_block + AT_TIME, LONG_DIGITS, (uint64_t)entry->time_s);
	ret_block[AT_TYPE] = '0';
	memcpy(ret_block + AT_MAGIC, "ustar\00000", 8);
	put_checksum(ret_block);
	return 0;
}

int ustar_read(const uint8_t block[USTAR_BLOCK], struct ustar_entry *ret_entry, struct err *err)
{
	struct ustar_entry entry = {0};
	uint8_t again[USTAR_BLOCK];
	uint64_t time_s = 0;

	memcpy(entry.path, block, USTAR_PATH_MAX - 1);
	if (!path_valid(entry.path))
		entry.path[0] = '\0';
	memcpy(ret_entry->path, entry.path, sizeof(entry.path));
	if (!get_octal(block + AT_SIZE, LONG_DIGITS, &entry.size_bytes) ||
	    !get_octal(block + AT_TIME, LONG_DIGITS, &time_s))
		return err_set(err, ERR_CORRUPT, "the archive's header of it is damaged");
	entry.time_s = (int64_t)time_s;
	if (ustar_write(&entry, again, NULL) || memcmp(again, block, USTAR_BLOCK) != 0)
		return err_set(err, ERR_CORRUPT, "the archive's header of it is damaged");
	*ret_entry = entry;
	return 0;
}

size_t ustar_padding(uint64_t size_bytes)
{
	return (size_t)((USTAR_BLOCK - size_bytes % USTAR_BLOCK) % USTAR_BLOCK);
}
