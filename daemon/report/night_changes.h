/* SPDX-License-Identifier: Apache-2.0 */
/* A part of a night's page: what changed since the night before. Private to the reports. */
#ifndef ASSAY_REPORT_NIGHT_CHANGES_H
#define ASSAY_REPORT_NIGHT_CHANGES_H

#include <stdint.h>

#include "core/base/json.h"
#include "daemon/report/xml.h"

/* Of a summary's object: "" or 0 when it is not there. */
const char *night_text_in(const json_t *object, const char *key);
int64_t night_int_in(const json_t *object, const char *key);
/* open and close as they are, text between them escaped. */
void night_element(struct xml *xml, const char *open, const char *text, const char *close);
/* The class that colours a kind of change. */
const char *night_tone(const char *kind);
/* "version 44 by ci" of what night_image_to_json wrote. */
void night_image(struct xml *xml, const json_t *image);
/* comparison: that of a summary. */
void night_changes(struct xml *xml, const json_t *comparison);

#endif
