/* SPDX-License-Identifier: Apache-2.0 */
/* A report as one page that needs nothing else: head, totals and the table of runs. Its own CSS, no script, no address
 * of anything. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "daemon/report/html.h"
#include "daemon/report/when.h"

const char *html_tone_of_run(enum run_verdict verdict, enum cause cause)
{
	switch (verdict) {
	case RUN_PASSED:
		return cause == CAUSE_ALL_REQUIRED_SEEN ? "good" : "warn";
	case RUN_FAILED:
		return "bad";
	case RUN_INFRASTRUCTURE:
	case RUN_INCONCLUSIVE:
		return "warn";
	case RUN_CANCELLED:
		return "quiet";
	case RUN_NONE:
		break;
	}
	return "busy";
}

const char *html_tone_of_case(enum case_verdict verdict, enum case_standing standing)
{
	if (standing == STANDING_WAIVED || standing == STANDING_EXPECTED)
		return "warn";
	if (standing == STANDING_UNEXPECTED_PASS)
		return "bad";
	return verdict == CASE_PASS ? "good" : verdict == CASE_IGNORED ? "quiet" : "bad";
}

const char *html_words_of_run(enum run_verdict verdict, enum cause cause, const char *state)
{
	if (verdict == RUN_NONE)
		return state;
	switch (cause) {
	case CAUSE_PASSED_ON_RETRY:
		return "passed on retry";
	case CAUSE_PASSED_WAIVED:
		return "passed with waivers";
	case CAUSE_PASSED_EXPECTED:
		return "passed: failed as expected";
	default:
		return run_verdict_name(verdict);
	}
}

void html_chip(struct html *html, const char *tone, const char *words)
{
	xml_raw(&html->xml, "<span class=\"chip %s\">", tone);
	xml_text(&html->xml, words);
	xml_raw(&html->xml, "</span>");
}

static void write_fact(struct xml *xml, const char *name, const char *value)
{
	if (!value[0])
		return;
	xml_raw(xml, "<div><dt>%s</dt><dd>", name);
	xml_text(xml, value);
	xml_raw(xml, "</dd></div>\n");
}

static void write_head(struct html *html)
{
	const struct report *report = html->report;
	struct xml *xml = &html->xml;

	xml_raw(xml, "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
		     "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>");
	xml_raw(xml, "Job %" PRId64 " ", report->id);
	xml_text(xml, report->name);
	xml_raw(xml, ": %s</title>\n<style>\n", html_words_of_run(report->verdict, report->cause, report->state));
	(void)fputs(html_css, xml->out);
	xml_raw(xml, "</style>\n</head>\n<body>\n<main>\n");
}

static void write_job(struct html *html)
{
	const struct report *report = html->report;
	char text[WHEN_MAX];
	struct xml *xml = &html->xml;

	xml_raw(xml, "<header class=\"job %s\">\n<div class=\"line\"><span class=\"verdict\">",
		html_tone_of_run(report->verdict, report->cause));
	xml_text(xml, html_words_of_run(report->verdict, report->cause, report->state));
	xml_raw(xml, "</span><span class=\"muted\">job %" PRId64, report->id);
	if (report->only_run)
		xml_raw(xml, ", run %" PRId64 " only", report->only_run);
	xml_raw(xml, "</span></div>\n<h1>");
	xml_text(xml, report->name);
	xml_raw(xml, "</h1>\n");
	if (report->text[0]) {
		xml_raw(xml, "<p class=\"why\">");
		xml_text(xml, report->text);
		xml_raw(xml, "</p>\n");
	}
	xml_raw(xml, "<dl class=\"facts\">\n");
	write_fact(xml, "suite", report->suite);
	write_fact(xml, "organisation", report->org);
	write_fact(xml, "submitted by", report->owner);
	when_words(report->submitted_at_us, text, sizeof text);
	write_fact(xml, "submitted", text);
	if (report->finished_at_us) {
		when_words(report->finished_at_us, text, sizeof text);
		write_fact(xml, "finished", text);
	}
	xml_raw(xml, "</dl>\n</header>\n");
}

static const char *const count_names[] = {"pass",    "fail",  "ignored", "missing",
					  "crashed", "error", "waived",  "expected"};

#define COUNT_NAMES (sizeof count_names / sizeof count_names[0])

static int64_t count_of(const struct report_counts *counts, size_t i)
{
	const int64_t all[COUNT_NAMES] = {counts->passed,  counts->failed, counts->ignored, counts->missing,
					  counts->crashed, counts->error,  counts->waived,  counts->expected};

	return all[i];
}

static void write_row(struct html *html, const struct report_run *run)
{
	const enum cause cause = run->passed_on_retry ? CAUSE_PASSED_ON_RETRY : run->cause;
	struct xml *xml = &html->xml;
	char took[WHEN_MAX] = "";

	if (run->started_at_us && run->finished_at_us >= run->started_at_us)
		when_duration(run->finished_at_us - run->started_at_us, took, sizeof took);
	xml_raw(xml, "<tr><td><a href=\"#run-%" PRId64 "\">%" PRId64 "</a></td><td>", run->id, run->id);
	html_chip(html, html_tone_of_run(run->verdict, cause), html_words_of_run(run->verdict, cause, run->state));
	xml_raw(xml, "</td><td>");
	xml_text(xml, run->board[0] ? run->board : "-");
	xml_raw(xml, "</td><td>");
	xml_text(xml, run->board_type);
	xml_raw(xml, "</td><td class=\"num\">%" PRId64 "%s</td>", run->attempt, run->superseded ? ", repeated" : "");
	for (size_t i = 0; i < COUNT_NAMES; i++)
		xml_raw(xml, "<td class=\"num\">%" PRId64 "</td>", count_of(&run->counts, i));
	xml_raw(xml, "<td class=\"num\">%s</td></tr>\n", took);
}

static void write_table(struct html *html)
{
	struct xml *xml = &html->xml;

	if (html->report->run_count < 2)
		return;
	xml_raw(xml, "<div class=\"scroll\"><table>\n<thead><tr><th>run</th><th>verdict</th><th>board</th><th>type</th>"
		     "<th class=\"num\">attempt</th>");
	for (size_t i = 0; i < COUNT_NAMES; i++)
		xml_raw(xml, "<th class=\"num\">%s</th>", count_names[i]);
	xml_raw(xml, "<th class=\"num\">time</th></tr></thead>\n<tbody>\n");
	for (size_t i = 0; i < html->report->run_count; i++)
		write_row(html, &html->report->runs[i]);
	xml_raw(xml, "</tbody></table></div>\n");
}

int report_write_html(const struct report *report, FILE *out, struct err *err)
{
	struct html html = {.xml = {out}, .report = report};
	struct report_tally tally = {0};
	int rc = 0;

	for (size_t i = 0; i < report->run_count; i++)
		if (report_run_counts(&report->runs[i]))
			report_tally_add(&tally, &report->runs[i].tally);
	write_head(&html);
	write_job(&html);
	html_bar(&html, &tally);
	write_table(&html);
	for (size_t i = 0; i < report->run_count && !rc; i++)
		rc = html_run(&html, &report->runs[i], err);
	xml_raw(&html.xml, "<footer>Written by Assay " ASSAY_VERSION ". Cases of attempts that were repeated are shown "
			   "and not counted in the totals.</footer>\n</main>\n</body>\n</html>\n");
	return rc;
}
