/* SPDX-License-Identifier: Apache-2.0 */
/* When an image is to blame for boards that fall out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/health/image_suspicion.h"

#define MAX_BOARDS 3

struct line {
	const char *board;
	enum cause cause;
	bool did_well;
	enum image_standing standing; /* afterwards */
	size_t count;
};

static void play(const struct line *lines, size_t count)
{
	struct image_suspicion suspicion = {0};

	for (size_t i = 0; i < count; i++) {
		const struct image_end end = {lines[i].board, (int64_t)i + 1, lines[i].cause, lines[i].did_well};

		assert_int_equal(image_suspicion_note(&suspicion, MAX_BOARDS, &end), lines[i].standing);
		assert_int_equal(suspicion.count, lines[i].count);
	}
}

#define PLAY(...)                                                                                                      \
	do {                                                                                                           \
		static const struct line lines[] = {__VA_ARGS__};                                                      \
		play(lines, sizeof(lines) / sizeof(lines[0]));                                                         \
	} while (0)

static void test_three_boards(void **state)
{
	(void)state;
	PLAY({"a", CAUSE_ATTACH, true, IMAGE_SUSPECT, 1}, {"b", CAUSE_PROBE, true, IMAGE_SUSPECT, 2},
	     {"c", CAUSE_STEP_LIMIT, true, IMAGE_HELD, 3}, {"d", CAUSE_NONE, true, IMAGE_HELD, 3},
	     {"e", CAUSE_ATTACH, true, IMAGE_HELD, 3});
}

static void test_one_board_counts_once(void **state)
{
	(void)state;
	PLAY({"a", CAUSE_ATTACH, true, IMAGE_SUSPECT, 1}, {"a", CAUSE_ATTACH, true, IMAGE_SUSPECT, 1},
	     {"a", CAUSE_FLASH, true, IMAGE_SUSPECT, 1});
}

static void test_bad_boards_are_not_its_fault(void **state)
{
	(void)state;
	PLAY({"a", CAUSE_ATTACH, false, IMAGE_CLEAN, 0}, {"b", CAUSE_ATTACH, false, IMAGE_CLEAN, 0},
	     {"c", CAUSE_RESET, false, IMAGE_CLEAN, 0});
}

static void test_doing_well_takes_back(void **state)
{
	(void)state;
	PLAY({"a", CAUSE_ATTACH, true, IMAGE_SUSPECT, 1}, {"b", CAUSE_ATTACH, true, IMAGE_SUSPECT, 2},
	     {"b", CAUSE_NONE, true, IMAGE_SUSPECT, 1}, /* its own */
	     {"x", CAUSE_NONE, true, IMAGE_CLEAN, 0},   /* the oldest */
	     {"x", CAUSE_NONE, true, IMAGE_CLEAN, 0},   /* and no credit for later */
	     {"c", CAUSE_ATTACH, true, IMAGE_SUSPECT, 1});
}

static void test_only_boards_out_of_action(void **state)
{
	(void)state;
	PLAY({"a", CAUSE_CASE_FAILED, true, IMAGE_CLEAN, 0}, {"b", CAUSE_AGENT_LOST, true, IMAGE_CLEAN, 0},
	     {"c", CAUSE_IMAGE_UNAVAILABLE, true, IMAGE_CLEAN, 0}, {"d", CAUSE_INTERNAL, true, IMAGE_CLEAN, 0},
	     {"e", CAUSE_CANCELLED, true, IMAGE_CLEAN, 0}, {"f", CAUSE_CRASH, true, IMAGE_CLEAN, 0});
}

static void test_never(void **state)
{
	struct image_suspicion suspicion = {0};
	const struct image_end end = {"a", 1, CAUSE_ATTACH, true};

	(void)state;
	assert_int_equal(image_suspicion_note(&suspicion, 0, &end), IMAGE_CLEAN);
}

static void test_trial_places(void **state)
{
	(void)state;
	assert_int_equal(image_trial_places(3, 0, 0), 3);
	assert_int_equal(image_trial_places(3, 1, 0), 2);
	assert_int_equal(image_trial_places(3, 1, 1), 1);
	assert_int_equal(image_trial_places(3, 0, 4), 0);
	/* strikes alone never end the search for who is to blame */
	assert_int_equal(image_trial_places(3, 3, 0), 1);
	assert_int_equal(image_trial_places(1, 7, 0), 1);
	assert_int_equal(image_trial_places(1, 7, 1), 0);
	assert_int_equal(image_trial_places(0, 1, 0), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_three_boards),
		cmocka_unit_test(test_one_board_counts_once),
		cmocka_unit_test(test_bad_boards_are_not_its_fault),
		cmocka_unit_test(test_doing_well_takes_back),
		cmocka_unit_test(test_only_boards_out_of_action),
		cmocka_unit_test(test_never),
		cmocka_unit_test(test_trial_places),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
