/* SPDX-License-Identifier: Apache-2.0 */
/* TAP 13 and 14: versions, plans, test points with directives, subtests, YAML diagnostics, "Bail out!".
 *
 * Read only behind a "TAP version" line, for "ok 5 sockets" may be anybody's chatter. A test point is a case: its group
 * is the subtest it stands in ("tap" at the top), its name the description, with what a case's name cannot hold as '_';
 * "test_<number>" when there is none. The point that closes a subtest is no case, unless it fails and nothing in it
 * did. Points to be skipped or still to do (the directives) are ignored cases, also those that work. The top level's
 * plan, once its points came, is the block's summary. A failing point's verdict waits for the next line, which may
 * begin its diagnostics. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/parse/parse_tap.h"

static void disorder(struct parser *parser, const struct tap_line *line, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static void disorder(struct parser *parser, const struct tap_line *line, const char *format, ...)
{
	struct parse_event event = parse_event_make(PARSE_DISORDER, line->offset, line->end);
	va_list args;

	va_start(args, format);
	vsnprintf(parser->message, sizeof(parser->message), format, args);
	va_end(args);
	event.message = parser->message;
	parse_event_tell(parser, &event);
}

static void write_group(const struct parse_tap *tap, unsigned depth, char group[PARSE_NAME_MAX])
{
	size_t len = 0;

	snprintf(group, PARSE_NAME_MAX, "tap");
	for (unsigned i = 1; i <= depth && len < PARSE_NAME_MAX; i++)
		len += (size_t)snprintf(group + len, PARSE_NAME_MAX - len, "%s%s", i > 1 ? "/" : "",
					tap->levels[i].name);
}

static void tell_summary(struct parser *parser, const struct tap_line *line)
{
	struct parse_tap *tap = &parser->tap;
	struct parse_event event = parse_event_make(PARSE_SUMMARY, line->offset, line->end);

	event.tests = tap->told;
	event.failures = tap->told_failed;
	event.ignored = tap->told_ignored;
	event.word = true;
	event.ok = tap->told_failed == 0;
	tap->told = tap->told_failed = tap->told_ignored = 0;
	tap->summed_up = true;
	parser->boot.summed_up = true;
	parse_event_tell(parser, &event);
}

/* The plan is kept: the block is whole. */
static void check_whole(struct parser *parser, const struct tap_line *line)
{
	const struct parse_tap *tap = &parser->tap;
	const struct parse_tap_level *top = &tap->levels[0];

	if (tap->depth == 0 && top->planned && top->plan == top->seen && !tap->pending && !tap->summed_up)
		tell_summary(parser, line);
}

void parse_tap_flush(struct parser *parser)
{
	struct parse_tap *tap = &parser->tap;
	struct tap_line line = {.offset = parser->open.offset, .end = tap->pending_end};

	tap->yaml = YAML_NONE;
	if (!tap->pending)
		return;
	tap->pending = false;
	parse_case_end(parser, CASE_FAIL, tap->message, tap->pending_end);
	check_whole(parser, &line);
}

static void tell_case(struct parser *parser, const struct tap_line *line, const struct tap_point *point)
{
	struct parse_tap *tap = &parser->tap;
	struct parse_tap_level *level = &tap->levels[tap->depth];
	char group[PARSE_NAME_MAX], text[PARSE_NAME_MAX];
	size_t len = tap_write_name(text, line->text + point->name_at, point->name_to - point->name_at);
	struct parse_name name = {.group = group, .name = text, .offset = line->offset, .end = line->end};

	write_group(tap, tap->depth, group);
	if (len == 0)
		len = (size_t)snprintf(text, sizeof(text), "test_%u", point->numbered ? point->number : level->seen);
	name.group_len = strlen(group);
	name.name_len = len;
	name.logged = tap->logged;
	parse_case_begin(parser, &name);
	tap->told++;
	if (point->directive == DIRECTIVE_TODO || (point->directive == DIRECTIVE_SKIP && point->ok)) {
		size_t why = tap_skip_blanks(line, point->why_at);

		tap->told_ignored++;
		snprintf(tap->message, sizeof(tap->message), "%s%.*s",
			 point->directive == DIRECTIVE_SKIP ? ""
			 : point->ok                        ? "to do, yet ok: "
							    : "to do: ",
			 (int)(line->len - why), line->text + why);
		parse_case_end(parser, CASE_IGNORED, tap->message, line->end);
	} else if (point->ok) {
		parse_case_end(parser, CASE_PASS, "", line->end);
	} else {
		tap->told_failed++;
		level->failed = true;
		tap->pending = true;
		tap->pending_end = line->end;
		snprintf(tap->message, sizeof(tap->message), "not ok");
	}
}

/* Leaves the subtests deeper than depth, whose own points must be those they planned. */
static void leave_levels(struct parser *parser, const struct tap_line *line, unsigned depth)
{
	struct parse_tap *tap = &parser->tap;

	for (; tap->depth > depth; tap->depth--) {
		const struct parse_tap_level *level = &tap->levels[tap->depth];

		if (level->failed)
			tap->levels[tap->depth - 1].failed = true;
		if (!level->planned)
			disorder(parser, line, "subtest %s has no plan", level->name);
		else if (level->plan != level->seen)
			disorder(parser, line, "subtest %s planned %u test points, %u came", level->name, level->plan,
				 level->seen);
	}
}

static void enter_level(struct parse_tap *tap)
{
	struct parse_tap_level *level;
	uint32_t number = tap->levels[tap->depth].seen + 1;

	level = &tap->levels[++tap->depth];
	*level = (struct parse_tap_level){.planned = false};
	if (!tap_write_name(level->name, tap->subtest, strlen(tap->subtest)))
		snprintf(level->name, sizeof(level->name), "test_%u", number);
	tap->subtest[0] = '\0';
}

static void go_to_level(struct parser *parser, const struct tap_line *line)
{
	struct parse_tap *tap = &parser->tap;
	unsigned depth = (unsigned)(line->indent / TAP_INDENT);

	leave_levels(parser, line, depth);
	while (tap->depth < depth)
		enter_level(tap);
}

static void take_point(struct parser *parser, const struct tap_line *line, const struct tap_point *point)
{
	struct parse_tap *tap = &parser->tap;
	bool closes = tap->depth > line->indent / TAP_INDENT;
	bool failed_inside = false;
	struct parse_tap_level *level;

	for (unsigned i = (unsigned)(line->indent / TAP_INDENT) + 1; i <= tap->depth; i++)
		failed_inside |= tap->levels[i].failed;
	go_to_level(parser, line);
	level = &tap->levels[tap->depth];
	level->seen++;
	tap->summed_up = false;
	if (level->planned && level->seen > level->plan)
		disorder(parser, line, "%u test points were planned, and one more came", level->plan);
	else if (point->numbered && point->number != level->seen)
		disorder(parser, line, "test point %u has the number %u", level->seen, point->number);
	if (!closes || (!point->ok && !failed_inside))
		tell_case(parser, line, point);
	tap->yaml = YAML_MAY_COME;
	tap->yaml_indent = line->indent + TAP_YAML;
	check_whole(parser, line);
}

static void take_plan(struct parser *parser, const struct tap_line *line, uint32_t count)
{
	struct parse_tap_level *level;

	go_to_level(parser, line);
	level = &parser->tap.levels[parser->tap.depth];
	if (level->planned)
		disorder(parser, line, "a second plan, of %u test points, behind that of %u", count, level->plan);
	else if (level->seen > count)
		disorder(parser, line, "%u test points were planned, and %u came", count, level->seen);
	level->planned = true;
	level->plan = count;
	check_whole(parser, line);
}

/* The output of another suite of this boot, or, when the one before is not whole, of another boot. */
static void take_version(struct parser *parser, const struct tap_line *line, bool logged)
{
	const struct parse_tap *tap = &parser->tap;

	if (tap->on && !tap->summed_up && (tap->levels[0].seen || tap->levels[0].planned || tap->depth))
		parse_boot_tell(parser, line->offset, line->end);
	parser->tap = (struct parse_tap){.on = true, .logged = logged};
}

static void take_bail(struct parser *parser, const struct tap_line *line)
{
	struct parse_event event = parse_event_make(PARSE_BAIL, line->offset, line->end);
	size_t at = tap_skip_blanks(line, sizeof("Bail out!") - 1);

	snprintf(parser->message, sizeof(parser->message), "%.*s", (int)(line->len - at), line->text + at);
	event.message = parser->message;
	parse_event_tell(parser, &event);
}

/* The message of a failing point's diagnostics: "message: 'Expected 1'", or "message: |" and the line below. */
static void take_yaml(struct parse_tap *tap, const struct tap_line *line)
{
	size_t at = 0;
	size_t to = line->len;

	if (!tap->message_below && !text_begins(line->text, line->len, "message:"))
		return;
	if (!tap->message_below)
		at = tap_skip_blanks(line, sizeof("message:") - 1);
	tap->message_below = !tap->message_below && to > at && to - at <= 2 && strchr("|>", line->text[at]);
	if (tap->message_below)
		return;
	if (to > at + 1 && strchr("'\"", line->text[at]) && line->text[to - 1] == line->text[at]) {
		at++;
		to--;
	}
	if (to > at)
		snprintf(tap->message, sizeof(tap->message), "%.*s", (int)(to - at), line->text + at);
}

/* Whether the line is of a test point's diagnostics. */
static bool read_yaml(struct parser *parser, const struct tap_line *line, bool dry)
{
	struct parse_tap *tap = &parser->tap;
	bool begins = tap->yaml == YAML_MAY_COME && line->indent == tap->yaml_indent &&
		      text_equals(line->text, line->len, "---");
	bool inside = tap->yaml == YAML_OPEN && line->indent >= tap->yaml_indent;

	if (dry || (!begins && !inside))
		return begins || inside;
	if (begins) {
		tap->yaml = YAML_OPEN;
		tap->message_below = false;
	} else if (line->indent == tap->yaml_indent && text_equals(line->text, line->len, "...")) {
		parse_tap_flush(parser);
	} else if (tap->pending) {
		take_yaml(tap, line);
	}
	return true;
}

static void take_comment(struct parse_tap *tap, const struct tap_line *line)
{
	static const char subtest[] = "# Subtest: ";

	if (text_begins(line->text, line->len, subtest))
		tap_write_name(tap->subtest, line->text + sizeof(subtest) - 1, line->len - sizeof(subtest) + 1);
}

static bool read_line(struct parser *parser, const struct tap_line *line, bool logged, bool dry)
{
	struct parse_tap *tap = &parser->tap;
	bool deep = line->indent % TAP_INDENT != 0 || line->indent / TAP_INDENT > PARSE_TAP_DEPTH;
	bool version = line->indent == 0 && tap_is_version(line);
	bool bail = text_begins(line->text, line->len, "Bail out!");
	bool comment = line->text[0] == '#';
	bool pragma = text_begins(line->text, line->len, "pragma ");
	struct tap_point point;
	uint32_t count = 0;
	bool is_point = !deep && tap_read_point(line, &point);
	bool plan = !deep && tap_read_plan(line, &count);

	/* Where the output broke off, "# SKIP" and half of a number may be missing; a failure is one all the same. */
	if (parser->ended && !(is_point && !point.ok))
		return false;

	if (dry || !(version || bail || comment || pragma || is_point || plan))
		return version || bail || comment || pragma || is_point || plan;
	parse_tap_flush(parser);
	if (version)
		take_version(parser, line, logged);
	else if (bail)
		take_bail(parser, line);
	else if (is_point)
		take_point(parser, line, &point);
	else if (plan)
		take_plan(parser, line, count);
	else if (comment)
		take_comment(tap, line);
	return true;
}

bool parse_tap_line(struct parser *parser, const struct span *line, bool dry)
{
	const struct parse_tap *tap = &parser->tap;
	struct tap_line text;

	if (line->broken || line->unsure || line->body >= line->len)
		return false;
	if (tap->on ? line->logged != tap->logged && line->text[line->body] != 'T' : line->text[line->body] != 'T')
		return false;
	text = tap_line_of(line);
	if (!tap->on || line->logged != tap->logged) {
		if (!tap_is_version(&text) || text.indent)
			return false;
		return read_line(parser, &text, line->logged, dry);
	}
	if (read_yaml(parser, &text, dry))
		return true;
	if (!dry)
		parse_tap_flush(parser);
	return read_line(parser, &text, line->logged, dry);
}

bool parse_tap_spans(struct parser *parser, const struct span *joined)
{
	struct span front = *joined;
	struct tap_point whole, begun;
	struct tap_line text;
	size_t fresh = joined->fresh;

	if (!parse_tap_line(parser, joined, true))
		return false;
	front.len = fresh;
	if (front.body >= fresh || !parse_tap_line(parser, &front, true))
		return true;
	while (fresh < joined->len && joined->text[fresh] == ' ')
		fresh++;
	text = tap_line_of(joined);
	if (fresh == joined->len || joined->text[fresh] != '#' || !tap_read_point(&text, &whole))
		return false;
	text = tap_line_of(&front);
	return tap_read_point(&text, &begun) && whole.directive != begun.directive;
}

bool parse_tap_owns(const struct parser *parser, const struct span *line)
{
	struct tap_line text;
	struct tap_point point;

	if (!parser->tap.on || line->logged != parser->tap.logged || line->body >= line->len)
		return false;
	text = tap_line_of(line);
	return parser->tap.yaml == YAML_OPEN || text.text[0] == '#' || tap_read_point(&text, &point);
}
