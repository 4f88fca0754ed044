/* SPDX-License-Identifier: Apache-2.0 */
/* Chance for simulated boards: repeatable, and shaped as asked. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "agents/simulate/random.h"

#define DRAWS 20000

static void same_seed_same_course(void **state)
{
	struct sim_random one, same, other;
	bool differs = false;
	double first;

	(void)state;
	sim_random_init(&one, 7, 3);
	sim_random_init(&same, 7, 3);
	sim_random_init(&other, 7, 4);
	for (int i = 0; i < 100; i++) {
		first = sim_random_unit(&one);
		assert_true(first == sim_random_unit(&same));
		differs |= first != sim_random_unit(&other);
		assert_true(first >= 0 && first < 1);
	}
	assert_true(differs);
}

static void picks_by_share(void **state)
{
	static const uint32_t shares[] = {0, 3, 0, 1};
	size_t count[4] = {0};
	struct sim_random random;

	(void)state;
	sim_random_init(&random, 1, 1);
	for (int i = 0; i < DRAWS; i++)
		count[sim_random_pick(&random, shares, 4)]++;
	assert_int_equal(count[0] + count[2], 0);
	assert_in_range(count[1], DRAWS * 70 / 100, DRAWS * 80 / 100);
}

static void uniform_reaches_both_ends(void **state)
{
	static const struct sim_delay delay = {.kind = SIM_UNIFORM, .ms = 3, .most_ms = 5};
	size_t count[6] = {0};
	struct sim_random random;

	(void)state;
	sim_random_init(&random, 1, 1);
	for (int i = 0; i < DRAWS; i++)
		count[sim_delay_ms(&delay, &random)]++;
	assert_int_equal(count[0] + count[1] + count[2], 0);
	for (int ms = 3; ms <= 5; ms++)
		assert_in_range(count[ms], DRAWS * 30 / 100, DRAWS * 37 / 100);
}

static void lognormal_has_its_median_and_most(void **state)
{
	static const struct sim_delay delay = {.kind = SIM_LOGNORMAL, .ms = 1000, .most_ms = 1500, .sigma = 0.5};
	size_t below = 0, at_most = 0;
	struct sim_random random;
	int64_t ms;

	(void)state;
	sim_random_init(&random, 1, 1);
	for (int i = 0; i < DRAWS; i++) {
		ms = sim_delay_ms(&delay, &random);
		assert_in_range(ms, 0, 1500);
		below += ms < 1000;
		at_most += ms == 1500;
	}
	assert_in_range(below, DRAWS * 48 / 100, DRAWS * 52 / 100);
	/* ln(1.5) / 0.5 = 0.81 deviations: 21 % lie beyond */
	assert_in_range(at_most, DRAWS * 19 / 100, DRAWS * 23 / 100);
}

static void fixed_is_fixed(void **state)
{
	static const struct sim_delay delay = {.kind = SIM_FIXED, .ms = 42};
	struct sim_random random;

	(void)state;
	sim_random_init(&random, 1, 1);
	assert_int_equal(sim_delay_ms(&delay, &random), 42);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(same_seed_same_course),
		cmocka_unit_test(picks_by_share),
		cmocka_unit_test(uniform_reaches_both_ends),
		cmocka_unit_test(lognormal_has_its_median_and_most),
		cmocka_unit_test(fixed_is_fixed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
