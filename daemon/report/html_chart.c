/* SPDX-License-Identifier: Apache-2.0 */
/* Charts of the page, as inline SVG: how the cases ended, when each step ran, what was measured against its limits and
 * its history. Positions across are per cent, so that a chart fits any width with its words as large as they are. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/verdict/baseline.h"
#include "daemon/report/html.h"
#include "daemon/report/when.h"

#define STEP_ROW_PX   22
#define LABEL_PERCENT 24.0 /* of a timeline's width: names before it */
#define TOOK_PERCENT  14.0 /* and times behind it */
#define CHART_PX      96
#define CHART_EDGE_PX 12

/* --- how the cases ended --- */

struct part {
	const char *word, *tone, *opacity;
	size_t count;
};

static size_t gather(const struct report_tally *tally, struct part parts[16])
{
	static const char *const opacity[] = {"1", "1", ".45", ".7", ".82", ".55"};
	const size_t soft = tally->of[CASE_FAIL][STANDING_EXPECTED] + tally->of[CASE_ERROR][STANDING_EXPECTED] +
			    tally->of[CASE_IGNORED][STANDING_EXPECTED] + tally->of[CASE_MISSING][STANDING_EXPECTED] +
			    tally->of[CASE_CRASHED][STANDING_EXPECTED];
	size_t count = 0, waived = 0;

	for (enum case_verdict v = CASE_PASS; v <= CASE_ERROR; v++)
		waived += tally->of[v][STANDING_WAIVED];
	for (enum case_verdict v = CASE_PASS; v <= CASE_ERROR; v++) {
		size_t plain =
			report_tally_of(tally, v) - tally->of[v][STANDING_WAIVED] -
			(v == CASE_PASS ? tally->of[v][STANDING_UNEXPECTED_PASS] : tally->of[v][STANDING_EXPECTED]);

		if (plain)
			parts[count++] = (struct part){case_verdict_name(v), html_tone_of_case(v, STANDING_PLAIN),
						       opacity[v], plain};
	}
	if (tally->of[CASE_PASS][STANDING_UNEXPECTED_PASS])
		parts[count++] =
			(struct part){"unexpected pass", "bad", ".6", tally->of[CASE_PASS][STANDING_UNEXPECTED_PASS]};
	if (waived)
		parts[count++] = (struct part){"waived", "warn", "1", waived};
	if (soft)
		parts[count++] = (struct part){"failed as expected", "warn", ".6", soft};
	return count;
}

void html_bar(struct html *html, const struct report_tally *tally)
{
	struct xml *xml = &html->xml;
	struct part parts[16];
	size_t count = gather(tally, parts), all = 0, before = 0;

	for (size_t i = 0; i < count; i++)
		all += parts[i].count;
	if (!all)
		return;
	xml_raw(xml, "<div class=\"bar\">\n<svg height=\"14\" role=\"img\" aria-label=\"%zu cases\">", all);
	for (size_t i = 0; i < count; i++) {
		xml_raw(xml,
			"<rect class=\"tone %s\" fill-opacity=\"%s\" x=\"%.3f%%\" width=\"%.3f%%\" height=\"14\"/>",
			parts[i].tone, parts[i].opacity, 100.0 * (double)before / (double)all,
			100.0 * (double)parts[i].count / (double)all);
		before += parts[i].count;
	}
	xml_raw(xml, "</svg>\n<ul class=\"legend\">");
	for (size_t i = 0; i < count; i++)
		xml_raw(xml, "<li class=\"%s\"><i style=\"opacity:%s\"></i><b class=\"num\">%zu</b> %s</li>",
			parts[i].tone, parts[i].opacity, parts[i].count, parts[i].word);
	xml_raw(xml, "</ul>\n</div>\n");
}

/* --- when each step ran --- */

struct timeline {
	struct html *html;
	int64_t from_us, to_us, clock_us; /* clock: where a step without a begin goes */
	size_t rows, row;
};

static void span_of(struct timeline *line, const struct report_step *step, int64_t *ret_from, int64_t *ret_to)
{
	*ret_from = step->begun_at_us ? step->begun_at_us : line->clock_us;
	*ret_to = *ret_from + step->took_us;
	line->clock_us = *ret_to;
}

static int measure_step(void *context, const struct report_step *step, struct err *err)
{
	struct timeline *line = context;
	int64_t from, to;

	(void)err;
	span_of(line, step, &from, &to);
	if (!line->rows++)
		line->from_us = from;
	if (to > line->to_us)
		line->to_us = to;
	return 0;
}

static const char *tone_of_step(const struct report_step *step)
{
	enum run_verdict verdict = cause_verdict(step->cause);

	if (!step->ended)
		return "quiet";
	if (step->cause == CAUSE_NONE || verdict == RUN_PASSED)
		return step->back ? "quiet" : "busy";
	return verdict == RUN_FAILED ? "bad" : "warn";
}

static int write_step(void *context, const struct report_step *step, struct err *err)
{
	struct timeline *line = context;
	struct xml *xml = &line->html->xml;
	double all = line->to_us > line->from_us ? (double)(line->to_us - line->from_us) : 1;
	double room = 100 - LABEL_PERCENT - TOOK_PERCENT, x, wide;
	size_t y = line->row++ * STEP_ROW_PX;
	char took[WHEN_MAX] = "open";
	int64_t from, to;

	(void)err;
	span_of(line, step, &from, &to);
	x = LABEL_PERCENT + room * (double)(from - line->from_us) / all;
	wide = fmax(room * (double)(to - from) / all, 0.35);
	if (step->ended)
		when_duration(step->took_us, took, sizeof took);
	xml_raw(xml, "<text class=\"strong\" x=\"0\" y=\"%zu\">", y + 15);
	xml_text(xml, step->step);
	xml_raw(xml, "</text><line x1=\"%.1f%%\" x2=\"%.1f%%\" y1=\"%zu\" y2=\"%zu\" stroke=\"var(--line)\"/>",
		LABEL_PERCENT, 100 - TOOK_PERCENT, y + 11, y + 11);
	xml_raw(xml, "<rect class=\"tone %s\" rx=\"2\" x=\"%.3f%%\" width=\"%.3f%%\" y=\"%zu\" height=\"10\"><title>",
		tone_of_step(step), x, wide, y + 6);
	xml_text(xml, step->text[0] ? step->text : cause_name(step->cause));
	xml_raw(xml, "</title></rect><text x=\"100%%\" y=\"%zu\" text-anchor=\"end\">%s</text>\n", y + 15, took);
	return 0;
}

int html_timeline(struct html *html, struct err *err)
{
	struct timeline line = {.html = html};
	int rc = report_each_step(html->report, html->run, measure_step, &line, err);

	if (rc || !line.rows)
		return rc;
	line.clock_us = line.from_us;
	xml_raw(&html->xml, "<h3>Steps</h3>\n<svg height=\"%zu\" role=\"img\" aria-label=\"steps\">\n",
		line.rows * STEP_ROW_PX);
	rc = report_each_step(html->report, html->run, write_step, &line, err);
	xml_raw(&html->xml, "</svg>\n");
	return rc;
}

/* --- what was measured --- */

struct chart {
	const struct measurement *measured;
	struct reader_value values[READER_MAX_VALUES];
	size_t count;
	struct baseline baseline;
	double bottom, top; /* values at the edges */
};

static void widen(struct chart *chart, double value)
{
	chart->bottom = fmin(chart->bottom, value);
	chart->top = fmax(chart->top, value);
}

static void scale(struct chart *chart)
{
	const struct measurement *m = chart->measured;
	double edge;

	chart->bottom = chart->top = m->verdict == MEASURE_MISSING ? chart->values[0].value : m->value;
	for (size_t i = 0; i < chart->count; i++)
		widen(chart, chart->values[i].value);
	if (m->has_low)
		widen(chart, m->low);
	if (m->has_high)
		widen(chart, m->high);
	edge = chart->top > chart->bottom ? 0.08 * (chart->top - chart->bottom) : fmax(fabs(chart->top) * 0.1, 1e-9);
	chart->bottom -= edge;
	chart->top += edge;
}

static double y_of(const struct chart *chart, double value)
{
	double share = (value - chart->bottom) / (chart->top - chart->bottom);

	return CHART_EDGE_PX + (1 - share) * (CHART_PX - 2 * CHART_EDGE_PX);
}

/* The last value stands near the right edge; without a history alone in the middle. */
static double x_of(const struct chart *chart, size_t i)
{
	return chart->count < 2 ? 50 : 3 + 82 * (double)i / (double)(chart->count - 1);
}

static void write_limit(struct xml *xml, const struct chart *chart, double value, const char *what, const char *tone)
{
	double y = y_of(chart, value);

	xml_raw(xml,
		"<line class=\"stroke %s\" x1=\"0\" x2=\"100%%\" y1=\"%.1f\" y2=\"%.1f\" stroke-dasharray=\"5 4\"/>",
		tone, y, y);
	xml_raw(xml, "<text x=\"100%%\" y=\"%.1f\" text-anchor=\"end\">%s %.6g</text>\n", y - 4, what, value);
}

/* The field of values that are allowed. */
static void write_field(struct xml *xml, const struct chart *chart)
{
	const struct measurement *m = chart->measured;
	double top = m->has_high ? y_of(chart, m->high) : 0, bottom = m->has_low ? y_of(chart, m->low) : CHART_PX;

	if (m->has_low || m->has_high)
		xml_raw(xml,
			"<rect class=\"tone good\" fill-opacity=\".09\" x=\"0\" width=\"100%%\" y=\"%.1f\" "
			"height=\"%.1f\"/>",
			top, fmax(bottom - top, 0));
}

static void write_history(struct xml *xml, const struct chart *chart)
{
	for (size_t i = 1; i < chart->count; i++)
		xml_raw(xml, "<line stroke=\"var(--line)\" x1=\"%.2f%%\" x2=\"%.2f%%\" y1=\"%.1f\" y2=\"%.1f\"/>",
			x_of(chart, i - 1), x_of(chart, i), y_of(chart, chart->values[i - 1].value),
			y_of(chart, chart->values[i].value));
	for (size_t i = 0; i < chart->count; i++)
		xml_raw(xml,
			"<circle class=\"%s\" cx=\"%.2f%%\" cy=\"%.1f\" r=\"3\" %s><title>run %" PRId64
			": %.6g%s</title></circle>",
			chart->values[i].accepted ? "tone busy" : "stroke quiet", x_of(chart, i),
			y_of(chart, chart->values[i].value), chart->values[i].accepted ? "" : "fill=\"none\"",
			chart->values[i].run, chart->values[i].value, chart->values[i].accepted ? ", accepted" : "");
}

static const char *tone_of_measured(enum measure_verdict verdict)
{
	return verdict == MEASURE_OK ? "good" : verdict == MEASURE_UNJUDGED ? "quiet" : "bad";
}

static void write_chart(struct xml *xml, const struct chart *chart)
{
	const struct measurement *m = chart->measured;

	xml_raw(xml, "<svg height=\"%d\" role=\"img\" aria-label=\"history and limits\">", CHART_PX);
	write_field(xml, chart);
	if (m->has_low)
		write_limit(xml, chart, m->low, "at least", "bad");
	if (m->has_high)
		write_limit(xml, chart, m->high, "at most", "bad");
	if (chart->baseline.count)
		write_limit(xml, chart, chart->baseline.median, "median", "busy");
	write_history(xml, chart);
	if (m->verdict != MEASURE_MISSING)
		xml_raw(xml, "<circle class=\"tone %s\" cx=\"%.2f%%\" cy=\"%.1f\" r=\"5.5\"/>",
			tone_of_measured(m->verdict), x_of(chart, chart->count ? chart->count - 1 : 0),
			y_of(chart, m->value));
	xml_raw(xml, "</svg>\n");
}

static void write_caption(struct html *html, const struct report_case *result, const struct measurement *m)
{
	struct xml *xml = &html->xml;
	char words[100];

	xml_raw(xml, "<figcaption><b>");
	xml_text(xml, m->name);
	xml_raw(xml, "</b><span class=\"num\">");
	if (m->verdict == MEASURE_MISSING)
		snprintf(words, sizeof words, "not printed");
	else
		snprintf(words, sizeof words, "%.6g %s", m->value, m->unit);
	xml_text(xml, words);
	xml_raw(xml, "</span>");
	html_chip(html, tone_of_measured(m->verdict), measure_verdict_name(m->verdict));
	xml_raw(xml, "<span class=\"muted\">");
	xml_text(xml, result->group);
	xml_raw(xml, result->group[0] ? "." : "");
	xml_text(xml, result->name);
	xml_raw(xml, "%s", m->basis[0] ? "; " : "");
	xml_text(xml, m->basis);
	xml_raw(xml, "</span></figcaption>\n");
}

static void gather_baseline(struct chart *chart)
{
	double accepted[READER_MAX_VALUES];
	size_t count = 0;

	for (size_t i = 0; i < chart->count; i++)
		if (chart->values[i].accepted)
			accepted[count++] = chart->values[i].value;
	if (count)
		baseline_of(accepted, count, &chart->baseline);
}

int html_measured(struct html *html, const struct report_case *result, const struct measurement *measured,
		  struct err *err)
{
	const struct job_reader *reader = html->report->reader;
	struct chart chart = {.measured = measured};
	int rc = 0;

	xml_raw(&html->xml, "<figure>");
	write_caption(html, result, measured);
	if (html->details++ < HTML_DETAILS_MAX)
		rc = reader->values(reader->context, html->run->id, result->group, result->name, measured, chart.values,
				    &chart.count, err);
	/* A value that nothing can be held against is no picture. */
	if (!rc &&
	    (chart.count > 1 || (measured->verdict != MEASURE_MISSING && (measured->has_low || measured->has_high)))) {
		gather_baseline(&chart);
		scale(&chart);
		write_chart(&html->xml, &chart);
	}
	xml_raw(&html->xml, "</figure>\n");
	return rc;
}
