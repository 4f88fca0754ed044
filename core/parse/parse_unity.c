/* SPDX-License-Identifier: Apache-2.0 */
/* Unity's cases: what a line's names and verdicts tell, and what becomes of them when other text gets in between. */
#include "core/parse/parse_unity.h"

#include <stdio.h>
#include <string.h>

static struct parse_name name_of(const struct span *line, const struct name_token *token)
{
	return (struct parse_name){
		.group = line->text + token->group_at,
		.group_len = token->group_len,
		.name = line->text + token->name_at,
		.name_len = token->name_len,
		.cut = !token->whole || (line->unsure && token->at < line->fresh && token->end > line->fresh),
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

/* Whether "t.c:5:name:PASS" may end the open case: not behind a damaged name or verdict, and not when it names another
 * one behind the open one's own name. */
static bool pass_is_open_ones(const struct parser *parser, const struct verdict_mark *mark, bool named)
{
	if (!named && mark->name_len)
		return true; /* it begins a case of its own */
	return !parser->damaged && !mark->name_len;
}

/* Applies the verdict that stands in the line. */
static void end_by_mark(struct parser *parser, const struct span *line, const struct names *names, bool named)
{
	const struct verdict_mark *mark = &names->mark;
	size_t piece = line->body;
	struct parse_name plain;

	if (mark->word == WORD_INFO || (mark->word == WORD_PASS && !pass_is_open_ones(parser, mark, named)))
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
	parse_case_end(parser, unity_word_verdict(mark->word), mark->word == WORD_PASS ? "" : parser->message,
		       line->at[line->len - 1] + 1);
}

/* All names of the line in front of its verdict. */
static size_t find_names(const struct span *line, size_t stop, struct name_token tokens[NAMES_MAX])
{
	size_t count = 0;
	size_t pos = 0;

	while (count < NAMES_MAX && unity_find_name(line, pos, stop, &tokens[count])) {
		pos = tokens[count].end;
		count++;
	}
	return count;
}

/* Not by value: it is large, and most lines hold none. */
static void read_names(const struct span *line, struct names *names)
{
	names->mark = unity_find_verdict(line);
	names->count = find_names(line, names->mark.found ? names->mark.at : line->len, names->token);
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
	if (unity_read_pass(line->text, from, to) == PASS_SURE)
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
	switch (unity_read_pass(line->text, from, to)) {
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

/* Tells the names that were not told before, each with what follows it. */
static void tell_names(struct parser *parser, const struct span *line, const struct names *names, bool peek)
{
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
	}
}

void parse_unity_peek(struct parser *parser, const struct span *line)
{
	struct names names;

	read_names(line, &names);
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

/* "t.c:5:TEST(A, one" is how a FAIL or IGNORE begins that repeats the name, never a pass. */
static bool is_repeat_without_verdict(const struct names *names, const struct name_token *last)
{
	return last && last->located && !names->mark.found;
}

/* Whether the line's verdict, which names no case, has one to belong to. */
static bool verdict_has_case(const struct parser *parser, const struct verdict_mark *mark)
{
	return mark->name_len || parser->open.set || parser->last.set;
}

void parse_unity_note_damage(struct parser *parser, const struct span *line)
{
	if (parser->open.set && line->logged == parser->open.logged)
		parser->damaged |= unity_is_damaged(line->text, line->body, line->len, false);
}

bool parse_unity_line(struct parser *parser, const struct span *line, bool dry)
{
	enum pass_form pass = PASS_NONE;
	const struct name_token *last;
	struct names names;

	if (!(line->words & (TEXT_NAME | TEXT_VERDICT))) {
		if (!dry)
			parse_unity_note_damage(parser, line);
		return false;
	}
	read_names(line, &names);
	last = last_name(line, &names);
	if (!names.mark.found && (line->words & TEXT_VERDICT))
		pass = unity_read_pass(line->text, last ? last->end : line->body, line->len);
	if (!last && line->logged != parser->open.logged)
		pass = PASS_NONE; /* "12 34 [net] self test PASS" is another task's */
	if (pass == PASS_SURE && !last && parser->damaged)
		pass = PASS_NONE; /* as this may be */
	if (dry)
		return (last && last->end > line->fresh) ||
		       (names.mark.found && verdict_has_case(parser, &names.mark)) ||
		       (parser->open.set && pass == PASS_SURE);
	tell_names(parser, line, &names, false);
	if (parser->open.set)
		parser->damaged |= is_repeat_without_verdict(&names, last) ||
				   unity_is_damaged(line->text, last ? last->end : line->body,
						    names.mark.found ? names.mark.at : line->len,
						    line->logged != parser->open.logged);
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
	struct names names;

	if (!(line->words & TEXT_NAME))
		return false;
	read_names(line, &names);
	for (size_t i = 0; i < names.count; i++) {
		if (names.token[i].at < line->fresh && names.token[i].end > line->fresh &&
		    name_counts(line, &names, i, false))
			return true;
	}
	return false;
}

size_t parse_unity_open_name(const struct span *line)
{
	const struct name_token *token;
	struct names names;

	if (!(line->words & TEXT_NAME))
		return line->len;
	read_names(line, &names);
	token = names.count ? &names.token[names.count - 1] : NULL;
	if (!token || names.mark.found || token->whole || !token->at_end || token->quoted)
		return line->len;
	return token->at;
}

void parse_unity_cut(struct parser *parser, const struct span *line, size_t name_at)
{
	struct name_token token;
	struct parse_name name;

	if (!unity_find_name(line, name_at, line->len, &token))
		return;
	name = name_of(line, &token);
	if (name.offset < parser->names_done)
		return;
	parser->names_done = name.end;
	parse_case_begin(parser, &name);
}
