/* SPDX-License-Identifier: Apache-2.0 */
/* Literal texts in a stream: each has its own place in it (Knuth, Morris, Pratt), so that no byte is kept. */
#include "core/parse/line_search.h"

#include <stdlib.h>
#include <string.h>

#define ESCAPE 0x1b

struct needle {
	const char *text;
	size_t len;
	size_t matched; /* bytes of the text that stand before the next byte */
	bool seen;
	uint8_t shorter[LINE_SEARCH_TEXT_MAX]; /* [n]: how much of the text is matched still when it fails after n + 1
						  bytes */
};

/* Where in an escape sequence the next byte is: ESC [ 3 1 m, ESC ( B, or two bytes. */
enum escape { ESCAPE_NONE, ESCAPE_BEGUN, ESCAPE_CONTROL, ESCAPE_CHARSET };

struct line_search {
	enum escape escape;
	size_t missing, count;
	struct needle needle[];
};

static void needle_init(struct needle *needle, const char *text)
{
	size_t matched = 0;

	needle->text = text;
	needle->len = strnlen(text, LINE_SEARCH_TEXT_MAX);
	for (size_t i = 1; i < needle->len; i++) {
		while (matched && text[i] != text[matched])
			matched = needle->shorter[matched - 1];
		matched += text[i] == text[matched];
		needle->shorter[i] = (uint8_t)matched;
	}
}

struct line_search *line_search_create(char *const *texts, size_t count)
{
	struct line_search *search = calloc(1, sizeof(*search) + count * sizeof(search->needle[0]));

	if (!search)
		return NULL;
	search->missing = search->count = count;
	for (size_t i = 0; i < count; i++)
		needle_init(&search->needle[i], texts[i]);
	return search;
}

void line_search_destroy(struct line_search *search)
{
	free(search);
}

/* Whether the byte makes the text whole. */
static bool needle_take(struct needle *needle, char byte)
{
	while (needle->matched && byte != needle->text[needle->matched])
		needle->matched = needle->shorter[needle->matched - 1];
	needle->matched += byte == needle->text[needle->matched];
	return needle->matched == needle->len;
}

static void take_text(struct line_search *search, char byte)
{
	for (size_t i = 0; i < search->count; i++) {
		struct needle *needle = &search->needle[i];

		if (needle->seen || !needle_take(needle, byte))
			continue;
		needle->seen = true;
		search->missing--;
	}
}

static void end_line(struct line_search *search)
{
	search->escape = ESCAPE_NONE;
	for (size_t i = 0; i < search->count; i++)
		search->needle[i].matched = 0;
}

/* Whether the byte belongs to an escape sequence. */
static bool take_escape(struct line_search *search, uint8_t byte)
{
	switch (search->escape) {
	case ESCAPE_NONE:
		search->escape = byte == ESCAPE ? ESCAPE_BEGUN : ESCAPE_NONE;
		return byte == ESCAPE;
	case ESCAPE_BEGUN:
		search->escape = byte == '['                   ? ESCAPE_CONTROL
				 : byte >= 0x20 && byte < 0x30 ? ESCAPE_CHARSET
							       : ESCAPE_NONE;
		return true;
	case ESCAPE_CONTROL:
		if (byte < 0x20 || byte > 0x3f)
			search->escape = ESCAPE_NONE;
		return byte >= 0x20;
	case ESCAPE_CHARSET:
		search->escape = ESCAPE_NONE;
		return true;
	}
	return false;
}

void line_search_feed(struct line_search *search, const uint8_t *data, size_t size_bytes)
{
	for (size_t i = 0; i < size_bytes && search->missing; i++) {
		uint8_t byte = data[i] == '\t' ? ' ' : data[i];

		if (byte == '\n' || byte == '\r')
			end_line(search);
		else if (!take_escape(search, byte) && byte >= 0x20 && byte != 0x7f)
			take_text(search, (char)byte);
	}
}

size_t line_search_missing(const struct line_search *search)
{
	return search->missing;
}

bool line_search_seen(const struct line_search *search, size_t index)
{
	return search->needle[index].seen;
}
