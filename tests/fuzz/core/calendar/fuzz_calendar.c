/* SPDX-License-Identifier: Apache-2.0 */
/* Any text as a calendar expression and as a window: refused with a problem, or taken, and then instants go up and
 * windows open before they close. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/calendar/calendar.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require_that(int good)
{
	if (!good)
		abort();
}

static void try_calendar(const char *text)
{
	struct calendar_instant instant = {1774000000000000, false};
	struct doc_problems problems;
	struct calendar calendar;

	doc_problems_init(&problems, "");
	if (!calendar_parse(text, NULL, 1, "when", &calendar, &problems)) {
		require_that(problems.count > 0);
		return;
	}
	for (int i = 0; i < 20; i++) {
		int64_t before_us = instant.at_us;

		if (!calendar_next(&calendar, before_us, &instant))
			return;
		require_that(instant.at_us > before_us && instant.at_us % 1000000 == 0 && !instant.moved);
	}
}

static void try_window(const char *text)
{
	struct doc_problems problems;
	struct calendar_window window;
	struct calendar_span span;
	int64_t at_us = 1774000000000000;

	doc_problems_init(&problems, "");
	if (!calendar_window_parse(text, NULL, 1, "window", &window, &problems)) {
		require_that(problems.count > 0);
		return;
	}
	for (int i = 0; i < 20; i++) {
		require_that(calendar_window_at(&window, at_us, &span));
		require_that(span.from_us < span.until_us && span.until_us > at_us);
		at_us = span.until_us;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char text[CALENDAR_TEXT_MAX + 100];

	if (size >= sizeof text)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	try_calendar(text);
	try_window(text);
	return 0;
}
