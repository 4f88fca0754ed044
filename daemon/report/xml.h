/* SPDX-License-Identifier: Apache-2.0 */
/* Writing XML 1.0 of any text; private to the reports. */
#ifndef ASSAY_REPORT_XML_H
#define ASSAY_REPORT_XML_H

#include <stdio.h>

/* Where it goes; the stream keeps its errors. */
struct xml {
	FILE *out;
};

/* Markup of ours, as it stands. */
void xml_raw(struct xml *xml, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* ` name="value"`, escaped. */
void xml_attribute(struct xml *xml, const char *name, const char *value);
/* Character data, escaped. What XML cannot hold (control characters, U+FFFE, U+FFFF) is written as \xNN or \uNNNN. */
void xml_text(struct xml *xml, const char *text);

#endif
