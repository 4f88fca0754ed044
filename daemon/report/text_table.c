/* SPDX-License-Identifier: Apache-2.0 */
/* The table of runs in a text report. */
#include <inttypes.h>
#include <string.h>

#include "daemon/report/text_page.h"
#include "daemon/report/when.h"

#define CELL_MAX 80

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
	COLUMN_WAIVED,
	COLUMN_EXPECTED,
	COLUMN_TIME,
	COLUMN_CAUSE,
	COLUMN_COUNT
};

static const struct {
	const char *head;
	bool right; /* aligned right, as numbers are */
} columns[COLUMN_COUNT] = {
	[COLUMN_RUN] = {"RUN", true},           [COLUMN_BOARD] = {"BOARD", false},
	[COLUMN_TYPE] = {"TYPE", false},        [COLUMN_ATTEMPT] = {"ATTEMPT", true},
	[COLUMN_VERDICT] = {"VERDICT", false},  [COLUMN_PASSED] = {"PASS", true},
	[COLUMN_FAILED] = {"FAIL", true},       [COLUMN_IGNORED] = {"IGNORED", true},
	[COLUMN_MISSING] = {"MISSING", true},   [COLUMN_CRASHED] = {"CRASHED", true},
	[COLUMN_ERROR] = {"ERROR", true},       [COLUMN_WAIVED] = {"WAIVED", true},
	[COLUMN_EXPECTED] = {"EXPECTED", true}, [COLUMN_TIME] = {"TIME", true},
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
		[COLUMN_WAIVED] = counts->waived,
		[COLUMN_EXPECTED] = counts->expected,
	};

	switch (column) {
	case COLUMN_BOARD:
		snprintf(cell, CELL_MAX, "%.70s", run->board[0] ? run->board : "-");
		break;
	case COLUMN_TYPE:
		snprintf(cell, CELL_MAX, "%.70s", run->board_type);
		break;
	case COLUMN_VERDICT:
		snprintf(cell, CELL_MAX, "%.70s", page_outcome(run->verdict, run->state));
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

static void put_cell(struct page *page, enum column column, const char *cell, size_t wide)
{
	size_t pad = wide - page_width(cell);
	bool last = column + 1 == COLUMN_COUNT;

	if (column > 0 && !(last && !cell[0]))
		page_put(page, "  ");
	if (columns[column].right)
		page_blanks(page, pad);
	page_words(page, cell);
	if (!columns[column].right && !last)
		page_blanks(page, pad);
	if (last)
		page_put(page, "\n");
}

/* The columns that are mostly empty are there only when they are not. */
static bool is_shown(const struct report *report, enum column column)
{
	if (column != COLUMN_WAIVED && column != COLUMN_EXPECTED)
		return true;
	for (size_t i = 0; i < report->run_count; i++) {
		const struct report_counts *counts = &report->runs[i].counts;

		if (column == COLUMN_WAIVED ? counts->waived : counts->expected)
			return true;
	}
	return false;
}

static size_t column_width(const struct report *report, enum column column)
{
	size_t wide = strlen(columns[column].head);
	char cell[CELL_MAX];

	for (size_t i = 0; i < report->run_count; i++) {
		format_cell(&report->runs[i], column, cell);
		if (page_width(cell) > wide)
			wide = page_width(cell);
	}
	return wide;
}

void page_table(struct page *page)
{
	const struct report *report = page->report;
	size_t wide[COLUMN_COUNT];
	char cell[CELL_MAX];

	for (enum column c = 0; c < COLUMN_COUNT; c++)
		wide[c] = is_shown(report, c) ? column_width(report, c) : 0;
	for (enum column c = 0; c < COLUMN_COUNT; c++)
		if (wide[c])
			put_cell(page, c, columns[c].head, wide[c]);
	for (size_t i = 0; i < report->run_count; i++) {
		const struct report_run *run = &report->runs[i];

		for (enum column c = 0; c < COLUMN_COUNT; c++) {
			format_cell(run, c, cell);
			if (wide[c])
				put_cell(page, c, cell, wide[c]);
		}
	}
}
