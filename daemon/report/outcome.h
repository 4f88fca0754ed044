/* SPDX-License-Identifier: Apache-2.0 */
/* How the XML formats, which know four ends of a test, see Assay's; private to the reports. */
#ifndef ASSAY_REPORT_OUTCOME_H
#define ASSAY_REPORT_OUTCOME_H

#include "core/base/buf.h"
#include "daemon/report/report.h"
#include "daemon/report/xml.h"

enum outcome { OUTCOME_OK, OUTCOME_FAILURE, OUTCOME_ERROR, OUTCOME_SKIPPED };

struct outcome_tally {
	size_t tests, of[OUTCOME_SKIPPED + 1];
};

/* failure: it ran and did not pass (fail), or did not run though it was required (missing), or passed though it was
 * expected to fail. error: it could not be judged (crashed, error). skipped: ignored, or waived, or expected to fail:
 * never counted as passed, and nothing to stop a build for. */
enum outcome outcome_of(enum case_verdict verdict, enum case_standing standing);
/* Of the run itself. A cancelled one is an error: nothing is known of what was asked for. */
enum outcome outcome_of_run(const struct report_run *run);

void outcome_tally_cases(const struct report_tally *cases, struct outcome_tally *tally);
void outcome_tally_add(struct outcome_tally *tally, const struct outcome_tally *more);

/* The child that says why a test is not ok; nothing when it is. detail: "" for none. */
void outcome_write(struct xml *xml, enum outcome outcome, const char *type, const char *message, const char *detail);
/* The one of a case: message, and in the detail what it rests on. */
void outcome_write_case(struct xml *xml, const struct report_run *run, const struct report_case *result);

/* The one of the run itself: its reason, and the fault and backtrace when it left them. */
int outcome_write_run(struct xml *xml, const struct report *report, const struct report_run *run, const char *type,
		      const char *message, struct err *err);

/* ` time="1.500000"`; 0 when either is unknown. */
void outcome_write_seconds(struct xml *xml, int64_t from_us, int64_t to_us);

#endif
