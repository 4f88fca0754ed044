/* SPDX-License-Identifier: Apache-2.0 */
/* The parser's cases: which one is open, and telling of its begin and end. */
#include <string.h>

#include "core/parse/parse_private.h"

struct parse_event parse_event_make(enum parse_kind kind, uint64_t offset, uint64_t end)
{
	return (struct parse_event){
		.kind = kind,
		.offset = offset,
		.end = end,
		.group = "",
		.name = "",
		.message = "",
		.build_id = "",
		.board = "",
		.version = "",
		.unit = "",
	};
}

void parse_event_tell(struct parser *parser, const struct parse_event *event)
{
	parser->on_event(parser->context, event);
}

/* How much of a name is kept: whole characters. */
static size_t kept_length(const char *text, size_t len)
{
	if (len < PARSE_NAME_MAX)
		return len;
	for (len = PARSE_NAME_MAX - 1; len > 0 && ((unsigned char)text[len] & 0xc0) == 0x80;)
		len--;
	return len;
}

static void copy_name(char target[PARSE_NAME_MAX], const char *text, size_t len)
{
	len = kept_length(text, len);
	memcpy(target, text, len);
	target[len] = '\0';
}

static bool same_name(const char *known, const char *text, size_t len)
{
	return text_equals(text, kept_length(text, len), known);
}

bool parse_case_is(const struct parse_case *known, const struct parse_name *name)
{
	return known->set && same_name(known->group, name->group, name->group_len) &&
	       same_name(known->name, name->name, name->name_len);
}

static void tell_end(struct parser *parser, enum case_verdict verdict, const char *message, uint64_t end)
{
	struct parse_event event = parse_event_make(PARSE_CASE_ENDED, parser->last.offset, end);

	parser->last_verdict = verdict;
	event.group = parser->last.group;
	event.name = parser->last.name;
	event.verdict = verdict;
	event.message = message;
	parse_event_tell(parser, &event);
}

void parse_case_end(struct parser *parser, enum case_verdict verdict, const char *message, uint64_t end)
{
	parse_tap_flush(parser);
	/* Of a name that broke off nobody knows whose pass it would be. */
	if (parser->open.set && parser->open.cut && verdict == CASE_PASS)
		return;
	if (parser->open.set) {
		parser->last = parser->open;
		parser->open.set = false;
		parser->maybe_passed = false;
		tell_end(parser, verdict, message, end);
	} else if (parser->last.set && verdict != CASE_PASS && verdict != parser->last_verdict) {
		tell_end(parser, verdict, message, end);
	}
}

void parse_case_maybe_passed(struct parser *parser, uint64_t end)
{
	if (!parser->open.set || parser->damaged)
		return;
	parser->maybe_passed = true;
	parser->maybe_passed_end = end;
}

void parse_case_begin(struct parser *parser, const struct parse_name *name)
{
	struct parse_event event = parse_event_make(PARSE_CASE_BEGUN, name->offset, name->end);

	parse_tap_flush(parser);
	parse_summary_flush(parser);
	parse_boot_on_case(parser, name);
	if ((parser->asked || parser->resumed) && !name->cut && parse_case_is(&parser->open, name)) {
		parser->asked = parser->resumed = false;
		return; /* it goes on behind the restart that the firmware asked for */
	}
	parser->asked = parser->resumed = false;
	/* Unity begins no case before the last one has its verdict, so the doubtful PASS was one. */
	if (parser->open.set && parser->maybe_passed)
		parse_case_end(parser, CASE_PASS, "", parser->maybe_passed_end);

	copy_name(parser->open.group, name->group, name->group_len);
	copy_name(parser->open.name, name->name, name->name_len);
	parser->open.offset = name->offset;
	parser->open.cut = name->cut;
	parser->open.logged = name->logged;
	parser->open.set = true;
	parser->maybe_passed = false;
	parser->damaged = false;
	parser->boot.cases++;
	parser->boot.summed_up = false;
	parser->signature.complete = true;
	if (!parser->first.set && !name->cut)
		parser->first = parser->open;
	if (parse_case_is(&parser->first, name))
		parser->boot.first_case = true;

	event.group = parser->open.group;
	event.name = parser->open.name;
	event.cut = name->cut;
	parse_event_tell(parser, &event);
}
