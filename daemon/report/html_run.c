/* SPDX-License-Identifier: Apache-2.0 */
/* A run on the page: what it was, where, on which image, how long each step took, and its cases. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "daemon/report/html.h"
#include "daemon/report/when.h"

static void write_fact(struct xml *xml, bool wide, bool code, const char *name, const char *value)
{
	if (!value[0])
		return;
	xml_raw(xml, "<div%s><dt>%s</dt><dd>%s", wide ? " class=\"wide\"" : "", name, code ? "<code>" : "");
	xml_text(xml, value);
	xml_raw(xml, "%s</dd></div>\n", code ? "</code>" : "");
}

static void write_facts(struct html *html)
{
	const struct report_run *run = html->run;
	char text[100], took[WHEN_MAX];
	struct xml *xml = &html->xml;

	xml_raw(xml, "<dl class=\"facts\">\n");
	write_fact(xml, false, false, "board", run->board);
	write_fact(xml, false, false, "board type", run->board_type);
	write_fact(xml, false, false, "agent", run->agent);
	snprintf(text, sizeof text, "%" PRId64 " of %" PRId64, run->attempt, run->attempts);
	write_fact(xml, false, false, "attempt", run->attempts > 1 ? text : "");
	when_words(run->started_at_us, text, sizeof text);
	write_fact(xml, false, false, "started", run->started_at_us ? text : "");
	if (run->started_at_us && run->finished_at_us >= run->started_at_us) {
		when_duration(run->finished_at_us - run->started_at_us, took, sizeof took);
		write_fact(xml, false, false, "took", took);
	}
	snprintf(text, sizeof text, "%" PRId64 " bytes, %" PRId64 " lost", run->console_bytes, run->console_dropped);
	write_fact(xml, false, false, "console", text);
	write_fact(xml, false, false, "image", run->image_name);
	write_fact(xml, true, true, "build id", run->image_build_id);
	write_fact(xml, true, true, "SHA-256 of the image", run->image_sha256);
	write_fact(xml, true, true, "SHA-256 of the console", run->console_sha256);
	write_fact(xml, true, true, "core", run->core);
	xml_raw(xml, "</dl>\n");
}

static int write_post_mortem(struct html *html, struct err *err)
{
	char *text;
	int rc = report_post_mortem(html->report, html->run, &text, err);

	if (rc || !text)
		return rc;
	xml_raw(&html->xml, "<h3>Fault and backtrace</h3>\n<pre class=\"fault\">");
	xml_text(&html->xml, text);
	xml_raw(&html->xml, "</pre>\n");
	free(text);
	return 0;
}

static int write_not_run(struct html *html, struct err *err)
{
	char *text;
	int rc = report_not_run(html->report, html->run, &text, err);

	if (rc || !text)
		return rc;
	xml_raw(&html->xml, "<h3>Required and not run</h3>\n<p>");
	xml_text(&html->xml, text);
	xml_raw(&html->xml, "</p>\n");
	free(text);
	return 0;
}

static int write_parameters(struct html *html, struct err *err)
{
	char *text;
	int rc = report_parameters_text(html->report, html->run, &text, err);

	if (rc || !text)
		return rc;
	xml_raw(&html->xml, "<h3>Parameters</h3>\n<p>");
	xml_text(&html->xml, text);
	xml_raw(&html->xml, "</p>\n");
	free(text);
	return 0;
}

int html_run(struct html *html, const struct report_run *run, struct err *err)
{
	const enum cause cause = run->passed_on_retry ? CAUSE_PASSED_ON_RETRY : run->cause;
	const char *tone = html_tone_of_run(run->verdict, cause);
	struct xml *xml = &html->xml;
	int rc;

	html->run = run;
	xml_raw(xml, "<section class=\"run %s%s\" id=\"run-%" PRId64 "\">\n<div class=\"line\"><h2>Run %" PRId64, tone,
		run->superseded ? " old" : "", run->id, run->id);
	if (run->board[0]) {
		xml_raw(xml, " on ");
		xml_text(xml, run->board);
	}
	xml_raw(xml, "</h2>");
	html_chip(html, tone, html_words_of_run(run->verdict, cause, run->state));
	if (run->verdict != RUN_NONE && run->verdict != RUN_PASSED)
		html_chip(html, "quiet", cause_name(run->cause));
	if (run->superseded)
		html_chip(html, "quiet", "repeated");
	xml_raw(xml, "</div>\n");
	if (run->text[0]) {
		xml_raw(xml, "<p class=\"why\">");
		xml_text(xml, run->text);
		xml_raw(xml, "</p>\n");
	}
	write_facts(html);
	rc = write_parameters(html, err);
	if (!rc)
		rc = write_post_mortem(html, err);
	if (!rc)
		rc = html_timeline(html, err);
	if (!rc)
		rc = html_cases(html, err);
	if (!rc)
		rc = write_not_run(html, err);
	xml_raw(xml, "</section>\n");
	return rc;
}
