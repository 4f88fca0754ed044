/* SPDX-License-Identifier: Apache-2.0 */
/* What a board's time goes into: the table, midnights, and that nothing is ever lost or counted twice. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/health/time_ledger.h"

static void test_kinds(void **state)
{
	static const struct {
		enum board_state state;
		bool is_looked_into;
		const char *step;
		enum time_kind kind;
	} rows[] = {
		{BOARD_FREE, false, NULL, TIME_IDLE},
		{BOARD_OFFLINE, false, NULL, TIME_OFFLINE},
		{BOARD_QUARANTINED, false, NULL, TIME_OFFLINE},
		{BOARD_RETIRED, false, NULL, TIME_OFFLINE},
		{BOARD_RECOVERING, false, NULL, TIME_RECOVERING},
		{BOARD_SUSPECT, false, NULL, TIME_CHECKING},
		{BOARD_SUSPECT, true, "flash", TIME_CHECKING},
		{BOARD_LEASED, false, "flash", TIME_LEASED},
		{BOARD_OFFLINE, false, "capture", TIME_OFFLINE}, /* nobody knows */
		{BOARD_RUNNING, false, NULL, TIME_STAGING},
		{BOARD_RUNNING, false, "image", TIME_STAGING},
		{BOARD_RUNNING, false, "power-on", TIME_POWER},
		{BOARD_RUNNING, false, "console-open", TIME_STAGING},
		{BOARD_RUNNING, false, "attach", TIME_STAGING},
		{BOARD_RUNNING, false, "identify", TIME_STAGING},
		{BOARD_RUNNING, false, "flash", TIME_FLASH},
		{BOARD_RUNNING, false, "verify", TIME_FLASH},
		{BOARD_RUNNING, false, "reset", TIME_STAGING},
		{BOARD_RUNNING, false, "capture", TIME_RUNNING},
		{BOARD_RUNNING, false, "snapshot", TIME_RUNNING},
		{BOARD_RUNNING, false, "judge", TIME_RUNNING},
		{BOARD_RUNNING, false, "detach", TIME_STAGING},
		{BOARD_RUNNING, false, "console-close", TIME_STAGING},
		{BOARD_RUNNING, false, "power-off", TIME_POWER},
		{BOARD_RUNNING, true, "capture", TIME_CHECKING},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(time_kind_of(rows[i].state, rows[i].is_looked_into, rows[i].step), rows[i].kind);
}

static void test_names(void **state)
{
	enum time_kind kind = TIME_IDLE;

	(void)state;
	for (int i = 0; i < TIME_KIND_COUNT; i++) {
		assert_true(time_kind_parse(time_kind_name((enum time_kind)i), &kind));
		assert_int_equal(kind, i);
	}
	assert_false(time_kind_parse("busy", &kind));
	assert_string_equal(time_kind_name(TIME_KIND_COUNT), "unknown");
}

struct told {
	struct time_day day[8];
	size_t count;
};

static void on_day(void *context, const struct time_day *day)
{
	struct told *told = context;

	assert_in_range(told->count, 0, 7);
	told->day[told->count++] = *day;
}

static void test_a_span_over_midnights_is_split(void **state)
{
	struct time_ledger ledger;
	struct told told = {.count = 0};
	struct time_day days[TIME_DAYS_KEPT];
	int64_t until_us;

	(void)state;
	time_ledger_begin(&ledger, TIME_IDLE, 100 * TIME_DAY_US - 5);
	time_ledger_move(&ledger, TIME_FLASH, 102 * TIME_DAY_US + 7, on_day, &told);
	assert_int_equal(told.count, 3);
	assert_int_equal(told.day[0].day, 99);
	assert_int_equal(told.day[0].us[TIME_IDLE], 5);
	assert_int_equal(told.day[1].us[TIME_IDLE], TIME_DAY_US);
	assert_int_equal(told.day[2].day, 101);
	assert_int_equal(told.day[2].us[TIME_IDLE], TIME_DAY_US);
	assert_int_equal(time_ledger_days(&ledger, 102 * TIME_DAY_US + 10, 102 * TIME_DAY_US + 10, 2, days, &until_us),
			 2);
	assert_int_equal(days[0].day, 101);
	assert_int_equal(days[1].day, 102);
	assert_int_equal(days[1].us[TIME_IDLE], 7);
	assert_int_equal(days[1].us[TIME_FLASH], 3);
	assert_int_equal(until_us, 102 * TIME_DAY_US + 10);
	assert_int_equal(ledger.today.us[TIME_FLASH], 0); /* looking changes nothing */
	/* midnight itself is the next day's */
	time_ledger_move(&ledger, TIME_IDLE, 103 * TIME_DAY_US, on_day, &told);
	assert_int_equal(told.count, 4);
	assert_int_equal(told.day[3].us[TIME_FLASH], TIME_DAY_US - 7);
	assert_int_equal(ledger.today.day, 103);
	assert_int_equal(time_day_sum_us(&ledger.today), 0);
	time_ledger_finish(&ledger);
}

static void test_a_clock_that_goes_back_takes_nothing_away(void **state)
{
	struct time_ledger ledger;
	struct time_day days[TIME_DAYS_KEPT];
	int64_t until_us;

	(void)state;
	time_ledger_begin(&ledger, TIME_IDLE, 5 * TIME_DAY_US + 100);
	time_ledger_move(&ledger, TIME_POWER, 5 * TIME_DAY_US + 150, NULL, NULL);
	time_ledger_move(&ledger, TIME_LEASED, 4 * TIME_DAY_US, NULL, NULL);
	assert_int_equal(time_ledger_days(&ledger, 5 * TIME_DAY_US + 20, 5 * TIME_DAY_US + 20, 31, days, &until_us), 1);
	assert_int_equal(until_us, 5 * TIME_DAY_US + 150);
	assert_int_equal(time_day_sum_us(&days[0]), 50);
	time_ledger_move(&ledger, TIME_IDLE, 5 * TIME_DAY_US + 160, NULL, NULL);
	assert_int_equal(ledger.today.us[TIME_LEASED], 10);
	assert_int_equal(ledger.today.us[TIME_POWER], 0);
	time_ledger_finish(&ledger);
}

static void test_a_clock_that_was_wrong_by_years_begins_it_anew(void **state)
{
	struct time_ledger ledger;
	struct told told = {.count = 0};

	(void)state;
	time_ledger_begin(&ledger, TIME_IDLE, 0);
	time_ledger_move(&ledger, TIME_STAGING, 20000 * TIME_DAY_US + 1, on_day, &told);
	assert_int_equal(told.count, 1);
	assert_int_equal(told.day[0].day, 0);
	assert_int_equal(time_day_sum_us(&told.day[0]), 0);
	assert_int_equal(ledger.since_us, 20000 * TIME_DAY_US + 1);
	assert_int_equal(ledger.kind, TIME_STAGING);
	assert_int_equal(ledger.past_count, 0);
	time_ledger_finish(&ledger);
}

static uint64_t random_below(uint64_t *seed, uint64_t below)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed % below;
}

struct sums {
	int64_t by_kind[TIME_KIND_COUNT], all;
	int64_t days, first, last;
};

static void sum_day(void *context, const struct time_day *day)
{
	struct sums *sums = context;

	if (sums->days++ == 0)
		sums->first = day->day;
	else
		assert_int_equal(day->day, sums->last + 1); /* no day is told twice or left out */
	sums->last = day->day;
	if (sums->days > 1)
		assert_int_equal(time_day_sum_us(day), TIME_DAY_US);
	for (int i = 0; i < TIME_KIND_COUNT; i++)
		sums->by_kind[i] += day->us[i];
	sums->all += time_day_sum_us(day);
}

/* As it is when it was written down and read again. */
static void put_down_and_take_up(struct time_ledger *ledger)
{
	struct time_ledger again = {.begun = false};

	for (size_t i = 0; i < ledger->past_count; i++)
		time_ledger_restore_past(&again, &ledger->past[i]);
	time_ledger_restore_open(&again, &ledger->today, ledger->kind, ledger->since_us);
	assert_int_equal(again.past_count, ledger->past_count);
	if (again.past_count)
		assert_memory_equal(again.past, ledger->past, again.past_count * sizeof(again.past[0]));
	time_ledger_finish(ledger);
	*ledger = again;
}

/* Random walks; what each kind should have is counted beside it. */
static void test_the_sum_is_what_went_by(void **state)
{
	(void)state;
	for (uint64_t walk = 1; walk <= 300; walk++) {
		uint64_t seed = walk * 0x9e3779b97f4a7c15u;
		int64_t begun_us = (int64_t)random_below(&seed, 40000 * (uint64_t)TIME_DAY_US), at_us = begun_us;
		int64_t expected[TIME_KIND_COUNT] = {0};
		enum time_kind kind = TIME_OFFLINE;
		struct sums sums = {.days = 0};
		struct time_ledger ledger;

		time_ledger_begin(&ledger, kind, begun_us);
		for (int step = 0; step < 400; step++) {
			enum time_kind next = (enum time_kind)random_below(&seed, TIME_KIND_COUNT);
			int64_t for_us =
				(int64_t)random_below(&seed, random_below(&seed, 20) ? 3600000000u : 3 * TIME_DAY_US);

			if (random_below(&seed, 30) == 0)
				for_us = TIME_DAY_US - at_us % TIME_DAY_US; /* just midnight */
			expected[kind] += for_us;
			at_us += for_us;
			time_ledger_move(&ledger, next, at_us, sum_day, &sums);
			kind = next;
			if (random_below(&seed, 10) == 0)
				put_down_and_take_up(&ledger);
			assert_int_equal(sums.all + time_day_sum_us(&ledger.today), at_us - begun_us);
		}
		for (int i = 0; i < TIME_KIND_COUNT; i++)
			assert_int_equal(sums.by_kind[i] + ledger.today.us[i], expected[i]);
		time_ledger_finish(&ledger);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_a_span_over_midnights_is_split),
		cmocka_unit_test(test_a_clock_that_goes_back_takes_nothing_away),
		cmocka_unit_test(test_a_clock_that_was_wrong_by_years_begins_it_anew),
		cmocka_unit_test(test_the_sum_is_what_went_by),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
