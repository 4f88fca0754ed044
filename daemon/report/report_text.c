/* SPDX-License-Identifier: Apache-2.0 */
/* A report as text: a head, a table of runs, and of each run what is to be looked at and what was measured. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/report/text_page.h"
#include "daemon/report/when.h"

#define FLAKES_MAX 200 /* cases of a run whose history is looked up */

static void put_outcome(struct page *page, enum run_verdict verdict, enum cause cause, const char *state)
{
	page_words(page, page_outcome(verdict, state));
	if (verdict != RUN_NONE && cause != CAUSE_ALL_REQUIRED_SEEN && verdict != RUN_CANCELLED)
		page_putf(page, " (%s)", cause_name(cause));
}

/* "  label     words" of a run. */
static void put_line(struct page *page, const char *label, const char *words)
{
	if (!words[0])
		return;
	page_putf(page, "  %-9s", label);
	page_words(page, words);
	page_put(page, "\n");
}

static void put_image(struct page *page, const struct report_run *run)
{
	if (!run->image_name[0] && !run->image_sha256[0])
		return;
	page_put(page, "  image    ");
	page_words(page, run->image_name);
	if (run->image_sha256[0])
		page_putf(page, ", sha256 %s", run->image_sha256);
	if (run->image_build_id[0])
		page_putf(page, ", build id %s", run->image_build_id);
	page_put(page, "\n");
}

static void put_console(struct page *page, const struct report_run *run)
{
	if (run->verdict == RUN_NONE && !run->console_bytes)
		return;
	page_putf(page, "  console  %" PRId64 " bytes", run->console_bytes);
	if (run->console_dropped)
		page_putf(page, ", %" PRId64 " lost", run->console_dropped);
	if (run->console_sha256[0])
		page_putf(page, ", sha256 %s", run->console_sha256);
	page_put(page, "\n");
}

static size_t case_width(const struct report_case *result)
{
	return page_width(result->group) + (result->group[0] != '\0') + page_width(result->name);
}

/* What else is to be said of a case, behind its message. */
static void put_standing(struct page *page, const struct report_case *result)
{
	if (result->standing == STANDING_WAIVED)
		page_putf(page, "  (waived by %" PRId64 ")", result->waiver);
	else if (result->standing != STANDING_PLAIN)
		page_putf(page, "  (%s)", case_standing_name(result->standing));
	else if (result->waived_ignore)
		page_put(page, "  (allowed)");
	else if (!result->required)
		page_put(page, "  (not required)");
}

static void put_case(struct page *page, const struct report_case *result)
{
	const char *word = case_verdict_name(result->verdict);

	page_put(page, "    ");
	page_put(page, word);
	page_blanks(page, 9 - strlen(word));
	page_words(page, result->group);
	page_put(page, result->group[0] ? "." : "");
	page_words(page, result->name);
	page_blanks(page, page->wide - case_width(result));
	page_put(page, result->message[0] ? "  " : "");
	page_words(page, result->message);
	if (result->end > result->offset)
		page_putf(page, "  [console %" PRId64 "-%" PRId64 "]", result->offset, result->end);
	else if (result->verdict == CASE_CRASHED)
		page_putf(page, "  [console from %" PRId64 "]", result->offset);
	put_standing(page, result);
	page_put(page, "\n");
}

static int put_flake(struct page *page, const struct report_case *result, struct err *err)
{
	const struct job_reader *reader = page->report->reader;
	struct flake flake;
	int rc = reader->flake(reader->context, page->run->id, result->group, result->name, &flake, err);

	if (rc || !flake.flips)
		return rc;
	page_putf(
		page,
		"             flaky: changed its mind %zu of %zu times on the same image (%.0f %%, at least %.0f %%)\n",
		flake.flips, flake.pairs, 100 * flake.score, 100 * flake.low);
	return 0;
}

static void put_measured(struct page *page, const struct report_case *result)
{
	for (size_t i = 0; i < result->measured_count; i++) {
		const struct measurement *m = &result->measured[i];

		page_put(page, "             ");
		page_words(page, m->name);
		if (m->verdict == MEASURE_MISSING)
			page_put(page, " was not printed");
		else
			page_putf(page, " %.6g %s", m->value, m->unit);
		if (m->has_low)
			page_putf(page, ", at least %.6g", m->low);
		if (m->has_high)
			page_putf(page, ", at most %.6g", m->high);
		page_putf(page, ": %s", measure_verdict_name(m->verdict));
		if (m->basis[0]) {
			page_put(page, " (");
			page_words(page, m->basis);
			page_put(page, ")");
		}
		page_put(page, "\n");
	}
}

/* Shown: what somebody should look at, and what was measured. */
static int on_case(void *context, const struct report_case *result, struct err *err)
{
	struct page *page = context;
	bool loud = report_case_is_loud(result);
	int rc = 0;

	if (!loud && !result->measured_count)
		return 0;
	put_case(page, result);
	put_measured(page, result);
	if (loud && page->loud++ < FLAKES_MAX)
		rc = put_flake(page, result, err);
	return rc;
}

static int measure_case(void *context, const struct report_case *result, struct err *err)
{
	struct page *page = context;

	(void)err;
	page->loud += report_case_is_loud(result);
	if ((report_case_is_loud(result) || result->measured_count) && case_width(result) > page->wide)
		page->wide = case_width(result);
	return 0;
}

static int put_cases(struct page *page, struct err *err)
{
	int rc;

	if (!page->run->case_count)
		return 0;
	page->wide = page->loud = 0;
	rc = report_each_case(page->report, page->run, measure_case, page, err);
	if (rc)
		return rc;
	page_putf(page, "  cases    %zu in all", page->run->case_count);
	if (page->loud)
		page_putf(page, ", %zu to look at:", page->loud);
	page_put(page, "\n");
	page->loud = 0;
	return report_each_case(page->report, page->run, on_case, page, err);
}

static int put_step(void *context, const struct report_step *step, struct err *err)
{
	struct page *page = context;
	char took[WHEN_MAX];

	(void)err;
	page_put(page, page->steps++ ? ", " : "  steps    ");
	page_words(page, step->step);
	when_duration(step->took_us, took, sizeof took);
	page_putf(page, " %s", step->ended ? took : "(open)");
	return 0;
}

static int put_bad_step(void *context, const struct report_step *step, struct err *err)
{
	struct page *page = context;

	(void)err;
	if (!step->ended || cause_verdict(step->cause) == RUN_PASSED || step->cause == CAUSE_NONE)
		return 0;
	page_put(page, "    ");
	page_words(page, step->step);
	page_putf(page, " ended with %s: ", cause_name(step->cause));
	page_words(page, step->text);
	page_put(page, "\n");
	return 0;
}

static int put_steps(struct page *page, struct err *err)
{
	int rc;

	page->steps = 0;
	rc = report_each_step(page->report, page->run, put_step, page, err);
	if (!rc && page->steps)
		page_put(page, "\n");
	return rc ? rc : report_each_step(page->report, page->run, put_bad_step, page, err);
}

/* Each line under "fault", indented. */
static int put_post_mortem(struct page *page, struct err *err)
{
	char *text, *rest;
	int rc = report_post_mortem(page->report, page->run, &text, err);

	if (rc || !text)
		return rc;
	page_put(page, "  fault\n");
	for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		page_put(page, "    ");
		page_words(page, line);
		page_put(page, "\n");
	}
	free(text);
	return 0;
}

static int put_not_run(struct page *page, struct err *err)
{
	char *text;
	int rc = report_not_run(page->report, page->run, &text, err);

	if (!rc && text)
		put_line(page, "not run", text);
	free(text);
	return rc;
}

static int put_parameters(struct page *page, struct err *err)
{
	char *text;
	int rc = report_parameters_text(page->report, page->run, &text, err);

	if (!rc && text)
		put_line(page, "given", text);
	free(text);
	return rc;
}

static int put_run(struct page *page, const struct report_run *run, struct err *err)
{
	int rc;

	page->run = run;
	page_putf(page, "\nRun %" PRId64, run->id);
	if (run->board[0]) {
		page_put(page, " on ");
		page_words(page, run->board);
	}
	page_put(page, " (");
	page_words(page, run->board_type);
	page_putf(page, "), attempt %" PRId64 ": ", run->attempt);
	put_outcome(page, run->verdict, run->cause, run->state);
	page_put(page, run->superseded ? ", repeated\n" : run->passed_on_retry ? ", on a further attempt\n" : "\n");
	put_line(page, "why", run->text);
	put_image(page, run);
	put_console(page, run);
	rc = put_parameters(page, err);
	put_line(page, "core", run->core);
	if (!rc)
		rc = put_post_mortem(page, err);
	if (!rc)
		rc = put_cases(page, err);
	if (!rc)
		rc = put_not_run(page, err);
	return rc ? rc : put_steps(page, err);
}

static void put_head(struct page *page)
{
	const struct report *report = page->report;
	char submitted[WHEN_MAX], took[WHEN_MAX];

	page_putf(page, "Job %" PRId64 " \"", report->id);
	page_words(page, report->name);
	page_put(page, "\": ");
	put_outcome(page, report->verdict, report->cause, report->state);
	page_put(page, "\n");
	put_line(page, "why", report->text);
	put_line(page, "suite", report->suite);
	when_words(report->submitted_at_us, submitted, sizeof submitted);
	page_putf(page, "  when     submitted %s", submitted);
	if (report->finished_at_us >= report->submitted_at_us && report->finished_at_us) {
		when_duration(report->finished_at_us - report->submitted_at_us, took, sizeof took);
		page_putf(page, ", finished %s later", took);
	}
	page_put(page, "\n\n");
}

int report_write_text(const struct report *report, FILE *out, struct err *err)
{
	struct page page = {.out = out, .report = report};
	int rc = 0;

	put_head(&page);
	page_table(&page);
	for (size_t i = 0; i < report->run_count && !rc; i++)
		rc = put_run(&page, &report->runs[i], err);
	return rc;
}
