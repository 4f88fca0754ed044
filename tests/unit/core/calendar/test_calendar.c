/* SPDX-License-Identifier: Apache-2.0 */
/* Calendar expressions and windows in UTC, and the words with which wrong ones are refused. Time zones, and how systemd
 * has it, are in tests/system/calendar. */
#include "core/calendar/calendar.h"

#include <string.h>

#include "core/base/civil.h"
#include "tests/unit/core/base/cmocka_all.h"

#define US INT64_C(1000000)

static int64_t at(int64_t year, int month, int day, int hour, int minute)
{
	struct civil_date date = {year, month, day};

	return (civil_to_days(&date) * CIVIL_DAY_S + hour * 3600 + minute * 60) * US;
}

static struct calendar parsed(const char *text)
{
	struct doc_problems problems;
	struct calendar calendar;

	doc_problems_init(&problems, "");
	if (!calendar_parse(text, NULL, 1, "when", &calendar, &problems))
		fail_msg("%s: found %s, expected %s", text, problems.item[0].found, problems.item[0].expected);
	return calendar;
}

static void expect_next(const char *text, int64_t after_us, int64_t expected_us)
{
	struct calendar calendar = parsed(text);
	struct calendar_instant instant;

	assert_true(calendar_next(&calendar, after_us, &instant));
	assert_int_equal(instant.at_us, expected_us);
	assert_false(instant.moved);
}

static void test_next(void **state)
{
	(void)state;
	expect_next("22:00", at(2026, 11, 22, 21, 59), at(2026, 11, 22, 22, 0));
	expect_next("22:00", at(2026, 11, 22, 22, 0), at(2026, 11, 23, 22, 0));
	expect_next("22:00", at(2026, 11, 22, 22, 0) - 1, at(2026, 11, 22, 22, 0));
	expect_next("22:00", at(2026, 11, 22, 22, 0) + 1, at(2026, 11, 23, 22, 0));
	expect_next("Mon..Fri 22:00 UTC", at(2026, 11, 20, 22, 0), at(2026, 11, 23, 22, 0));
	expect_next("*:0/15", at(2026, 12, 31, 23, 46), at(2027, 1, 1, 0, 0));
	expect_next("*-02-29", at(2026, 1, 1, 0, 0), at(2028, 2, 29, 0, 0));
	expect_next("Mon *-*-1..7 4:00", at(2026, 11, 22, 0, 0), at(2026, 12, 7, 4, 0));
	expect_next("daily", at(1900, 1, 1, 0, 0), at(1970, 1, 1, 0, 0));
	expect_next(" weekly   UTC ", at(2026, 11, 22, 0, 0), at(2026, 11, 23, 0, 0));
	expect_next("2199-12-31 23:59", at(2026, 1, 1, 0, 0), at(2199, 12, 31, 23, 59));
}

static void test_the_end_of_all_years(void **state)
{
	struct calendar calendar = parsed("daily"), once = parsed("2030-1-1");
	struct calendar_instant instant;

	(void)state;
	assert_false(calendar_next(&calendar, at(2199, 12, 31, 0, 0), &instant));
	assert_false(calendar_next(&calendar, INT64_MAX, &instant));
	assert_true(calendar_next(&calendar, INT64_MIN, &instant));
	assert_int_equal(instant.at_us, 0);
	assert_false(calendar_next(&once, at(2030, 1, 1, 0, 0), &instant));
}

static void expect_refused(const char *text, const char *found, const char *expected)
{
	struct doc_problems problems;
	struct calendar calendar;

	doc_problems_init(&problems, "");
	if (calendar_parse(text, NULL, 7, "when", &calendar, &problems))
		fail_msg("%s was taken", text);
	assert_int_equal(problems.count, 1);
	assert_int_equal(problems.item[0].line, 7);
	assert_string_equal(problems.item[0].field, "when");
	assert_string_equal(problems.item[0].found, found);
	if (strncmp(problems.item[0].expected, expected, strlen(expected)) != 0)
		fail_msg("%s: expected %s", text, problems.item[0].expected);
}

static void test_refusals(void **state)
{
	(void)state;
	expect_refused("", "an empty text", "when");
	expect_refused("nightly", "nightly", "daily, weekly or another word");
	expect_refused("22:00 Europe/Nowhere", "Europe/Nowhere", "a time zone");
	expect_refused("25:00", "25:00", "hours from 0 to 23");
	expect_refused("2:60", "60", "minutes from 0 to 59");
	expect_refused("2:00:60", "60", "seconds from 0 to 59");
	expect_refused("*-13-01", "13-01", "months from 1 to 12");
	expect_refused("*-1-32", "32", "days from 1 to 31");
	expect_refused("1969-1-1", "1969-1-1", "years from 1970 to 2199");
	expect_refused("22..6:00", "22..6:00", "hours");
	expect_refused("0/0:00", "0/0:00", "hours");
	expect_refused("*/2:00", "*/2:00", "hours");
	expect_refused("99999999999:00", "99999999999:00", "hours");
	expect_refused("Fri..Mon 22:00", "Fri..Mon", "weekdays as \"Mon..Fri\"");
	expect_refused("22:00 Mon", "Mon", "a time zone");
	expect_refused("22:00 *-*-* UTC", "*-*-*", "weekdays, a date, a time");
	expect_refused("Mon 1-1 2:00 UTC x", "Mon 1-1 2:00 UTC x", "weekdays, a date, a time and a time zone at most");
	expect_refused("*-02-30", "*-02-30", "a date that there is");
	expect_refused("Mon 2026-11-22", "Mon 2026-11-22", "a date that there is");
	expect_refused("22:00\t", "22:00\t", "letters");
}

static struct calendar_window window_of(const char *text)
{
	struct doc_problems problems;
	struct calendar_window window;

	doc_problems_init(&problems, "");
	assert_true(calendar_window_parse(text, NULL, 1, "window", &window, &problems));
	return window;
}

static void expect_span(const char *text, int64_t at_us, int64_t from_us, int64_t until_us)
{
	struct calendar_window window = window_of(text);
	struct calendar_span span;

	assert_true(calendar_window_at(&window, at_us, &span));
	assert_int_equal(span.from_us, from_us);
	assert_int_equal(span.until_us, until_us);
}

static void test_windows(void **state)
{
	int64_t opens = at(2026, 11, 23, 22, 0), closes = at(2026, 11, 24, 6, 0), day = CIVIL_DAY_S * US;

	(void)state;
	expect_span("22:00-06:00", opens - 1, opens, closes);
	expect_span("22:00-06:00", opens, opens, closes);
	expect_span("22:00-06:00", closes - 1, opens, closes);
	expect_span("22:00-06:00", closes, opens + day, closes + day);
	/* 2026-11-27 is a Friday. What opened then is open on Saturday too. */
	expect_span("Mon..Fri 22:00-06:00 UTC", at(2026, 11, 28, 5, 0), at(2026, 11, 27, 22, 0),
		    at(2026, 11, 28, 6, 0));
	expect_span("Mon..Fri 22:00-06:00 UTC", at(2026, 11, 28, 6, 0), at(2026, 11, 30, 22, 0), at(2026, 12, 1, 6, 0));
	expect_span("Sat,Sun 00:00-24:00", at(2026, 11, 25, 0, 0), at(2026, 11, 28, 0, 0), at(2026, 11, 29, 0, 0));
	expect_span("9:00-17:30", at(2026, 11, 25, 18, 0), at(2026, 11, 26, 9, 0), at(2026, 11, 26, 17, 30));
}

static void expect_window_refused(const char *text, const char *expected)
{
	struct doc_problems problems;
	struct calendar_window window;

	doc_problems_init(&problems, "");
	if (calendar_window_parse(text, NULL, 7, "window", &window, &problems))
		fail_msg("%s was taken", text);
	if (strncmp(problems.item[0].expected, expected, strlen(expected)) != 0)
		fail_msg("%s: expected %s", text, problems.item[0].expected);
}

static void test_windows_that_are_none(void **state)
{
	(void)state;
	expect_window_refused("", "when");
	expect_window_refused("22:00", "two times");
	expect_window_refused("22:00-", "two times");
	expect_window_refused("22:00-6", "two times");
	expect_window_refused("22:0-06:00", "two times");
	expect_window_refused("22:00-24:30", "two times");
	expect_window_refused("24:00-06:00", "two times");
	expect_window_refused("22:00-06:00:00", "two times");
	expect_window_refused("22:60-06:00", "two times");
	expect_window_refused("22:00-22:00", "times that differ");
	expect_window_refused("22:00-06:00 Europe/Nowhere", "a time zone");
	expect_window_refused("Noday 22:00-06:00 UTC", "weekdays");
	expect_window_refused("Mon *-*-* 22:00-06:00 UTC", "a window as");
}

static void test_out_of_a_document(void **state)
{
	static const char text[] = "when: daily\nwindow: Mon 22:00-06:00\nwrong: yearly Mars/Base\n";
	struct doc_problems problems;
	struct calendar_window window;
	struct calendar calendar;
	struct doc *doc;

	(void)state;
	doc_problems_init(&problems, "file");
	assert_int_equal(doc_parse("file", text, sizeof text - 1, &doc, &problems), 0);
	assert_true(calendar_read(doc->root, "when", true, NULL, &calendar, &problems));
	assert_true(calendar_window_read(doc->root, "window", false, NULL, &window, &problems));
	assert_int_equal(window.weekdays, 1);
	assert_false(calendar_read(doc->root, "absent", false, NULL, &calendar, &problems));
	assert_int_equal(problems.count, 0);
	assert_false(calendar_read(doc->root, "wrong", false, NULL, &calendar, &problems));
	assert_int_equal(problems.item[0].line, 3);
	assert_string_equal(problems.item[0].field, "wrong");
	assert_false(calendar_window_read(doc->root, "absent", true, NULL, &window, &problems));
	assert_int_equal(problems.count, 2);
	doc_destroy(doc);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_next),
		cmocka_unit_test(test_the_end_of_all_years),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_windows),
		cmocka_unit_test(test_windows_that_are_none),
		cmocka_unit_test(test_out_of_a_document),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
