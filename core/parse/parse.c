/* SPDX-License-Identifier: Apache-2.0 */
/* The console parser's door: cuts bytes into lines of bounded length. */
#include "core/parse/parse.h"

#include <stdlib.h>
#include <string.h>

#include "core/parse/parse_private.h"

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

/* One line, as it came, without its end. forced: it was cut because of its length. */
static void take_line(struct parser *parser, const uint8_t *raw, size_t size_bytes, uint64_t offset, bool forced)
{
	size_t held = parser->held_len;
	size_t len = text_clean(raw, size_bytes, offset, parser->text + held, parser->at + held);

	parse_line_take(parser, len, size_bytes, forced);
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

	parse_line_peek(parser, len);
}

/* "\r\n" ends one line; the same byte again without text between ends an empty one. */
static void note_line_end(struct parser *parser, uint8_t byte, bool empty)
{
	if (!empty)
		parser->line_end = byte;
	else if (byte == parser->line_end)
		parse_line_blank(parser);
}

/* Takes bytes of one line in, and, with ended, the byte behind them that ends it; a line that grows too long is read in
 * pieces. */
static void take_bytes(struct parser *parser, const uint8_t *data, size_t size_bytes, bool ended)
{
	bool empty = parser->raw_len + size_bytes == 0;

	while (parser->raw_len + size_bytes > PARSE_LINE_MAX) {
		size_t piece = PARSE_LINE_MAX - parser->raw_len;

		end_line(parser, data, piece, true);
		parser->offset += piece;
		data += piece;
		size_bytes -= piece;
	}
	if (ended) {
		end_line(parser, data, size_bytes, false);
		note_line_end(parser, data[size_bytes], empty);
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
	parser->ended = true;
	end_line(parser, (const uint8_t *)"", 0, false);
	parse_line_flush(parser);
	parse_tap_flush(parser);
	parse_summary_flush(parser);
}
