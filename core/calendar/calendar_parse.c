/* SPDX-License-Identifier: Apache-2.0 */
/* Reading calendar expressions. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "core/base/civil.h"
#include "core/calendar/calendar_read.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* The numbers that a part may have, and what to say when it has others. */
struct part {
	int min, max;
	const char *expected;
};

/* Numbers from min of a part: bit n of word n / 64 stands for min + n. The widest part are the years. */
struct numbers {
	uint64_t bits[4];
};

static const struct part year_part = {CALENDAR_FIRST_YEAR, CALENDAR_LAST_YEAR, "years from 1970 to 2199, or *"};
static const struct part month_part = {1, 12, "months from 1 to 12, as *, 3, 1,7, 1..6 or 1/3"};
static const struct part day_part = {1, 31, "days from 1 to 31, as *, 1, 1,15, 1..7 or 1/10"};
static const struct part hour_part = {0, 23, "hours from 0 to 23, as *, 22, 6,18, 8..17 or 0/2"};
static const struct part minute_part = {0, 59, "minutes from 0 to 59, as *, 30, 0,30, 0..9 or 0/15"};
static const struct part second_part = {0, 59, "seconds from 0 to 59, as *, 30, 0,30, 0..9 or 0/15"};

static const struct {
	const char *word, *text;
} shorthands[] = {
	{"minutely", "*-*-* *:*:00"},
	{"hourly", "*-*-* *:00:00"},
	{"daily", "*-*-* 00:00:00"},
	{"weekly", "Mon *-*-* 00:00:00"},
	{"monthly", "*-*-01 00:00:00"},
	{"quarterly", "*-01,04,07,10-01 00:00:00"},
	{"semiannually", "*-01,07-01 00:00:00"},
	{"semi-annually", "*-01,07-01 00:00:00"},
	{"yearly", "*-01-01 00:00:00"},
	{"annually", "*-01-01 00:00:00"},
};

static bool read_number(const char **at, int *ret_value)
{
	int value = 0;

	if (!isdigit((unsigned char)**at))
		return false;
	for (; isdigit((unsigned char)**at); (*at)++) {
		value = value * 10 + (**at - '0');
		if (value > 9999)
			return false;
	}
	*ret_value = value;
	return true;
}

/* FROM, FROM/STEP, FROM..TO or FROM..TO/STEP */
static bool read_range(const struct part *part, const char **at, struct numbers *numbers)
{
	int from, to, step = 0;

	if (!read_number(at, &from))
		return false;
	to = from;
	if (strncmp(*at, "..", 2) == 0) {
		*at += 2;
		if (!read_number(at, &to) || to <= from)
			return false;
		step = 1;
	}
	if (**at == '/') {
		(*at)++;
		if (!step)
			to = part->max;
		if (!read_number(at, &step) || !step)
			return false;
	}
	if (from < part->min || to > part->max || from > part->max)
		return false;
	for (int value = from; value <= to; value += step ? step : 1)
		numbers->bits[(value - part->min) / 64] |= UINT64_C(1) << (value - part->min) % 64;
	return true;
}

/* A part up to end, which is not read; *at is moved there. */
static bool read_part(const struct calendar_reading *reading, const struct part *part, const char **at, char end,
		      struct numbers *ret_numbers)
{
	struct numbers numbers = {0};
	const char *start = *at;

	if (**at == '*') {
		(*at)++;
		for (int value = 0; value <= part->max - part->min; value++)
			numbers.bits[value / 64] |= UINT64_C(1) << value % 64;
	} else {
		do {
			if (!read_range(part, at, &numbers))
				return calendar_refuse(reading, start, part->expected);
		} while (**at == ',' && (*at)++);
	}
	if (**at != end)
		return calendar_refuse(reading, start, part->expected);
	*ret_numbers = numbers;
	return true;
}

/* [YEARS-]MONTHS-DAYS */
static bool read_date(const struct calendar_reading *reading, const char *word, struct calendar *calendar)
{
	struct numbers numbers;
	const char *at = word, *dash = strchr(word, '-');

	if (strchr(dash + 1, '-')) {
		if (!read_part(reading, &year_part, &at, '-', &numbers))
			return false;
		memcpy(calendar->years, numbers.bits, sizeof calendar->years);
		at++;
	}
	if (!read_part(reading, &month_part, &at, '-', &numbers))
		return false;
	calendar->months = (uint16_t)(numbers.bits[0] << 1);
	at++;
	if (!read_part(reading, &day_part, &at, '\0', &numbers))
		return false;
	calendar->days = (uint32_t)(numbers.bits[0] << 1);
	return true;
}

/* HOURS:MINUTES[:SECONDS] */
static bool read_time(const struct calendar_reading *reading, const char *word, struct calendar *calendar)
{
	struct numbers numbers;
	const char *at = word;
	bool seconds = strchr(strchr(word, ':') + 1, ':') != NULL;

	if (!read_part(reading, &hour_part, &at, ':', &numbers))
		return false;
	calendar->hours = (uint32_t)numbers.bits[0];
	at++;
	if (!read_part(reading, &minute_part, &at, seconds ? ':' : '\0', &numbers))
		return false;
	calendar->minutes = numbers.bits[0];
	if (!seconds)
		return true;
	at++;
	if (!read_part(reading, &second_part, &at, '\0', &numbers))
		return false;
	calendar->seconds = numbers.bits[0];
	return true;
}

/* Midnight of every day that there is; UTC. */
static void calendar_init(struct calendar *calendar)
{
	*calendar = (struct calendar){.weekdays = CALENDAR_EVERY_WEEKDAY,
				      .years = {UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX},
				      .months = 0x1ffe,
				      .days = 0xfffffffe,
				      .hours = 1,
				      .minutes = 1,
				      .seconds = 1,
				      .zone = time_zone_utc()};
}

static bool read_words(struct calendar_reading *reading, struct calendar *calendar)
{
	size_t i = 0;

	if (!calendar_read_zone(reading, &calendar->zone))
		return false;
	if (isalpha((unsigned char)reading->word[i][0])) {
		if (reading->count == 1 && !calendar_is_weekdays(reading->word[i]))
			return calendar_refuse(reading, reading->word[i],
					       "daily, weekly or another word for how often, or weekdays, a date and "
					       "a time as \"Mon..Fri 22:00\"");
		if (!calendar_read_weekdays(reading, reading->word[i++], &calendar->weekdays))
			return false;
	}
	if (i < reading->count && strchr(reading->word[i], '-')) {
		if (!read_date(reading, reading->word[i++], calendar))
			return false;
	}
	if (i < reading->count && strchr(reading->word[i], ':')) {
		if (!read_time(reading, reading->word[i++], calendar))
			return false;
	}
	if (i < reading->count)
		return calendar_refuse(reading, reading->word[i],
				       "weekdays, a date, a time and a time zone in this order, as "
				       "\"Mon..Fri 22:00 Europe/Berlin\"");
	return true;
}

/* Starts with what a shorthand stands for, or with the text itself. */
static bool expand(struct calendar_reading *reading, const char *text)
{
	const char *word = text + strspn(text, " ");
	size_t len = strcspn(word, " ");
	char longer[CALENDAR_TEXT_MAX + 32];

	for (size_t i = 0; i < COUNT(shorthands); i++) {
		if (strlen(shorthands[i].word) != len || strncmp(shorthands[i].word, word, len) != 0)
			continue;
		snprintf(longer, sizeof longer, "%s%s", shorthands[i].text, word + len);
		return calendar_reading_start(reading, longer);
	}
	return calendar_reading_start(reading, text);
}

bool calendar_parse(const char *text, const struct time_zones *zones, int line, const char *field,
		    struct calendar *ret_calendar, struct doc_problems *problems)
{
	struct calendar_reading reading = {.zones = zones, .line = line, .field = field, .problems = problems};
	struct calendar_instant first;
	struct calendar calendar;

	calendar_init(&calendar);
	if (!expand(&reading, text) || !read_words(&reading, &calendar))
		return false;
	/* From before the first year, in every zone. */
	if (!calendar_next(&calendar, -2 * CIVIL_DAY_S * CALENDAR_US, &first))
		return calendar_refuse(&reading, text, "a date that there is");
	*ret_calendar = calendar;
	return true;
}

bool calendar_read(const struct doc_node *mapping, const char *key, bool required, const struct time_zones *zones,
		   struct calendar *ret_calendar, struct doc_problems *problems)
{
	const struct doc_node *node = doc_get(mapping, key);
	const char *text;

	if (!doc_read_text(mapping, key, required, CALENDAR_TEXT_MAX - 1, &text, problems))
		return false;
	return calendar_parse(text, zones, node->line, node->path, ret_calendar, problems);
}
