/* SPDX-License-Identifier: Apache-2.0 */
/* The text report while it is written; private to it. */
#ifndef ASSAY_REPORT_TEXT_PAGE_H
#define ASSAY_REPORT_TEXT_PAGE_H

#include "daemon/report/report.h"

/* Where the text goes, and what is being written. */
struct page {
	FILE *out;
	const struct report *report;
	const struct report_run *run;
	size_t wide; /* of the names of the run's cases that are shown */
	size_t loud, steps;
};

void page_put(struct page *page, const char *text);
#define page_putf(page, ...) ((void)fprintf((page)->out, __VA_ARGS__))
/* Words from boards and tools: what could move the cursor of a terminal is shown, not sent. */
void page_words(struct page *page, const char *text);
void page_blanks(struct page *page, size_t count);
/* Columns of text on a terminal: characters, not bytes. */
size_t page_width(const char *text);
/* The word for how it ended, or for how it stands. */
const char *page_outcome(enum run_verdict verdict, const char *state);

/* text_table.c: the table of runs. */
void page_table(struct page *page);

#endif
