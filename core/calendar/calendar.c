/* SPDX-License-Identifier: Apache-2.0 */
/* Which instant a calendar expression comes true at next.
 *
 * Local times are gone through in their order, and each stands for one instant (time_zone_from_local), never an earlier
 * one than the local time before it. So the first local time whose instant is late enough is the answer. */
#include "core/calendar/calendar.h"

#include "core/base/civil.h"
#include "core/calendar/calendar_read.h"

/* The first number from `from` on that is in the set, or -1. */
static int next_in(uint64_t set, int from)
{
	if (from > 63 || !(set >> from))
		return -1;
	return from + __builtin_ctzll(set >> from);
}

static bool year_in(const struct calendar *calendar, int64_t year)
{
	int64_t bit = year - CALENDAR_FIRST_YEAR;

	return bit >= 0 && calendar->years[bit / 64] >> bit % 64 & 1;
}

/* The first second of a day, from `from` on, that the expression names, or -1. */
static int next_second(const struct calendar *calendar, int from)
{
	int hour = from / 3600, minute = from / 60 % 60, second = next_in(calendar->seconds, from % 60);

	/* What is not found in the rest of a minute or an hour begins at the first of the next. */
	if (second < 0 || !(calendar->minutes >> minute & 1) || !(calendar->hours >> hour & 1)) {
		minute += second < 0;
		second = next_in(calendar->seconds, 0);
		minute = calendar->hours >> hour & 1 ? next_in(calendar->minutes, minute) : -1;
		hour += minute < 0;
		if (minute < 0)
			minute = next_in(calendar->minutes, 0);
		hour = next_in(calendar->hours, hour);
	}
	return hour < 0 ? -1 : hour * 3600 + minute * 60 + second;
}

static bool day_in(const struct calendar *calendar, const struct civil_date *date, int64_t days)
{
	return calendar->days >> date->day & 1 && calendar->weekdays >> civil_weekday(days) & 1;
}

/* The first local time from *local_s on that the expression names. */
static bool next_local(const struct calendar *calendar, int64_t *local_s)
{
	int from;
	int64_t days = civil_day_of(*local_s, &from);
	struct civil_date date;

	civil_from_days(days, &date);
	while (date.year <= CALENDAR_LAST_YEAR) {
		int second = -1;

		if (!year_in(calendar, date.year)) {
			date = (struct civil_date){date.year + 1, 1, 1};
			days = civil_to_days(&date);
			from = 0;
			continue;
		}
		if (calendar->months >> date.month & 1 && day_in(calendar, &date, days))
			second = next_second(calendar, from);
		if (second >= 0) {
			*local_s = days * CIVIL_DAY_S + second;
			return true;
		}
		civil_from_days(++days, &date);
		from = 0;
	}
	return false;
}

bool calendar_next(const struct calendar *calendar, int64_t after_us, struct calendar_instant *ret_instant)
{
	static const struct civil_date first = {CALENDAR_FIRST_YEAR, 1, 1};
	static const struct civil_date end = {CALENDAR_LAST_YEAR + 1, 1, 3};
	int64_t after_s = calendar_seconds(after_us), local_s, at_s;
	enum local_time shown;

	if (after_s >= civil_to_days(&end) * CIVIL_DAY_S)
		return false;
	if (after_s < (civil_to_days(&first) - 2) * CIVIL_DAY_S)
		after_s = (civil_to_days(&first) - 2) * CIVIL_DAY_S;
	/* Whatever clocks showed until then stands for an instant that is over. */
	local_s = time_zone_to_local(calendar->zone, after_s) + 1;
	for (; next_local(calendar, &local_s); local_s++) {
		shown = time_zone_from_local(calendar->zone, local_s, &at_s);
		if (at_s > after_s) {
			*ret_instant = (struct calendar_instant){at_s * CALENDAR_US, shown == LOCAL_NEVER};
			return true;
		}
	}
	return false;
}
