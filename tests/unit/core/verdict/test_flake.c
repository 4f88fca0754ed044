/* SPDX-License-Identifier: Apache-2.0 */
/* The flake score: what is a pair, what is a flip, and how sure it is. */
#include "core/verdict/flake.h"

#include <math.h>
#include <string.h>

#include "tests/unit/core/base/cmocka_all.h"

/* "a+ a- b+": image and result, oldest first. */
static struct flake score(const char *results)
{
	struct flake_history history;
	struct flake flake;

	flake_history_init(&history);
	for (const char *at = results; *at; at += at[2] ? 3 : 2) {
		const char image[2] = {at[0], '\0'};

		flake_history_add(&history, image, at[1] == '+');
	}
	flake_history_score(&history, &flake);
	return flake;
}

static void expect(const char *results, size_t flips, size_t pairs, size_t passed)
{
	struct flake flake = score(results);

	assert_int_equal(flake.flips, flips);
	assert_int_equal(flake.pairs, pairs);
	assert_int_equal(flake.passed, passed);
	assert_true(fabs(flake.score - (pairs ? (double)flips / (double)pairs : 0)) < 1e-12);
}

static void test_pairs_are_of_one_image(void **state)
{
	(void)state;
	expect("", 0, 0, 0);
	expect("a+", 0, 0, 1);
	expect("a+ a-", 1, 1, 1);
	expect("a+ b- c+ d-", 0, 0, 2);    /* the firmware changed each time */
	expect("a+ b- a+ b- a+", 0, 3, 3); /* each image is of one mind */
	expect("a+ a- a+ a-", 3, 3, 2);
	expect("a- a- a- a-", 0, 3, 0);
	expect("a+ b+ a- b+ a+ b+", 2, 4, 5);
}

static void test_either_direction_is_the_same(void **state)
{
	struct flake there = score("a+ a- a- b+ a+ b-"), back = score("b- a+ b+ a- a- a+");

	(void)state;
	assert_memory_equal(&there, &back, sizeof there);
}

/* Against values worked out by hand from Wilson's formula, z = 1.96. */
static void test_the_interval_is_wilsons(void **state)
{
	static const struct {
		const char *results;
		double low, high;
	} known[] = {
		{"", 0, 1},
		{"a+ a-", 0.2065, 1},
		{"a+ a+", 0, 0.7935},
		{"a+ a- a+ a+ a+", 0.1500, 0.8500},
		{"a+ a- a- a- a- a- a- a- a- a- a-", 0.0179, 0.4042},
	};

	(void)state;
	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
		struct flake flake = score(known[i].results);

		if (fabs(flake.low - known[i].low) > 1e-3 || fabs(flake.high - known[i].high) > 1e-3)
			fail_msg("\"%s\": %.4f to %.4f", known[i].results, flake.low, flake.high);
	}
}

static void test_a_hundred_are_enough(void **state)
{
	struct flake_history history;
	struct flake flake;

	(void)state;
	flake_history_init(&history);
	for (int i = 0; i < 3 * FLAKE_MAX_RESULTS; i++) {
		const char image[3] = {(char)('a' + i % 26), (char)('a' + i / 26), '\0'};

		flake_history_add(&history, image, true);
	}
	flake_history_score(&history, &flake);
	assert_int_equal(flake.results, FLAKE_MAX_RESULTS);
	assert_int_equal(history.image_count, FLAKE_MAX_RESULTS);
}

static void test_json(void **state)
{
	struct flake flake = score("a+ a- a+ a+ a+");
	json_t *object = flake_to_json(&flake), *expected;

	(void)state;
	expected = json_pack("{s:i, s:i, s:i, s:i, s:f, s:f, s:f}", "results", 5, "passed", 4, "pairs", 4, "flips", 2,
			     "score", 0.5, "low", 0.15, "high", 0.85);
	assert_true(json_equal(object, expected));
	json_decref(object);
	json_decref(expected);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pairs_are_of_one_image),
		cmocka_unit_test(test_either_direction_is_the_same),
		cmocka_unit_test(test_the_interval_is_wilsons),
		cmocka_unit_test(test_a_hundred_are_enough),
		cmocka_unit_test(test_json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
