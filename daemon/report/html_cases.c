/* SPDX-License-Identifier: Apache-2.0 */
/* Cases on the page: those to look at with all that is known of them, then what was measured, then the whole list. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "daemon/report/html.h"
#include "daemon/report/when.h"

#define OPEN_MAX 100 /* a longer list of cases is folded */

static void write_name(struct xml *xml, const struct report_case *result)
{
	xml_text(xml, result->group);
	xml_raw(xml, result->group[0] ? "." : "");
	xml_text(xml, result->name);
}

static void write_chips(struct html *html, const struct report_case *result)
{
	const char *tone = html_tone_of_case(result->verdict, result->standing);
	char words[60];

	html_chip(html, tone, case_verdict_name(result->verdict));
	snprintf(words, sizeof words, "waived by %" PRId64, result->waiver);
	if (result->standing == STANDING_WAIVED)
		html_chip(html, tone, words);
	else if (result->standing != STANDING_PLAIN)
		html_chip(html, tone, case_standing_name(result->standing));
	if (result->waived_ignore)
		html_chip(html, "quiet", "allowed");
}

static int write_flake(struct html *html, const struct report_case *result, struct err *err)
{
	const struct job_reader *reader = html->report->reader;
	struct flake flake;
	int rc = reader->flake(reader->context, html->run->id, result->group, result->name, &flake, err);

	if (rc || !flake.pairs)
		return rc;
	if (flake.flips)
		xml_raw(&html->xml,
			"<p class=\"small\">Flaky: on one and the same image it changed its mind %zu of %zu times "
			"(%.0f&#8239;%%, between %.0f and %.0f).</p>\n",
			flake.flips, flake.pairs, 100 * flake.score, 100 * flake.low, 100 * flake.high);
	else
		xml_raw(&html->xml,
			"<p class=\"small\">Not known to be flaky: %zu of its last %zu results passed, and none "
			"differed on the same image.</p>\n",
			flake.passed, flake.results);
	return 0;
}

/* Its history and its console, of the first cases. */
static int write_details(struct html *html, const struct report_case *result, struct err *err)
{
	int rc;

	if (html->details++ >= HTML_DETAILS_MAX)
		return 0;
	rc = write_flake(html, result, err);
	return rc ? rc : html_excerpt(html, result, err);
}

static int write_loud(void *context, const struct report_case *result, struct err *err)
{
	struct html *html = context;
	struct xml *xml = &html->xml;
	int rc = 0;

	if (!report_case_is_loud(result))
		return 0;
	if (html->number++ == 0)
		xml_raw(xml, "<h3>To look at</h3>\n");
	xml_raw(xml, "<div class=\"case %s\">\n<div class=\"line\"><span class=\"name\">",
		html_tone_of_case(result->verdict, result->standing));
	write_name(xml, result);
	xml_raw(xml, "</span>");
	write_chips(html, result);
	xml_raw(xml, "</div>\n");
	if (result->message[0]) {
		xml_raw(xml, "<p>");
		xml_text(xml, result->message);
		xml_raw(xml, "</p>\n");
	}
	/* There is no more to say of one of which nothing was seen. */
	if (result->verdict != CASE_MISSING && (result->verdict != CASE_ERROR || result->end > 0)) {
		xml_raw(xml, "<p class=\"small\">%s, %s</p>\n", case_category_name(result->category),
			result->required ? "required" : "not required");
		rc = write_details(html, result, err);
	}
	xml_raw(xml, "</div>\n");
	return rc;
}

static int write_measured(void *context, const struct report_case *result, struct err *err)
{
	struct html *html = context;
	int rc = 0;

	for (size_t i = 0; i < result->measured_count && !rc; i++) {
		if (html->number++ == 0)
			xml_raw(&html->xml, "<h3>Measured</h3>\n");
		rc = html_measured(html, result, &result->measured[i], err);
	}
	return rc;
}

static int write_listed(void *context, const struct report_case *result, struct err *err)
{
	struct html *html = context;
	struct xml *xml = &html->xml;
	char took[WHEN_MAX] = "";

	(void)err;
	if (result->begun_at_us && result->ended_at_us >= result->begun_at_us)
		when_duration(result->ended_at_us - result->begun_at_us, took, sizeof took);
	xml_raw(xml, "<li><span>");
	write_chips(html, result);
	xml_raw(xml, "</span><span class=\"what\">");
	write_name(xml, result);
	xml_raw(xml, "</span><span class=\"took num muted\">%s</span></li>\n", took);
	return 0;
}

int html_cases(struct html *html, struct err *err)
{
	const struct report_run *run = html->run;
	int rc;

	html->number = 0;
	rc = report_each_case(html->report, run, write_loud, html, err);
	html->number = 0;
	if (!rc && run->measured_count)
		rc = report_each_case(html->report, run, write_measured, html, err);
	if (rc || !run->case_count)
		return rc;
	xml_raw(&html->xml, "<details%s><summary>All %zu cases</summary>\n<ol class=\"all%s\">\n",
		run->case_count <= OPEN_MAX && !run->superseded ? " open" : "", run->case_count,
		run->case_count > OPEN_MAX ? " many" : "");
	rc = report_each_case(html->report, run, write_listed, html, err);
	xml_raw(&html->xml, "</ol></details>\n");
	return rc;
}
