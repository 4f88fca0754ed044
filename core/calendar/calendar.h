/* SPDX-License-Identifier: Apache-2.0 */
/* When a schedule is due: calendar expressions and windows of the day, in a time zone. Pure; times are microseconds
 * since 1970.
 *
 * An expression is written as systemd.time(7) writes calendar events, of which this is a part:
 *
 *   [WEEKDAYS] [[YEARS-]MONTHS-DAYS] [HOURS:MINUTES[:SECONDS]] [ZONE]
 *   minutely | hourly | daily | weekly | monthly | quarterly | semiannually | yearly | annually  [ZONE]
 *
 *   Mon..Fri 22:00 Europe/Berlin      Sat,Sun *-*-* 04:00      *-01/3-01 03:30      *-*-* *:0/15      weekly
 *
 * Weekdays are names, in short or in full, in lists (,) and ranges (..). Of each number there may be *, lists, ranges
 * and steps (FROM/STEP, FROM..TO/STEP). What is left out is every weekday, *-*-*, 00:00:00 and UTC.
 *
 * Where clocks are put forward over a time it is due at the instant they are put forward (systemd leaves it out); where
 * they are put back and show it twice it is due the first time only. */
#ifndef ASSAY_CALENDAR_CALENDAR_H
#define ASSAY_CALENDAR_CALENDAR_H

#include "core/base/doc.h"
#include "core/calendar/timezone.h"

#define CALENDAR_TEXT_MAX   200 /* with the NUL */
#define CALENDAR_FIRST_YEAR 1970
#define CALENDAR_LAST_YEAR  2199

/* Sets of numbers: bit n stands for n. */
struct calendar {
	uint8_t weekdays;  /* bit 0: Monday */
	uint64_t years[4]; /* bit n: CALENDAR_FIRST_YEAR + n */
	uint16_t months;
	uint32_t days;
	uint32_t hours;
	uint64_t minutes;
	uint64_t seconds;
	const struct time_zone *zone; /* of the caller's zones */
};

struct calendar_instant {
	int64_t at_us;
	bool moved; /* no clock showed the time; this is the next instant that there was */
};

/* Reads an expression that comes true at least once. What is wrong goes to problems under line and field; *ret_calendar
 * is untouched then. */
bool calendar_parse(const char *text, const struct time_zones *zones, int line, const char *field,
		    struct calendar *ret_calendar, struct doc_problems *problems);
/* As doc_read_text: the expression under key. */
bool calendar_read(const struct doc_node *mapping, const char *key, bool required, const struct time_zones *zones,
		   struct calendar *ret_calendar, struct doc_problems *problems);

/* The first instant after after_us; false when there is none until the end of CALENDAR_LAST_YEAR. */
bool calendar_next(const struct calendar *calendar, int64_t after_us, struct calendar_instant *ret_instant);

/* [WEEKDAYS] HH:MM-HH:MM [ZONE]: from the first time until the second, on the same day or, when that is not later, on
 * the day after; weekdays are those on which it opens. Its times are moved as those of an expression are. */
struct calendar_window {
	uint8_t weekdays;
	int from_s, until_s; /* of the day; until_s <= from_s: of the day after */
	const struct time_zone *zone;
};

struct calendar_span {
	int64_t from_us;
	int64_t until_us; /* no longer open */
};

bool calendar_window_parse(const char *text, const struct time_zones *zones, int line, const char *field,
			   struct calendar_window *ret_window, struct doc_problems *problems);
bool calendar_window_read(const struct doc_node *mapping, const char *key, bool required,
			  const struct time_zones *zones, struct calendar_window *ret_window,
			  struct doc_problems *problems);

/* The span in which the window is open at at_us, or else the next one (from_us > at_us). A window that opens and closes
 * while clocks are put forward over both is not open on that day. False when there is none within a year. */
bool calendar_window_at(const struct calendar_window *window, int64_t at_us, struct calendar_span *ret_span);

#endif
