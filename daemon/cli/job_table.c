/* SPDX-License-Identifier: Apache-2.0 */
/* A job with its runs, as a table of verdicts with their reasons. */
#include "daemon/cli/job_table.h"

#include <inttypes.h>
#include <stdio.h>

#include "core/base/buf.h"
#include "core/base/err.h"
#include "daemon/cli/api.h"
#include "daemon/cli/table.h"
#include "daemon/cli/text.h"

const char *job_table_counts(const json_t *counts, char *scratch, size_t size)
{
	static const char *const keys[] = {"passed", "failed",  "crashed", "missing",
					   "error",  "ignored", "waived",  "expected"};
	size_t at = 0;

	scratch[0] = '\0';
	for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
		int64_t count = api_int(counts, keys[i]);

		if (count && at < size)
			at += (size_t)snprintf(scratch + at, size - at, "%s%" PRId64 " %s", at ? ", " : "", count,
					       keys[i]);
	}
	return scratch;
}

static void add_run(struct table *table, const json_t *runs, const json_t *run, int64_t now_us)
{
	char scratch[160];
	int64_t attempt = api_int(run, "attempt");
	bool old = api_is_superseded(runs, run);

	table_cellf(table, TONE_STRONG, "%" PRId64, api_int(run, "id"));
	table_word(table, api_outcome(run));
	table_cell(table, TONE_PLAIN, api_text(run, "board"));
	table_cell(table, TONE_DIM, api_text(run, "board_type"));
	table_cell(table, TONE_DIM, text_duration(api_took_us(run, "started_at_us", now_us), scratch, sizeof scratch));
	table_cell(table, TONE_PLAIN, job_table_counts(json_object_get(run, "counts"), scratch, sizeof scratch));
	if (old)
		table_cellf(table, TONE_DIM, "%s (attempt %" PRId64 ", tried again)", api_reason(run), attempt);
	else if (attempt > 1)
		table_cellf(table, TONE_PLAIN, "%s (attempt %" PRId64 ")", api_reason(run), attempt);
	else
		table_cell(table, TONE_PLAIN, api_reason(run));
}

static void print_clean(const char *text)
{
	struct buf clean;

	buf_init(&clean, 8192);
	text_append_clean(&clean, text);
	fputs(buf_text(&clean), stdout);
	buf_finish(&clean);
}

int job_table_print(const struct style *style, const json_t *job)
{
	static const char *const headings[] = {">RUN", "OUTCOME", "BOARD", "TYPE", ">TOOK", "CASES", "REASON", NULL};
	const json_t *runs = json_object_get(job, "runs"), *run;
	struct table *table = table_create(style, headings);
	const char *outcome = api_outcome(job);
	int64_t now_us = text_now_us();
	char took[64];
	size_t i;
	int code;

	if (!table)
		return ERR_NOMEM;
	json_array_foreach(runs, i, run) add_run(table, runs, run, now_us);
	code = table_print(table, stdout);
	table_destroy(table);
	text_duration(api_took_us(job, "submitted_at_us", now_us), took, sizeof took);
	printf("%s%s%s job %" PRId64 " ", style_on(style, style_word_tone(outcome)), style_word_sign(style, outcome),
	       style_off(style), api_int(job, "id"));
	print_clean(api_text(job, "name"));
	printf(": %s%s%s", style_on(style, style_word_tone(outcome)), outcome, style_off(style));
	if (*api_reason(job)) {
		printf(": ");
		print_clean(api_reason(job));
	}
	printf(" (%s)\n", took);
	return code;
}
