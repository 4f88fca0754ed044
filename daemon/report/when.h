/* SPDX-License-Identifier: Apache-2.0 */
/* Times and durations in words; private to the reports. */
#ifndef ASSAY_REPORT_WHEN_H
#define ASSAY_REPORT_WHEN_H

#include <stddef.h>
#include <stdint.h>

#define WHEN_MAX 40

/* A unix time as "2026-11-22T14:50:02Z"; "" for 0. */
void when_iso(int64_t at_us, char *out, size_t size);
/* The same for people: "2026-11-22 14:50:02 UTC"; "-" for 0. */
void when_words(int64_t at_us, char *out, size_t size);
/* "850 us", "12 ms", "3.2 s", "4 min 05 s", "2 h 03 min". */
void when_duration(int64_t took_us, char *out, size_t size);

#endif
