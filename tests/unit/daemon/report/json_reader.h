/* SPDX-License-Identifier: Apache-2.0 */
/* A job out of one JSON value as a job_reader: as GET /api/v1/jobs/{id}, each run with its "steps" and "cases". What a
 * database has besides may stand in the job: "history": {"Group.case": [["image", passed], …]}, "values": {"name":
 * [[run, value, accepted], …]}, and in a run "console_text" and
 * "post_mortem". */
#ifndef ASSAY_TESTS_REPORT_JSON_READER_H
#define ASSAY_TESTS_REPORT_JSON_READER_H

#include "core/base/buf.h"
#include "core/farm/reader.h"

/* job is borrowed for the reader's life. */
struct job_reader json_reader(json_t *job);

/* Renders by format's name; what was written is put into out (a heap block with a NUL, free()). */
int json_reader_render(json_t *job, int64_t run, const char *format, char **ret_text, const char **ret_content_type,
		       struct err *err);

#endif
