/* SPDX-License-Identifier: Apache-2.0 */
/* The pieces that Unity's lines are made of: names of cases, verdicts with their place, the word PASS alone. */
#ifndef ASSAY_PARSE_PARSE_UNITY_H
#define ASSAY_PARSE_PARSE_UNITY_H

#include "core/parse/parse_private.h"

#define NAMES_MAX 256 /* of one line; more are left alone */

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

enum pass_form { PASS_NONE, PASS_DOUBTFUL, PASS_SURE };

/* parse_name.c */
size_t unity_skip_name(const char *text, size_t len, size_t pos);
/* The next name in [from, stop). */
bool unity_find_name(const struct span *line, size_t from, size_t stop, struct name_token *token);
/* Whether the text before at is the place of a verdict: "t.c:5:", "(t.c:5) ", "file://t.c:5 ", "<SRCREF ...>". */
bool unity_ends_in_place(const char *text, size_t at, size_t *ret_place_to);

/* parse_mark.c: the leftmost verdict with a place. What follows it is the board's message and is not looked into. */
struct verdict_mark unity_find_verdict(const struct span *line);
/* Whether there is something in [from, to) that may have been a name or a verdict before bytes of it were lost.
 * foreign: in another task's log line, which may well speak of names and failures. */
bool unity_is_damaged(const char *text, size_t from, size_t to, bool foreign);
/* How the piece [from, to) says PASS: nothing else in it, or other text before or behind. */
enum pass_form unity_read_pass(const char *text, size_t from, size_t to);
/* Of WORD_INFO: CASE_ERROR, which is no verdict. */
enum case_verdict unity_word_verdict(enum verdict_word word);

#endif
