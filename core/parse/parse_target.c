/* SPDX-License-Identifier: Apache-2.0 */
/* The lines of schema/target.h: "ASSAY measure latency 12.5 us" and its like. One small reader a word. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/parse/parse_private.h"

#define VALUE_MAX 31 /* bytes of a measurement's value */

/* What stands behind the line's word. */
struct rest {
	const char *text;
	size_t len;
	size_t pos;
};

/* A value and the strings it needs, before it becomes an event. */
struct target_line {
	struct parse_event event;
	char name[PARSE_MEASURE_NAME_MAX];
	char unit[PARSE_UNIT_MAX];
	const char *text; /* free text behind it; not terminated */
	size_t text_len;
};

/* The next word, parted by one blank from the one before; false when there is none. */
static bool next_word(struct rest *rest, const char **ret_word, size_t *ret_len)
{
	size_t from = rest->pos;

	if (from >= rest->len || rest->text[from] != ' ')
		return false;
	rest->pos = ++from;
	while (rest->pos < rest->len && rest->text[rest->pos] != ' ')
		rest->pos++;
	*ret_word = rest->text + from;
	*ret_len = rest->pos - from;
	return rest->pos > from;
}

static bool at_end(const struct rest *rest)
{
	size_t pos = rest->pos;

	while (pos < rest->len && rest->text[pos] == ' ')
		pos++;
	return pos == rest->len;
}

static bool read_name(struct rest *rest, char name[PARSE_MEASURE_NAME_MAX])
{
	const char *word;
	size_t len;

	if (!next_word(rest, &word, &len) || len >= PARSE_MEASURE_NAME_MAX)
		return false;
	for (size_t i = 0; i < len; i++) {
		if (!text_is_name(word[i]) && !strchr("-./", word[i]))
			return false;
	}
	memcpy(name, word, len);
	name[len] = '\0';
	return true;
}

static size_t skip_digits(const char *text, size_t len, size_t pos)
{
	while (pos < len && text_is_digit(text[pos]))
		pos++;
	return pos;
}

/* [+-] digits [. digits] [e [+-] digits]: what strtod reads alike in the C locale, which every program of ours keeps
 * for numbers. */
static bool is_decimal(const char *text, size_t len)
{
	size_t pos = len && strchr("+-", text[0]) ? 1 : 0;
	size_t from = pos;

	pos = skip_digits(text, len, pos);
	if (pos == from)
		return false;
	if (pos < len && text[pos] == '.') {
		from = ++pos;
		pos = skip_digits(text, len, pos);
		if (pos == from)
			return false;
	}
	if (pos < len && (text[pos] == 'e' || text[pos] == 'E')) {
		pos++;
		pos += pos < len && strchr("+-", text[pos]) ? 1 : 0;
		from = pos;
		pos = skip_digits(text, len, pos);
		if (pos == from)
			return false;
	}
	return pos == len;
}

static bool read_value(struct rest *rest, double *ret_value)
{
	char text[VALUE_MAX + 1];
	const char *word;
	size_t len;
	double value;

	if (!next_word(rest, &word, &len) || len > VALUE_MAX || !is_decimal(word, len))
		return false;
	memcpy(text, word, len);
	text[len] = '\0';
	value = strtod(text, NULL);
	if (!isfinite(value))
		return false;
	*ret_value = value;
	return true;
}

/* A whole word of digits. */
static bool read_count(struct rest *rest, uint64_t max, uint64_t *ret_value)
{
	const char *word;
	size_t len;
	uint64_t value = 0;

	if (!next_word(rest, &word, &len) || len > 19 || skip_digits(word, len, 0) != len)
		return false;
	for (size_t i = 0; i < len; i++)
		value = value * 10 + (uint64_t)(word[i] - '0');
	if (value > max)
		return false;
	*ret_value = value;
	return true;
}

/* Free text up to the end, or nothing. */
static bool read_text(struct rest *rest, struct target_line *line)
{
	size_t from = rest->pos;
	size_t to = rest->len;

	if (from < to && rest->text[from] != ' ')
		return false;
	text_trim(rest->text, &from, &to);
	line->text = rest->text + from;
	line->text_len = to - from;
	return true;
}

static bool read_measure(struct rest *rest, struct target_line *line)
{
	const char *unit;
	size_t len;

	if (!read_name(rest, line->name) || !read_value(rest, &line->event.value) || !next_word(rest, &unit, &len) ||
	    len >= PARSE_UNIT_MAX || !at_end(rest))
		return false;
	memcpy(line->unit, unit, len);
	line->unit[len] = '\0';
	return true;
}

static bool read_progress(struct rest *rest, struct target_line *line)
{
	size_t pos = rest->pos + 1;

	if (pos >= rest->len || rest->text[rest->pos] != ' ' ||
	    !text_read_number(rest->text, rest->len, &pos, &line->event.done) || pos >= rest->len ||
	    rest->text[pos++] != '/' || !text_read_number(rest->text, rest->len, &pos, &line->event.total))
		return false;
	rest->pos = pos;
	return line->event.total > 0 && line->event.done <= line->event.total && read_text(rest, line);
}

static bool read_mark(struct rest *rest, struct target_line *line)
{
	return read_name(rest, line->name) && read_count(rest, UINT64_MAX, &line->event.target_us) && at_end(rest);
}

static bool read_ask(struct rest *rest, struct target_line *line)
{
	static const struct {
		const char *word;
		bool timed;
	} asks[] = {
		[PARSE_ASK_RESET] = {"reset", false},
		[PARSE_ASK_POWER_CYCLE] = {"power-cycle", true},
		[PARSE_ASK_POWER_CUT] = {"power-cut", true},
		[PARSE_ASK_SELF_RESET] = {"self-reset", false},
	};
	uint64_t ms = 0;
	const char *word;
	size_t len;

	if (!next_word(rest, &word, &len))
		return false;
	for (size_t i = 0; i < sizeof(asks) / sizeof(asks[0]); i++) {
		if (!text_equals(word, len, asks[i].word))
			continue;
		if (asks[i].timed && !read_count(rest, PARSE_ASK_MS_MAX, &ms))
			return false;
		line->event.ask = (enum parse_ask)i;
		line->event.ask_ms = (uint32_t)ms;
		return at_end(rest);
	}
	return false;
}

static const struct {
	const char *word;
	enum parse_kind kind;
	bool (*read)(struct rest *rest, struct target_line *line);
} words[] = {
	{"measure", PARSE_MEASURE, read_measure},
	{"progress", PARSE_PROGRESS, read_progress},
	{"alive", PARSE_ALIVE, read_text},
	{"mark", PARSE_MARK, read_mark},
	{"ask", PARSE_ASK, read_ask},
};

bool parse_target_is_word(const char *text, size_t len)
{
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (text_equals(text, len, words[i].word))
			return true;
	}
	return false;
}

/* Reads what begins at `from`; its event has no place yet. */
static bool read_line(const struct span *line, size_t from, struct target_line *target)
{
	struct rest rest = {.text = line->text, .len = line->len, .pos = from + strlen("ASSAY")};
	const char *word;
	size_t len;

	if (!next_word(&rest, &word, &len))
		return false;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (!text_equals(word, len, words[i].word))
			continue;
		*target = (struct target_line){.event = parse_event_make(words[i].kind, 0, 0)};
		return words[i].read(&rest, target);
	}
	return false;
}

/* Whether a line of ours may begin at `at`: where the line's text begins, or right behind "TEST(Group, Case)". */
static bool may_begin(const struct span *line, size_t at)
{
	size_t before = at;

	if (at <= line->body)
		return true;
	while (before > 0 && line->text[before - 1] == ' ')
		before--;
	return before > 0 && line->text[before - 1] == ')' && parse_unity_ends_name(line, before);
}

size_t parse_target_find(const struct span *line)
{
	struct target_line target;

	if (!(line->words & TEXT_BANNER))
		return line->len;
	for (size_t pos = 0; (pos = text_find(line->text, line->len, pos, "ASSAY ")) < line->len; pos++) {
		if (may_begin(line, pos) && read_line(line, pos, &target))
			return pos;
	}
	return line->len;
}

void parse_target_read(struct parser *parser, const struct span *line, size_t from)
{
	struct target_line target;
	struct parse_event *event = &target.event;

	/* A line that the output broke off in has perhaps lost digits. */
	if (parser->ended || !read_line(line, from, &target))
		return;
	parser->asked |= event->kind == PARSE_ASK;
	event->offset = line->at[from];
	event->end = line->at[line->len - 1] + 1;
	event->name = target.name;
	event->unit = target.unit;
	if (target.text_len) {
		memcpy(parser->message, target.text, target.text_len);
		parser->message[target.text_len] = '\0';
		event->message = parser->message;
	}
	parse_event_tell(parser, event);
}
