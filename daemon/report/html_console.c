/* SPDX-License-Identifier: Apache-2.0 */
/* The console around a case: some lines before it, its own, and a few after, with byte numbers as a ruler and the line
 * that decided marked. */
#include <ctype.h>
#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

#include "core/base/json.h"
#include "daemon/report/html.h"

#define BEFORE_BYTES   400
#define AFTER_BYTES    200
#define EXCERPT_BYTES  4000 /* of a case that printed more, its end is shown: there it was decided */
#define LINE_MAX_BYTES 500

/* A piece of console: bytes, and where they stood. */
struct excerpt {
	char bytes[EXCERPT_BYTES];
	size_t len;
	int64_t from;
};

static int read_excerpt(struct html *html, const struct report_case *result, struct excerpt *excerpt, struct err *err)
{
	const struct job_reader *reader = html->report->reader;
	int64_t from = result->offset - BEFORE_BYTES, to = result->end + AFTER_BYTES;

	if (from < 0)
		from = 0;
	if (to - from > EXCERPT_BYTES)
		from = to - EXCERPT_BYTES;
	excerpt->from = from;
	return reader->console(reader->context, html->run->id, (uint64_t)from, excerpt->bytes, (size_t)(to - from),
			       &excerpt->len, err);
}

/* The end of the line that begins at at: behind its line end, or where it is cut. */
static size_t line_end(const struct excerpt *excerpt, size_t at)
{
	const char *found = memchr(excerpt->bytes + at, '\n', excerpt->len - at);
	size_t end = found ? (size_t)(found - excerpt->bytes) + 1 : excerpt->len;

	return end - at > LINE_MAX_BYTES ? at + LINE_MAX_BYTES : end;
}

static bool holds(const char *line, size_t len, const char *word)
{
	size_t size = strlen(word);

	for (size_t i = 0; i + size <= len; i++)
		if (memcmp(line + i, word, size) == 0)
			return true;
	return false;
}

static bool is_blank(const char *line, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (!isspace((unsigned char)line[i]))
			return false;
	return true;
}

/* The last line of the case that says how it ended, else its last that says anything. */
static size_t deciding_line(const struct excerpt *excerpt, const struct report_case *result)
{
	static const char *const words[] = {"FAIL", "not ok", "IGNORE", "ASSAY measure"};
	size_t last = SIZE_MAX, best = SIZE_MAX;

	for (size_t at = 0, end; at < excerpt->len; at = end) {
		end = line_end(excerpt, at);
		if (excerpt->from + (int64_t)end <= result->offset || excerpt->from + (int64_t)at >= result->end ||
		    is_blank(excerpt->bytes + at, end - at))
			continue;
		last = at;
		for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
			if (holds(excerpt->bytes + at, end - at, words[i]))
				best = at;
	}
	return best == SIZE_MAX ? last : best;
}

/* Behind an escape sequence of a terminal that begins at at. */
static size_t skip_escape(const char *bytes, size_t at, size_t len)
{
	size_t i = at + 1;

	if (i < len && bytes[i] == '[')
		for (i++; i < len && !isalpha((unsigned char)bytes[i]); i++)
			;
	return i < len ? i + 1 : len;
}

/* Without line end and colours; bytes that are no text become what XML writes for them. */
static void write_line(struct xml *xml, const char *bytes, size_t len)
{
	char plain[LINE_MAX_BYTES + 1];
	size_t used = 0;
	json_t *text;

	while (len > 0 && (bytes[len - 1] == '\n' || bytes[len - 1] == '\r'))
		len--;
	for (size_t i = 0; i < len && used < LINE_MAX_BYTES;) {
		if (bytes[i] == '\033') {
			i = skip_escape(bytes, i, len);
			continue;
		}
		plain[used++] = bytes[i] ? bytes[i] : '\001';
		i++;
	}
	plain[used] = '\0';
	text = json_text(plain, sizeof plain);
	xml_text(xml, text ? json_string_value(text) : "");
	json_decref(text);
}

static void write_excerpt(struct html *html, const struct report_case *result, const struct excerpt *excerpt)
{
	size_t marked = deciding_line(excerpt, result);
	struct xml *xml = &html->xml;
	/* The first line is mostly half of one. */
	size_t first = excerpt->from > 0 && excerpt->len ? line_end(excerpt, 0) : 0;

	if (excerpt->from + (int64_t)first > result->offset)
		first = 0;
	xml_raw(xml, "<pre class=\"console\">");
	for (size_t at = first, end; at < excerpt->len; at = end) {
		int64_t from = excerpt->from + (int64_t)at;

		end = line_end(excerpt, at);
		xml_raw(xml, "<span data-at=\"%" PRId64 "\"%s>", from,
			at == marked                                                        ? " class=\"in hit\""
			: from + (int64_t)(end - at) > result->offset && from < result->end ? " class=\"in\""
											    : "");
		write_line(xml, excerpt->bytes + at, end - at);
		xml_raw(xml, "</span>");
	}
	xml_raw(xml, "</pre>\n");
}

/* A case that never ended has what came after its beginning, and of that the first decides. */
static bool has_console(const struct report_run *run, const struct report_case *result, struct report_case *ret_whole)
{
	*ret_whole = *result;
	if (result->verdict == CASE_CRASHED && result->end <= result->offset)
		ret_whole->end = run->console_bytes < result->offset + EXCERPT_BYTES / 2
					 ? run->console_bytes
					 : result->offset + EXCERPT_BYTES / 2;
	return ret_whole->end > ret_whole->offset;
}

int html_excerpt(struct html *html, const struct report_case *told, struct err *err)
{
	struct excerpt excerpt;
	struct report_case whole, *result = &whole;
	int rc;

	if (!has_console(html->run, told, &whole))
		return 0;
	rc = read_excerpt(html, result, &excerpt, err);
	if (rc) {
		/* A console that cannot be read any more leaves the rest of the report as good as it is. */
		xml_raw(&html->xml, "<p class=\"small\">The console cannot be read: %s</p>\n",
			err_name((enum err_code)rc));
		if (err)
			*err = (struct err){0};
		return 0;
	}
	if (excerpt.len)
		write_excerpt(html, result, &excerpt);
	return 0;
}
