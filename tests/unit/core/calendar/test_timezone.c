/* SPDX-License-Identifier: Apache-2.0 */
/* Time zones out of bytes made here: rules, gaps and folds, and files that are not what they should be. Real files are
 * read in tests/system/calendar. */
#include "core/calendar/timezone.h"

#include <stdio.h>
#include <string.h>

#include "tests/unit/core/base/cmocka_all.h"

#define HEADER 44

/* A TZif file being made. */
struct file {
	uint8_t bytes[2000];
	size_t len;
};

static void put(struct file *file, const void *bytes, size_t len)
{
	assert_true(file->len + len <= sizeof file->bytes);
	memcpy(file->bytes + file->len, bytes, len);
	file->len += len;
}

static void put_big(struct file *file, int64_t value, size_t bytes)
{
	uint8_t big[8];

	for (size_t i = 0; i < bytes; i++)
		big[i] = (uint8_t)((uint64_t)value >> 8 * (bytes - 1 - i));
	put(file, big, bytes);
}

static void put_header(struct file *file, int leap, int changes, int types, int text_bytes)
{
	put(file, "TZif2\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 20);
	put_big(file, 0, 4);
	put_big(file, 0, 4);
	put_big(file, leap, 4);
	put_big(file, changes, 4);
	put_big(file, types, 4);
	put_big(file, text_bytes, 4);
}

/* Two changes, at 1000000 (+1 h, summer) and 2000000 (back), and then the rule. */
static struct file made(const char *rule)
{
	struct file file = {.len = 0};

	put_header(&file, 0, 0, 1, 4);
	put(&file, "\0\0\0\0\0\0ABC", 10);
	put_header(&file, 0, 2, 2, 8);
	put_big(&file, 1000000, 8);
	put_big(&file, 2000000, 8);
	put(&file, "\1\0", 2);
	put_big(&file, 0, 4);
	put(&file, "\0\0", 2);
	put_big(&file, 3600, 4);
	put(&file, "\1\4", 2);
	put(&file, "STD\0DAY", 8);
	put(&file, "\n", 1);
	put(&file, rule, strlen(rule));
	put(&file, "\n", 1);
	return file;
}

static int read_file(const struct file *file, struct time_zone **ret_zone)
{
	struct err err = {0};
	int rc = time_zone_read("Test/Zone", file->bytes, file->len, ret_zone, &err);

	assert_int_equal(rc, err.code);
	if (rc)
		assert_int_equal(strncmp(err.text, "Test/Zone: ", 11), 0);
	return rc;
}

static struct time_zone *zone_with(const char *rule)
{
	struct file file = made(rule);
	struct time_zone *zone = NULL;

	assert_int_equal(read_file(&file, &zone), 0);
	return zone;
}

static void test_spans(void **state)
{
	struct time_zone *zone = zone_with("");
	struct time_zone_span span;

	(void)state;
	assert_string_equal(time_zone_name(zone), "Test/Zone");
	time_zone_span_at(zone, 999999, &span);
	assert_true(span.from_s == INT64_MIN && span.until_s == 1000000 && span.offset_s == 0);
	assert_string_equal(span.abbreviation, "STD");
	time_zone_span_at(zone, 1000000, &span);
	assert_true(span.from_s == 1000000 && span.until_s == 2000000 && span.offset_s == 3600);
	assert_true(span.daylight_saving);
	assert_string_equal(span.abbreviation, "DAY");
	time_zone_span_at(zone, 2000000, &span);
	assert_true(span.from_s == 2000000 && span.until_s == INT64_MAX && span.offset_s == 0);
	time_zone_destroy(zone);
}

static void test_gap_and_fold(void **state)
{
	struct time_zone *zone = zone_with("");
	int64_t at;

	(void)state;
	assert_int_equal(time_zone_from_local(zone, 999999, &at), LOCAL_ONCE);
	assert_int_equal(at, 999999);
	assert_int_equal(time_zone_from_local(zone, 1000000, &at), LOCAL_NEVER);
	assert_int_equal(at, 1000000);
	assert_int_equal(time_zone_from_local(zone, 1003599, &at), LOCAL_NEVER);
	assert_int_equal(at, 1000000);
	assert_int_equal(time_zone_from_local(zone, 1003600, &at), LOCAL_ONCE);
	assert_int_equal(at, 1000000);
	assert_int_equal(time_zone_from_local(zone, 1999999, &at), LOCAL_ONCE);
	assert_int_equal(time_zone_from_local(zone, 2000000, &at), LOCAL_TWICE);
	assert_int_equal(at, 1996400);
	assert_int_equal(time_zone_from_local(zone, 2003599, &at), LOCAL_TWICE);
	assert_int_equal(at, 1999999);
	assert_int_equal(time_zone_from_local(zone, 2003600, &at), LOCAL_ONCE);
	assert_int_equal(at, 2003600);
	time_zone_destroy(zone);
}

/* Instants on both sides of a change, by hand. */
static void test_rules(void **state)
{
	static const struct {
		const char *rule;
		int64_t at_s; /* of the change */
		int before_s, after_s;
	} known[] = {
		{"CET-1CEST,M3.5.0,M10.5.0/3", 1774746000, 3600, 7200},     /* 2026-03-29 01:00 UTC */
		{"CET-1CEST,M3.5.0,M10.5.0/3", 1792890000, 7200, 3600},     /* 2026-10-25 01:00 UTC */
		{"EST5EDT,M3.2.0,M11.1.0", 1772953200, -18000, -14400},     /* 2026-03-08 07:00 UTC */
		{"AEST-10AEDT,M10.1.0,M4.1.0/3", 1775318400, 39600, 36000}, /* 2026-04-04 16:00 UTC */
		{"AEST-10AEDT,M10.1.0,M4.1.0/3", 1791043200, 36000, 39600}, /* 2026-10-03 16:00 UTC */
		{"<-02>2<-01>,M3.5.0/-1,M10.5.0/0", 1774746000, -7200, -3600},
		{"STD0DAY,J60/0,J300/0", 1709251200, 0, 3600}, /* 2024-03-01, in a leap year */
		{"STD0DAY,59/0,300/0", 1709164800, 0, 3600},   /* 2024-02-29 */
	};

	(void)state;
	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
		struct time_zone *zone = zone_with(known[i].rule);
		struct time_zone_span before, after;

		time_zone_span_at(zone, known[i].at_s - 1, &before);
		time_zone_span_at(zone, known[i].at_s, &after);
		if (before.offset_s != known[i].before_s || after.offset_s != known[i].after_s ||
		    before.until_s != known[i].at_s || after.from_s != known[i].at_s)
			fail_msg("%s at %lld: %d then %d", known[i].rule, (long long)known[i].at_s, before.offset_s,
				 after.offset_s);
		time_zone_destroy(zone);
	}
}

static void test_summer_all_year(void **state)
{
	struct time_zone *zone = zone_with("XXX3EDT4,0/0,J365/23");

	(void)state;
	for (int64_t at = 2000001; at < 40000000000; at += 8640001)
		assert_int_equal(time_zone_to_local(zone, at), at - 4 * 3600);
	time_zone_destroy(zone);
}

static void test_rules_that_are_none(void **state)
{
	static const char *const wrong[] = {"C1",
					    "CET",
					    "CET-",
					    "CET-25",
					    "CET-1CEST",
					    "CET-1CEST,M3.5.0",
					    "CET-1CEST,M3.5.0,M10.5.0/168",
					    "CET-1CEST,M13.5.0,M10.5.0",
					    "CET-1CEST,M3.6.0,M10.5.0",
					    "CET-1CEST,M3.0.0,M10.5.0",
					    "CET-1CEST,M3.5.7,M10.5.0",
					    "CET-1CEST,J0,J365",
					    "CET-1CEST,0,366",
					    "CET-1CEST,M3.5.0,M10.5.0x",
					    "<CET-1",
					    "<CE!>-1",
					    "CET-1:60",
					    "abcdefghijklmnopqrstuvwxyz5"};

	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		struct file file = made(wrong[i]);
		struct time_zone *zone = NULL;

		if (read_file(&file, &zone) != ERR_CORRUPT)
			fail_msg("%s was taken", wrong[i]);
		assert_null(zone);
	}
}

static void test_cut_off_files(void **state)
{
	struct file file = made("CET-1CEST,M3.5.0,M10.5.0/3");
	struct time_zone *zone = NULL;
	size_t whole = file.len;

	(void)state;
	for (file.len = 0; file.len < whole; file.len++)
		assert_int_equal(read_file(&file, &zone), ERR_CORRUPT);
}

/* One byte changed, from the start of the second header. */
static void expect_changed(size_t offset, uint8_t value, int expected)
{
	struct file file = made("");
	struct time_zone *zone = NULL;

	file.bytes[HEADER + 10 + offset] = value;
	assert_int_equal(read_file(&file, &zone), expected);
}

static void test_wrong_files(void **state)
{
	struct file file = made("");
	struct time_zone *zone = NULL;

	(void)state;
	expect_changed(0, 'X', ERR_CORRUPT);
	expect_changed(4, 0, ERR_UNSUPPORTED);
	expect_changed(HEADER + 5, 0xff, ERR_CORRUPT);  /* changes out of order */
	expect_changed(HEADER, 0x7f, ERR_CORRUPT);      /* out of all time */
	expect_changed(HEADER + 16, 2, ERR_CORRUPT);    /* a type that is not there */
	expect_changed(HEADER + 18, 0x7f, ERR_CORRUPT); /* an offset of years */
	expect_changed(HEADER + 22, 2, ERR_CORRUPT);    /* neither summer nor not */
	expect_changed(HEADER + 23, 8, ERR_CORRUPT);    /* an abbreviation out of the text */
	expect_changed(HEADER + 37, 'Y', ERR_CORRUPT);  /* one without end */
	file.bytes[4] = '\0';
	assert_int_equal(read_file(&file, &zone), ERR_UNSUPPORTED);
	assert_int_equal(time_zone_read("Test/Zone", file.bytes, TIME_ZONE_MAX_BYTES + 1, &zone, NULL), ERR_TOO_BIG);
	assert_int_equal(time_zone_read("../Zone", file.bytes, file.len, &zone, NULL), ERR_INVALID);
	time_zone_destroy(NULL);
}

static void test_leap_seconds_are_refused(void **state)
{
	struct file file = {.len = 0};
	struct time_zone *zone = NULL;

	(void)state;
	put_header(&file, 0, 0, 1, 4);
	put(&file, "\0\0\0\0\0\0ABC", 10);
	put_header(&file, 1, 0, 1, 4);
	put(&file, "\0\0\0\0\0\0ABC", 10);
	put(&file, "\0\0\0\0\0\0\0\0\0\0\0\0\n\n", 14);
	assert_int_equal(read_file(&file, &zone), ERR_UNSUPPORTED);
}

static const struct time_zone *find_any(void *context, const char *name)
{
	*(const char **)context = name;
	return NULL;
}

static void test_names(void **state)
{
	static const char *const good[] = {"UTC", "Europe/Berlin", "America/Argentina/Ushuaia", "Etc/GMT+5", "EST5EDT"};
	static const char *const wrong[] = {
		"",       "/", "Europe/", "/Europe",        "../x",          "Europe//Berlin",
		"a/../b", ".", "1x",      "Europe/Ber lin", "Europe/Ber.lin"};
	const char *asked = NULL;
	struct time_zones zones = {&asked, find_any};

	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
		assert_true(time_zone_name_valid(good[i]));
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		assert_false(time_zone_name_valid(wrong[i]));
		assert_null(time_zones_find(&zones, wrong[i]));
		assert_null(asked);
	}
	assert_ptr_equal(time_zones_find(&zones, "UTC"), time_zone_utc());
	assert_null(asked);
	assert_null(time_zones_find(&zones, "Europe/Berlin"));
	assert_string_equal(asked, "Europe/Berlin");
	assert_null(time_zones_find(NULL, "Europe/Berlin"));
	assert_int_equal(time_zone_to_local(time_zone_utc(), 12345), 12345);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_spans),
		cmocka_unit_test(test_gap_and_fold),
		cmocka_unit_test(test_rules),
		cmocka_unit_test(test_summer_all_year),
		cmocka_unit_test(test_rules_that_are_none),
		cmocka_unit_test(test_cut_off_files),
		cmocka_unit_test(test_wrong_files),
		cmocka_unit_test(test_leap_seconds_are_refused),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
