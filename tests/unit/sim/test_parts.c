/* SPDX-License-Identifier: Apache-2.0 */
/* What simulations are made of: events in order, sums over time, fair divisions, draws, percentiles of times taken. */
#include <stdlib.h>
#include <string.h>

#include "sim/draw.h"
#include "sim/fair.h"
#include "sim/output.h"
#include "sim/series.h"
#include "sim/stopwatch.h"
#include "sim/timeline.h"
#include "tests/unit/core/base/cmocka_all.h"

#define EVENTS 1000

static void test_events_come_in_order(void **state)
{
	static struct event event[EVENTS];
	struct timeline timeline;
	struct draw draw;
	size_t seen = 0, cleared = 0;
	int64_t last_us = -1;
	uint64_t last_turn = 0;

	(void)state;
	timeline_init(&timeline);
	draw_init(&draw, 1, "events");
	for (int i = 0; i < EVENTS; i++)
		timeline_set(&timeline, &event[i], (int64_t)draw_below(&draw, 100));
	for (int i = 0; i < EVENTS; i += 3) {
		timeline_clear(&timeline, &event[i]);
		timeline_clear(&timeline, &event[i]);
		cleared++;
	}
	for (int i = 1; i < EVENTS; i += 3)
		timeline_set(&timeline, &event[i], (int64_t)draw_below(&draw, 100));
	for (struct event *first; (first = timeline_first(&timeline)) != NULL; seen++) {
		timeline_clear(&timeline, first);
		assert_true(first->at_us > last_us || (first->at_us == last_us && first->turn > last_turn));
		last_us = first->at_us;
		last_turn = first->turn;
	}
	assert_int_equal(seen + cleared, EVENTS);
	timeline_finish(&timeline);
}

static void test_sums_are_exact_however_long_it_takes(void **state)
{
	struct slices slices;
	struct series series;
	struct draw draw;
	int64_t now_us = 0, value = 0;
	double sum = 0;

	(void)state;
	slices_init(&slices, 1000);
	series_init(&series, &slices);
	draw_init(&draw, 2, "series");
	for (int i = 0; i < 2000; i++) {
		int64_t next_us = now_us + (int64_t)draw_below(&draw, 100);
		int64_t difference = (int64_t)draw_below(&draw, 7) - 3;

		slices_reach(&slices, next_us);
		series_change(&series, next_us, difference);
		sum += (double)value * (double)(next_us - now_us);
		value += difference;
		now_us = next_us;
	}
	assert_true(now_us <= slices.slice_us * SERIES_SLICES);
	assert_true(series_total(&series) == sum);
}

static void test_a_slice_holds_its_own(void **state)
{
	struct slices slices = {.slice_us = 10};
	struct series series;

	(void)state;
	series_init(&series, &slices);
	series_change(&series, 5, 2);
	series_change(&series, 25, -1);
	series_reach(&series, 40);
	assert_true(series.sum[0] == 10 && series.sum[1] == 20 && series.sum[2] == 15 && series.sum[3] == 10);
}

static bool near(double a, double b)
{
	return a - b < 1e-9 && b - a < 1e-9;
}

static void test_fair_division(void **state)
{
	struct fair_claim claim[] = {
		{.weight = 1, .wanted = 100}, {.weight = 2, .wanted = 100}, {.weight = 1, .wanted = 1}};

	(void)state;
	fair_divide(claim, 3, 31);
	assert_true(near(claim[0].fair, 10) && near(claim[1].fair, 20) && near(claim[2].fair, 1));
	fair_divide(claim, 3, 300);
	assert_true(near(claim[0].fair, 100) && near(claim[1].fair, 100) && near(claim[2].fair, 1));
}

static void test_fairness_index(void **state)
{
	const double equal[] = {3, 3, 3, 3}, one[] = {0, 5, 0, 0}, half[] = {1, 0};

	(void)state;
	assert_true(near(fair_index(equal, 4), 1));
	assert_true(near(fair_index(one, 4), 0.25));
	assert_true(near(fair_index(half, 2), 0.5));
	assert_true(near(fair_index(NULL, 0), 1));
}

/* The mean of many draws is the mean that is promised, within a few percent. */
static void check_mean(const struct load_takes *takes)
{
	struct draw draw;
	double sum = 0, mean = (double)load_mean_us(takes);

	draw_init(&draw, 3, "takes");
	for (int i = 0; i < 100000; i++)
		sum += (double)draw_takes(&draw, takes);
	assert_true(sum / 100000 > 0.97 * mean && sum / 100000 < 1.03 * mean);
}

static void test_draws_are_as_they_should_be(void **state)
{
	const struct load_takes takes[] = {
		{.shape = TAKES_FIXED, .a_us = 5000},
		{.shape = TAKES_UNIFORM, .a_us = 1000, .b_us = 9000},
		{.shape = TAKES_LOGNORMAL, .a_us = 5000, .sigma = 0.7},
		{.shape = TAKES_EXPONENTIAL, .a_us = 5000},
	};
	struct draw a, b, c;

	(void)state;
	for (size_t i = 0; i < sizeof(takes) / sizeof(takes[0]); i++)
		check_mean(&takes[i]);
	draw_init(&a, 1, "x");
	draw_init(&b, 1, "x");
	draw_init(&c, 1, "y");
	assert_true(draw_next(&a) == draw_next(&b));
	assert_true(draw_next(&a) != draw_next(&c));
}

static void test_times_taken(void **state)
{
	static struct stopwatch watch;

	(void)state;
	assert_int_equal(stopwatch_percentile_ns(&watch, 99), 0);
	for (int64_t ns = 1; ns <= 10000; ns++)
		stopwatch_decision(&watch, ns);
	for (unsigned percent = 1; percent <= 100; percent++) {
		int64_t exact_ns = 100 * (int64_t)percent, told_ns = stopwatch_percentile_ns(&watch, percent);

		assert_true(told_ns >= exact_ns && told_ns <= exact_ns + exact_ns / 16 + 1);
	}
	assert_int_equal(watch.longest_ns, 10000);
}

static void test_spans_in_words(void **state)
{
	static const struct {
		double us;
		const char *text;
	} rows[] = {{0, "0"},         {12, "12 us"},      {2000, "2 ms"},     {1.5e6, "1.5 s"},
		    {65e6, "1m 05s"}, {3900e6, "1h 05m"}, {90000e6, "1d 01h"}};
	char cell[64];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_string_equal(output_span(rows[i].us, cell, sizeof(cell)), rows[i].text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_events_come_in_order),
		cmocka_unit_test(test_sums_are_exact_however_long_it_takes),
		cmocka_unit_test(test_a_slice_holds_its_own),
		cmocka_unit_test(test_fair_division),
		cmocka_unit_test(test_fairness_index),
		cmocka_unit_test(test_draws_are_as_they_should_be),
		cmocka_unit_test(test_times_taken),
		cmocka_unit_test(test_spans_in_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
