/* SPDX-License-Identifier: Apache-2.0 */
/* A report as text: a head, a table of runs, and for each run its evidence and what did not pass. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "daemon/report/report.h"
#include "daemon/report/when.h"

#define CELL_MAX 80

/* Where the text goes; the first error of the buffer stays. */
struct page {
	struct buf *out;
	bool colour;
	int rc;
};

static void put(struct page *page, const char *text)
{
	if (!page->rc)
		page->rc = buf_append_text(page->out, text);
}

#define putf(page, ...)                                                                                                \
	do {                                                                                                           \
		if (!(page)->rc)                                                                                       \
			(page)->rc = buf_appendf((page)->out, __VA_ARGS__);                                            \
	} while (0)

/* Words from boards and tools: what could move the cursor of a terminal is shown, not sent. */
static void put_words(struct page *page, const char *text)
{
	for (; *text; text++) {
		size_t plain = 0;

		while ((unsigned char)text[plain] >= 0x20 && text[plain] != 0x7f)
			plain++;
		if (!page->rc)
			page->rc = buf_append(page->out, text, plain);
		text += plain;
		if (!*text)
			return;
		if (*text == '\n')
			put(page, " ");
		else
			putf(page, "\\x%02x", (unsigned char)*text);
	}
}

/* Columns of text on a terminal: characters, not bytes. */
static size_t width(const char *text)
{
	size_t count = 0;

	for (; *text; text++)
		count += ((unsigned char)*text & 0xc0) != 0x80;
	return count;
}

static void put_blanks(struct page *page, size_t count)
{
	putf(page, "%*s", (int)count, "");
}

static const char *verdict_colour(enum run_verdict verdict)
{
	switch (verdict) {
	case RUN_PASSED:
		return "\033[32m";
	case RUN_FAILED:
		return "\033[31m";
	case RUN_INFRASTRUCTURE:
	case RUN_INCONCLUSIVE:
		return "\033[33m";
	case RUN_CANCELLED:
	case RUN_NONE:
		break;
	}
	return "\033[2m";
}

static void put_coloured(struct page *page, const char *colour, const char *text)
{
	if (page->colour)
		put(page, colour);
	put_words(page, text);
	if (page->colour)
		put(page, "\033[0m");
}

/* The word for how it ended, or for how it stands. */
static const char *outcome(enum run_verdict verdict, const char *state)
{
	return verdict == RUN_NONE ? state : run_verdict_name(verdict);
}

static void put_outcome(struct page *page, enum run_verdict verdict, enum cause cause, const char *state)
{
	put_coloured(page, verdict_colour(verdict), outcome(verdict, state));
	if (verdict != RUN_NONE && verdict != RUN_PASSED && verdict != RUN_CANCELLED)
		putf(page, " (%s)", cause_name(cause));
}

/* The table of runs. */
enum column {
	COLUMN_RUN,
	COLUMN_BOARD,
	COLUMN_TYPE,
	COLUMN_ATTEMPT,
	COLUMN_VERDICT,
	COLUMN_PASSED,
	COLUMN_FAILED,
	COLUMN_IGNORED,
	COLUMN_MISSING,
	COLUMN_CRASHED,
	COLUMN_ERROR,
	COLUMN_TIME,
	COLUMN_CAUSE,
	COLUMN_COUNT
};

static const struct {
	const char *head;
	bool right; /* aligned right, as numbers are */
} columns[COLUMN_COUNT] = {
	[COLUMN_RUN] = {"RUN", true},          [COLUMN_BOARD] = {"BOARD", false},
	[COLUMN_TYPE] = {"TYPE", false},       [COLUMN_ATTEMPT] = {"ATTEMPT", true},
	[COLUMN_VERDICT] = {"VERDICT", false}, [COLUMN_PASSED] = {"PASS", true},
	[COLUMN_FAILED] = {"FAIL", true},      [COLUMN_IGNORED] = {"IGNORED", true},
	[COLUMN_MISSING] = {"MISSING", true},  [COLUMN_CRASHED] = {"CRASHED", true},
	[COLUMN_ERROR] = {"ERROR", true},      [COLUMN_TIME] = {"TIME", true},
	[COLUMN_CAUSE] = {"CAUSE", false},
};

static void format_took(const struct report_run *run, char cell[CELL_MAX])
{
	if (run->started_at_us && run->finished_at_us >= run->started_at_us)
		when_duration(run->finished_at_us - run->started_at_us, cell, CELL_MAX);
	else
		snprintf(cell, CELL_MAX, "-");
}

static void format_number(int64_t number, char cell[CELL_MAX])
{
	snprintf(cell, CELL_MAX, "%" PRId64, number);
}

static void format_cell(const struct report_run *run, enum column column, char cell[CELL_MAX])
{
	const struct report_counts *counts = &run->counts;
	const int64_t numbers[COLUMN_COUNT] = {
		[COLUMN_RUN] = run->id,
		[COLUMN_ATTEMPT] = run->attempt,
		[COLUMN_PASSED] = counts->passed,
		[COLUMN_FAILED] = counts->failed,
		[COLUMN_IGNORED] = counts->ignored,
		[COLUMN_MISSING] = counts->missing,
		[COLUMN_CRASHED] = counts->crashed,
		[COLUMN_ERROR] = counts->error,
	};

	switch (column) {
	case COLUMN_BOARD:
		snprintf(cell, CELL_MAX, "%.70s", run->board[0] ? run->board : "-");
		break;
	case COLUMN_TYPE:
		snprintf(cell, CELL_MAX, "%.70s", run->board_type);
		break;
	case COLUMN_VERDICT:
		snprintf(cell, CELL_MAX, "%.70s", outcome(run->verdict, run->state));
		break;
	case COLUMN_TIME:
		format_took(run, cell);
		break;
	case COLUMN_CAUSE:
		snprintf(cell, CELL_MAX, "%s%s", run->verdict == RUN_NONE ? "" : cause_name(run->cause),
			 run->superseded ? ", repeated" : "");
		break;
	default:
		format_number(numbers[column], cell);
		break;
	}
}

static void put_cell(struct page *page, enum column column, const char *cell, const char *colour, size_t wide)
{
	size_t pad = wide - width(cell);
	bool last = column + 1 == COLUMN_COUNT;

	if (column > 0 && !(last && !cell[0]))
		put(page, "  ");
	if (columns[column].right)
		put_blanks(page, pad);
	if (colour)
		put_coloured(page, colour, cell);
	else
		put_words(page, cell);
	if (!columns[column].right && !last)
		put_blanks(page, pad);
	if (last)
		put(page, "\n");
}

static void put_table(struct page *page, const struct report *report)
{
	size_t wide[COLUMN_COUNT];
	char cell[CELL_MAX];

	for (enum column c = 0; c < COLUMN_COUNT; c++) {
		wide[c] = strlen(columns[c].head);
		for (size_t i = 0; i < report->run_count; i++) {
			format_cell(&report->runs[i], c, cell);
			if (width(cell) > wide[c])
				wide[c] = width(cell);
		}
	}
	for (enum column c = 0; c < COLUMN_COUNT; c++)
		put_cell(page, c, columns[c].head, page->colour ? "\033[1m" : NULL, wide[c]);
	for (size_t i = 0; i < report->run_count; i++) {
		const struct report_run *run = &report->runs[i];

		for (enum column c = 0; c < COLUMN_COUNT; c++) {
			format_cell(run, c, cell);
			put_cell(page, c, cell, c == COLUMN_VERDICT ? verdict_colour(run->verdict) : NULL, wide[c]);
		}
	}
}

/* "  label     words" of a run. */
static void put_line(struct page *page, const char *label, const char *words)
{
	if (!words[0])
		return;
	putf(page, "  %-9s", label);
	put_words(page, words);
	put(page, "\n");
}

static void put_image(struct page *page, const struct report_run *run)
{
	if (!run->image_name[0] && !run->image_sha256[0])
		return;
	put(page, "  image    ");
	put_words(page, run->image_name);
	if (run->image_sha256[0])
		putf(page, ", sha256 %s", run->image_sha256);
	if (run->image_build_id[0])
		putf(page, ", build id %s", run->image_build_id);
	put(page, "\n");
}

static void put_console(struct page *page, const struct report_run *run)
{
	if (run->verdict == RUN_NONE && !run->console_bytes)
		return;
	putf(page, "  console  %" PRId64 " bytes", run->console_bytes);
	if (run->console_dropped)
		putf(page, ", %" PRId64 " lost", run->console_dropped);
	if (run->console_sha256[0])
		putf(page, ", sha256 %s", run->console_sha256);
	put(page, "\n");
}

static bool case_is_quiet(const struct report_case *result)
{
	return result->verdict == CASE_PASS || (result->verdict == CASE_IGNORED && !result->required);
}

static const char *case_colour(enum case_verdict verdict)
{
	return verdict == CASE_IGNORED ? "\033[33m" : "\033[31m";
}

static size_t case_width(const struct report_case *result)
{
	return width(result->group) + (result->group[0] != '\0') + width(result->name);
}

static void put_case(struct page *page, const struct report_case *result, size_t wide)
{
	const char *word = case_verdict_name(result->verdict);

	put(page, "    ");
	put_coloured(page, case_colour(result->verdict), word);
	put_blanks(page, 9 - strlen(word));
	put_words(page, result->group);
	put(page, result->group[0] ? "." : "");
	put_words(page, result->name);
	put_blanks(page, wide - case_width(result));
	put(page, result->message[0] ? "  " : "");
	put_words(page, result->message);
	if (result->end > result->offset)
		putf(page, "  [console %" PRId64 "-%" PRId64 "]", result->offset, result->end);
	put(page, result->waived_ignore ? "  (allowed)\n" : result->required ? "\n" : "  (not required)\n");
}

static void put_cases(struct page *page, const struct report_run *run)
{
	size_t wide = 0, loud = 0;

	for (size_t i = 0; i < run->case_count; i++) {
		if (case_is_quiet(&run->cases[i]))
			continue;
		loud++;
		if (case_width(&run->cases[i]) > wide)
			wide = case_width(&run->cases[i]);
	}
	if (run->case_count)
		putf(page, "  cases    %zu in all", run->case_count);
	if (run->case_count && loud)
		putf(page, ", %zu to look at:", loud);
	if (run->case_count)
		put(page, "\n");
	for (size_t i = 0; i < run->case_count; i++) {
		if (!case_is_quiet(&run->cases[i]))
			put_case(page, &run->cases[i], wide);
	}
}

static void put_steps(struct page *page, const struct report_run *run)
{
	char took[WHEN_MAX];

	if (run->step_count)
		put(page, "  steps    ");
	for (size_t i = 0; i < run->step_count; i++) {
		const struct report_step *step = &run->steps[i];

		put_words(page, step->step);
		when_duration(step->took_us, took, sizeof took);
		putf(page, " %s%s", step->ended ? took : "(open)", i + 1 < run->step_count ? ", " : "\n");
	}
	for (size_t i = 0; i < run->step_count; i++) {
		const struct report_step *step = &run->steps[i];

		if (!step->ended || step->cause == CAUSE_NONE || step->cause == CAUSE_ALL_REQUIRED_SEEN)
			continue;
		put(page, "    ");
		put_words(page, step->step);
		putf(page, " ended with %s: ", cause_name(step->cause));
		put_words(page, step->text);
		put(page, "\n");
	}
}

static void put_run(struct page *page, const struct report_run *run)
{
	putf(page, "\nRun %" PRId64, run->id);
	if (run->board[0]) {
		put(page, " on ");
		put_words(page, run->board);
	}
	put(page, " (");
	put_words(page, run->board_type);
	putf(page, "), attempt %" PRId64 ": ", run->attempt);
	put_outcome(page, run->verdict, run->cause, run->state);
	put(page, run->superseded ? ", repeated\n" : "\n");
	put_line(page, "why", run->text);
	put_image(page, run);
	put_console(page, run);
	put_line(page, "core", run->core);
	put_cases(page, run);
	put_steps(page, run);
}

static void put_head(struct page *page, const struct report *report)
{
	char submitted[WHEN_MAX], took[WHEN_MAX];

	putf(page, "Job %" PRId64 " \"", report->id);
	put_words(page, report->name);
	put(page, "\": ");
	put_outcome(page, report->verdict, report->cause, report->state);
	put(page, "\n");
	put_line(page, "why", report->text);
	put_line(page, "suite", report->suite);
	when_words(report->submitted_at_us, submitted, sizeof submitted);
	putf(page, "  when     submitted %s", submitted);
	if (report->finished_at_us >= report->submitted_at_us && report->finished_at_us) {
		when_duration(report->finished_at_us - report->submitted_at_us, took, sizeof took);
		putf(page, ", finished %s later", took);
	}
	put(page, "\n\n");
}

int report_write_text(const struct report *report, bool colour, struct buf *out)
{
	struct page page = {.out = out, .colour = colour};

	put_head(&page, report);
	put_table(&page, report);
	for (size_t i = 0; i < report->run_count; i++)
		put_run(&page, &report->runs[i]);
	return page.rc;
}
