/* SPDX-License-Identifier: Apache-2.0 */
/* Simulations whose outcome can be worked out by hand. */
#include <string.h>

#include "support_load.h"

#define MINUTE INT64_C(60000000)
#define HOUR   (60 * MINUTE)

/* One organisation, so many boards. */
#define FARM(boards)                                                                                                   \
	"name: x\nhorizon: 24h\norganisations: [{name: o}]\nboards: [{name: b, type: t, count: " boards "}]\njobs:\n"

static void test_one_after_the_other(void **state)
{
	struct result *result = simulated(FARM("1") "  - {name: j, organisation: o, boards: {type: t, count: 4},\n"
						    "     arrivals: {every: 1h, total: 1}, takes: {fixed: 10m}}\n");
	const struct result_wait *wait = &org_of(result, "o")->wait;

	(void)state;
	assert_int_equal(result->jobs, 1);
	assert_int_equal(result->finished, 4);
	assert_int_equal(result->makespan_us, 40 * MINUTE);
	assert_int_equal(wait->mean_us, 15 * MINUTE);
	assert_int_equal(wait->p50_us, 10 * MINUTE);
	assert_int_equal(wait->p99_us, 30 * MINUTE);
	assert_int_equal(wait->max_us, 30 * MINUTE);
	assert_true(result->utilisation > 0.999999 && result->utilisation < 1.000001);
	assert_true(result->fairness == 1);
	result_destroy(result);
}

static void test_shares_go_by_weight(void **state)
{
	struct result *result =
		simulated("name: x\nhorizon: 1s\norganisations: [{name: a, weight: 300}, {name: b, weight: 100}]\n"
			  "boards: [{name: b, type: t, count: 4}]\njobs:\n"
			  "  - {name: j, organisation: a, boards: {type: t, count: 300}, arrivals: {every: 1h}, takes: "
			  "{fixed: 1m}}\n"
			  "  - {name: k, organisation: b, boards: {type: t, count: 100}, arrivals: {every: 1h}, takes: "
			  "{fixed: 1m}}\n");

	(void)state;
	assert_int_equal(result->finished, 400);
	assert_int_equal(result->makespan_us, 100 * MINUTE);
	assert_true(org_of(result, "a")->wait.max_us >= 98 * MINUTE);
	assert_true(org_of(result, "b")->wait.max_us >= 95 * MINUTE);
	assert_true(result->fairness > 0.999);
	result_destroy(result);
}

static void test_a_run_is_ended_at_its_limit(void **state)
{
	struct result *result = simulated(
		FARM("1") "  - {name: j, organisation: o, boards: {type: t}, arrivals: {every: 1h, total: 1},\n"
			  "     takes: {fixed: 10m}, limit: 3m}\n");

	(void)state;
	assert_int_equal(result->timed_out, 1);
	assert_int_equal(result->makespan_us, 3 * MINUTE);
	result_destroy(result);
}

static void test_who_yields_starts_again(void **state)
{
	struct result *result = simulated(FARM(
		"1") "  - {name: night, organisation: o, boards: {type: t}, arrivals: {every: 20h, total: 1},\n"
		     "     takes: {fixed: 2h}, priority: 10, preemptible: true}\n"
		     "  - {name: day, organisation: o, boards: {type: t}, arrivals: {at: \"*-*-* 01:00\", total: 1},\n"
		     "     takes: {fixed: 10m}, priority: 90}\n");

	(void)state;
	assert_int_equal(result->preempted, 1);
	assert_int_equal(result->finished, 2);
	assert_int_equal(stream_of(result, "day")->wait.max_us, 5000000);
	assert_int_equal(result->makespan_us, HOUR + 5000000 + 10 * MINUTE + 2 * HOUR);
	assert_true(result->lost_us == (double)(HOUR + 5000000));
	result_destroy(result);
}

static void test_what_does_not_fit_its_window_goes_on_the_next_day(void **state)
{
	struct result *result =
		simulated(FARM("1") "  - {name: j, organisation: o, boards: {type: t, count: 3},\n"
				    "     arrivals: {at: \"*-*-* 12:00\", total: 1}, takes: {fixed: 1h},\n"
				    "     window: 22:00-23:30 Atlantic/Reykjavik}\n");
	const struct result_wait *wait = &org_of(result, "o")->wait;

	(void)state;
	assert_int_equal(result->finished, 3);
	assert_int_equal(wait->p50_us, HOUR);
	assert_int_equal(wait->max_us, 24 * HOUR);
	assert_int_equal(result->makespan_us, 47 * HOUR);
	result_destroy(result);
}

static void test_an_image_that_is_there_is_not_flashed_again(void **state)
{
	struct result *result = simulated(
		FARM("2") "  - {name: j, organisation: o, boards: {type: t}, arrivals: {every: 1h, total: 10},\n"
			  "     takes: {fixed: 1m}, images: 1, flash: 30s}\n");

	(void)state;
	assert_int_equal(result->flashed, 1);
	assert_int_equal(result->spared, 9);
	assert_true(result->board_us == (double)(10 * MINUTE + MINUTE / 2));
	result_destroy(result);
}

static void test_boards_at_once(void **state)
{
	struct result *result =
		simulated(FARM("3") "  - {name: pair, organisation: o, boards: {type: t, count: 2}, together: true,\n"
				    "     arrivals: {every: 1m, total: 3}, takes: {fixed: 10m}}\n");

	(void)state;
	assert_int_equal(result->finished, 6);
	assert_int_equal(result->makespan_us, 30 * MINUTE);
	result_destroy(result);
}

static void test_what_can_never_be_had_is_left(void **state)
{
	struct result *result = simulated(FARM(
		"2") "  - {name: j, organisation: o, boards: {type: t, tags: [none]}, arrivals: {every: 1h, total: "
		     "2},\n"
		     "     takes: {fixed: 1m}, window: 22:00-06:00}\n"
		     "  - {name: k, organisation: o, boards: {type: t, count: 3}, together: true, takes: {fixed: 1m},\n"
		     "     arrivals: {every: 1h, total: 1}}\n");

	(void)state;
	assert_int_equal(result->left, 5);
	assert_int_equal(result->finished, 0);
	assert_true(result->left_reason[0] != '\0');
	result_destroy(result);
}

static void test_the_same_seed_gives_the_same(void **state)
{
	static const char *const text =
		FARM("5") "  - {name: j, organisation: o, boards: {type: t}, arrivals: {mean: 1m},\n"
			  "     takes: {median: 5m, sigma: 1}}\n";
	struct result *a = simulated(text), *b = simulated(text);

	(void)state;
	assert_true(a->runs > 1000);
	assert_int_equal(a->runs, b->runs);
	assert_int_equal(a->makespan_us, b->makespan_us);
	assert_memory_equal(&a->orgs[0], &b->orgs[0], sizeof(a->orgs[0]));
	assert_memory_equal(a->waiting, b->waiting, sizeof(a->waiting));
	result_destroy(a);
	result_destroy(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_after_the_other),
		cmocka_unit_test(test_shares_go_by_weight),
		cmocka_unit_test(test_a_run_is_ended_at_its_limit),
		cmocka_unit_test(test_who_yields_starts_again),
		cmocka_unit_test(test_what_does_not_fit_its_window_goes_on_the_next_day),
		cmocka_unit_test(test_an_image_that_is_there_is_not_flashed_again),
		cmocka_unit_test(test_boards_at_once),
		cmocka_unit_test(test_what_can_never_be_had_is_left),
		cmocka_unit_test(test_the_same_seed_gives_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
