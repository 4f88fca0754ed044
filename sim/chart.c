/* SPDX-License-Identifier: Apache-2.0 */
/* Draws charts. */
#include "sim/chart.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "sim/output.h"

#define WIDTH     1000.0
#define HEIGHT    220.0
#define LEFT      70.0
#define BOTTOM    30.0
#define TOP       10.0
#define RIGHT     30.0
#define GRID      4
#define COLOURS   8
#define MAX_TICKS 10
#define MAX_BARS  40
#define BAR       22.0

static double x_of(const struct chart *chart, double slice)
{
	return LEFT + (WIDTH - LEFT - RIGHT) * slice / (double)chart->slices;
}

static double y_of(double value, double top)
{
	return HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * value / top;
}

/* The next 1, 2 or 5 times a power of ten. */
static double round_up(double value)
{
	double unit = pow(10, floor(log10(value)));

	if (value <= unit)
		return unit;
	if (value <= 2 * unit)
		return 2 * unit;
	return value <= 5 * unit ? 5 * unit : 10 * unit;
}

static double top_for(const struct chart *chart, const double *value)
{
	double most = 0;

	if (chart->top > 0)
		return chart->top;
	for (size_t i = 0; i < chart->slices; i++)
		most = value[i] > most ? value[i] : most;
	return most > 0 ? round_up(most) : 1;
}

/* Between two ticks of the axis of time, so that there are a handful. */
static double tick_us(double span_us)
{
	static const double steps_s[] = {1,     10,    60,    300,    900,    3600,    10800,
					 21600, 43200, 86400, 172800, 604800, 2592000, 7776000};
	size_t i = 0;

	while (i + 1 < sizeof(steps_s) / sizeof(steps_s[0]) && span_us / (steps_s[i] * 1e6) > MAX_TICKS)
		i++;
	return steps_s[i] * 1e6;
}

static void put_axes(FILE *out, const struct chart *chart, double top)
{
	double span_us = chart->slice_us * (double)chart->slices, step_us = tick_us(span_us);
	char cell[64];

	fprintf(out, "<svg viewBox=\"0 0 %g %g\" role=\"img\">\n", WIDTH, HEIGHT);
	for (int i = 0; i <= GRID; i++) {
		double y = y_of(top * i / GRID, top);

		fprintf(out,
			"<path class=\"grid\" d=\"M%g %gH%g\"/><text x=\"%g\" y=\"%g\" text-anchor=\"end\">%g</text>",
			LEFT, y, WIDTH - RIGHT, LEFT - 8, y + 4, top * i / GRID);
	}
	for (double us = 0; us <= span_us; us += step_us)
		fprintf(out, "<text x=\"%g\" y=\"%g\" text-anchor=\"middle\">%s</text>\n",
			x_of(chart, us / chart->slice_us), HEIGHT - BOTTOM + 18, output_span(us, cell, sizeof(cell)));
}

void chart_line(FILE *out, const struct chart *chart, const double *value)
{
	double top = top_for(chart, value);
	bool is_down = false;

	put_axes(out, chart, top);
	fputs("<path fill=\"none\" stroke=\"var(--1)\" stroke-width=\"1.5\" d=\"", out);
	for (size_t i = 0; i < chart->slices; i++) {
		if (value[i] >= 0)
			fprintf(out, "%c%.1f %.1fH%.1f", is_down ? 'L' : 'M', x_of(chart, (double)i),
				y_of(value[i], top), x_of(chart, (double)i + 1));
		is_down = value[i] >= 0;
	}
	fputs("\"/></svg>\n", out);
}

/* --- One above the other --------------------------------------------------------------------------------------- */

static int by_board_time(const void *a, const void *b)
{
	const struct result_org *x = *(const struct result_org *const *)a, *y = *(const struct result_org *const *)b;

	return (x->board_us < y->board_us) - (x->board_us > y->board_us);
}

/* From floor to floor + value; floor is raised. */
static void put_layer(FILE *out, const struct chart *chart, double top, double *floor, const double *value, int colour)
{
	fprintf(out, "<path fill=\"var(--%d)\" d=\"M%.1f %.1f", colour, x_of(chart, 0), y_of(0, top));
	for (size_t i = 0; i < chart->slices; i++)
		fprintf(out, "V%.1fH%.1f", y_of(floor[i] + value[i], top), x_of(chart, (double)i + 1));
	for (size_t i = chart->slices; i-- > 0;)
		fprintf(out, "V%.1fH%.1f", y_of(floor[i], top), x_of(chart, (double)i));
	fputs("Z\"/>\n", out);
	for (size_t i = 0; i < chart->slices; i++)
		floor[i] += value[i];
}

static void put_key(FILE *out, int colour, const char *name)
{
	fprintf(out, "<span><i style=\"background:var(--%d)\"></i>%s</span>\n", colour, name);
}

void chart_in_use(FILE *out, const struct chart *chart, const struct result *result)
{
	const struct result_org **order = mem_alloc_array(result->org_count + 1, sizeof(struct result_org *));
	size_t count = result->org_count, own = count <= COLOURS ? count : COLOURS - 1;
	double floor[SERIES_SLICES] = {0}, rest[SERIES_SLICES];
	double top = top_for(chart, result->in_use);

	for (size_t i = 0; i < count; i++)
		order[i] = &result->orgs[i];
	qsort(order, count, sizeof(struct result_org *), by_board_time);
	put_axes(out, chart, top);
	for (size_t i = 0; i < own; i++)
		put_layer(out, chart, top, floor, order[i]->in_use, (int)i + 1);
	for (size_t i = 0; i < chart->slices; i++)
		rest[i] = result->in_use[i] - floor[i];
	if (own < count)
		put_layer(out, chart, top, floor, rest, COLOURS);
	fputs("</svg>\n<p class=\"key\">", out);
	for (size_t i = 0; i < own; i++)
		put_key(out, (int)i + 1, order[i]->name);
	if (own < count)
		put_key(out, COLOURS, "the others");
	fputs("</p>\n", out);
	free(order);
}

/* --- Waits ----------------------------------------------------------------------------------------------------- */

static const double wait_ticks_s[] = {1, 10, 60, 600, 3600, 21600, 86400, 864000, 8640000, 86400000};

#define WAIT_TICKS (sizeof(wait_ticks_s) / sizeof(wait_ticks_s[0]))

/* A second, or less, at the left. */
static double x_of_wait(double us, double most_us)
{
	return LEFT + 120 + (WIDTH - LEFT - RIGHT - 120) * (us > 1e6 ? log10(us / 1e6) : 0) / log10(most_us / 1e6);
}

static void put_dot(FILE *out, double x, double y, int colour)
{
	fprintf(out, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"5\" fill=\"var(--%d)\"/>", x, y, colour);
}

static void put_org(FILE *out, const struct result_org *org, double y, double most_us)
{
	const int64_t us[] = {org->wait.p50_us, org->wait.mean_us, org->wait.p99_us, org->wait.max_us};

	fprintf(out, "<text x=\"8\" y=\"%.1f\">%.24s</text><path class=\"grid\" d=\"M%.1f %.1fH%.1f\"/>", y + 4,
		org->name, x_of_wait((double)us[0], most_us), y, x_of_wait((double)us[3], most_us));
	for (int i = 0; i < 4; i++)
		put_dot(out, x_of_wait((double)us[i], most_us), y, i + 1);
	fputc('\n', out);
}

void chart_waits(FILE *out, const struct result *result)
{
	static const char *const names[] = {"half of them", "mean", "99 of 100", "longest"};
	size_t count = result->org_count < MAX_BARS ? result->org_count : MAX_BARS;
	double height = (double)count * BAR + TOP + BOTTOM;
	size_t ticks = 2;
	char cell[64];

	for (size_t i = 0; i < count; i++)
		while (ticks < WAIT_TICKS && wait_ticks_s[ticks - 1] * 1e6 < (double)result->orgs[i].wait.max_us)
			ticks++;
	fprintf(out, "<svg viewBox=\"0 0 %g %g\" role=\"img\">\n", WIDTH, height);
	for (size_t i = 0; i < ticks; i++) {
		double us = wait_ticks_s[i] * 1e6, x = x_of_wait(us, wait_ticks_s[ticks - 1] * 1e6);

		fprintf(out,
			"<path class=\"grid\" d=\"M%.1f %gV%g\"/><text x=\"%.1f\" y=\"%g\" "
			"text-anchor=\"middle\">%s</text>",
			x, TOP, height - BOTTOM, x, height - BOTTOM + 18, output_span(us, cell, sizeof(cell)));
	}
	for (size_t i = 0; i < count; i++)
		put_org(out, &result->orgs[i], TOP + BAR * ((double)i + 0.5), wait_ticks_s[ticks - 1] * 1e6);
	fputs("</svg>\n<p class=\"key\">", out);
	for (int i = 0; i < 4; i++)
		put_key(out, i + 1, names[i]);
	fputs("</p>\n", out);
	if (count < result->org_count)
		fprintf(out, "<p class=\"dim\">The first %zu organisations.</p>\n", count);
}
