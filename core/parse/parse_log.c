/* SPDX-License-Identifier: Apache-2.0 */
/* Log prefixes: what firmware's loggers put in front of a line, one small reader a style. */
#include <string.h>

#include "core/parse/parse_text.h"

#define HEAD_MAX 40 /* bytes between a pair of brackets, or of a tag */

/* Steps over digits; false when there are none. */
static bool skip_digits(const char *text, size_t len, size_t *pos)
{
	size_t from = *pos;

	while (*pos < len && text_is_digit(text[*pos]) && *pos - from < 12)
		++*pos;
	return *pos > from;
}

static bool skip_char(const char *text, size_t len, size_t *pos, char c)
{
	if (*pos >= len || text[*pos] != c)
		return false;
	++*pos;
	return true;
}

/* "39 24534 [TestRunner] " or "1 [IP-task] " */
static size_t head_freertos(const char *text, size_t len)
{
	size_t pos = 0;
	size_t open;

	if (!skip_digits(text, len, &pos) || !skip_char(text, len, &pos, ' '))
		return 0;
	if (skip_digits(text, len, &pos) && !skip_char(text, len, &pos, ' '))
		return 0;
	open = pos;
	if (!skip_char(text, len, &pos, '['))
		return 0;
	while (pos < len && text[pos] != ']' && pos - open < HEAD_MAX)
		pos++;
	if (!skip_char(text, len, &pos, ']') || !skip_char(text, len, &pos, ' '))
		return 0;
	return pos;
}

/* "I (1234) wifi: " */
static size_t head_esp(const char *text, size_t len)
{
	size_t pos = 1;
	size_t tag;

	if (len < 8 || !strchr("EWIDV", text[0]) || text[1] != ' ' || text[2] != '(')
		return 0;
	pos = 3;
	if (!skip_digits(text, len, &pos) || !skip_char(text, len, &pos, ')') || !skip_char(text, len, &pos, ' '))
		return 0;
	tag = pos;
	while (pos < len && text[pos] != ':' && text[pos] != ' ' && pos - tag < HEAD_MAX)
		pos++;
	if (!skip_char(text, len, &pos, ':') || !skip_char(text, len, &pos, ' '))
		return 0;
	return pos;
}

/* "[00:00:01.250,000] " and then perhaps "<inf> app: " */
static size_t head_zephyr(const char *text, size_t len)
{
	size_t pos = 1;
	size_t level;

	if (len < 12 || text[0] != '[' || !text_is_digit(text[1]) || text[3] != ':' || text[6] != ':')
		return 0;
	while (pos < len && pos < 24 && (text_is_digit(text[pos]) || strchr(":.,", text[pos])))
		pos++;
	if (!skip_char(text, len, &pos, ']') || !skip_char(text, len, &pos, ' '))
		return 0;
	level = pos;
	if (pos + 6 > len || text[pos] != '<' || text[pos + 4] != '>' || text[pos + 5] != ' ')
		return level;
	pos += 6;
	while (pos < len && text_is_name(text[pos]))
		pos++;
	return skip_char(text, len, &pos, ':') && skip_char(text, len, &pos, ' ') ? pos : level + 6;
}

/* "[INFO] " */
static size_t head_level(const char *text, size_t len)
{
	static const char *const levels[] = {"[INFO] ",  "[WARN] ",  "[WARNING] ", "[ERROR] ", "[DEBUG] ",
					     "[TRACE] ", "[FATAL] ", "[info] ",    "[warn] ",  "[error] ",
					     "[debug] ", "[DBG] ",   "[INF] ",     "[WRN] ",   "[ERR] "};

	if (text[0] != '[' || text_is_name(text[1]) == text_is_digit(text[1]))
		return 0;
	for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++) {
		if (text[1] == levels[i][1] && text_begins(text, len, levels[i]))
			return strlen(levels[i]);
	}
	return 0;
}

size_t text_log_head(const char *text, size_t len)
{
	static size_t (*const readers[])(const char *, size_t) = {head_freertos, head_esp, head_zephyr, head_level};
	size_t head = 0;

	if (len < 4)
		return 0;
	for (size_t i = 0; i < sizeof(readers) / sizeof(readers[0]) && !head; i++)
		head = readers[i](text, len);
	return head;
}

size_t text_log_heads(const char *text, size_t len)
{
	size_t pos = 0;
	size_t head;

	do {
		while (pos < len && text[pos] == ' ')
			pos++;
		head = text_log_head(text + pos, len - pos);
		pos += head;
	} while (head);
	return pos;
}

int64_t text_log_number(const char *text, size_t len)
{
	size_t pos = 0;
	uint32_t number;

	while (pos < len && text[pos] == ' ')
		pos++;
	if (!head_freertos(text + pos, len - pos) || !text_read_number(text, len, &pos, &number))
		return -1;
	return number;
}

/* Given the digits [from, to) in front of a prefix: where the log line's own number begins. */
static size_t number_begin(const char *text, size_t from, size_t to, int64_t last_number)
{
	uint32_t value;

	for (size_t at = from; last_number >= 0 && at < to; at++) {
		size_t pos = at;

		if (text_read_number(text, to, &pos, &value) && value == (uint64_t)last_number + 1 && text[at] != '0')
			return at;
	}
	return from;
}

/* Where the numbers begin that stand right before the '[' at `open`; open when there are none. */
static size_t numbers_before(const char *text, size_t open)
{
	size_t begin = open;

	for (int numbers = 0; numbers < 2; numbers++) {
		size_t at = begin;

		if (at == 0 || text[at - 1] != ' ')
			break;
		for (at--; at > 0 && text_is_digit(text[at - 1]);)
			at--;
		if (at == begin - 1)
			break;
		begin = at;
	}
	return begin;
}

/* Where the prefix begins that has its bracket at `bracket`; len when there is none. */
static size_t head_of_bracket(const char *text, size_t len, size_t from, size_t bracket, int64_t last_number)
{
	size_t begin = bracket;
	size_t digits;

	if (text[bracket] == '(') {
		begin = bracket >= from + 2 ? bracket - 2 : len;
		return begin < len && head_esp(text + begin, len - begin) ? begin : len;
	}
	begin = numbers_before(text, bracket);
	if (begin < from)
		begin = from;
	if (begin < bracket && head_freertos(text + begin, len - begin)) {
		for (digits = begin; text_is_digit(text[digits]);)
			digits++;
		return number_begin(text, begin, digits, last_number);
	}
	return text_log_head(text + bracket, len - bracket) ? bracket : len;
}

size_t text_find_log_head(const char *text, size_t len, size_t from, int64_t last_number)
{
	for (size_t i = from; i < len; i++) {
		size_t head = len;

		if (text[i] == '[' || text[i] == '(')
			head = head_of_bracket(text, len, from, i, last_number);
		if (head < len)
			return head;
	}
	return len;
}
