/* SPDX-License-Identifier: Apache-2.0 */
/* Dates and day numbers. Years are counted from March, so that the leap day is the last day of a year, and in eras of
 * 400 years, which all have the same number of days. */
#include "core/base/civil.h"

#include <stdbool.h>

#define ERA_YEARS     400
#define ERA_DAYS      146097
#define ERA_1970_DAYS 719468 /* from 0000-03-01 to 1970-01-01 */

static int64_t floor_divide(int64_t value, int64_t by)
{
	return value / by - (value % by < 0);
}

static bool is_leap(int64_t year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

int64_t civil_to_days(const struct civil_date *date)
{
	int64_t year = date->month > 2 ? date->year : date->year - 1;
	int64_t era = floor_divide(year, ERA_YEARS), of_era = year - era * ERA_YEARS;
	int month = date->month > 2 ? date->month - 3 : date->month + 9;
	/* From March on the months have 31, 30, 31, 30, 31 days, again and again. */
	int64_t of_year = (153 * month + 2) / 5 + date->day - 1;

	return era * ERA_DAYS + of_era * 365 + of_era / 4 - of_era / 100 + of_year - ERA_1970_DAYS;
}

void civil_from_days(int64_t days, struct civil_date *ret_date)
{
	int64_t era = floor_divide(days + ERA_1970_DAYS, ERA_DAYS), day = days + ERA_1970_DAYS - era * ERA_DAYS;
	int64_t year = (day - day / 1460 + day / 36524 - day / 146096) / 365;
	int64_t of_year = day - (year * 365 + year / 4 - year / 100);
	int month = (int)((5 * of_year + 2) / 153);

	ret_date->day = (int)(of_year - (153 * month + 2) / 5) + 1;
	ret_date->month = month < 10 ? month + 3 : month - 9;
	ret_date->year = year + era * ERA_YEARS + (ret_date->month <= 2);
}

int civil_weekday(int64_t days)
{
	/* 1970-01-01 was a Thursday. */
	return (int)(days + 3 - floor_divide(days + 3, 7) * 7);
}

int civil_days_in_month(int64_t year, int month)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

	return days[month - 1] + (month == 2 && is_leap(year));
}

int64_t civil_day_of(int64_t seconds, int *ret_second_of_day)
{
	int64_t days = floor_divide(seconds, CIVIL_DAY_S);

	*ret_second_of_day = (int)(seconds - days * CIVIL_DAY_S);
	return days;
}
