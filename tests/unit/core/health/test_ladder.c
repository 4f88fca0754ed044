/* SPDX-License-Identifier: Apache-2.0 */
/* The recovery ladder: what it begins with, what it passes over, and that it always ends. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/health/ladder.h"

static enum recovery_rung next_of(struct ladder *ladder)
{
	enum recovery_rung rung = RECOVERY_RUNG_COUNT;

	assert_true(ladder_next(ladder, &rung));
	return rung;
}

static void failed(struct ladder *ladder, enum recovery_rung rung, enum cause cause)
{
	assert_int_equal(next_of(ladder), rung);
	ladder_tell(ladder, cause, "no", 1000);
}

static void test_all_rungs_in_order(void **state)
{
	struct ladder_means means = {.loses_power = true};
	struct ladder ladder;
	enum recovery_rung rung;

	(void)state;
	ladder_init(&ladder, &means, CAUSE_ATTACH);
	for (int i = 0; i < RECOVERY_RUNG_COUNT; i++)
		failed(&ladder, (enum recovery_rung)i, CAUSE_ATTACH);
	assert_false(ladder_next(&ladder, &rung));
	assert_int_equal(ladder.end, LADDER_EXHAUSTED);
	assert_int_equal(ladder.count, RECOVERY_RUNG_COUNT);
	for (size_t i = 0; i < ladder.count; i++)
		assert_int_equal(ladder.tries[i].result, RUNG_IS_FAILED);
}

static void test_the_first_that_helps_ends_it(void **state)
{
	struct ladder_means means = {.loses_power = true};
	struct ladder ladder;
	enum recovery_rung rung;

	(void)state;
	ladder_init(&ladder, &means, CAUSE_ATTACH);
	failed(&ladder, RUNG_LOOK, CAUSE_ATTACH);
	assert_int_equal(next_of(&ladder), RUNG_LINE_RESET);
	ladder_tell(&ladder, CAUSE_NONE, "contact", 2000);
	assert_int_equal(ladder.end, LADDER_HELPED);
	assert_false(ladder_next(&ladder, &rung));
	assert_int_equal(ladder.count, 2);
	assert_int_equal(ladder.tries[1].result, RUNG_IS_HELPED);
	assert_int_equal(ladder.tries[1].took_us, 2000);
	assert_string_equal(ladder.tries[1].text, "contact");
	ladder_stop(&ladder); /* too late to change anything */
	assert_int_equal(ladder.end, LADDER_HELPED);
}

static void test_what_is_not_there_is_passed_over(void **state)
{
	struct ladder_means means = {.loses_power = true};
	struct ladder ladder;

	(void)state;
	means.absent[RUNG_LOOK] = "there is always a look";
	means.absent[RUNG_UNDER_RESET] = "no reset line";
	means.absent[RUNG_POWER_CYCLE] = "no switch";
	ladder_init(&ladder, &means, CAUSE_ATTACH);
	failed(&ladder, RUNG_LOOK, CAUSE_ATTACH);
	failed(&ladder, RUNG_LINE_RESET, CAUSE_ATTACH);
	failed(&ladder, RUNG_TARGET_RESET, CAUSE_ATTACH);
	failed(&ladder, RUNG_PROBE_RESTART, CAUSE_ATTACH);
	failed(&ladder, RUNG_USB_RESET, CAUSE_ATTACH);
	assert_false(ladder_next(&ladder, &(enum recovery_rung){0}));
	assert_int_equal(ladder.end, LADDER_EXHAUSTED);
	assert_int_equal(ladder.count, RECOVERY_RUNG_COUNT);
	assert_int_equal(ladder.tries[RUNG_UNDER_RESET].result, RUNG_IS_ABSENT);
	assert_string_equal(ladder.tries[RUNG_UNDER_RESET].text, "no reset line");
	assert_string_equal(ladder.tries[RUNG_POWER_CYCLE].text, "no switch");
}

static void test_it_begins_where_it_fits(void **state)
{
	static const struct {
		enum cause cause;
		bool loses_power;
		enum recovery_rung first;
	} rows[] = {
		{CAUSE_NONE, true, RUNG_LOOK},
		{CAUSE_NONE, false, RUNG_LOOK},
		{CAUSE_ATTACH, true, RUNG_LOOK},
		{CAUSE_ATTACH, false, RUNG_LINE_RESET},
		{CAUSE_IDENTITY, false, RUNG_LINE_RESET},
		{CAUSE_FLASH, true, RUNG_LOOK},
		{CAUSE_FLASH, false, RUNG_TARGET_RESET},
		{CAUSE_VERIFY, false, RUNG_TARGET_RESET},
		{CAUSE_RESET, false, RUNG_TARGET_RESET},
		{CAUSE_PROBE, true, RUNG_PROBE_RESTART},
		{CAUSE_PROBE, false, RUNG_PROBE_RESTART},
		{CAUSE_POWER, true, RUNG_LOOK},
		{CAUSE_BOARD_LOST, true, RUNG_LOOK},
		{CAUSE_POWER, false, RUNG_LOOK},
		{CAUSE_CONSOLE_LOST, false, RUNG_LOOK},
		{CAUSE_STEP_LIMIT, true, RUNG_LOOK},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct ladder_means means = {.loses_power = rows[i].loses_power};
		struct ladder ladder;

		ladder_init(&ladder, &means, rows[i].cause);
		assert_int_equal(next_of(&ladder), rows[i].first);
		assert_int_equal(ladder.count, rows[i].first); /* each below is accounted for */
		for (size_t k = 0; k < ladder.count; k++)
			assert_int_equal(ladder.tries[k].result, RUNG_IS_UNFIT);
	}
}

static void test_a_new_cause_jumps_up_never_down(void **state)
{
	struct ladder_means means = {.loses_power = true};
	struct ladder ladder;

	(void)state;
	ladder_init(&ladder, &means, CAUSE_ATTACH);
	failed(&ladder, RUNG_LOOK, CAUSE_PROBE);
	failed(&ladder, RUNG_PROBE_RESTART, CAUSE_ATTACH);
	failed(&ladder, RUNG_USB_RESET, CAUSE_FLASH);
	failed(&ladder, RUNG_POWER_CYCLE, CAUSE_ATTACH);
	assert_false(ladder_next(&ladder, &(enum recovery_rung){0}));
	assert_int_equal(ladder.end, LADDER_EXHAUSTED);
}

static void test_it_can_be_broken_off(void **state)
{
	struct ladder_means means = {.loses_power = true};
	struct ladder ladder;

	(void)state;
	ladder_init(&ladder, &means, CAUSE_ATTACH);
	assert_int_equal(next_of(&ladder), RUNG_LOOK);
	ladder_stop(&ladder);
	assert_int_equal(ladder.end, LADDER_STOPPED);
	assert_int_equal(ladder.count, 1);
	assert_int_equal(ladder.tries[0].result, RUNG_IS_STOPPED);
	ladder_tell(&ladder, CAUSE_NONE, "late", 1); /* of what was broken off */
	assert_int_equal(ladder.count, 1);
	assert_false(ladder_next(&ladder, &(enum recovery_rung){0}));
}

/* Over all causes, all means and all sequences of two causes: every ladder ends, upward, with a whole account. */
static void test_every_ladder_ends(void **state)
{
	static const enum cause causes[] = {CAUSE_ATTACH, CAUSE_PROBE, CAUSE_FLASH,
					    CAUSE_POWER,  CAUSE_NONE,  CAUSE_STEP_LIMIT};
	const size_t count = sizeof causes / sizeof causes[0];

	(void)state;
	for (unsigned mask = 0; mask < 1u << RECOVERY_RUNG_COUNT; mask++) {
		for (size_t c = 0; c < 2 * count * count; c++) {
			struct ladder_means means = {.loses_power = c >= count * count};
			struct ladder ladder;
			enum recovery_rung rung;
			int last = -1;

			for (int i = 0; i < RECOVERY_RUNG_COUNT; i++)
				means.absent[i] = mask & 1u << i ? "not there" : NULL;
			ladder_init(&ladder, &means, causes[c % count]);
			for (size_t step = c / count % count; ladder_next(&ladder, &rung); step++) {
				assert_true((int)rung > last);
				assert_true(rung == RUNG_LOOK || !(mask & 1u << rung));
				last = (int)rung;
				ladder_tell(&ladder, causes[step % count], "", 1);
			}
			assert_int_not_equal(ladder.end, LADDER_CLIMBING);
			for (size_t i = 0; i < ladder.count; i++)
				assert_int_equal(ladder.tries[i].rung, i);
			assert_true(ladder.end == LADDER_HELPED
					    ? ladder.tries[ladder.count - 1].result == RUNG_IS_HELPED
					    : ladder.count == RECOVERY_RUNG_COUNT);
		}
	}
}

static void test_names(void **state)
{
	enum recovery_rung rung;
	enum rung_result result;
	enum ladder_end end;

	(void)state;
	for (int i = 0; i < RECOVERY_RUNG_COUNT; i++) {
		assert_true(recovery_rung_parse(recovery_rung_name((enum recovery_rung)i), &rung));
		assert_int_equal(rung, i);
	}
	assert_true(rung_result_parse("absent", &result));
	assert_int_equal(result, RUNG_IS_ABSENT);
	assert_true(ladder_end_parse("exhausted", &end));
	assert_int_equal(end, LADDER_EXHAUSTED);
	assert_false(recovery_rung_parse("prayer", &rung));
	assert_false(rung_result_parse("", &result));
	assert_false(ladder_end_parse("", &end));
}

static void test_silence_and_wrong_answers(void **state)
{
	static const enum cause silent[] = {CAUSE_POWER, CAUSE_PROBE, CAUSE_ATTACH, CAUSE_BOARD_LOST, CAUSE_STEP_LIMIT};
	static const enum cause wrong[] = {CAUSE_IDENTITY, CAUSE_RESET, CAUSE_INTERNAL};
	struct ladder_means means = {.loses_power = true};
	struct ladder ladder;

	(void)state;
	for (size_t i = 0; i < sizeof silent / sizeof silent[0] + sizeof wrong / sizeof wrong[0]; i++) {
		bool is_silent = i < sizeof silent / sizeof silent[0];
		enum cause cause = is_silent ? silent[i] : wrong[i - sizeof silent / sizeof silent[0]];
		enum recovery_rung rung;

		ladder_init(&ladder, &means, CAUSE_NONE);
		assert_null(ladder_last_failed(&ladder));
		while (ladder_next(&ladder, &rung)) { /* what failed last counts, not what came before */
			assert_false(ladder_met_silence(&ladder));
			ladder_tell(&ladder, rung == RUNG_POWER_CYCLE ? cause : CAUSE_CONSOLE_LOST, "no", 1);
		}
		assert_int_equal(ladder.end, LADDER_EXHAUSTED);
		assert_int_equal(ladder_last_failed(&ladder)->cause, cause);
		assert_int_equal(ladder_met_silence(&ladder), is_silent);
	}
	ladder_init(&ladder, &means, CAUSE_NONE);
	failed(&ladder, RUNG_LOOK, CAUSE_ATTACH);
	ladder_stop(&ladder);
	assert_false(ladder_met_silence(&ladder)); /* broken off: nobody knows */
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_rungs_in_order),
		cmocka_unit_test(test_the_first_that_helps_ends_it),
		cmocka_unit_test(test_what_is_not_there_is_passed_over),
		cmocka_unit_test(test_it_begins_where_it_fits),
		cmocka_unit_test(test_a_new_cause_jumps_up_never_down),
		cmocka_unit_test(test_it_can_be_broken_off),
		cmocka_unit_test(test_every_ladder_ends),
		cmocka_unit_test(test_silence_and_wrong_answers),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
