/* SPDX-License-Identifier: Apache-2.0 */
/* Results as text: what happened on the whole with a column for each result, then who waited how long. */
#include <inttypes.h>
#include <string.h>

#include "sim/output.h"

#define SECOND_US 1e6
#define MINUTE_US (60 * SECOND_US)
#define HOUR_US   (60 * MINUTE_US)
#define DAY_US    (24 * HOUR_US)

const char *output_span(double us, char *scratch, size_t size)
{
	if (us >= DAY_US)
		snprintf(scratch, size, "%" PRId64 "d %02" PRId64 "h", (int64_t)(us / DAY_US),
			 (int64_t)(us / HOUR_US) % 24);
	else if (us >= HOUR_US)
		snprintf(scratch, size, "%" PRId64 "h %02" PRId64 "m", (int64_t)(us / HOUR_US),
			 (int64_t)(us / MINUTE_US) % 60);
	else if (us >= MINUTE_US)
		snprintf(scratch, size, "%" PRId64 "m %02" PRId64 "s", (int64_t)(us / MINUTE_US),
			 (int64_t)(us / SECOND_US) % 60);
	else if (us >= SECOND_US)
		snprintf(scratch, size, "%.1f s", us / SECOND_US);
	else if (us >= 1000)
		snprintf(scratch, size, "%.0f ms", us / 1000);
	else
		snprintf(scratch, size, us > 0 ? "%.0f us" : "0", us);
	return scratch;
}

/* One line of the first table. */
enum figure {
	FIGURE_BOARDS,
	FIGURE_JOBS,
	FIGURE_RUNS,
	FIGURE_LEFT,
	FIGURE_MAKESPAN,
	FIGURE_UTILISATION,
	FIGURE_FAIRNESS,
	FIGURE_PREEMPTED,
	FIGURE_LOST,
	FIGURE_TIMED_OUT,
	FIGURE_FLASHED,
	FIGURE_SPARED,
	FIGURE_DECISIONS,
	FIGURE_RATE,
	FIGURE_DECISION_P99,
	FIGURE_ELAPSED,
	FIGURE_PROCESSOR,
	FIGURE_MEMORY,
	FIGURES
};

static const char *const figure_names[FIGURES] = {
	[FIGURE_BOARDS] = "boards",
	[FIGURE_JOBS] = "jobs",
	[FIGURE_RUNS] = "runs ended",
	[FIGURE_LEFT] = "runs that never got a board",
	[FIGURE_MAKESPAN] = "until the last ended",
	[FIGURE_UTILISATION] = "boards in use, on average",
	[FIGURE_FAIRNESS] = "fairness (Jain's index)",
	[FIGURE_PREEMPTED] = "broken off for others",
	[FIGURE_LOST] = "board time lost by that",
	[FIGURE_TIMED_OUT] = "ended at their limit",
	[FIGURE_FLASHED] = "flashed",
	[FIGURE_SPARED] = "image was there already",
	[FIGURE_DECISIONS] = "decisions",
	[FIGURE_RATE] = "decisions a second of the plan",
	[FIGURE_DECISION_P99] = "99 of 100 decisions within",
	[FIGURE_ELAPSED] = "simulated in",
	[FIGURE_PROCESSOR] = "processor time of that",
	[FIGURE_MEMORY] = "memory",
};

static void count_text(uint64_t count, char *cell, size_t size)
{
	snprintf(cell, size, "%" PRIu64, count);
}

static void figure_text(const struct result *result, enum figure figure, char *cell, size_t size)
{
	const uint64_t counts[FIGURES] = {
		[FIGURE_BOARDS] = result->boards,       [FIGURE_JOBS] = result->jobs,
		[FIGURE_RUNS] = result->finished,       [FIGURE_LEFT] = result->left,
		[FIGURE_PREEMPTED] = result->preempted, [FIGURE_TIMED_OUT] = result->timed_out,
		[FIGURE_FLASHED] = result->flashed,     [FIGURE_SPARED] = result->spared,
		[FIGURE_DECISIONS] = result->decisions,
	};

	if (figure == FIGURE_MAKESPAN)
		(void)output_span((double)result->makespan_us, cell, size);
	else if (figure == FIGURE_UTILISATION)
		snprintf(cell, size, "%.1f %%", 100 * result->utilisation);
	else if (figure == FIGURE_FAIRNESS)
		snprintf(cell, size, "%.4f", result->fairness);
	else if (figure == FIGURE_LOST)
		(void)output_span(result->lost_us, cell, size);
	else if (figure == FIGURE_RATE)
		snprintf(cell, size, "%.0f",
			 result->plan_ns > 0 ? (double)result->decisions * 1e9 / (double)result->plan_ns : 0);
	else if (figure == FIGURE_DECISION_P99)
		snprintf(cell, size, "%.1f us", (double)result->decision_p99_ns / 1000);
	else if (figure == FIGURE_ELAPSED)
		snprintf(cell, size, "%.2f s", (double)result->elapsed_ns / 1e9);
	else if (figure == FIGURE_PROCESSOR)
		snprintf(cell, size, "%.2f s", (double)result->processor_ns / 1e9);
	else if (figure == FIGURE_MEMORY)
		snprintf(cell, size, "%.0f MB", (double)result->memory_bytes / 1e6);
	else
		count_text(counts[figure], cell, size);
}

const char *output_figure_name(int figure)
{
	return figure < FIGURES ? figure_names[figure] : NULL;
}

const char *output_figure(const struct result *result, int figure, char *scratch, size_t size)
{
	figure_text(result, (enum figure)figure, scratch, size);
	return scratch;
}

static void print_figures(FILE *out, struct result *const results[], size_t count)
{
	char cell[64];

	for (size_t i = 0; i < count; i++)
		fprintf(out, "%c: %s\n", (char)('A' + i), results[i]->label);
	fprintf(out, "\n%-32s", "");
	for (size_t i = 0; i < count; i++)
		fprintf(out, " %14c", (char)('A' + i));
	fputc('\n', out);
	for (int figure = 0; figure < FIGURES; figure++) {
		fprintf(out, "%-32s", figure_names[figure]);
		for (size_t i = 0; i < count; i++) {
			figure_text(results[i], (enum figure)figure, cell, sizeof(cell));
			fprintf(out, " %14s", cell);
		}
		fputc('\n', out);
	}
	for (size_t i = 0; i < count; i++)
		if (results[i]->left > 0)
			fprintf(out, "%c: why one never got a board: %s\n", (char)('A' + i), results[i]->left_reason);
}

static void print_wait(FILE *out, char letter, const char *name, const struct result_wait *wait)
{
	const double us[] = {(double)wait->mean_us, (double)wait->p50_us, (double)wait->p99_us, (double)wait->max_us};
	char cell[64];

	fprintf(out, "%c  %-24s %10" PRIu64, letter, name, wait->runs);
	for (size_t i = 0; i < sizeof(us) / sizeof(us[0]); i++)
		fprintf(out, " %10s", output_span(us[i], cell, sizeof(cell)));
}

static void print_heading(FILE *out, const char *what)
{
	fprintf(out, "\n   %-24s %10s %10s %10s %10s %10s", what, "runs", "mean wait", "p50", "p99", "longest");
}

static void print_orgs(FILE *out, const struct result *result, char letter)
{
	for (size_t i = 0; i < result->org_count; i++) {
		const struct result_org *org = &result->orgs[i];

		print_wait(out, letter, org->name, &org->wait);
		fprintf(out, " %8" PRId64 " %8.1f %% %8.1f %%\n", org->weight,
			result->board_us > 0 ? 100 * org->board_us / result->board_us : 0,
			result->board_us > 0 ? 100 * org->fair_us / result->board_us : 0);
	}
}

void output_text(FILE *out, struct result *const results[], size_t count)
{
	print_figures(out, results, count);
	print_heading(out, "organisation");
	fprintf(out, " %8s %10s %10s\n", "weight", "share", "fair");
	for (size_t i = 0; i < count; i++)
		print_orgs(out, results[i], (char)('A' + i));
	print_heading(out, "jobs");
	fputc('\n', out);
	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < results[i]->stream_count; k++) {
			print_wait(out, (char)('A' + i), results[i]->streams[k].name, &results[i]->streams[k].wait);
			fputc('\n', out);
		}
}
