/* SPDX-License-Identifier: Apache-2.0 */
/* Results as one page with drawn charts. Names are words of letters, digits and a few signs, labels come from the
 * command line and are escaped. */
#include <inttypes.h>
#include <string.h>

#include "sim/chart.h"
#include "sim/output.h"

static void put_escaped(FILE *out, const char *text)
{
	for (; *text; text++) {
		if (*text == '<')
			fputs("&lt;", out);
		else if (*text == '>')
			fputs("&gt;", out);
		else if (*text == '&')
			fputs("&amp;", out);
		else if (*text == '"')
			fputs("&quot;", out);
		else
			fputc(*text, out);
	}
}

static void put_head(FILE *out)
{
	fputs("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
	      "<meta name=\"viewport\" content=\"width=device-width\">\n<title>assay-sim</title>\n<style>\n"
	      ":root{color-scheme:light "
	      "dark;--ink:#1c2430;--dim:#5b6675;--line:#d5dae1;--page:#fff;--1:#1f6feb;--2:#d97706;"
	      "--3:#15803d;--4:#b91c6b;--5:#6d28d9;--6:#0e7490;--7:#92400e;--8:#64748b}\n"
	      "@media (prefers-color-scheme:dark){:root{--ink:#e6e9ee;--dim:#9aa4b2;--line:#374151;--page:#12161c;"
	      "--1:#6ea8fe;--2:#fbbf24;--3:#4ade80;--4:#f472b6;--5:#a78bfa;--6:#22d3ee;--7:#fb923c;--8:#94a3b8}}\n"
	      "body{font:15px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--page);max-width:70rem;"
	      "margin:2rem auto;padding:0 1rem}\n"
	      "h2{margin:2.5rem 0 .5rem}h3{font-size:1rem;margin:1.5rem 0 "
	      ".5rem}table{border-collapse:collapse;width:100%;margin-bottom:1rem}\n"
	      "th,td{text-align:right;padding:.2rem .6rem;border-bottom:1px solid var(--line);"
	      "font-variant-numeric:tabular-nums}th:first-child,td:first-child{text-align:left}\n"
	      "th{color:var(--dim);font-weight:500}div.wide{overflow-x:auto}svg{width:100%;height:auto;display:block}\n"
	      "svg text{fill:var(--dim);font:12px system-ui,sans-serif}svg .grid{stroke:var(--line);fill:none}\n"
	      "p.key span{margin-right:1rem;white-space:nowrap}p.key i{display:inline-block;width:.8rem;height:.8rem;"
	      "border-radius:2px;margin-right:.3rem;vertical-align:-.1rem}p.dim{color:var(--dim)}\n"
	      "</style></head><body>\n<h1>assay-sim</h1>\n",
	      out);
}

static void put_row(FILE *out, const char *name, const struct result_wait *wait)
{
	const double us[] = {(double)wait->mean_us, (double)wait->p50_us, (double)wait->p99_us, (double)wait->max_us};
	char cell[64];

	fprintf(out, "<tr><td>%s</td><td>%" PRIu64 "</td>", name, wait->runs);
	for (size_t i = 0; i < sizeof(us) / sizeof(us[0]); i++)
		fprintf(out, "<td>%s</td>", output_span(us[i], cell, sizeof(cell)));
}

static void put_waits(FILE *out, const struct result *result)
{
	static const char columns[] = "<th>runs</th><th>mean</th><th>p50</th><th>p99</th><th>longest</th>";
	double all = result->board_us > 0 ? result->board_us : 1;

	fprintf(out,
		"<h3>How long runs waited</h3>\n<div class=\"wide\"><table><tr><th>organisation</th>%s<th>weight</th>"
		"<th>board time</th><th>fair</th></tr>\n",
		columns);
	for (size_t i = 0; i < result->org_count; i++) {
		const struct result_org *org = &result->orgs[i];

		put_row(out, org->name, &org->wait);
		fprintf(out, "<td>%" PRId64 "</td><td>%.1f %%</td><td>%.1f %%</td></tr>\n", org->weight,
			100 * org->board_us / all, 100 * org->fair_us / all);
	}
	fprintf(out, "</table></div>\n<div class=\"wide\"><table><tr><th>jobs</th>%s</tr>\n", columns);
	for (size_t i = 0; i < result->stream_count; i++) {
		put_row(out, result->streams[i].name, &result->streams[i].wait);
		fputs("</tr>\n", out);
	}
	fputs("</table></div>\n", out);
}

static void put_charts(FILE *out, const struct result *result)
{
	struct chart chart = {.slices = result->slices, .slice_us = (double)result->slice_us};

	fputs("<h3>How long runs waited, by organisation</h3>\n", out);
	chart_waits(out, result);
	fputs("<h3>Boards in use</h3>\n", out);
	chart_in_use(out, &chart, result);
	fputs("<h3>Runs that wait</h3>\n", out);
	chart_line(out, &chart, result->waiting);
	fputs("<h3>Fairness over time (Jain's index)</h3>\n"
	      "<p class=\"dim\">Of what each organisation had, as a part of what dividing the same board time fairly "
	      "by "
	      "weights had given it, among those who wanted some.</p>\n",
	      out);
	chart.top = 1;
	chart_line(out, &chart, result->fairness_at);
}

void output_html(FILE *out, struct result *const results[], size_t count)
{
	char cell[64];

	put_head(out);
	fputs("<div class=\"wide\"><table>\n<tr><th></th>", out);
	for (size_t i = 0; i < count; i++) {
		fputs("<th>", out);
		put_escaped(out, results[i]->label);
		fputs("</th>", out);
	}
	fputs("</tr>\n", out);
	for (int figure = 0; output_figure_name(figure); figure++) {
		fprintf(out, "<tr><td>%s</td>", output_figure_name(figure));
		for (size_t i = 0; i < count; i++)
			fprintf(out, "<td>%s</td>", output_figure(results[i], figure, cell, sizeof(cell)));
		fputs("</tr>\n", out);
	}
	fputs("</table></div>\n", out);
	for (size_t i = 0; i < count; i++) {
		fputs("<h2>", out);
		put_escaped(out, results[i]->label);
		fputs("</h2>\n", out);
		if (results[i]->left > 0)
			fprintf(out, "<p>%" PRIu64 " runs never got a board; of one, because: %s.</p>\n",
				results[i]->left, results[i]->left_reason);
		put_charts(out, results[i]);
		put_waits(out, results[i]);
	}
	fputs("</body></html>\n", out);
}
