/* SPDX-License-Identifier: Apache-2.0 */
/* Finding verdicts in a line: "t.c:5::FAIL: why" and the IDEs' forms of it, and PASS standing alone. */
#include <string.h>

#include "core/parse/parse_unity.h"

static const struct {
	const char *text;
	enum case_verdict verdict;
} words[] = {
	[WORD_PASS] = {"PASS", CASE_PASS},
	[WORD_FAIL] = {"FAIL", CASE_FAIL},
	[WORD_IGNORE] = {"IGNORE", CASE_IGNORED},
	[WORD_INFO] = {"INFO", CASE_ERROR}, /* no verdict */
};

enum case_verdict unity_word_verdict(enum verdict_word word)
{
	return words[word].verdict;
}

/* The word that text begins with; it must end there or go on as Unity does. */
static bool read_word(const char *text, size_t len, enum verdict_word *ret_word, size_t *ret_len)
{
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		size_t word_len = strlen(words[i].text);

		if (!text_begins(text, len, words[i].text))
			continue;
		if (word_len < len && text[word_len] != ':' && text[word_len] != ' ')
			return false;
		*ret_word = (enum verdict_word)i;
		*ret_len = word_len;
		return true;
	}
	return false;
}

/* Where "TEST(…)" begins that ends at `end`, or end. */
static size_t token_before(const struct span *line, size_t end)
{
	size_t from = end > 2 * PARSE_NAME_MAX ? end - 2 * PARSE_NAME_MAX : 0;
	struct name_token token;
	size_t at = end;

	for (size_t pos = from; unity_find_name(line, pos, end, &token); pos = token.at + (token.ignore ? 12 : 5)) {
		if (token.whole && token.end == end)
			at = token.at;
	}
	return at;
}

bool parse_unity_ends_name(const struct span *line, size_t end)
{
	return token_before(line, end) < end;
}

/* Whether a place, and perhaps a name, stand before the ':' at mark->at. */
static bool read_place(const struct span *line, struct verdict_mark *mark)
{
	const char *text = line->text;
	size_t name = mark->at;

	if (name > 0 && text[name - 1] == ')') {
		name = token_before(line, mark->at);
		mark->place_to = name;
		return name < mark->at && (name == 0 || !text_is_name(text[name - 1]));
	}
	while (name > 0 && text_is_name(text[name - 1]))
		name--;
	mark->name_at = name;
	mark->name_len = mark->at - name;
	if (mark->name_len && text_is_digit(text[name]))
		return false;
	return unity_ends_in_place(text, name, &mark->place_to);
}

/* IAR's form: <SRCREF line=5 file="t.c">name</SRCREF> FAIL: why */
static bool read_srcref(const struct span *line, size_t tag, struct verdict_mark *mark)
{
	size_t name = tag;

	while (name > 0 && line->text[name - 1] != '>')
		name--;
	mark->place_to = name;
	mark->name_at = name;
	mark->name_len = unity_skip_name(line->text, tag, name) == tag ? tag - name : 0;
	mark->at = tag;
	return name > 0;
}

/* The leftmost IAR verdict in front of `stop`. */
static struct verdict_mark find_srcref(const struct span *line, size_t stop)
{
	static const char tag[] = "</SRCREF> ";
	struct verdict_mark mark = {.found = false};
	size_t word_len;

	for (size_t pos = 0; (pos = text_find(line->text, stop, pos, tag)) < stop; pos++) {
		size_t word = pos + sizeof(tag) - 1;

		if (!read_word(line->text + word, line->len - word, &mark.word, &word_len))
			continue;
		if (!read_srcref(line, pos, &mark))
			continue;
		mark.end = word + word_len;
		mark.found = true;
		break;
	}
	return mark;
}

struct verdict_mark unity_find_verdict(const struct span *line)
{
	struct verdict_mark mark = {.found = false};
	struct verdict_mark srcref;
	const char *text = line->text;
	size_t len = line->len;
	size_t word_len;
	const char *colon;

	if (!(line->words & TEXT_VERDICT))
		return mark;
	for (size_t pos = 0; pos < len && (colon = memchr(text + pos, ':', len - pos)); pos = mark.at + 1) {
		mark = (struct verdict_mark){.at = (size_t)(colon - text)};
		if (read_word(colon + 1, len - mark.at - 1, &mark.word, &word_len) && read_place(line, &mark)) {
			mark.end = mark.at + 1 + word_len;
			mark.found = true;
			break;
		}
	}
	srcref = find_srcref(line, mark.found ? mark.at : len);
	return srcref.found ? srcref : mark;
}

/* Steps over " (12 ms)"; pos stays when it is not there. */
static size_t skip_time(const char *text, size_t len, size_t pos)
{
	size_t at = pos;

	while (at < len && text[at] == ' ')
		at++;
	if (at >= len || text[at] != '(')
		return pos;
	for (at++; at < len && (text_is_digit(text[at]) || text[at] == '.' || text[at] == ' ');)
		at++;
	while (at < len && (text[at] == 'm' || text[at] == 'u' || text[at] == 's'))
		at++;
	return at < len && text[at] == ')' ? at + 1 : pos;
}

/* Whether "(Group, Case)" begins at `open`. */
static bool has_name_behind(const char *text, size_t open, size_t to)
{
	size_t comma = unity_skip_name(text, to, open + 1);
	size_t name = comma + 1, close;

	if (comma == open + 1 || comma >= to || text[comma] != ',')
		return false;
	while (name < to && text[name] == ' ')
		name++;
	close = unity_skip_name(text, to, name);
	return close > name && close < to && text[close] == ')';
}

/* Whether there is what looks like the rest of "TEST(Group, Case)": "oEST(Group, Case)", or at the end "Case)". */
static bool has_rest_of_name(const char *text, size_t from, size_t to)
{
	size_t open = to;

	for (size_t at = from; at < to; at++) {
		if (text[at] != '(')
			continue;
		open = at;
		if (has_name_behind(text, at, to))
			return true;
	}
	return open == to && to > from && text[to - 1] == ')';
}

/* "PASTEST(A, two)": the TEST was a name's before bytes in front of it were lost; of "RUN_TEST(" it is not. */
static bool has_glued_name(const char *text, size_t from, size_t to)
{
	for (size_t pos = from; (pos = text_find(text, to, pos, "TEST(")) < to; pos++) {
		if (pos > from && text[pos - 1] >= 'A' && text[pos - 1] <= 'Z')
			return true;
	}
	return false;
}

#define DAMAGE_MAX 8 /* bytes that may have got into "TEST(" */

/* Whether [from, open) ends in what is left of "TEST": with bytes in it that no name holds, "T*E ST", or one letter
 * lost or another, "EST", "TXST", when a whole name follows. "LIST" and "REQUEST" are words of their own. */
static bool has_rest_of_test(const char *text, size_t from, size_t open, size_t to)
{
	static const char word[] = "TEST";
	size_t at = open, left = 4;
	unsigned noise = 0, wrong = 0;
	bool all_but_first = false; /* "up, EST(" */

	while (left > 0 && at > from && wrong < 2 && noise <= DAMAGE_MAX) {
		if (text[at - 1] == word[left - 1]) {
			left--;
			at--;
		} else if (!text_is_name(text[at - 1])) {
			all_but_first |= left == 1 && wrong == 0;
			noise++;
			at--;
		} else {
			wrong++;
			left--;
			at -= left == 0 || text[at - 1] != word[left - 1]; /* another letter stands for it */
		}
	}
	if (all_but_first && has_name_behind(text, open, to))
		return true;
	if (wrong + left > 1 || noise > DAMAGE_MAX)
		return false;
	return wrong + left == 0 || ((at == from || !text_is_name(text[at - 1])) && has_name_behind(text, open, to));
}

/* "TEST(", "TEST  (" or what is left of "TEST(Group, Case)" with bytes in it that are damaged. */
static bool has_name_begin(const char *text, size_t from, size_t to)
{
	const char *open;

	for (size_t pos = from; (pos = text_find(text, to, pos, "TEST")) < to;) {
		for (pos += 4; pos < to && text[pos] == ' ';)
			pos++;
		if (pos < to && text[pos] == '(')
			return true;
	}
	for (size_t pos = from; pos < to && (open = memchr(text + pos, '(', to - pos)); pos++) {
		pos = (size_t)(open - text);
		if (has_rest_of_test(text, from, pos, to))
			return true;
	}
	return false;
}

/* Whether the text begins with what is left of the word: with bytes in it that no name holds, "F AIL", and up to so
 * many letters lost or another. */
static bool begins_with_rest(const char *text, size_t at, size_t to, const char *word, unsigned wrong_max)
{
	unsigned noise = 0, wrong = 0;

	while (*word && at < to && wrong <= wrong_max && noise <= DAMAGE_MAX) {
		if (text[at] == *word) {
			at++;
			word++;
		} else if (!text_is_name(text[at])) {
			noise++;
			at++;
		} else {
			wrong++;
			word++;
			at += !*word || text[at] != *word; /* another letter stands for it */
		}
	}
	return wrong + strlen(word) <= wrong_max && noise <= DAMAGE_MAX;
}

/* ":FAIL" or ":IGNORE", or what is left of one behind a place: "t.c:5::F AIL". */
static bool has_verdict(const char *text, size_t from, size_t to)
{
	const char *colon;

	if (text_find(text, to, from, ":FAIL") < to || text_find(text, to, from, ":IGNORE") < to)
		return true;
	for (size_t pos = from; pos < to && (colon = memchr(text + pos, ':', to - pos)); pos++) {
		size_t word;
		unsigned wrong_max;

		pos = (size_t)(colon - text);
		word = pos + 1 < to && text[pos + 1] == ':' ? pos + 2 : pos + 1;
		wrong_max = word == pos + 2 && pos > from && text_is_digit(text[pos - 1]);
		if (word == pos + 1 && word < to && text[word] == ' ')
			continue; /* "link: FAIL" is somebody's talk */
		if (begins_with_rest(text, word, to, "FAIL", wrong_max) ||
		    begins_with_rest(text, word, to, "IGNORE", wrong_max))
			return true;
	}
	return false;
}

bool unity_is_damaged(const char *text, size_t from, size_t to, bool foreign)
{
	if (foreign)
		return has_glued_name(text, from, to);
	return has_name_begin(text, from, to) || has_verdict(text, from, to);
}

enum pass_form unity_read_pass(const char *text, size_t from, size_t to)
{
	size_t pos;

	text_trim(text, &from, &to);
	if (text_begins(text + from, to - from, "PASS")) {
		pos = skip_time(text, to, from + 4);
		while (pos < to && text[pos] == ' ')
			pos++;
		if (pos == to)
			return PASS_SURE;
		return text[from + 4] >= 'A' && text[from + 4] <= 'Z' ? PASS_NONE : PASS_DOUBTFUL;
	}
	if (unity_is_damaged(text, from, to, false))
		return PASS_NONE;
	for (pos = from; (pos = text_find(text, to, pos, " PASS")) < to; pos++) {
		if (skip_time(text, to, pos + 5) == to)
			return has_rest_of_name(text, from, pos) ? PASS_NONE : PASS_DOUBTFUL;
	}
	return PASS_NONE;
}
