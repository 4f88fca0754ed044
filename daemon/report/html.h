/* SPDX-License-Identifier: Apache-2.0 */
/* The page while it is written; private to it. Everything that came from outside goes through xml_text or
 * xml_attribute. */
#ifndef ASSAY_REPORT_HTML_H
#define ASSAY_REPORT_HTML_H

#include "daemon/report/report.h"
#include "daemon/report/xml.h"

#define HTML_DETAILS_MAX 200 /* cases of a report that are shown with console, history and charts */

struct html {
	struct xml xml;
	const struct report *report;
	const struct report_run *run; /* that is being written */
	size_t details;               /* cases that were shown with all that is known */
	size_t number;                /* of the row or case of the run */
};

extern const char html_css[];

/* The class that gives a thing its colour. */
const char *html_tone_of_run(enum run_verdict verdict, enum cause cause);
const char *html_tone_of_case(enum case_verdict verdict, enum case_standing standing);
/* How it ended, in words: "passed on retry". */
const char *html_words_of_run(enum run_verdict verdict, enum cause cause, const char *state);
void html_chip(struct html *html, const char *tone, const char *words);

/* html_run.c: a run's own section. */
int html_run(struct html *html, const struct report_run *run, struct err *err);
/* html_cases.c: of the run that is being written. */
int html_cases(struct html *html, struct err *err);
/* html_console.c: the console around a case, its deciding line marked. */
int html_excerpt(struct html *html, const struct report_case *told, struct err *err);
/* html_chart.c */
void html_bar(struct html *html, const struct report_tally *tally);
int html_timeline(struct html *html, struct err *err);
int html_measured(struct html *html, const struct report_case *result, const struct measurement *measured,
		  struct err *err);

#endif
