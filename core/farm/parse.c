/* SPDX-License-Identifier: Apache-2.0 */
/* The console parser: cuts bytes into lines, puts interrupted lines together again, and hands each to the readers. */
#include "core/farm/parse.h"

#include <stdlib.h>
#include <string.h>

#include "core/farm/parse_private.h"

/* A line this long that has no verdict yet may have been cut by the runner, whose lines have 1024 bytes. */
#define FORCED_BREAK_MIN 1000
#define FORCED_BREAK_MAX 1024
/* More log lines than this in the middle of one line: it will not go on. */
#define HELD_LINES_MAX 64
/* Of a held line that is no name: enough for a path and a place. */
#define HELD_MAX 1024

/* Each form of line that is read whole. The order matters only where one would take another's. */
static const parse_reader_fn readers[] = {
	parse_summary_counts, parse_summary_word, parse_marks_line, parse_summary_marks, parse_unity_line,
};

#define READERS (sizeof(readers) / sizeof(readers[0]))

struct parser *parser_create(parse_event_fn on_event, void *context)
{
	struct parser *parser = calloc(1, sizeof(*parser));

	if (!parser)
		return NULL;
	parser->on_event = on_event;
	parser->context = context;
	parser->log_number = -1;
	return parser;
}

void parser_destroy(struct parser *parser)
{
	free(parser);
}

static struct span span_of(const struct parser *parser, size_t from, size_t to)
{
	struct span span = {.text = parser->text + from, .at = parser->at + from, .len = to - from};

	span.body = text_log_heads(span.text, span.len);
	return span;
}

static struct span span_cut(const struct span *span, size_t len)
{
	struct span cut = *span;

	cut.len = len;
	if (cut.body > len)
		cut.body = len;
	return cut;
}

static bool readable(struct parser *parser, const struct span *line)
{
	if (line->len == 0)
		return false;
	if (parse_banner_find(line) < line->len)
		return true;
	for (size_t i = 0; i < READERS; i++) {
		if (readers[i](parser, line, true))
			return true;
	}
	return false;
}

void parse_flush_held(struct parser *parser)
{
	struct span held = span_of(parser, 0, parser->held_len);
	bool name = parser->held_name;

	parser->held_len = 0;
	parser->held_name = false;
	if (name && held.len)
		parse_unity_cut(parser, &held, parse_unity_open_name(&held));
}

/* Keeps [from, line end) for the next line to go on with. The memory behind the held text stays readable: the line
 * being read is not moved until the next one comes. */
struct hold {
	bool wanted, name;
	struct span text;
};

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
	parser->held_lines = 0;
}

/* Hands a line without a banner to the readers. Returns whether one took it. */
static bool read_forms(struct parser *parser, const struct span *line)
{
	bool taken = false;

	if (line->len == 0)
		return false;
	for (size_t i = 0; i < READERS && !taken; i++)
		taken = readers[i](parser, line, false);
	return taken;
}

/* Whether a reader that is done with the line found a verdict in it, so that nothing more can come. */
static bool has_more_to_come(const struct parser *parser)
{
	return parser->open.set || parser->summary.set;
}

/* Reads a whole line that no log line interrupts. */
static struct hold read_line(struct parser *parser, const struct span *line, bool forced)
{
	size_t banner = parse_banner_find(line);
	struct span front = span_cut(line, banner);
	size_t open_name = parse_unity_open_name(&front);
	struct span whole = span_cut(&front, open_name);
	bool taken = read_forms(parser, &whole);

	if (banner < line->len) {
		if (open_name < front.len)
			parse_unity_cut(parser, &front, open_name);
		parse_banner_read(parser, line, banner);
		return (struct hold){.wanted = false};
	}
	if (open_name < front.len) {
		struct span rest = {
			.text = front.text + open_name, .at = front.at + open_name, .len = front.len - open_name};

		return (struct hold){.wanted = true, .name = true, .text = rest};
	}
	if (forced && has_more_to_come(parser))
		return (struct hold){.wanted = true, .text = *line};
	if (!taken)
		parse_other_line(parser, line);
	return (struct hold){.wanted = false};
}

/* Whether text that a log line interrupts may be a result's beginning. */
static bool worth_holding(const struct parser *parser, const struct span *front)
{
	size_t from = front->body;
	size_t to = front->len;

	text_trim(front->text, &from, &to);
	return from < to && (has_more_to_come(parser) || text_is_digit(front->text[from]) ||
			     text_find(front->text, front->len, 0, "TEST(") < front->len);
}

/* A line into whose middle another task printed: the front waits for its other half, the log line is only a log. */
static struct hold read_interrupted(struct parser *parser, const struct span *line, size_t log_at)
{
	struct span front = span_cut(line, log_at);
	struct span log = {.text = line->text + log_at, .at = line->at + log_at, .len = line->len - log_at};
	bool finished = readable(parser, &front);
	struct hold what;

	log.body = text_log_heads(log.text, log.len);
	if (parse_unity_open_name(&front) == front.len && !finished && !worth_holding(parser, &front)) {
		parse_other_line(parser, line);
		return (struct hold){.wanted = false};
	}
	what = read_line(parser, &front, false);
	parse_other_line(parser, &log);
	if (!what.wanted && (!finished || has_more_to_come(parser)))
		what = (struct hold){.wanted = true, .text = front};
	return what;
}

/* Where a log line begins in the middle, or line->len. A log that holds a result of its own is left as it is. */
static size_t find_interruption(struct parser *parser, const struct span *line)
{
	size_t at = text_find_log_head(line->text, line->len, line->body, parser->log_number);
	struct span log = {.text = line->text + at, .at = line->at + at, .len = line->len - at};

	if (at == line->len || at == line->body)
		return line->len;
	log.body = text_log_heads(log.text, log.len);
	if (parse_unity_open_name(&log) < log.len || readable(parser, &log))
		return line->len;
	return at;
}

/* Chooses what is read now: the new line, or what was held with the new line behind it. */
static struct span choose(struct parser *parser, const struct span *alone)
{
	struct span joined = span_of(parser, 0, parser->held_len + alone->len);
	bool name = parser->held_name;

	joined.fresh = parser->held_len;
	if (parser->held_len == 0)
		return *alone;
	if (name ? readable(parser, &joined) : !readable(parser, alone) && readable(parser, &joined)) {
		parser->held_len = 0;
		parser->held_name = false;
		return joined;
	}
	parse_flush_held(parser);
	return *alone;
}

/* Tells the names that stand whole in the new text [from, to), whatever may follow. Done for every line before anything
 * else, so that it makes no difference whether the line came in one piece. */
static void tell_names(struct parser *parser, size_t from, size_t to)
{
	bool name = parser->held_name;
	struct span line;

	while (to > from && parser->text[to - 1] != ')')
		to--;
	line = span_of(parser, name ? 0 : from, to);
	if (to == from || text_find(line.text, line.len, 0, "TEST(") == line.len)
		return;
	/* The held name is completed by this line, so a boot that the line shows must not tell it as cut. The text
	 * stays held: the line's end will join the two again. */
	parser->held_name = false;
	parse_unity_peek(parser, &line);
	parser->held_len = name ? from : parser->held_len;
	parser->held_name = name;
}

/* One line, as it came, without its end. forced: it was cut because of its length. */
static void take_line(struct parser *parser, const uint8_t *raw, size_t size_bytes, uint64_t offset, bool forced)
{
	size_t held = parser->held_len;
	size_t len = text_clean(raw, size_bytes, offset, parser->text + held, parser->at + held);
	struct span alone = span_of(parser, held, held + len);
	struct span line;
	struct hold what;
	size_t log_at;

	if (alone.body == alone.len && !forced)
		return;
	tell_names(parser, held, held + len);
	if (held && text_log_head(alone.text, alone.len) && !readable(parser, &alone)) {
		parse_other_line(parser, &alone);
		if (parser->held_len && ++parser->held_lines > HELD_LINES_MAX)
			parse_flush_held(parser);
		return;
	}
	line = choose(parser, &alone);
	log_at = find_interruption(parser, &line);
	if (size_bytes >= FORCED_BREAK_MIN && size_bytes <= FORCED_BREAK_MAX)
		forced = true;
	what = log_at < line.len ? read_interrupted(parser, &line, log_at) : read_line(parser, &line, forced);
	if (what.wanted)
		hold(parser, &what);
}

static void end_line(struct parser *parser, const uint8_t *data, size_t size_bytes, bool forced)
{
	if (parser->raw_len == 0 && size_bytes > 0) {
		take_line(parser, data, size_bytes, parser->offset, forced);
	} else if (parser->raw_len + size_bytes > 0) {
		memcpy(parser->raw + parser->raw_len, data, size_bytes);
		take_line(parser, parser->raw, parser->raw_len + size_bytes, parser->raw_offset, forced);
	}
	parser->raw_len = 0;
}

/* A line is still coming in, but a case's name in it may be complete: a case may run for minutes. */
static void peek_line(struct parser *parser)
{
	size_t held = parser->held_len;
	size_t len =
		text_clean(parser->raw, parser->raw_len, parser->raw_offset, parser->text + held, parser->at + held);

	tell_names(parser, held, held + len);
}

/* Takes bytes of one line in; a line that grows too long is read in pieces. */
static void take_bytes(struct parser *parser, const uint8_t *data, size_t size_bytes, bool ended)
{
	while (parser->raw_len + size_bytes > PARSE_LINE_MAX) {
		size_t piece = PARSE_LINE_MAX - parser->raw_len;

		end_line(parser, data, piece, true);
		parser->offset += piece;
		data += piece;
		size_bytes -= piece;
	}
	if (ended) {
		end_line(parser, data, size_bytes, false);
	} else if (size_bytes > 0) {
		if (parser->raw_len == 0)
			parser->raw_offset = parser->offset;
		memcpy(parser->raw + parser->raw_len, data, size_bytes);
		parser->raw_len += size_bytes;
		if (memchr(data, ')', size_bytes))
			peek_line(parser);
	}
	parser->offset += size_bytes + (ended ? 1 : 0);
}

void parser_feed(struct parser *parser, const uint8_t *data, size_t size_bytes)
{
	while (size_bytes > 0) {
		const uint8_t *newline = memchr(data, '\n', size_bytes);
		size_t len = newline ? (size_t)(newline - data) : size_bytes;
		const uint8_t *carriage = memchr(data, '\r', len);
		bool ended = newline || carriage;

		if (carriage)
			len = (size_t)(carriage - data);
		take_bytes(parser, data, len, ended);
		len += ended ? 1 : 0;
		data += len;
		size_bytes -= len;
	}
}

void parser_end(struct parser *parser)
{
	end_line(parser, (const uint8_t *)"", 0, false);
	parse_flush_held(parser);
	parse_summary_flush(parser);
}

bool parser_open_case(const struct parser *parser, const char **ret_group, const char **ret_name, uint64_t *ret_offset)
{
	if (!parser->open.set)
		return false;
	*ret_group = parser->open.group;
	*ret_name = parser->open.name;
	*ret_offset = parser->open.offset;
	return true;
}
