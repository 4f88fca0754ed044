/* SPDX-License-Identifier: Apache-2.0 */
/* One line of the console: interrupted ones are put together again, and each is handed to the readers.
 *
 * Tasks of one firmware print into each other's lines, so a result may come as
 *     TEST(Group, Ca8 101 [IP-task] offer c0a80001ip
 *     se) PASS
 * A line with a log line in its middle, and one that breaks off inside a name, is held; the next line is read alone
 * when it means something alone, and else behind what is held. Whatever a line may turn out to be, the names that stand
 * whole in it are told first: so it makes no difference in how many pieces it came. */
#include <string.h>

#include "core/parse/parse_private.h"

/* A line this long that has no verdict yet may have been cut by the runner, whose lines have 1024 bytes. */
#define FORCED_BREAK_MIN 1000
#define FORCED_BREAK_MAX 1024
/* More log lines than this in the middle of one line: it will not go on. */
#define HELD_LINES_MAX 64
/* Of a held line that grew too long: enough for a path and a place. */
#define HELD_MAX 1024

/* Each form of line that is read whole. The order matters only where one would take another's. */
static const parse_reader_fn readers[] = {
	parse_tap_line,   parse_summary_counts, parse_summary_word,
	parse_marks_line, parse_summary_marks,  parse_unity_line,
};

#define READERS (sizeof(readers) / sizeof(readers[0]))
/* What is kept for the next line to go on with. Its text stays readable until that comes. */
struct hold {
	bool wanted;
	bool name; /* breaks off inside "TEST(Group, Case" */
	bool unsure;
	struct span text;
};

static struct span span_make(const char *text, const uint64_t *at, size_t len)
{
	struct span span = {.text = text, .at = at, .len = len, .words = text_look(text, len)};

	if (span.words & TEXT_BRACKET)
		span.body = text_log_heads(text, len);
	while (span.body < len && text[span.body] == ' ')
		span.body++;
	for (size_t i = 0; i < span.body && !span.logged; i++)
		span.logged = text[i] != ' ';
	return span;
}

static struct span span_of(const struct parser *parser, size_t from, size_t to)
{
	return span_make(parser->text + from, parser->at + from, to - from);
}

static struct span span_cut(const struct span *span, size_t len)
{
	struct span cut = *span;

	cut.len = len;
	if (cut.body > len)
		cut.body = len;
	return cut;
}

/* A line of schema/target.h in the line, which it reaches to the end of. */
struct own_line {
	size_t at; /* line->len: there is none */
	bool banner;
};

static struct own_line find_own(const struct span *line)
{
	struct own_line own = {.at = parse_banner_find(line), .banner = true};

	if (line->unsure)
		own.at = line->len;
	else if (own.at == line->len)
		own = (struct own_line){.at = parse_target_find(line)};
	return own;
}

static void read_own(struct parser *parser, const struct span *line, const struct own_line *own)
{
	if (own->banner)
		parse_banner_read(parser, line, own->at);
	else
		parse_target_read(parser, line, own->at);
}

/* Whether the line means something by itself. */
static bool readable(struct parser *parser, const struct span *line)
{
	if (line->len == 0)
		return false;
	if (find_own(line).at < line->len)
		return true;
	for (size_t i = 0; i < READERS; i++) {
		if (readers[i](parser, line, true))
			return true;
	}
	return false;
}

void parse_line_flush(struct parser *parser)
{
	struct span held = span_of(parser, 0, parser->held_len);
	bool name = parser->held_name;
	struct own_line own;

	held.unsure = parser->held_unsure;
	parser->held_len = 0;
	parser->held_name = false;
	if (held.len == 0)
		return;
	own = find_own(&held);
	if (name)
		parse_unity_cut(parser, &held, parse_unity_open_name(&held));
	else if (own.at < held.len)
		read_own(parser, &held, &own);
	else if (!parse_tap_line(parser, &held, false))
		parse_other_line(parser, &held);
}

/* Whether what is held is a line that is told as a whole, once it is known to end there. */
static bool holds_whole_line(struct parser *parser)
{
	struct span held;

	if (parser->held_len == 0 || parser->held_name)
		return false;
	held = span_of(parser, 0, parser->held_len);
	held.unsure = parser->held_unsure;
	return find_own(&held).at < held.len || parse_tap_line(parser, &held, true);
}

void parse_line_blank(struct parser *parser)
{
	if (holds_whole_line(parser))
		parse_line_flush(parser);
}

static void hold(struct parser *parser, const struct hold *what)
{
	struct span text = what->text;

	if (text.len > PARSE_LINE_MAX) {
		text.text += text.len - HELD_MAX;
		text.at += text.len - HELD_MAX;
		text.len = HELD_MAX;
	}
	memmove(parser->text, text.text, text.len);
	memmove(parser->at, text.at, text.len * sizeof(*text.at));
	parser->held_len = text.len;
	parser->held_name = what->name;
	parser->held_unsure = what->unsure;
	parser->held_lines = 0;
}

/* Hands a line without a banner to the readers. Returns whether one took it. */
static bool read_forms(struct parser *parser, const struct span *line)
{
	bool taken = false;

	for (size_t i = 0; line->len && i < READERS && !taken; i++)
		taken = readers[i](parser, line, false);
	return taken;
}

/* Whether a verdict, or a summary's word, is still to come. */
static bool has_more_to_come(const struct parser *parser)
{
	return parser->open.set || parser->summary.set;
}

/* Reads a line. broken: it does not end here, for a log line interrupts it or it was cut because of its length. */
static struct hold read_line(struct parser *parser, const struct span *line, bool broken)
{
	struct own_line own = find_own(line);
	struct span front = span_cut(line, own.at);
	size_t open_name = parse_unity_open_name(&front);
	struct span whole = span_cut(&front, open_name);
	bool finished = broken && readable(parser, &whole);
	bool taken;

	if (broken && parse_tap_owns(parser, line)) /* as below, and what looks like a name in it is none */
		return (struct hold){.wanted = true, .text = *line};
	taken = read_forms(parser, &whole);
	if (own.at < line->len && broken) /* its last word may go on */
		return (struct hold){.wanted = true, .text = *line};
	if (own.at < line->len) {
		if (open_name < front.len)
			parse_unity_cut(parser, &front, open_name);
		read_own(parser, line, &own);
		return (struct hold){.wanted = false};
	}
	if (open_name < front.len) {
		struct span rest = {.text = front.text + open_name,
				    .at = front.at + open_name,
				    .len = front.len - open_name,
				    .words = front.words};

		return (struct hold){.wanted = true, .name = true, .text = rest};
	}
	if (broken && (!finished || parser->open.set))
		return (struct hold){.wanted = true, .text = *line};
	if (!taken)
		parse_other_line(parser, line);
	return (struct hold){.wanted = false};
}

/* Whether there is a result, or the beginning of one, in the line. */
static bool is_result(struct parser *parser, const struct span *line)
{
	return parse_unity_open_name(line) < line->len || readable(parser, line);
}

/* Whether the front's end and the new line's beginning are one name or one number: then they belong together although
 * the new line means something alone. */
static bool splits_token(const struct span *joined)
{
	return parse_unity_spans(joined) ||
	       (joined->fresh < joined->len && text_is_digit(joined->text[joined->fresh]) &&
		text_is_digit(joined->text[joined->fresh - 1]));
}

/* Chooses what is read now: the new line alone, or what was held with it behind. */
static struct span choose(struct parser *parser, const struct span *alone, bool broken)
{
	struct span joined = span_of(parser, 0, parser->held_len + alone->len);
	bool join;

	joined.fresh = parser->held_len;
	joined.broken = broken;
	joined.unsure = parser->held_unsure;
	if (parser->held_len == 0)
		return *alone;
	if (parser->held_name)
		join = readable(parser, &joined) || parse_unity_open_name(&joined) < joined.len;
	else
		join = splits_token(&joined) || parse_tap_spans(parser, &joined) ||
		       (!is_result(parser, alone) && (broken || readable(parser, &joined)));
	if (!join) {
		parse_line_flush(parser);
		return *alone;
	}
	parser->held_len = 0;
	parser->held_name = false;
	return joined;
}

/* Whether what is held and the new line, of which there may be more to come, are a line of TAP together. */
static bool joins_to_tap(const struct parser *parser, size_t to)
{
	struct span joined = span_of(parser, 0, to);

	return parser->held_len > 0 && !parser->held_name && parse_tap_owns(parser, &joined);
}

void parse_line_peek(struct parser *parser, size_t len)
{
	size_t from = parser->held_len;
	size_t to = from + len;
	bool name = parser->held_name;
	struct span line;

	while (to > from && parser->text[to - 1] != ')')
		to--;
	if (to == from)
		return;
	line = span_of(parser, name ? 0 : from, to);
	line.fresh = name ? from : 0;
	line.unsure = name && parser->held_unsure;
	if (!(line.words & TEXT_NAME) || parse_tap_owns(parser, &line) || joins_to_tap(parser, to) ||
	    holds_whole_line(parser))
		return;
	/* The held name is completed by this line, so a boot that the line shows must not tell it as cut. The text
	 * stays held: the line's end will join the two again. */
	parser->held_name = false;
	parse_unity_peek(parser, &line);
	parser->held_len = name ? from : parser->held_len;
	parser->held_name = name;
}

/* Where a log line begins: 0 when the line is one, in the middle when it interrupts something, line->len when there is
 * none. */
static size_t find_log(struct parser *parser, const struct span *line)
{
	size_t front_from = 0;
	size_t at, front_to;
	struct span front, log;

	if (!(line->words & TEXT_BRACKET))
		return line->len;
	at = text_find_log_head(line->text, line->len, 0, parser->log_number);
	front_to = at;

	text_trim(line->text, &front_from, &front_to);
	if (front_from == front_to) /* the line begins with a prefix; another one behind it? */
		at = text_find_log_head(line->text, line->len, line->body, parser->log_number);
	log = span_make(line->text + at, line->at + at, line->len - at);
	if (at < line->len && is_result(parser, &log))
		return line->len;
	if (front_from < front_to)
		return at;
	front = span_cut(line, at);
	if (is_result(parser, &front))
		return at;
	return line->logged ? 0 : line->len;
}

static void note_log_number(struct parser *parser, const struct span *line)
{
	int64_t number = text_log_number(line->text, line->len);

	if (number >= 0)
		parser->log_number = number;
}

/* A log line, which may have got a PASS into its own middle. */
static void read_log(struct parser *parser, const struct span *log)
{
	parse_unity_line(parser, log, false);
	parse_other_line(parser, log);
}

/* "TEST(A, case_1" and "11 101 [IP] ..." give the same text as "TEST(A, case_11" and "1 101 [IP] ...": only the number
 * of the log line before can tell where the name ends. */
static bool is_unsure(const struct parser *parser, const struct span *line, size_t log_at)
{
	size_t pos = log_at;
	uint32_t number;

	if (log_at == 0 || log_at == line->len || !text_is_name(line->text[log_at - 1]) ||
	    !text_read_number(line->text, line->len, &pos, &number))
		return false;
	return parser->log_number < 0 || number != (uint64_t)parser->log_number + 1;
}

/* The line, or the front of an interrupted one, and what was held, if that belongs to it. */
static void take_front(struct parser *parser, const struct span *front, const struct span *log, bool broken,
		       bool unsure)
{
	struct span alone = *front;
	struct span line;
	struct hold what;

	alone.broken = broken;
	line = choose(parser, &alone, broken);
	what = read_line(parser, &line, broken);

	if (log)
		read_log(parser, log);
	what.unsure = unsure || line.unsure;
	if (what.wanted)
		hold(parser, &what);
}

/* Most lines of a console: one log line and no word of any format. What the readers would find out is known at once. */
static bool is_plain_log(const struct parser *parser, const struct span *line)
{
	return line->logged && !(line->words & TEXT_RESULT) && !parser->tap.on && !parser->summary.set &&
	       line->body < line->len && !strchr(".!", line->text[line->body]) &&
	       text_find_log_head(line->text, line->len, 0, parser->log_number) == strspn(line->text, " ") &&
	       text_find_log_head(line->text, line->len, line->body, parser->log_number) == line->len;
}

static void take_plain_log(struct parser *parser, const struct span *line)
{
	note_log_number(parser, line);
	parse_unity_note_damage(parser, line);
	parse_other_line(parser, line);
	if (parser->held_len && ++parser->held_lines > HELD_LINES_MAX)
		parse_line_flush(parser);
}

void parse_line_take(struct parser *parser, size_t len, size_t raw_len, bool forced)
{
	size_t held = parser->held_len;
	struct span alone = span_of(parser, held, held + len);
	struct span front, log;
	size_t log_at;
	bool unsure;

	if (alone.body == alone.len && !forced)
		return;
	if (!forced && raw_len < FORCED_BREAK_MIN && is_plain_log(parser, &alone)) {
		take_plain_log(parser, &alone);
		return;
	}
	parse_line_peek(parser, len);
	log_at = find_log(parser, &alone);
	unsure = is_unsure(parser, &alone, log_at);
	note_log_number(parser, &alone);
	if (log_at == 0 && parser->held_len) {
		read_log(parser, &alone);
		if (parser->held_len && ++parser->held_lines > HELD_LINES_MAX)
			parse_line_flush(parser);
		return;
	}
	if (log_at > 0 && log_at < alone.len) {
		front = span_make(alone.text, alone.at, log_at);
		log = span_make(alone.text + log_at, alone.at + log_at, alone.len - log_at);
		note_log_number(parser, &log);
		take_front(parser, &front, &log, true, unsure);
		return;
	}
	if (raw_len >= FORCED_BREAK_MIN && raw_len <= FORCED_BREAK_MAX)
		forced = true;
	take_front(parser, &alone, NULL, forced && has_more_to_come(parser), false);
}
