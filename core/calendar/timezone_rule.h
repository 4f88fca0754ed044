/* SPDX-License-Identifier: Apache-2.0 */
/* The rule for all times after the last change that a TZif file lists: the POSIX TZ text of its footer, with the
 * extensions of RFC 8536. Private to timezone*.c. */
#ifndef ASSAY_CALENDAR_TIMEZONE_RULE_H
#define ASSAY_CALENDAR_TIMEZONE_RULE_H

#include "core/calendar/timezone.h"

enum time_rule_kind {
	TIME_RULE_JULIAN,  /* Jn: the n-th day from 1 to 365; the 29th of February is never counted */
	TIME_RULE_ORDINAL, /* n: the n-th day from 0 to 365; it is counted */
	TIME_RULE_MONTH    /* Mm.w.d: the w-th (5: last) day d (0: Sunday) of month m */
};

/* A day of each year, and a time of it. */
struct time_rule_day {
	enum time_rule_kind kind;
	int day, month, week;
	int32_t time_s; /* -167 h to 167 h */
};

struct time_rule {
	struct time_zone_span standard, daylight; /* offset, kind and abbreviation only */
	bool has_daylight;
	struct time_rule_day start; /* in standard time */
	struct time_rule_day end;   /* in daylight saving time */
};

/* "CET-1CEST,M3.5.0,M10.5.0/3" */
bool time_rule_parse(const char *text, struct time_rule *ret_rule);

void time_rule_span_at(const struct time_rule *rule, int64_t at_s, struct time_zone_span *ret_span);

#endif
