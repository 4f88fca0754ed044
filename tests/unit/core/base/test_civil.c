/* SPDX-License-Identifier: Apache-2.0 */
/* Dates and day numbers against the C library's, and there and back. */
#include <time.h>

#include "core/base/civil.h"
#include "tests/unit/core/base/cmocka_all.h"

static void test_known_days(void **state)
{
	static const struct {
		struct civil_date date;
		int64_t days;
		int weekday;
	} known[] = {
		{{1970, 1, 1}, 0, 3},       {{1969, 12, 31}, -1, 2}, {{2000, 2, 29}, 11016, 1},
		{{1600, 3, 1}, -135080, 2}, {{0, 3, 1}, -719468, 2}, {{-1, 12, 31}, -719529, 4},
	};

	(void)state;
	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
		struct civil_date date;

		assert_int_equal(civil_to_days(&known[i].date), known[i].days);
		assert_int_equal(civil_weekday(known[i].days), known[i].weekday);
		civil_from_days(known[i].days, &date);
		assert_int_equal(date.year, known[i].date.year);
		assert_int_equal(date.month, known[i].date.month);
		assert_int_equal(date.day, known[i].date.day);
	}
}

static void test_every_day_of_eight_centuries(void **state)
{
	(void)state;
	for (int64_t days = -150000; days < 150000; days++) {
		time_t seconds = (time_t)(days * CIVIL_DAY_S);
		struct civil_date date;
		struct tm parts;

		assert_non_null(gmtime_r(&seconds, &parts));
		civil_from_days(days, &date);
		assert_int_equal(date.year, parts.tm_year + 1900);
		assert_int_equal(date.month, parts.tm_mon + 1);
		assert_int_equal(date.day, parts.tm_mday);
		assert_int_equal(civil_weekday(days), (parts.tm_wday + 6) % 7);
		assert_int_equal(civil_to_days(&date), days);
		assert_true(date.day <= civil_days_in_month(date.year, date.month));
	}
}

static void test_lengths_of_february(void **state)
{
	(void)state;
	assert_int_equal(civil_days_in_month(2024, 2), 29);
	assert_int_equal(civil_days_in_month(2023, 2), 28);
	assert_int_equal(civil_days_in_month(1900, 2), 28);
	assert_int_equal(civil_days_in_month(2000, 2), 29);
	assert_int_equal(civil_days_in_month(2023, 12), 31);
}

static void test_seconds_of_a_day(void **state)
{
	int second;

	(void)state;
	assert_int_equal(civil_day_of(0, &second), 0);
	assert_int_equal(second, 0);
	assert_int_equal(civil_day_of(-1, &second), -1);
	assert_int_equal(second, 86399);
	assert_int_equal(civil_day_of(-86400, &second), -1);
	assert_int_equal(second, 0);
	assert_int_equal(civil_day_of(86400 + 61, &second), 1);
	assert_int_equal(second, 61);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_known_days),
		cmocka_unit_test(test_every_day_of_eight_centuries),
		cmocka_unit_test(test_lengths_of_february),
		cmocka_unit_test(test_seconds_of_a_day),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
