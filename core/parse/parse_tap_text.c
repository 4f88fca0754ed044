/* SPDX-License-Identifier: Apache-2.0 */
/* The forms of TAP's lines: test points, plans, versions, and the names cases get from descriptions. */
#include "core/parse/parse_tap.h"

#include <string.h>

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool begins_word(const struct tap_line *line, size_t at, const char *word)
{
	while (*word && at < line->len && lower(line->text[at]) == *word) {
		at++;
		word++;
	}
	return !*word;
}

size_t tap_skip_blanks(const struct tap_line *line, size_t at)
{
	while (at < line->len && line->text[at] == ' ')
		at++;
	return at;
}

static bool is_blank(const struct tap_line *line, size_t at)
{
	return at >= line->len || line->text[at] == ' ';
}

/* What a '#' at `at` begins. */
static bool read_directive(const struct tap_line *line, size_t at, struct tap_point *point)
{
	size_t word = tap_skip_blanks(line, at + 1);
	size_t end = word;

	while (!is_blank(line, end))
		end++;
	if (begins_word(line, word, "skip")) {
		point->directive = DIRECTIVE_SKIP;
	} else if (begins_word(line, word, "todo") && (end == word + 4 || line->text[word + 4] == ':')) {
		point->directive = DIRECTIVE_TODO;
	} else if (!begins_word(line, word, "time=")) {
		return false;
	}
	point->why_at = end;
	return true;
}

/* "ok 1 - description # SKIP why" */
bool tap_read_point(const struct tap_line *line, struct tap_point *point)
{
	size_t at, digits;

	*point = (struct tap_point){.ok = !text_begins(line->text, line->len, "not ")};
	at = point->ok ? 0 : 4;
	if (!text_begins(line->text + at, line->len - at, "ok") || !is_blank(line, at + 2))
		return false;
	at = digits = tap_skip_blanks(line, at + 2);
	point->numbered = text_read_number(line->text, line->len, &digits, &point->number) && is_blank(line, digits);
	if (point->numbered)
		at = tap_skip_blanks(line, digits);
	if (at < line->len && line->text[at] == '-' && is_blank(line, at + 1))
		at = tap_skip_blanks(line, at + 1);
	point->name_at = at;
	point->name_to = line->len;
	point->why_at = line->len;
	for (; at < line->len; at++) {
		if (line->text[at] != '#' || (at > point->name_at && line->text[at - 1] != ' '))
			continue;
		if (!read_directive(line, at, point))
			continue;
		point->name_to = at;
		break;
	}
	text_trim(line->text, &point->name_at, &point->name_to);
	return true;
}

bool tap_read_plan(const struct tap_line *line, uint32_t *ret_count)
{
	size_t at = 3;
	uint32_t count;

	if (!text_begins(line->text, line->len, "1..") || !text_read_number(line->text, line->len, &at, &count))
		return false;
	at = tap_skip_blanks(line, at);
	if (at < line->len && line->text[at] != '#')
		return false;
	*ret_count = count;
	return true;
}

bool tap_is_version(const struct tap_line *line)
{
	size_t at = sizeof("TAP version ") - 1;
	uint32_t version;

	return text_begins(line->text, line->len, "TAP version ") &&
	       text_read_number(line->text, line->len, &at, &version) && version >= 13 && at == line->len;
}

size_t tap_write_name(char name[PARSE_NAME_MAX], const char *text, size_t len)
{
	size_t to = 0;

	for (size_t i = 0; i < len && to < PARSE_NAME_MAX - 1; i++) {
		bool escape = text[i] == '\\' && i + 1 < len && strchr("#\\", text[i + 1]);

		if (escape)
			continue;
		if (text[i] != ' ' && !strchr("\"\\,*()", text[i]))
			name[to++] = text[i];
		else if (to > 0 && name[to - 1] != '_')
			name[to++] = '_';
	}
	while (to > 0 && name[to - 1] == '_')
		to--;
	while (to > 0 && to == PARSE_NAME_MAX - 1 && ((unsigned char)name[to - 1] & 0x80))
		to--; /* its last character may have been cut */
	name[to] = '\0';
	return to;
}

struct tap_line tap_line_of(const struct span *line)
{
	size_t prefix = line->body;
	size_t to = line->len;
	struct tap_line tap;

	while (prefix > 0 && line->text[prefix - 1] == ' ')
		prefix--;
	if (prefix > 0)
		prefix++; /* the blank that ends a log prefix is no indentation */
	tap = (struct tap_line){.text = line->text + line->body,
				.indent = line->body > prefix ? line->body - prefix : 0,
				.offset = line->at[line->body < to ? line->body : 0],
				.end = line->at[to - 1] + 1};
	while (to > line->body && line->text[to - 1] == ' ')
		to--;
	tap.len = to - line->body;
	return tap;
}
