/* SPDX-License-Identifier: Apache-2.0 */
/* Reading what calendar expressions and windows share: words, weekdays, time zones. */
#include "core/calendar/calendar_read.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

static const char *const weekdays[] = {"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"};

bool calendar_refuse(const struct calendar_reading *reading, const char *found, const char *expected)
{
	doc_problem_add(reading->problems, reading->line, reading->field, found, "%s", expected);
	return false;
}

bool calendar_reading_start(struct calendar_reading *reading, const char *text)
{
	size_t len = strlen(text);
	char *at = reading->text;

	reading->count = 0;
	if (len >= sizeof reading->text)
		return calendar_refuse(reading, "a text that is too long", "at most 199 bytes");
	memcpy(reading->text, text, len + 1);
	for (const char *c = text; *c; c++) {
		if ((unsigned char)*c < 0x20 || (unsigned char)*c > 0x7e)
			return calendar_refuse(reading, text, "letters, digits, blanks and signs of ASCII");
	}
	while (*(at += strspn(at, " "))) {
		char *end = at + strcspn(at, " ");

		if (reading->count == CALENDAR_MAX_WORDS)
			return calendar_refuse(reading, text, "weekdays, a date, a time and a time zone at most");
		reading->word[reading->count++] = at;
		if (!*end)
			break;
		*end = '\0';
		at = end + 1;
	}
	return reading->count ? true : calendar_refuse(reading, "an empty text", "when, as \"Mon..Fri 22:00 UTC\"");
}

/* The weekday that the len bytes name, in short or in full, or -1. */
static int find_weekday(const char *text, size_t len)
{
	for (int i = 0; i < 7; i++) {
		if ((len == 3 || len == strlen(weekdays[i])) && strncasecmp(text, weekdays[i], len) == 0)
			return i;
	}
	return -1;
}

bool calendar_is_weekdays(const char *word)
{
	size_t len = strspn(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");

	return find_weekday(word, len) >= 0 && (!word[len] || word[len] == ',' || word[len] == '.');
}

/* NAME or NAME..NAME */
static bool read_weekday_range(const char *text, size_t len, uint8_t *set)
{
	size_t first_len = strcspn(text, ".");
	int first, last;

	if (first_len > len)
		first_len = len;
	first = last = find_weekday(text, first_len);
	if (first_len < len) {
		if (strncmp(text + first_len, "..", 2) != 0 || len < first_len + 2)
			return false;
		last = find_weekday(text + first_len + 2, len - first_len - 2);
	}
	if (first < 0 || last < first)
		return false;
	for (int i = first; i <= last; i++)
		*set |= (uint8_t)(1 << i);
	return true;
}

bool calendar_read_weekdays(const struct calendar_reading *reading, const char *word, uint8_t *ret_weekdays)
{
	uint8_t set = 0;

	for (const char *at = word;; at++) {
		size_t len = strcspn(at, ",");

		if (!read_weekday_range(at, len, &set))
			return calendar_refuse(reading, word,
					       "weekdays as \"Mon..Fri\" or \"Sat,Sun\", the earlier of a range first");
		at += len;
		if (!*at)
			break;
	}
	*ret_weekdays = set;
	return true;
}

bool calendar_read_zone(struct calendar_reading *reading, const struct time_zone **ret_zone)
{
	const char *last = reading->word[reading->count - 1];

	*ret_zone = time_zone_utc();
	if (reading->count == 1 || !isalpha((unsigned char)last[0]))
		return true;
	*ret_zone = time_zones_find(reading->zones, last);
	if (!*ret_zone)
		return calendar_refuse(reading, last, "a time zone as \"Europe/Berlin\" or \"UTC\"");
	reading->count--;
	return true;
}

int64_t calendar_seconds(int64_t at_us)
{
	return at_us / CALENDAR_US - (at_us % CALENDAR_US < 0);
}
