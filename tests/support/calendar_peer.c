/* SPDX-License-Identifier: Apache-2.0 */
/* Time zones and calendars for tests in other languages: a question a line on standard input, its fields with tabs
 * between them; an answer a line on standard output. Instants are whole seconds since 1970.
 *
 *   changes ZONE FROM UNTIL     the instants between at which a span ends
 *   at ZONE INSTANT             OFFSET DAYLIGHT ABBREVIATION
 *   local ZONE LOCAL            once|twice|never INSTANT
 *   next EXPRESSION AFTER N     the next N instants; one that was moved has a '!'
 *   window EXPRESSION AT        FROM UNTIL
 *
 * A zone, expression or window that is refused is answered with "refused: " and why. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/calendar/calendar.h"

#define ZONES_MAX  1000
#define FIELDS_MAX 4

static struct time_zone *zones[ZONES_MAX];
static size_t zone_count;

static const struct time_zone *find_zone(void *context, const char *name)
{
	static uint8_t bytes[TIME_ZONE_MAX_BYTES];
	char path[400];
	size_t len;
	FILE *file;

	for (size_t i = 0; i < zone_count; i++) {
		if (strcmp(time_zone_name(zones[i]), name) == 0)
			return zones[i];
	}
	snprintf(path, sizeof path, "%s/%s", (const char *)context, name);
	file = fopen(path, "rb");
	if (!file || zone_count == ZONES_MAX)
		return NULL;
	len = fread(bytes, 1, sizeof bytes, file);
	fclose(file);
	if (time_zone_read(name, bytes, len, &zones[zone_count], NULL))
		return NULL;
	return zones[zone_count++];
}

static void tell_changes(const struct time_zone *zone, int64_t from_s, int64_t until_s)
{
	struct time_zone_span span;

	for (;;) {
		time_zone_span_at(zone, from_s, &span);
		if (span.until_s >= until_s)
			return;
		printf("%" PRId64 " ", span.until_s);
		from_s = span.until_s;
	}
}

static void tell_at(const struct time_zone *zone, int64_t at_s)
{
	struct time_zone_span span;

	time_zone_span_at(zone, at_s, &span);
	printf("%" PRId32 " %d %s", span.offset_s, span.daylight_saving, span.abbreviation);
}

static void tell_local(const struct time_zone *zone, int64_t local_s)
{
	static const char *const names[] = {"once", "twice", "never"};
	int64_t at_s;
	enum local_time shown = time_zone_from_local(zone, local_s, &at_s);

	printf("%s %" PRId64, names[shown], at_s);
}

static void tell_next(const struct calendar *calendar, int64_t after_s, long count)
{
	struct calendar_instant instant = {after_s * 1000000, false};

	while (count-- > 0 && calendar_next(calendar, instant.at_us, &instant))
		printf("%" PRId64 "%s ", instant.at_us / 1000000, instant.moved ? "!" : "");
}

static void tell_window(const struct calendar_window *window, int64_t at_s)
{
	struct calendar_span span;

	if (calendar_window_at(window, at_s * 1000000, &span))
		printf("%" PRId64 " %" PRId64, span.from_us / 1000000, span.until_us / 1000000);
}

static void answer(const struct time_zones *source, char *const *field)
{
	struct doc_problems problems;
	struct calendar_window window;
	struct calendar calendar;
	const struct time_zone *zone = NULL;
	int64_t first = strtoll(field[2], NULL, 10), second = strtoll(field[3], NULL, 10);

	doc_problems_init(&problems, "");
	if (strcmp(field[0], "next") == 0) {
		if (calendar_parse(field[1], source, 1, "when", &calendar, &problems))
			tell_next(&calendar, first, (long)second);
	} else if (strcmp(field[0], "window") == 0) {
		if (calendar_window_parse(field[1], source, 1, "window", &window, &problems))
			tell_window(&window, first);
	} else {
		zone = time_zones_find(source, field[1]);
		if (!zone)
			doc_problem_add(&problems, 1, "zone", field[1], "a time zone");
	}
	if (problems.count)
		printf("refused: found %s, expected %s", problems.item[0].found, problems.item[0].expected);
	if (zone && strcmp(field[0], "changes") == 0)
		tell_changes(zone, first, second);
	else if (zone && strcmp(field[0], "at") == 0)
		tell_at(zone, first);
	else if (zone)
		tell_local(zone, first);
	putchar('\n');
}

int main(int argc, char **argv)
{
	struct time_zones source = {argc > 1 ? argv[1] : NULL, find_zone};
	char line[1000];

	if (argc != 2)
		return 2;
	while (fgets(line, sizeof line, stdin)) {
		char *field[FIELDS_MAX] = {"", "", "", ""}, *at = line;

		line[strcspn(line, "\n")] = '\0';
		for (size_t i = 0; i < FIELDS_MAX && at; i++)
			field[i] = strsep(&at, "\t");
		answer(&source, field);
	}
	while (zone_count)
		time_zone_destroy(zones[--zone_count]);
	return 0;
}
