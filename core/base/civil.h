/* SPDX-License-Identifier: Apache-2.0 */
/* Dates of the Gregorian calendar, also before it was in use, and their number as days since 1970-01-01. */
#ifndef ASSAY_BASE_CIVIL_H
#define ASSAY_BASE_CIVIL_H

#include <stdint.h>

#define CIVIL_DAY_S 86400

struct civil_date {
	int64_t year;
	int month; /* 1 to 12 */
	int day;   /* 1 to 31 */
};

/* Within a hundred thousand million years of 1970. */
int64_t civil_to_days(const struct civil_date *date);
void civil_from_days(int64_t days, struct civil_date *ret_date);

/* 0: Monday, to 6: Sunday. */
int civil_weekday(int64_t days);
int civil_days_in_month(int64_t year, int month);

/* Which day a second since 1970 is in, and the seconds since that day began. */
int64_t civil_day_of(int64_t seconds, int *ret_second_of_day);

#endif
