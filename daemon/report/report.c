/* SPDX-License-Identifier: Apache-2.0 */
/* The formats of a report. */
#include "daemon/report/report.h"

#include <string.h>

struct format {
	const char *name, *content_type;
	int (*write)(const struct report *report, FILE *out, struct err *err);
};

static const struct format formats[] = {
#define X(name, text, type, write) {text, type, write},
	REPORT_FORMATS(X)
#undef X
};

static int write_job(const void *context, const struct job_reader *reader, int64_t run, FILE *out, struct err *err)
{
	const struct format *format = context;
	struct report *report;
	int rc = report_create(reader, run, &report, err);

	if (rc)
		return rc;
	rc = format->write(report, out, err);
	report_destroy(report);
	return rc;
}

int report_writer(const char *format, struct job_writer *ret_writer, struct err *err)
{
	for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++) {
		if (strcmp(formats[i].name, format) != 0)
			continue;
		*ret_writer = (struct job_writer){write_job, &formats[i], formats[i].content_type};
		return 0;
	}
	return err_set(err, ERR_INVALID,
		       "format: found \"%.40s\", expected one of text, json, junit, idt-device, idt-frq, html", format);
}
