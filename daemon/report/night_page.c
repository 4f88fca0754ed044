/* SPDX-License-Identifier: Apache-2.0 */
/* A night as one page that needs nothing else: its matrix as a heat map, how its schedule's nights went, and what
 * changed. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/night/night.h"
#include "daemon/report/html.h"
#include "daemon/report/night_changes.h"
#include "daemon/report/night_page.h"
#include "daemon/report/when.h"

#define TREND_PX 120
#define BAR_GAP  0.25 /* of a bar's place */

static void fact(struct xml *xml, const char *name, const char *value)
{
	night_element(xml, "<div><dt>", name, "</dt>");
	night_element(xml, "<dd>", value, "</dd></div>");
}

/* --- the matrix --- */

static const char *tone_of_cell(const json_t *cell)
{
	if (night_text_in(cell, "why")[0] || night_int_in(cell, "runs") == night_int_in(cell, "lost"))
		return "quiet";
	if (night_int_in(cell, "failed") || night_int_in(cell, "missing"))
		return "bad";
	return night_int_in(cell, "mixed") || night_int_in(cell, "lost") ? "warn" : "good";
}

static void write_cell(struct xml *xml, const json_t *cell)
{
	int64_t good = night_int_in(cell, "passed"), all = good + night_int_in(cell, "failed") +
							   night_int_in(cell, "mixed") + night_int_in(cell, "missing") +
							   night_int_in(cell, "ignored");

	xml_raw(xml, "<td class=\"%s\" style=\"background:var(--field);color:var(--tone)\"", tone_of_cell(cell));
	if (night_text_in(cell, "why")[0]) {
		xml_attribute(xml, "title", night_text_in(cell, "why"));
		xml_raw(xml, ">not run</td>");
	} else if (night_int_in(cell, "runs") == night_int_in(cell, "lost")) {
		xml_raw(xml, ">no result</td>");
	} else {
		xml_raw(xml, "><b class=\"num\">%" PRId64 "</b> of %" PRId64 "</td>", good, all);
	}
}

static bool in_row(const json_t *cell, const json_t *first)
{
	return strcmp(night_text_in(cell, "suite"), night_text_in(first, "suite")) == 0 &&
	       strcmp(night_text_in(cell, "image"), night_text_in(first, "image")) == 0;
}

static bool seen_before(const json_t *cells, size_t end, const json_t *cell, bool by_type)
{
	for (size_t i = 0; i < end; i++) {
		const json_t *other = json_array_get(cells, i);

		if (by_type ? strcmp(night_text_in(other, "type"), night_text_in(cell, "type")) == 0
			    : in_row(other, cell))
			return true;
	}
	return false;
}

static void write_row(struct xml *xml, const json_t *cells, const json_t *first)
{
	const json_t *column, *cell;
	size_t i, k;

	night_element(xml, "<tr><td>", night_text_in(first, "suite"), "</td>");
	night_element(xml, "<td>", night_text_in(first, "image"), "</td>");
	json_array_foreach(cells, i, column)
	{
		const json_t *found = NULL;

		if (seen_before(cells, i, column, true))
			continue;
		json_array_foreach(cells, k, cell)
		{
			if (in_row(cell, first) &&
			    strcmp(night_text_in(cell, "type"), night_text_in(column, "type")) == 0)
				found = cell;
		}
		if (found)
			write_cell(xml, found);
		else
			xml_raw(xml, "<td></td>");
	}
	xml_raw(xml, "</tr>\n");
}

static void write_matrix(struct xml *xml, const json_t *cells)
{
	const json_t *cell;
	size_t i;

	xml_raw(xml,
		"<h3>Cases that passed</h3>\n<div class=\"scroll\" style=\"margin-top:0\"><table><tr><th>Suite</th>"
		"<th>Image</th>");
	json_array_foreach(cells, i, cell)
	{
		if (!seen_before(cells, i, cell, true))
			night_element(xml, "<th>", night_text_in(cell, "type"), "</th>");
	}
	xml_raw(xml, "</tr>\n");
	json_array_foreach(cells, i, cell)
	{
		if (!seen_before(cells, i, cell, false))
			write_row(xml, cells, cell);
	}
	xml_raw(xml, "</table></div>\n");
}

/* --- the nights so far --- */

/* What counts against a night, from the bottom up. */
static const struct {
	const char *key, *word, *tone, *opacity;
} parts[] = {
	{"still-failing", "still failing", "bad", ".45"},
	{"new-failure", "new failures", "bad", "1"},
	{"missing", "missing", "bad", ".7"},
	{"flaky", "flaky", "warn", "1"},
	{"slower", "slower", "warn", ".6"},
};

#define PART_COUNT (sizeof(parts) / sizeof(parts[0]))

static int64_t total_of(const json_t *counts)
{
	int64_t total = 0;

	for (size_t p = 0; p < PART_COUNT; p++)
		total += night_int_in(counts, parts[p].key);
	return total;
}

static void write_bar(struct xml *xml, const json_t *night, double left, double width, int64_t most)
{
	const json_t *counts = json_object_get(night, "counts");
	double bottom = TREND_PX;

	for (size_t p = 0; p < PART_COUNT; p++) {
		int64_t count = night_int_in(counts, parts[p].key);
		double height = (double)count * (TREND_PX - 16) / (double)most;

		if (!count)
			continue;
		bottom -= height;
		xml_raw(xml,
			"<rect class=\"tone %s\" opacity=\"%s\" x=\"%.2f%%\" y=\"%.1f\" width=\"%.2f%%\" "
			"height=\"%.1f\">"
			"<title>night %" PRId64 ": %" PRId64 " %s</title></rect>",
			parts[p].tone, parts[p].opacity, left, bottom, width, height, night_int_in(night, "id"), count,
			parts[p].word);
	}
	if (json_is_object(counts) && total_of(counts) == 0)
		xml_raw(xml,
			"<rect class=\"tone good\" x=\"%.2f%%\" y=\"%d\" width=\"%.2f%%\" height=\"3\"><title>night "
			"%" PRId64 ": nothing wrong</title></rect>",
			left, TREND_PX - 3, width, night_int_in(night, "id"));
	xml_raw(xml, "<text x=\"%.2f%%\" y=\"%d\" text-anchor=\"middle\">%" PRId64 "</text>", left + width / 2,
		TREND_PX + 14, night_int_in(night, "id"));
}

/* nights: the newest first. */
static void write_trend(struct xml *xml, const json_t *nights)
{
	size_t count = json_array_size(nights);
	int64_t most = 1;

	if (count < 2)
		return;
	for (size_t i = 0; i < count; i++) {
		int64_t total = total_of(json_object_get(json_array_get(nights, i), "counts"));

		most = total > most ? total : most;
	}
	xml_raw(xml, "<h3>Nights of this schedule: cases with something wrong</h3>\n<svg height=\"%d\" role=\"img\">",
		TREND_PX + 18);
	for (size_t i = 0; i < count; i++) {
		double place = 100.0 / (double)count;

		write_bar(xml, json_array_get(nights, count - 1 - i), place * ((double)i + BAR_GAP / 2),
			  place * (1 - BAR_GAP), most);
	}
	xml_raw(xml, "</svg>\n<ul class=\"legend\">");
	for (size_t p = 0; p < PART_COUNT; p++)
		xml_raw(xml, "<li class=\"%s\"><i style=\"opacity:%s\"></i>%s</li>", parts[p].tone, parts[p].opacity,
			parts[p].word);
	xml_raw(xml, "</ul>\n");
}

/* --- the page --- */

static const char *tone_of_night(const json_t *counts)
{
	if (night_int_in(counts, "new-failure") || night_int_in(counts, "missing"))
		return "bad";
	return night_int_in(counts, "flaky") || night_int_in(counts, "slower") || night_int_in(counts, "still-failing")
		       ? "warn"
		       : "good";
}

static void write_counts(struct xml *xml, const json_t *counts)
{
	xml_raw(xml, "<div class=\"line\">");
	for (int i = 0; i < NIGHT_KIND_COUNT; i++) {
		const char *kind = night_kind_name((enum night_kind)i);

		if (night_int_in(counts, kind))
			xml_raw(xml, "<span class=\"chip %s\">%" PRId64 " %s</span>", night_tone(kind),
				night_int_in(counts, kind), kind);
	}
	xml_raw(xml, "</div>\n");
}

static void write_images(struct xml *xml, const json_t *images)
{
	const json_t *image, *was;
	size_t i;

	json_array_foreach(images, i, image)
	{
		was = json_object_get(image, "was");
		night_element(xml, "<div><dt>", night_text_in(image, "drop"), "</dt><dd>");
		night_image(xml, json_object_get(image, "now"));
		if (was && night_int_in(was, "version") == night_int_in(json_object_get(image, "now"), "version")) {
			xml_raw(xml, ", as before");
		} else if (was) {
			xml_raw(xml, ", was ");
			night_image(xml, was);
		}
		xml_raw(xml, "</dd></div>");
	}
}

static void write_head(struct xml *xml, const json_t *summary)
{
	const json_t *comparison = json_object_get(summary, "comparison");
	const json_t *counts = json_object_get(comparison, "counts");
	char scratch[64];

	xml_raw(xml, "<header class=\"job %s\"><div class=\"line\"><h1>", tone_of_night(counts));
	xml_text(xml, night_text_in(summary, "schedule"));
	xml_raw(xml, ", night %" PRId64 "</h1></div>\n", night_int_in(summary, "night"));
	write_counts(xml, counts);
	if (night_text_in(summary, "text")[0])
		night_element(xml, "<p class=\"why\">", night_text_in(summary, "text"), "</p>\n");
	xml_raw(xml, "<dl class=\"facts\">");
	when_words(night_int_in(summary, "due_us"), scratch, sizeof(scratch));
	fact(xml, "Due", scratch);
	when_words(night_int_in(summary, "finished_at_us"), scratch, sizeof(scratch));
	fact(xml, "Finished", scratch);
	if (night_int_in(summary, "before"))
		(void)snprintf(scratch, sizeof(scratch), "night %" PRId64, night_int_in(summary, "before"));
	fact(xml, "Compared with", night_int_in(summary, "before") ? scratch : "no night");
	(void)snprintf(scratch, sizeof(scratch), "%" PRId64 " in %" PRId64 " runs", night_int_in(comparison, "cases"),
		       night_int_in(comparison, "runs"));
	fact(xml, "Cases", scratch);
	write_images(xml, json_object_get(summary, "images"));
	xml_raw(xml, "</dl></header>\n");
}

int report_night_page(const json_t *night, const json_t *nights, char **ret_html, size_t *ret_len, struct err *err)
{
	const json_t *summary = json_object_get(night, "summary");
	char *html = NULL;
	size_t len = 0;
	struct xml xml = {.out = open_memstream(&html, &len)};
	bool failed;

	if (!xml.out)
		return err_set(err, ERR_NOMEM, "out of memory");
	xml_raw(&xml, "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" "
		      "content=\"width=device-width\"><title>");
	xml_text(&xml, night_text_in(summary, "schedule"));
	xml_raw(&xml, ", night %" PRId64 "</title><style>\n%s</style></head>\n<body><main>\n",
		night_int_in(summary, "night"), html_css);
	write_head(&xml, summary);
	write_matrix(&xml, json_object_get(summary, "cells"));
	write_trend(&xml, nights);
	night_changes(&xml, json_object_get(summary, "comparison"));
	xml_raw(&xml, "</main></body></html>\n");
	failed = ferror(xml.out) != 0;
	if (fclose(xml.out) || failed) {
		free(html);
		return err_set(err, ERR_NOMEM, "out of memory");
	}
	*ret_html = html;
	*ret_len = len;
	return 0;
}
