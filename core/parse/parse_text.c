/* SPDX-License-Identifier: Apache-2.0 */
/* Names, numbers and bytes of console text. */
#include "core/parse/parse_text.h"

#include <string.h>

size_t text_find(const char *text, size_t len, size_t from, const char *needle)
{
	const char *hit;

	if (from >= len)
		return len;
	hit = memmem(text + from, len - from, needle, strlen(needle));
	return hit ? (size_t)(hit - text) : len;
}

unsigned text_look(const char *text, size_t len)
{
	/* Which words begin with a byte: most begin none. */
	static const struct {
		const char *text;
		uint8_t len;
		enum text_words word;
	} words[] = {{"", 0, 0},
		     {"TEST(", 5, TEXT_NAME},
		     {"TEST ", 5, TEXT_NAME},
		     {"TESTS", 5, TEXT_MARK},
		     {"Tests", 5, TEXT_COUNTS},
		     {"TAP version ", 12, TEXT_TAP},
		     {"PASS", 4, TEXT_VERDICT},
		     {"FAIL", 4, TEXT_VERDICT},
		     {"INFO", 4, TEXT_VERDICT},
		     {"IGNORE", 6, TEXT_VERDICT},
		     {"ASSAY ", 6, TEXT_BANNER}};
	static const struct {
		uint8_t first, last;
	} of[256] = {['T'] = {1, 5}, ['P'] = {6, 6}, ['F'] = {7, 7}, ['I'] = {8, 9}, ['A'] = {10, 10}};
	unsigned found = 0;

	if (memchr(text, '[', len) || memchr(text, '(', len))
		found |= TEXT_BRACKET;
	for (size_t i = 0; i < len; i++) {
		uint8_t byte = (uint8_t)text[i];

		for (size_t w = of[byte].first; w && w <= of[byte].last; w++) {
			if (len - i >= words[w].len && memcmp(text + i, words[w].text, words[w].len) == 0)
				found |= words[w].word;
		}
	}
	return found;
}

void text_trim(const char *text, size_t *from, size_t *to)
{
	while (*from < *to && text[*from] == ' ')
		++*from;
	while (*from < *to && text[*to - 1] == ' ')
		--*to;
}

bool text_read_number(const char *text, size_t len, size_t *pos, uint32_t *ret_value)
{
	uint64_t value = 0;
	size_t at = *pos;

	while (at < len && text_is_digit(text[at]) && at - *pos < 11)
		value = value * 10 + (uint64_t)(text[at++] - '0');
	if (at == *pos || value > UINT32_MAX)
		return false;
	*pos = at;
	*ret_value = (uint32_t)value;
	return true;
}

/* The length of a terminal sequence that raw (which begins with ESC) begins with; all when it does not end. */
static size_t escape_length(const uint8_t *raw, size_t size_bytes)
{
	size_t at = 2;

	if (size_bytes < 2)
		return size_bytes;
	if (raw[1] == '[') { /* CSI: parameters, then one final byte */
		while (at < size_bytes && raw[at] >= 0x20 && raw[at] < 0x40)
			at++;
		return at < size_bytes ? at + 1 : size_bytes;
	}
	if (raw[1] >= 0x20 && raw[1] < 0x30) /* designates a character set */
		return size_bytes < 3 ? size_bytes : 3;
	return 2;
}

/* The length of the UTF-8 character that raw (which begins with a byte over 0x7f) begins with; 0 when it is none. */
static size_t utf8_length(const uint8_t *raw, size_t size_bytes)
{
	static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
	size_t len = raw[0] >= 0xf0 ? 4 : raw[0] >= 0xe0 ? 3 : 2;
	uint32_t value = raw[0] & (0xffu >> (len + 1));

	if (raw[0] < 0xc2 || raw[0] > 0xf4 || len > size_bytes)
		return 0;
	for (size_t i = 1; i < len; i++) {
		if ((raw[i] & 0xc0) != 0x80)
			return 0;
		value = value << 6 | (raw[i] & 0x3f);
	}
	if (value < smallest[len] || value > 0x10ffff || (value >= 0xd800 && value < 0xe000) || value < 0xa0)
		return 0;
	return len;
}

void text_repair(char *text)
{
	size_t len = strlen(text);

	for (size_t i = 0; i < len;) {
		size_t wide = (uint8_t)text[i] < 0x80 ? 1 : utf8_length((const uint8_t *)text + i, len - i);

		if (wide == 0)
			text[i] = '?';
		i += wide ? wide : 1;
	}
}

/* Copies plain ASCII as long as it lasts; returns how much that was. */
static size_t copy_plain(const uint8_t *raw, size_t size_bytes, uint64_t offset, char *text, uint64_t *at)
{
	size_t i;

	for (i = 0; i < size_bytes && raw[i] >= 0x20 && raw[i] < 0x7f; i++) {
		text[i] = (char)raw[i];
		at[i] = offset + i;
	}
	return i;
}

size_t text_clean(const uint8_t *raw, size_t size_bytes, uint64_t offset, char *text, uint64_t *at)
{
	size_t len = 0;
	size_t i = 0;

	while (i < size_bytes) {
		size_t plain = copy_plain(raw + i, size_bytes - i, offset + i, text + len, at + len);

		len += plain;
		i += plain;
		if (i == size_bytes)
			break;
		if (raw[i] == 0x1b) {
			i += escape_length(raw + i, size_bytes - i);
		} else if (raw[i] == '\t') {
			text[len] = ' ';
			at[len++] = offset + i++;
		} else if (raw[i] < 0x80) {
			i++;
		} else {
			size_t wide = utf8_length(raw + i, size_bytes - i);

			for (size_t k = 0; k < wide; k++) {
				text[len] = (char)raw[i + k];
				at[len++] = offset + i + k;
			}
			i += wide ? wide : 1;
		}
	}
	return len;
}
