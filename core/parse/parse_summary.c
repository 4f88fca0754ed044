/* SPDX-License-Identifier: Apache-2.0 */
/* Unity's summary block, "12 Tests 6 Failures 3 Ignored" with OK, FAIL or FAILED below, and a quiet fixture's marks. */
#include <string.h>

#include "core/parse/parse_unity.h"

/* Reads a number and then that word, with blanks between or, where a log line swallowed them, without. */
static bool read_count(const struct span *line, size_t *pos, const char *word, uint32_t *ret_value)
{
	while (*pos < line->len && line->text[*pos] == ' ')
		++*pos;
	if (!text_read_number(line->text, line->len, pos, ret_value))
		return false;
	while (*pos < line->len && line->text[*pos] == ' ')
		++*pos;
	if (!text_begins(line->text + *pos, line->len - *pos, word))
		return false;
	*pos += strlen(word);
	return true;
}

static void tell_summary(struct parser *parser, bool word, bool ok)
{
	const struct parse_summary *summary = &parser->summary;
	struct parse_event event = parse_event_make(PARSE_SUMMARY, summary->offset, summary->end);

	event.tests = summary->tests;
	event.failures = summary->failures;
	event.ignored = summary->ignored;
	event.marks = parser->marks;
	event.word = word;
	event.ok = ok;
	parser->summary.set = false;
	parser->marks = 0;
	parse_event_tell(parser, &event);
}

void parse_summary_flush(struct parser *parser)
{
	if (parser->summary.set)
		tell_summary(parser, false, false);
}

/* Whether from is a word of the block; behind it nothing of that word may follow. */
static bool read_summary_word(const struct span *line, size_t from, bool *ret_ok)
{
	static const char *const words[] = {"OK", "FAILED", "FAIL"};
	size_t to = line->len;

	text_trim(line->text, &from, &to);
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (text_equals(line->text + from, to - from, words[i])) {
			*ret_ok = i == 0;
			return true;
		}
	}
	return false;
}

bool parse_summary_counts(struct parser *parser, const struct span *line, bool dry)
{
	struct parse_summary summary = {.set = true, .logged = line->logged};
	struct span front = *line;
	size_t tests, pos;
	bool ok;

	if (!(line->words & TEXT_COUNTS))
		return false;
	tests = pos = text_find(line->text, line->len, 0, "Tests");

	while (pos > 0 && line->text[pos - 1] == ' ')
		pos--;
	while (pos > 0 && text_is_digit(line->text[pos - 1]))
		pos--;
	if (tests == line->len)
		return false;
	front.len = pos;
	if (unity_find_verdict(&front).found)
		return false; /* the board's own message speaks of tests */
	summary.offset = line->at[pos];
	if (!read_count(line, &pos, "Tests", &summary.tests) ||
	    !read_count(line, &pos, "Failures", &summary.failures) ||
	    !read_count(line, &pos, "Ignored", &summary.ignored))
		return false;
	if (dry)
		return true;
	parse_summary_flush(parser);
	/* Unity counts no case before it has its verdict, so a doubtful PASS was one. */
	if (parser->open.set && parser->maybe_passed)
		parse_case_end(parser, CASE_PASS, "", parser->maybe_passed_end);
	summary.end = line->at[line->len - 1] + 1;
	parser->summary = summary;
	parser->boot.summed_up = true;
	if (read_summary_word(line, pos, &ok))
		tell_summary(parser, true, ok);
	return true;
}

bool parse_summary_word(struct parser *parser, const struct span *line, bool dry)
{
	bool ok;

	if (!parser->summary.set || line->logged != parser->summary.logged || !read_summary_word(line, line->body, &ok))
		return false;
	if (dry)
		return true;
	parser->summary.end = line->at[line->len - 1] + 1;
	tell_summary(parser, true, ok);
	return true;
}

bool parse_summary_marks(struct parser *parser, const struct span *line, bool dry)
{
	size_t to = line->body;

	while (to < line->len && (line->text[to] == '.' || line->text[to] == '!'))
		to++;
	if (to == line->body)
		return false;
	if (to < line->len) { /* only in front of a verdict: "..t.c:5:TEST(Group, Case):FAIL" */
		if (text_find(line->text, line->len, to, ":TEST(") == line->len)
			return false;
		if (strchr("/\\", line->text[to]))
			to -= to - line->body >= 2 ? 2 : 1;
	}
	if (!dry)
		parser->marks += (uint32_t)(to - line->body);
	return to == line->len;
}
