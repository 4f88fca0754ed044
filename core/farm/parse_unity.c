/* SPDX-License-Identifier: Apache-2.0 */
/* Unity's names and verdicts: "TEST(Group, Case) PASS", "t.c:5::FAIL: why", "t.c:4:test_a:PASS", and what becomes of
 * them when other text gets in between. */
#include <stdio.h>
#include <string.h>

#include "core/farm/parse_private.h"

#define NAMES_MAX 8 /* of one line; more are left alone */

/* "TEST(Group, Case)" or "IGNORE_TEST(Group, Case)" in a line, or a beginning of it. */
struct name_token {
	size_t at, end; /* end: behind ')', or where it breaks off */
	size_t group_at, group_len;
	size_t name_at, name_len;
	bool ignore;
	bool whole;
	bool at_end;  /* not whole: the line ends inside */
	bool located; /* stands in a verdict: "t.c:5:TEST(Group, Case):FAIL" */
	bool quoted;  /* may just be spoken of: what follows decides */
};

enum verdict_word { WORD_PASS, WORD_FAIL, WORD_IGNORE, WORD_INFO };

static const struct {
	const char *text;
	enum case_verdict verdict;
} words[] = {
	[WORD_PASS] = {"PASS", CASE_PASS},
	[WORD_FAIL] = {"FAIL", CASE_FAIL},
	[WORD_IGNORE] = {"IGNORE", CASE_IGNORED},
	[WORD_INFO] = {"INFO", CASE_ERROR}, /* no verdict */
};

/* A verdict with its place: "t.c:5::FAIL: why" and the IDEs' forms of it. */
struct verdict_mark {
	bool found;
	enum verdict_word word;
	size_t at;       /* the ':' (or "</SRCREF> ") before the word */
	size_t end;      /* behind the word */
	size_t place_to; /* behind "t.c:5" */
	size_t name_at, name_len;
};

/* All that a line holds. */
struct names {
	struct name_token token[NAMES_MAX];
	size_t count;
	struct verdict_mark mark;
};

static size_t skip_name(const char *text, size_t len, size_t pos)
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
	pos = skip_name(text, stop, pos);
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
	pos = skip_name(text, stop, pos);
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

/* Whether the text before at is the place of a verdict: "t.c:5:", "(t.c:5) ", "file://t.c:5 ", "<SRCREF …>". */
static bool ends_in_place(const char *text, size_t at, size_t *ret_place_to)
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

	token->located = ends_in_place(text, at, &place_to);
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

/* The next name in [from, stop). */
static bool find_name(const struct span *line, size_t from, size_t stop, struct name_token *token)
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

	for (size_t pos = from; find_name(line, pos, end, &token); pos = token.at + (token.ignore ? 12 : 5)) {
		if (token.whole && token.end == end)
			at = token.at;
	}
	return at;
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
	return ends_in_place(text, name, &mark->place_to);
}

/* IAR's form: <SRCREF line=5 file="t.c">name</SRCREF> FAIL: why */
static bool read_srcref(const struct span *line, size_t tag, struct verdict_mark *mark)
{
	size_t name = tag;

	while (name > 0 && line->text[name - 1] != '>')
		name--;
	mark->place_to = name;
	mark->name_at = name;
	mark->name_len = skip_name(line->text, tag, name) == tag ? tag - name : 0;
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

/* The leftmost verdict with a place. What follows it is the board's message and is not looked into. */
static struct verdict_mark find_verdict(const struct span *line)
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

enum pass_form { PASS_NONE, PASS_DOUBTFUL, PASS_SURE };

/* How the piece [from, to) says PASS: nothing else in it, or other text before or behind. */
static enum pass_form read_pass(const char *text, size_t from, size_t to)
{
	size_t pos;

	text_trim(text, &from, &to);
	if (text_begins(text + from, to - from, "PASS")) {
		pos = skip_time(text, to, from + 4);
		while (pos < to && text[pos] == ' ')
			pos++;
		return pos == to ? PASS_SURE : PASS_DOUBTFUL;
	}
	for (pos = from; (pos = text_find(text, to, pos, " PASS")) < to; pos++) {
		if (skip_time(text, to, pos + 5) == to)
			return PASS_DOUBTFUL;
	}
	return PASS_NONE;
}

static struct parse_name name_of(const struct span *line, const struct name_token *token)
{
	return (struct parse_name){
		.group = line->text + token->group_at,
		.group_len = token->group_len,
		.name = line->text + token->name_at,
		.name_len = token->name_len,
		.cut = !token->whole,
		.logged = line->logged,
		.offset = line->at[token->at],
		.end = line->at[token->end - 1] + 1,
	};
}

/* "t.c:5: why": the place and the board's own words. */
static void write_message(struct parser *parser, const struct span *line, size_t from, const struct verdict_mark *mark)
{
	const char *text = line->text;
	size_t place_to = mark->place_to;
	size_t why = mark->end;
	size_t why_to = line->len;
	size_t marks = from;

	while (marks < place_to && (text[marks] == '.' || text[marks] == '!'))
		marks++;
	if (marks < place_to && text[marks] != '/')
		from = marks; /* a quiet fixture's progress, not "../t.c" */
	if (place_to > from && (text[place_to - 1] == ':' || text[place_to - 1] == ' '))
		place_to--;
	if (place_to > from && text[from] == '(' && text[place_to - 1] != ')')
		from++; /* "(t.c:5)" */
	text_trim(text, &from, &place_to);
	while (why < why_to && (text[why] == ':' || text[why] == ' '))
		why++;
	text_trim(text, &why, &why_to);
	if (place_to < from)
		place_to = from;
	snprintf(parser->message, sizeof(parser->message), "%.*s%s%.*s", (int)(place_to - from), text + from,
		 place_to > from && why_to > why ? ": " : "", (int)(why_to - why), text + why);
}

/* Plain Unity: the group is the file's base name. */
static struct parse_name plain_name(const struct span *line, const struct verdict_mark *mark, size_t from)
{
	const char *text = line->text;
	size_t file_to = mark->place_to;
	size_t file, dot;

	while (file_to > from && text_is_digit(text[file_to - 1]))
		file_to--;
	if (file_to > from && text[file_to - 1] == ':')
		file_to--;
	for (file = file_to; file > from && !strchr("/\\ ()[]>\"", text[file - 1]);)
		file--;
	for (dot = file_to; dot > file && text[dot - 1] != '.';)
		dot--;
	if (dot > file + 1)
		file_to = dot - 1;
	return (struct parse_name){
		.group = text + file,
		.group_len = file_to - file,
		.name = text + mark->name_at,
		.name_len = mark->name_len,
		.offset = line->at[from < line->len ? from : 0],
		.end = line->at[mark->at - 1] + 1,
	};
}

/* Applies the verdict that stands in the line. */
static void end_by_mark(struct parser *parser, const struct span *line, const struct names *names, bool named)
{
	const struct verdict_mark *mark = &names->mark;
	size_t piece = line->body;
	struct parse_name plain;

	if (mark->word == WORD_INFO)
		return;
	for (size_t i = 0; i < names->count; i++) {
		if (names->token[i].end <= mark->place_to)
			piece = names->token[i].end;
	}
	write_message(parser, line, piece, mark);
	if (!named && mark->name_len) {
		plain = plain_name(line, mark, line->body);
		if (!parser->open.set || !text_equals(plain.name, plain.name_len, parser->open.name))
			parse_case_begin(parser, &plain);
	}
	parse_case_end(parser, words[mark->word].verdict, mark->word == WORD_PASS ? "" : parser->message,
		       line->at[line->len - 1] + 1);
}

/* All names of the line in front of its verdict. */
static size_t find_names(const struct span *line, size_t stop, struct name_token tokens[NAMES_MAX])
{
	size_t count = 0;
	size_t pos = 0;

	while (count < NAMES_MAX && find_name(line, pos, stop, &tokens[count])) {
		pos = tokens[count].end;
		count++;
	}
	return count;
}

static struct names read_names(const struct span *line)
{
	struct names names;

	names.mark = find_verdict(line);
	names.count = find_names(line, names.mark.found ? names.mark.at : line->len, names.token);
	return names;
}

/* Where the piece of text behind the i-th name ends. */
static size_t piece_end(const struct span *line, const struct names *names, size_t i)
{
	if (i + 1 < names->count)
		return names->token[i + 1].at;
	return names->mark.found ? names->mark.at : line->len;
}

/* Whether the i-th name is the fixture's. While the line comes in (peek), the last one's surroundings are not known. */
static bool name_counts(const struct span *line, const struct names *names, size_t i, bool peek)
{
	const struct name_token *token = &names->token[i];
	bool last = i + 1 == names->count;
	size_t from = token->end;
	size_t to = piece_end(line, names, i);

	if (!token->whole)
		return !token->at_end && (!last || !peek);
	if (!token->quoted)
		return true;
	if (last && peek)
		return false;
	if (last && names->mark.found)
		return true;
	if (read_pass(line->text, from, to) == PASS_SURE)
		return true;
	text_trim(line->text, &from, &to);
	return from == to;
}

/* What the text behind a name says about the case. */
static void end_by_piece(struct parser *parser, const struct span *line, size_t from, size_t to)
{
	uint64_t end;

	if (from == to)
		return;
	end = line->at[to - 1] + 1;
	switch (read_pass(line->text, from, to)) {
	case PASS_SURE:
		parse_case_end(parser, CASE_PASS, "", end);
		break;
	case PASS_DOUBTFUL:
		parse_case_maybe_passed(parser, end);
		break;
	case PASS_NONE:
		break;
	}
}

/* Tells the names that were not told before, each with what follows it. Returns how many count in all. */
static size_t tell_names(struct parser *parser, const struct span *line, const struct names *names, bool peek)
{
	size_t counted = 0;
	size_t before = names->count;

	for (size_t i = 0; i < names->count; i++) {
		const struct name_token *token = &names->token[i];
		struct parse_name name;
		bool told;

		if (!name_counts(line, names, i, peek))
			continue;
		name = name_of(line, token);
		told = name.offset < parser->names_done;
		if (!told && before < names->count)
			end_by_piece(parser, line, names->token[before].end, token->at);
		if (!told && !(token->located && parse_case_is(&parser->open, &name))) {
			parse_case_begin(parser, &name);
			if (token->ignore && token->whole)
				parse_case_end(parser, CASE_IGNORED, "", name.end);
		}
		if (!told)
			parser->names_done = name.end;
		before = i;
		counted++;
	}
	return counted;
}

void parse_unity_peek(struct parser *parser, const struct span *line)
{
	struct names names = read_names(line);

	tell_names(parser, line, &names, true);
}

/* The last name that counts; NULL when none does. */
static const struct name_token *last_name(const struct span *line, const struct names *names)
{
	for (size_t i = names->count; i > 0; i--) {
		if (name_counts(line, names, i - 1, false))
			return &names->token[i - 1];
	}
	return NULL;
}

/* Whether the line's verdict, which names no case, has one to belong to. */
static bool verdict_has_case(const struct parser *parser, const struct verdict_mark *mark)
{
	return mark->name_len || parser->open.set || parser->last.set;
}

bool parse_unity_line(struct parser *parser, const struct span *line, bool dry)
{
	struct names names = read_names(line);
	const struct name_token *last = last_name(line, &names);
	enum pass_form pass = PASS_NONE;

	if (!names.mark.found && (line->words & TEXT_VERDICT))
		pass = read_pass(line->text, last ? last->end : line->body, line->len);
	if (pass == PASS_SURE && !last && line->logged != parser->open.logged)
		pass = PASS_DOUBTFUL; /* "12 34 [net] PASS" may be anybody's */
	if (dry)
		return (last && last->end > line->fresh) ||
		       (names.mark.found && verdict_has_case(parser, &names.mark)) ||
		       (parser->open.set && pass == PASS_SURE);
	tell_names(parser, line, &names, false);
	if (names.mark.found)
		end_by_mark(parser, line, &names, last != NULL);
	if (names.mark.found || (last && !last->whole))
		return true;
	if (pass == PASS_SURE && parser->open.set)
		parse_case_end(parser, CASE_PASS, "", line->at[line->len - 1] + 1);
	else if (pass == PASS_DOUBTFUL)
		parse_case_maybe_passed(parser, line->at[line->len - 1] + 1);
	return last != NULL || pass == PASS_SURE;
}

bool parse_unity_spans(const struct span *line)
{
	struct names names = read_names(line);

	for (size_t i = 0; i < names.count; i++) {
		if (names.token[i].at < line->fresh && names.token[i].end > line->fresh &&
		    name_counts(line, &names, i, false))
			return true;
	}
	return false;
}

size_t parse_unity_open_name(const struct span *line)
{
	struct names names = read_names(line);
	const struct name_token *token = names.count ? &names.token[names.count - 1] : NULL;

	if (!token || names.mark.found || token->whole || !token->at_end || token->quoted)
		return line->len;
	return token->at;
}

void parse_unity_cut(struct parser *parser, const struct span *line, size_t name_at)
{
	struct name_token token;
	struct parse_name name;

	if (!find_name(line, name_at, line->len, &token))
		return;
	name = name_of(line, &token);
	if (name.offset < parser->names_done)
		return;
	parser->names_done = name.end;
	parse_case_begin(parser, &name);
}
