/* SPDX-License-Identifier: Apache-2.0 */
/* Reports of a job: one model, built from the JSON of a job with its runs, written as text, JSON or JUnit XML. Pure: no
 * clock, no files. */
#ifndef ASSAY_REPORT_H
#define ASSAY_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/buf.h"
#include "core/base/err.h"
#include "core/base/json.h"
#include "core/farm/verdict.h"

#define REPORT_FORMATS(X)                                                                                              \
	X(TEXT, "text", "text/plain; charset=utf-8")                                                                   \
	X(JSON, "json", "application/json")                                                                            \
	X(JUNIT, "junit", "application/xml")

enum report_format {
#define X(name, text, type) REPORT_##name,
	REPORT_FORMATS(X)
#undef X
};

/* Strings are never NULL and live as long as the report. Times are unix microseconds, 0 when unknown. */

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
	bool required;
	bool waived_ignore;  /* ignored, and the suite allows it */
	int64_t offset, end; /* console bytes it rests on */
	int64_t begun_at_us, ended_at_us;
};

struct report_counts {
	int64_t passed, failed, ignored, missing, crashed, error;
};

struct report_run {
	int64_t id, index, attempt;
	bool superseded; /* a later attempt of the same index exists */
	const char *board, *board_type, *agent, *state, *text;
	enum run_verdict verdict; /* RUN_NONE while open */
	enum cause cause;
	const char *image_name, *image_sha256, *image_build_id;
	int64_t queued_at_us, started_at_us, finished_at_us;
	struct report_counts counts;
	struct report_step *steps;
	size_t step_count;
	struct report_case *cases;
	size_t case_count;
	int64_t console_bytes, console_dropped;
	const char *console_sha256;
	const char *core; /* post-mortem in words; "" when none */
};

struct report {
	json_t *root; /* holds the strings */
	int64_t id, priority;
	int64_t only_run; /* the run it was cut to; 0: the whole job */
	const char *name, *org, *suite, *state, *text;
	enum run_verdict verdict;
	enum cause cause;
	int64_t submitted_at_us, finished_at_us;
	struct report_run *runs; /* by index, then attempt */
	size_t run_count;
};

/* Builds the model from a job with its runs, their steps and cases (QUERY_REPORT), cut to one run when run_id is not 0.
 * Returns 0, ERR_INVALID with err naming the field that is wrong, ERR_NOT_FOUND (no such run in the job) or ERR_NOMEM.
 */
int report_create(const json_t *job, int64_t run_id, struct report **ret_report, struct err *err);
void report_destroy(struct report *report);

/* For a terminal or a file: a head, a table of runs with the reasons, then each run with what did not pass. */
int report_write_text(const struct report *report, bool colour, struct buf *out);
/* The model as one JSON object, indented. */
int report_write_json(const struct report *report, struct buf *out);
/* One testsuite a run, one testcase a case, and one more, "verdict", for the run itself: only that can tell a CI system
 * that a run without a single case went wrong. fail and missing are <failure>, crashed and error are <error>, ignored
 * is <skipped>; type and status carry Assay's own word. Attempts that were repeated are skipped. */
int report_write_junit(const struct report *report, struct buf *out);

/* False, leaving the output alone, when there is no such format. */
bool report_format_parse(const char *name, enum report_format *ret_format);
const char *report_content_type(enum report_format format);

/* All of it in one call, for the HTTP API: ERR_INVALID too when format is no known name. Text without colour. */
int report_render(const json_t *job, int64_t run_id, const char *format, struct buf *out, const char **ret_content_type,
		  struct err *err);

#endif
