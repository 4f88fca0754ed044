/* SPDX-License-Identifier: Apache-2.0 */
/* The search finds what it is to find, in as few rounds as it says, and knows when it cannot. */
#include <stdbool.h>

#include "core/night/bisect.h"
#include "tests/unit/core/base/cmocka_all.h"

#define MAX_BOARDS 64

static uint64_t seed;

static uint32_t draw(uint32_t below)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(seed >> 33) % below;
}

/* Images of which those from first_bad on fail; a test says the opposite once in lies (0: never). */
struct history {
	size_t count, first_bad;
	uint32_t lies;
};

static enum bisect_result run(const struct history *history, size_t point)
{
	bool fails = point >= history->first_bad;

	if (history->lies && draw(history->lies) == 0)
		fails = !fails;
	return fails ? BISECT_FAILED : BISECT_PASSED;
}

static enum bisect_state search(const struct history *history, size_t boards, uint32_t confirm, size_t *ret_at,
				size_t *ret_rounds)
{
	size_t points[MAX_BOARDS], count, rounds = 0;
	struct bisect bisect;
	enum bisect_state state;

	assert_int_equal(bisect_init(&bisect, history->count, confirm), 0);
	while ((state = bisect_next(&bisect, boards, points, &count, ret_at)) == BISECT_GOES_ON) {
		assert_true(count > 0 && count <= boards);
		assert_true(++rounds < 100000);
		for (size_t i = 0; i < count; i++) {
			assert_true(points[i] < history->count);
			bisect_add(&bisect, points[i], run(history, points[i]));
		}
	}
	bisect_finish(&bisect);
	*ret_rounds = rounds;
	return state;
}

/* What is left shrinks by boards + 1 each round: the ends take as many as it takes to ask them, then so many. */
static size_t rounds_at_most(size_t count, size_t boards)
{
	size_t left = count - 1, rounds = 2;

	while (left > 1) {
		left = (left + boards) / (boards + 1);
		rounds++;
	}
	return rounds;
}

static void test_true_tests_find_it_in_as_many_rounds_as_promised(void **state)
{
	size_t at, rounds;

	(void)state;
	for (size_t count = 2; count <= 40; count++) {
		for (size_t first_bad = 1; first_bad < count; first_bad++) {
			for (size_t boards = 1; boards <= 9; boards++) {
				struct history history = {count, first_bad, 0};

				assert_int_equal(search(&history, boards, 1, &at, &rounds), BISECT_FOUND);
				assert_int_equal(at, first_bad);
				assert_true(rounds <= rounds_at_most(count, boards));
			}
		}
	}
}

static void test_large_histories(void **state)
{
	size_t at, rounds;

	(void)state;
	seed = 7;
	for (int i = 0; i < 300; i++) {
		size_t count = 2 + draw(BISECT_MAX_POINTS - 1), boards = 1 + draw(MAX_BOARDS);
		struct history history = {count, 1 + draw((uint32_t)count - 1), 0};

		assert_int_equal(search(&history, boards, 1, &at, &rounds), BISECT_FOUND);
		assert_int_equal(at, history.first_bad);
		assert_true(rounds <= rounds_at_most(count, boards));
	}
}

/* One result in ten is wrong: a confirmed search is right nearly always, and never goes on for ever. */
static void test_tests_that_lie_now_and_then(void **state)
{
	size_t right = 0, at, rounds;

	(void)state;
	seed = 11;
	for (int i = 0; i < 1000; i++) {
		size_t count = 3 + draw(200);
		struct history history = {count, 1 + draw((uint32_t)count - 1), 10};
		enum bisect_state end = search(&history, 1 + draw(8), 5, &at, &rounds);

		right += end == BISECT_FOUND && at == history.first_bad;
	}
	assert_true(right > 900);
}

static void test_ends_that_are_not_what_they_are_said_to_be(void **state)
{
	struct history all_bad = {20, 0, 0}, all_good = {20, 20, 0};
	size_t at, rounds;

	(void)state;
	for (size_t boards = 1; boards < 6; boards++) {
		assert_int_equal(search(&all_bad, boards, 3, &at, &rounds), BISECT_GOOD_FAILS);
		assert_int_equal(search(&all_good, boards, 3, &at, &rounds), BISECT_BAD_PASSES);
	}
}

/* Bad, good and bad again: no first bad image explains it. */
static void test_a_history_without_one_first_bad_image(void **state)
{
	size_t points[6], count, at;
	struct bisect bisect;
	enum bisect_state end;

	(void)state;
	assert_int_equal(bisect_init(&bisect, 6, 1), 0);
	while ((end = bisect_next(&bisect, 6, points, &count, &at)) == BISECT_GOES_ON) {
		for (size_t i = 0; i < count; i++)
			bisect_add(&bisect, points[i],
				   points[i] == 2 || points[i] == 5 ? BISECT_FAILED : BISECT_PASSED);
	}
	assert_int_equal(end, BISECT_CONTRADICTS);
	assert_int_equal(at, 2);
	bisect_finish(&bisect);
}

static void test_runs_that_come_to_nothing(void **state)
{
	size_t points[2], count, at, lost = 0;
	struct bisect bisect;
	enum bisect_state end;

	(void)state;
	assert_int_equal(bisect_init(&bisect, 3, 1), 0);
	while ((end = bisect_next(&bisect, 2, points, &count, &at)) == BISECT_GOES_ON) {
		for (size_t i = 0; i < count; i++) {
			lost += points[i] == 1;
			bisect_add(&bisect, points[i],
				   points[i] == 1   ? BISECT_LOST
				   : points[i] == 2 ? BISECT_FAILED
						    : BISECT_PASSED);
		}
	}
	assert_int_equal(end, BISECT_NO_RESULT);
	assert_int_equal(at, 1);
	assert_int_equal(lost, BISECT_MAX_LOST);
	bisect_finish(&bisect);
}

static void test_refusals(void **state)
{
	struct bisect bisect;

	(void)state;
	assert_int_equal(bisect_init(&bisect, 1, 1), ERR_INVALID);
	assert_int_equal(bisect_init(&bisect, BISECT_MAX_POINTS + 1, 1), ERR_INVALID);
	assert_int_equal(bisect_init(&bisect, 2, 0), ERR_INVALID);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_true_tests_find_it_in_as_many_rounds_as_promised),
		cmocka_unit_test(test_large_histories),
		cmocka_unit_test(test_tests_that_lie_now_and_then),
		cmocka_unit_test(test_ends_that_are_not_what_they_are_said_to_be),
		cmocka_unit_test(test_a_history_without_one_first_bad_image),
		cmocka_unit_test(test_runs_that_come_to_nothing),
		cmocka_unit_test(test_refusals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
