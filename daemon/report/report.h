/* SPDX-License-Identifier: Apache-2.0 */
/* Reports of a job. One model, read through a job_reader, and writers that stream it: whatever the number of cases,
 * memory holds the job, its runs (SPEC_MAX_RUNS and their attempts) and one case at a time. Pure: no clock, no files
 * but the stream that is written to. What each format makes of what is in docs/reports.md. */
#ifndef ASSAY_REPORT_H
#define ASSAY_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "core/base/err.h"
#include "core/base/json.h"
#include "core/farm/reader.h"
#include "core/verdict/measure.h"
#include "core/verdict/verdict.h"

struct report;

/* Name in the API, content type, what writes it. */
#define REPORT_FORMATS(X)                                                                                              \
	X(TEXT, "text", "text/plain; charset=utf-8", report_write_text)                                                \
	X(JSON, "json", "application/json", report_write_json)                                                         \
	X(JUNIT, "junit", "application/xml", report_write_junit)                                                       \
	X(IDT_DEVICE, "idt-device", "application/xml", report_write_idt_device)                                        \
	X(IDT_FRQ, "idt-frq", "application/xml", report_write_idt_frq)                                                 \
	X(HTML, "html", "text/html; charset=utf-8", report_write_html)

enum report_format {
#define X(name, text, type, write) REPORT_##name,
	REPORT_FORMATS(X)
#undef X
};

#define REPORT_MEASURES_MAX 64 /* of one case; those after them are left out */

/* Strings are never NULL. Those of the job and of runs live as long as the report, those of steps and cases as long as
 * the call that they come with. Times are unix microseconds, 0 when unknown. */

struct report_step {
	const char *step;
	bool back; /* an undo, on the way back */
	enum cause cause;
	const char *text;
	bool ended;
	int64_t begun_at_us, took_us;
};

struct report_case {
	const char *group, *name, *message;
	enum case_verdict verdict;
	enum case_standing standing;
	enum case_category category;
	int64_t waiver; /* 0: none */
	bool required;
	bool waived_ignore;  /* ignored, and the suite allows it */
	int64_t offset, end; /* console bytes it rests on */
	int64_t begun_at_us, ended_at_us;
	const struct measurement *measured;
	size_t measured_count;
};

/* How many cases have which verdict and stand how; counted from the cases themselves, so that no head of a report
 * disagrees with its body. */
struct report_tally {
	size_t of[CASE_ERROR + 1][STANDING_OPTIONAL + 1];
};

struct report_counts {
	int64_t passed, failed, ignored, missing, crashed, error, waived, expected;
};

struct report_run {
	int64_t id, index, attempt;
	int64_t attempts;     /* of its index, so far */
	bool superseded;      /* a later attempt of the same index exists */
	bool passed_on_retry; /* the last attempt, passed, and not the first */
	const char *board, *board_type, *agent, *state, *text;
	enum run_verdict verdict; /* RUN_NONE while open */
	enum cause cause;
	const char *image_name, *image_sha256, *image_build_id;
	int64_t queued_at_us, started_at_us, finished_at_us;
	struct report_counts counts; /* as its agent told */
	struct report_tally tally;
	size_t case_count, measured_count;
	int64_t console_bytes, console_dropped;
	const char *console_sha256;
	const char *core; /* post-mortem in words; "" when none */
};

struct report {
	const struct job_reader *reader; /* borrowed */
	json_t *root;                    /* holds the strings */
	int64_t id, priority, retries;
	int64_t only_run; /* the run it was cut to; 0: the whole job */
	const char *name, *org, *owner, *suite, *state, *text;
	enum run_verdict verdict;
	enum cause cause;
	int64_t submitted_at_us, finished_at_us;
	struct report_run *runs; /* by index, then attempt */
	size_t run_count;
};

/* Reads the job and counts its cases; cut to one run when run_id is not 0. The reader must outlive the report. Returns
 * 0, what the reader returned, ERR_INVALID with err naming the field that is wrong, ERR_NOT_FOUND (no such run in the
 * job) or ERR_NOMEM. */
int report_create(const struct job_reader *reader, int64_t run_id, struct report **ret_report, struct err *err);
void report_destroy(struct report *report);

/* Walk a run's steps and cases. What the callback returns but 0 ends the walk and is returned. */
typedef int (*report_step_fn)(void *context, const struct report_step *step, struct err *err);
typedef int (*report_case_fn)(void *context, const struct report_case *result, struct err *err);
int report_each_step(const struct report *report, const struct report_run *run, report_step_fn on_step, void *context,
		     struct err *err);
int report_each_case(const struct report *report, const struct report_run *run, report_case_fn on_case, void *context,
		     struct err *err);

/* The decoded fault and backtrace, as text; NULL when the run left none. A heap block, the caller's. */
int report_post_mortem(const struct report *report, const struct report_run *run, char **ret_text, struct err *err);

/* "Group.Case, …": the required cases that a run never came to, when it was cancelled or the farm is to blame; NULL
 * when there are none. A heap block, the caller's. */
int report_not_run(const struct report *report, const struct report_run *run, char **ret_text, struct err *err);

/* The parameters that stood in what was asked of the run: an object of strings, empty when there are none. The caller
 * owns it. */
int report_parameters(const struct report *report, const struct report_run *run, json_t **ret_parameters,
		      struct err *err);
/* The same as "name value, …"; NULL when there are none. A heap block, the caller's. */
int report_parameters_text(const struct report *report, const struct report_run *run, char **ret_text, struct err *err);

/* Adds up. */
size_t report_tally_of(const struct report_tally *tally, enum case_verdict verdict);
void report_tally_add(struct report_tally *tally, const struct report_tally *more);

/* Whether somebody should look at it: neither a pass nor something that was allowed. */
bool report_case_is_loud(const struct report_case *result);
/* Whether the run has a word to say about the job: not superseded. */
#define report_run_counts(run) (!(run)->superseded)

/* For a terminal or a file: a head, a table of runs with the reasons, then each run with what did not pass. */
int report_write_text(const struct report *report, FILE *out, struct err *err);
/* schema/json/report.schema.json */
int report_write_json(const struct report *report, FILE *out, struct err *err);
/* One testsuite a run, one testcase a case, and one more, "verdict", for the run itself: only that can tell a CI system
 * that a run without a single case went wrong. */
int report_write_junit(const struct report *report, FILE *out, struct err *err);
/* The two files of the AWS IoT Device Tester: awsiotdevicetester_report.xml and FRQ_Report.xml. */
int report_write_idt_device(const struct report *report, FILE *out, struct err *err);
int report_write_idt_frq(const struct report *report, FILE *out, struct err *err);
/* One page that needs nothing else: no script, no address. */
int report_write_html(const struct report *report, FILE *out, struct err *err);

/* The writer for a format's name; ERR_INVALID with err naming those there are. */
int report_writer(const char *format, struct job_writer *ret_writer, struct err *err);

#endif
