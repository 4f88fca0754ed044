/* SPDX-License-Identifier: Apache-2.0 */
/* Windows of the day: reading them, and when they are open. */
#include <ctype.h>
#include <string.h>

#include "core/base/civil.h"
#include "core/calendar/calendar_read.h"

#define LOOK_AHEAD_DAYS 366

/* HH:MM, with one digit or two for the hour; 24:00 is the end of the day. */
static bool read_clock(const char **at, int *ret_second)
{
	int hour = 0, minute = 0, digits = 0;

	for (; isdigit((unsigned char)**at) && digits < 2; digits++)
		hour = hour * 10 + (*(*at)++ - '0');
	if (!digits || *(*at)++ != ':')
		return false;
	for (digits = 0; isdigit((unsigned char)**at) && digits < 2; digits++)
		minute = minute * 10 + (*(*at)++ - '0');
	if (digits != 2 || minute > 59 || hour > 24 || (hour == 24 && minute))
		return false;
	*ret_second = hour * 3600 + minute * 60;
	return true;
}

static bool read_times(const struct calendar_reading *reading, const char *word, struct calendar_window *window)
{
	static const char expected[] = "two times of the day as 22:00-06:00";
	const char *at = word;

	if (!read_clock(&at, &window->from_s) || *at != '-')
		return calendar_refuse(reading, word, expected);
	at++;
	if (!read_clock(&at, &window->until_s) || *at || window->from_s == CIVIL_DAY_S)
		return calendar_refuse(reading, word, expected);
	if (window->from_s == window->until_s)
		return calendar_refuse(reading, word, "times that differ (no window at all is always open)");
	return true;
}

bool calendar_window_parse(const char *text, const struct time_zones *zones, int line, const char *field,
			   struct calendar_window *ret_window, struct doc_problems *problems)
{
	struct calendar_reading reading = {.zones = zones, .line = line, .field = field, .problems = problems};
	struct calendar_window window = {.weekdays = CALENDAR_EVERY_WEEKDAY};
	size_t i = 0;

	if (!calendar_reading_start(&reading, text) || !calendar_read_zone(&reading, &window.zone))
		return false;
	if (reading.count == 2 && !calendar_read_weekdays(&reading, reading.word[i++], &window.weekdays))
		return false;
	if (reading.count != i + 1)
		return calendar_refuse(&reading, text, "a window as \"Mon..Fri 22:00-06:00 Europe/Berlin\"");
	if (!read_times(&reading, reading.word[i], &window))
		return false;
	*ret_window = window;
	return true;
}

bool calendar_window_read(const struct doc_node *mapping, const char *key, bool required,
			  const struct time_zones *zones, struct calendar_window *ret_window,
			  struct doc_problems *problems)
{
	const struct doc_node *node = doc_get(mapping, key);
	const char *text;

	if (!doc_read_text(mapping, key, required, CALENDAR_TEXT_MAX - 1, &text, problems))
		return false;
	return calendar_window_parse(text, zones, node->line, node->path, ret_window, problems);
}

bool calendar_window_at(const struct calendar_window *window, int64_t at_us, struct calendar_span *ret_span)
{
	int64_t at_s = calendar_seconds(at_us), from_s, until_s, day;
	int second;

	/* One that opened on the day before may still be open; clocks are put back by a day at most. */
	day = civil_day_of(time_zone_to_local(window->zone, at_s), &second) - 2;
	for (int i = 0; i < LOOK_AHEAD_DAYS; i++, day++) {
		bool overnight = window->until_s <= window->from_s;

		if (!(window->weekdays >> civil_weekday(day) & 1))
			continue;
		time_zone_from_local(window->zone, day * CIVIL_DAY_S + window->from_s, &from_s);
		time_zone_from_local(window->zone, (day + overnight) * CIVIL_DAY_S + window->until_s, &until_s);
		if (from_s < until_s && at_s < until_s) {
			*ret_span = (struct calendar_span){from_s * CALENDAR_US, until_s * CALENDAR_US};
			return true;
		}
	}
	return false;
}
