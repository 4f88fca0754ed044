/* SPDX-License-Identifier: Apache-2.0 */
/* POSIX TZ rules: reading them, and which offset is in force at an instant. */
#include "core/calendar/timezone_rule.h"

#include <ctype.h>
#include <string.h>

#include "core/base/civil.h"

#define OFFSET_MAX_HOURS 24
#define TIME_MAX_HOURS   167

/* Three letters or more, or in angle brackets letters, digits and signs. */
static bool parse_abbreviation(const char **text, char *target)
{
	bool bracketed = **text == '<';
	const char *start = *text + bracketed, *end = start;
	size_t len;

	while (bracketed ? isalnum((unsigned char)*end) || *end == '+' || *end == '-' : isalpha((unsigned char)*end))
		end++;
	len = (size_t)(end - start);
	if (len < 3 || len >= TIME_ZONE_ABBREV_MAX || (bracketed && *end != '>'))
		return false;
	memcpy(target, start, len);
	target[len] = '\0';
	*text = end + bracketed;
	return true;
}

static bool parse_number(const char **text, int max, int *ret_value)
{
	int value = 0;

	if (!isdigit((unsigned char)**text))
		return false;
	for (; isdigit((unsigned char)**text); (*text)++) {
		value = value * 10 + (**text - '0');
		if (value > max)
			return false;
	}
	*ret_value = value;
	return true;
}

/* [+-]hh[:mm[:ss]] */
static bool parse_time(const char **text, int max_hours, int32_t *ret_seconds)
{
	int sign = **text == '-' ? -1 : 1, hours, minutes = 0, seconds = 0;

	if (**text == '-' || **text == '+')
		(*text)++;
	if (!parse_number(text, max_hours, &hours))
		return false;
	if (**text == ':') {
		(*text)++;
		if (!parse_number(text, 59, &minutes))
			return false;
		if (**text == ':') {
			(*text)++;
			if (!parse_number(text, 59, &seconds))
				return false;
		}
	}
	*ret_seconds = sign * (hours * 3600 + minutes * 60 + seconds);
	return true;
}

/* m.w.d */
static bool parse_month_day(const char **text, struct time_rule_day *day)
{
	day->kind = TIME_RULE_MONTH;
	if (!parse_number(text, 12, &day->month) || !day->month || *(*text)++ != '.')
		return false;
	if (!parse_number(text, 5, &day->week) || !day->week || *(*text)++ != '.')
		return false;
	return parse_number(text, 6, &day->day);
}

static bool parse_day(const char **text, struct time_rule_day *ret_day)
{
	struct time_rule_day day = {.kind = TIME_RULE_ORDINAL, .time_s = 2 * 3600};

	if (**text == 'M') {
		(*text)++;
		if (!parse_month_day(text, &day))
			return false;
	} else {
		if (**text == 'J') {
			day.kind = TIME_RULE_JULIAN;
			(*text)++;
		}
		if (!parse_number(text, 365, &day.day) || (day.kind == TIME_RULE_JULIAN && !day.day))
			return false;
	}
	if (**text == '/') {
		(*text)++;
		if (!parse_time(text, TIME_MAX_HOURS, &day.time_s))
			return false;
	}
	*ret_day = day;
	return true;
}

/* The name and offset of the time in summer, and the two days. */
static bool parse_daylight(const char **text, struct time_rule *rule)
{
	int32_t offset_s;

	rule->has_daylight = true;
	rule->daylight.daylight_saving = true;
	rule->daylight.offset_s = rule->standard.offset_s + 3600;
	if (!parse_abbreviation(text, rule->daylight.abbreviation))
		return false;
	if (**text && **text != ',') {
		if (!parse_time(text, OFFSET_MAX_HOURS, &offset_s))
			return false;
		rule->daylight.offset_s = -offset_s;
	}
	if (*(*text)++ != ',' || !parse_day(text, &rule->start))
		return false;
	return *(*text)++ == ',' && parse_day(text, &rule->end);
}

bool time_rule_parse(const char *text, struct time_rule *ret_rule)
{
	struct time_rule rule = {0};
	int32_t offset_s;

	if (!parse_abbreviation(&text, rule.standard.abbreviation))
		return false;
	/* POSIX counts westward. */
	if (!parse_time(&text, OFFSET_MAX_HOURS, &offset_s))
		return false;
	rule.standard.offset_s = -offset_s;
	if (*text && !parse_daylight(&text, &rule))
		return false;
	if (*text)
		return false;
	*ret_rule = rule;
	return true;
}

/* The day's number in a year, as days since 1970. */
static int64_t day_in_year(const struct time_rule_day *rule, int64_t year)
{
	struct civil_date date = {year, 1, 1};
	int64_t first = civil_to_days(&date);
	int weekday;

	if (rule->kind == TIME_RULE_ORDINAL)
		return first + rule->day;
	if (rule->kind == TIME_RULE_JULIAN)
		return first + rule->day - 1 + (rule->day >= 60 && civil_days_in_month(year, 2) == 29);
	date.month = rule->month;
	first = civil_to_days(&date);
	weekday = (civil_weekday(first) + 1) % 7; /* from Sunday, as the rule has it */
	date.day = 1 + (rule->day - weekday + 7) % 7 + (rule->week - 1) * 7;
	while (date.day > civil_days_in_month(year, rule->month))
		date.day -= 7;
	return first + date.day - 1;
}

static int64_t start_of(const struct time_rule *rule, int64_t year)
{
	return day_in_year(&rule->start, year) * CIVIL_DAY_S + rule->start.time_s - rule->standard.offset_s;
}

static int64_t end_of(const struct time_rule *rule, int64_t year)
{
	return day_in_year(&rule->end, year) * CIVIL_DAY_S + rule->end.time_s - rule->daylight.offset_s;
}

void time_rule_span_at(const struct time_rule *rule, int64_t at_s, struct time_zone_span *ret_span)
{
	struct civil_date date;
	int64_t last_end = INT64_MIN;
	int second;

	*ret_span = rule->standard;
	ret_span->from_s = INT64_MIN;
	ret_span->until_s = INT64_MAX;
	if (!rule->has_daylight)
		return;
	civil_from_days(civil_day_of(at_s + rule->standard.offset_s, &second), &date);
	/* Summers from one that is over at that instant, to one that begins after it. In the south they end in the year
	 * after; where it is summer all year they meet. */
	for (int64_t year = date.year - 3; year <= date.year + 2; year++) {
		int64_t start = start_of(rule, year), end = end_of(rule, year);

		if (end <= start)
			end = end_of(rule, year + 1);
		if (at_s >= start && at_s < end) {
			*ret_span = rule->daylight;
			ret_span->from_s = start;
			ret_span->until_s = end;
			return;
		}
		if (at_s < start) {
			ret_span->from_s = last_end;
			ret_span->until_s = start;
			return;
		}
		last_end = end;
	}
}
