/* SPDX-License-Identifier: Apache-2.0 */
/* TAP's lines as text; parse_tap.c says what they mean. */
#ifndef ASSAY_PARSE_PARSE_TAP_H
#define ASSAY_PARSE_PARSE_TAP_H

#include "core/parse/parse_private.h"

#define TAP_INDENT 4 /* blanks a subtest stands deeper */
#define TAP_YAML   2 /* blanks its diagnostics stand deeper than a test point */

/* A line without prefix and indentation. */
struct tap_line {
	const char *text;
	size_t len;
	size_t indent;
	uint64_t offset, end;
};

struct tap_point {
	bool ok;
	bool numbered;
	uint32_t number;
	size_t name_at, name_to; /* in the line's text */
	size_t why_at;           /* behind the directive */
	enum { DIRECTIVE_NONE, DIRECTIVE_SKIP, DIRECTIVE_TODO } directive;
};

struct tap_line tap_line_of(const struct span *line);
size_t tap_skip_blanks(const struct tap_line *line, size_t at);
bool tap_read_point(const struct tap_line *line, struct tap_point *point);
/* "1..5", "1..0 # SKIP why" */
bool tap_read_plan(const struct tap_line *line, uint32_t *ret_count);
/* "TAP version 13" and later; before that there was no such line. */
bool tap_is_version(const struct tap_line *line);
/* What a case's name may hold of a text; runs of anything else become one '_'. Returns the length. */
size_t tap_write_name(char name[PARSE_NAME_MAX], const char *text, size_t len);

#endif
