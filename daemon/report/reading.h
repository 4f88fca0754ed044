/* SPDX-License-Identifier: Apache-2.0 */
/* Reading one JSON object field by field, where the first error stays; private to the reports. */
#ifndef ASSAY_REPORT_READING_H
#define ASSAY_REPORT_READING_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/err.h"
#include "core/base/json.h"
#include "core/verdict/verdict.h"

struct reading {
	const json_t *object; /* borrowed */
	struct err *err;
	int rc;
};

/* Absent: "", 0, false, NULL. */
const char *reading_text(struct reading *reading, const char *key);
int64_t reading_int(struct reading *reading, const char *key, bool required);
bool reading_bool(struct reading *reading, const char *key);
const json_t *reading_list(struct reading *reading, const char *key);
/* The object under key as a reading of its own; reading_join takes its error back. */
struct reading reading_child(struct reading *reading, const char *key);
void reading_join(struct reading *reading, const struct reading *child);

enum run_verdict reading_run_verdict(struct reading *reading);
enum cause reading_cause(struct reading *reading);
/* Says that the word under key is not known. */
void reading_refuse(struct reading *reading, const char *key, const char *word);

#endif
