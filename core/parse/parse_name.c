/* SPDX-License-Identifier: Apache-2.0 */
/* Finding the names of cases, "TEST(Group, Case)", in a line. */
#include <string.h>

#include "core/parse/parse_unity.h"

size_t unity_skip_name(const char *text, size_t len, size_t pos)
{
	while (pos < len && text_is_name(text[pos]))
		pos++;
	return pos;
}

/* Reads behind "TEST(". Returns whether there is at least the beginning of a name. */
static bool read_name(const struct span *line, size_t pos, size_t stop, struct name_token *token)
{
	const char *text = line->text;

	token->group_at = pos;
	pos = unity_skip_name(text, stop, pos);
	token->group_len = pos - token->group_at;
	token->name_at = pos;
	token->name_len = 0;
	token->whole = false;
	token->at_end = pos == stop;
	token->end = pos;
	if (pos == stop)
		return true;
	if (text[pos] == '(') /* "TEST(GroupTEST(": the board started again here */
		return true;
	if (text[pos] != ',' || token->group_len == 0)
		return false;
	for (pos++; pos < stop && text[pos] == ' ';)
		pos++;
	token->name_at = pos;
	pos = unity_skip_name(text, stop, pos);
	token->name_len = pos - token->name_at;
	token->at_end = pos == stop;
	token->end = pos;
	if (pos < stop && text[pos] == ')' && token->name_len > 0) {
		token->whole = true;
		token->end = pos + 1;
	}
	return true;
}

/* "TEST(Flash, erTEST(Hello, boots)": takes the second TEST out of the first one's name. */
static void drop_glued_test(const struct span *line, struct name_token *token)
{
	size_t *len = token->name_len ? &token->name_len : &token->group_len;

	if (token->whole || token->end >= line->len || line->text[token->end] != '(' || *len < 4)
		return;
	*len -= 4;
	token->end -= 4;
}

bool unity_ends_in_place(const char *text, size_t at, size_t *ret_place_to)
{
	size_t digits;
	size_t to;

	if (at < 3)
		return false;
	if (text[at - 1] == '>') {
		*ret_place_to = at;
		return text_find(text, at, 0, "<SRCREF line=") < at;
	}
	if (text[at - 1] != ':' && text[at - 1] != ' ')
		return false;
	to = at - 1;
	if (text[at - 1] == ' ' && text[to - 1] == ')')
		to--;
	else if (text[at - 1] == ' ' && text_find(text, at, 0, "file://") == at)
		return false;
	for (digits = to; digits > 0 && text_is_digit(text[digits - 1]);)
		digits--;
	*ret_place_to = to;
	return digits < to && digits > 1 && text[digits - 1] == ':';
}

/* What stands before a name says whether it is printed by the fixture or only spoken of. */
static void judge_context(const struct span *line, size_t from, struct name_token *token)
{
	const char *text = line->text;
	size_t at = token->at;
	size_t place_to;

	token->located = unity_ends_in_place(text, at, &place_to);
	token->quoted = !token->located && at > from && at > line->body && strchr(" ('`\"<", text[at - 1]);
}

/* Whether the TEST( at pos belongs to another macro's name, as in "RUN_TEST(". */
static bool is_other_macro(const struct span *line, size_t pos)
{
	char last = line->text[pos - 1];

	if (line->at[pos] != line->at[pos - 1] + 1)
		return false; /* something stood between: the end of another line, and then a log line */
	if (pos >= 4 && memcmp(line->text + pos - 4, "PASS", 4) == 0)
		return false; /* only a line end is missing */
	return last == '_' || (last >= 'A' && last <= 'Z');
}

bool unity_find_name(const struct span *line, size_t from, size_t stop, struct name_token *token)
{
	const char *text = line->text;

	if (!(line->words & TEXT_NAME))
		return false;
	for (size_t pos = from; (pos = text_find(text, stop, pos, "TEST(")) < stop; pos += 5) {
		*token = (struct name_token){.at = pos};
		if (pos >= 7 && memcmp(text + pos - 7, "IGNORE_", 7) == 0) {
			token->ignore = true;
			token->at = pos - 7;
		} else if (pos > from && is_other_macro(line, pos)) {
			continue;
		}
		if (!read_name(line, pos + 5, stop, token))
			continue;
		drop_glued_test(line, token);
		judge_context(line, from, token);
		return true;
	}
	return false;
}
