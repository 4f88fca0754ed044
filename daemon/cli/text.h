/* SPDX-License-Identifier: Apache-2.0 */
/* Text for a terminal: made harmless, measured in columns, cut, and times in a person's words. */
#ifndef ASSAY_CLI_TEXT_H
#define ASSAY_CLI_TEXT_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "core/base/buf.h"

/* Appends text with everything a terminal might obey (control characters, invalid UTF-8) made visible or replaced.
 * Newlines and tabs become a space. Returns 0, ERR_TOO_BIG or ERR_NOMEM. */
int text_append_clean(struct buf *out, const char *text);

/* Columns that harmless UTF-8 text takes. */
size_t text_columns(const char *text);

/* Appends at most columns of harmless text; what does not fit is replaced by a final "…". */
int text_append_cut(struct buf *out, const char *text, size_t columns);

/* "640 ms", "3.2 s", "2:05 min", "1:02:05 h"; "" for less than nothing. */
const char *text_duration(int64_t took_us, char *scratch, size_t size);

/* A unix time in µs as local "14:03:59", or with its date when that is not today; "" for 0. */
const char *text_time(int64_t at_us, int64_t now_us, char *scratch, size_t size);

/* "3 s ago", "5 min ago", "2 h ago", "3 days ago"; "" for 0. */
const char *text_ago(int64_t at_us, int64_t now_us, char *scratch, size_t size);

/* "812 B", "14.2 KiB", "1.5 MiB". */
const char *text_bytes(uint64_t bytes, char *scratch, size_t size);

/* Wall clock, unix µs. */
int64_t text_now_us(void);

#endif
