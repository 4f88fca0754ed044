/* SPDX-License-Identifier: Apache-2.0 */
/* The small words of console text: names, numbers, log prefixes. Pure functions over bytes that are not terminated. */
#ifndef ASSAY_PARSE_PARSE_TEXT_H
#define ASSAY_PARSE_PARSE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* What a line may hold, found in one look at it: a reader whose words are not there need not try. */
enum text_words {
	TEXT_NAME = 1,    /* "TEST(", or damaged "TEST " */
	TEXT_VERDICT = 2, /* PASS, FAIL, IGNORE, INFO */
	TEXT_COUNTS = 4,  /* "Tests" */
	TEXT_MARK = 8,    /* "TESTS" */
	TEXT_BANNER = 16, /* "ASSAY " */
	TEXT_TAP = 64,    /* "TAP version " */
	TEXT_RESULT = TEXT_NAME | TEXT_VERDICT | TEXT_COUNTS | TEXT_MARK | TEXT_BANNER | TEXT_TAP,
	TEXT_BRACKET = 32, /* '[' or '(': every log prefix has one */
};

/* Cleaned console text: text[i] came from console offset at[i]. */
struct span {
	const char *text;
	const uint64_t *at;
	size_t len;
	unsigned words; /* enum text_words; of a part, at least those in it */
	size_t body;    /* behind the log prefixes it begins with */
	bool logged;    /* there is such a prefix */
	bool broken;    /* it does not end here: what stands last in it may go on */
	size_t fresh;   /* what is before was read already, as the front of an interrupted line */
	bool unsure;    /* digits there may belong to the front or to the log line that interrupted it */
};

static inline bool text_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Letter, digit or underscore: what a C macro can paste into a function's name. */
static inline bool text_is_name(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || text_is_digit(c) || c == '_';
}

static inline bool text_begins(const char *text, size_t len, const char *prefix)
{
	size_t prefix_len = strlen(prefix);

	return len >= prefix_len && memcmp(text, prefix, prefix_len) == 0;
}

static inline bool text_equals(const char *text, size_t len, const char *word)
{
	return len == strlen(word) && memcmp(text, word, len) == 0;
}

/* Where needle first stands in [from, len), or len. */
size_t text_find(const char *text, size_t len, size_t from, const char *needle);

/* enum text_words of a text. */
unsigned text_look(const char *text, size_t len);

/* Moves the two bounds inwards over blanks. */
void text_trim(const char *text, size_t *from, size_t *to);

/* Reads a decimal number at *pos, at most 10 digits; false when there is none or it does not fit. */
bool text_read_number(const char *text, size_t len, size_t *pos, uint32_t *ret_value);

/* The length of the log prefix that text begins with ("39 24534 [TestRunner] ", "I (123) wifi: ", "[INFO] ",
 * "[00:00:01.250,000] <inf> app: "), or 0. */
size_t text_log_head(const char *text, size_t len);

/* The length of all log prefixes and blanks that text begins with. */
size_t text_log_heads(const char *text, size_t len);

/* A log line that was printed into the middle of another one: where its prefix begins, from `from` on, or len. A
 * prefix that begins with a number takes all its digits, unless the number that follows last_number (of the log line
 * before, -1 unknown) ends them: then the digits in front of that belong to the text that was interrupted. */
size_t text_find_log_head(const char *text, size_t len, size_t from, int64_t last_number);

/* The number a FreeRTOS log line begins with, -1 when it is none. */
int64_t text_log_number(const char *text, size_t len);

/* Copies what a person may see of size_bytes raw bytes to text, with each byte's console offset (offset for the
 * first): terminal sequences, control characters and bytes that are not UTF-8 are left out. Both outputs have room
 * for size_bytes. Returns how many were copied. Cleaning the beginning of a line gives the beginning of the clean
 * line. */
size_t text_clean(const uint8_t *raw, size_t size_bytes, uint64_t offset, char *text, uint64_t *at);

/* Makes a text that was cut somewhere UTF-8 again: a byte that belongs to no whole character becomes '?'. */
void text_repair(char *text);

#endif
