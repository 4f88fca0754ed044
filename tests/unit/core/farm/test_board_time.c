/* SPDX-License-Identifier: Apache-2.0 */
/* A board's time when the clock that people read is set: what nobody saw is not told as its work. */
#include "tests/unit/core/farm/support_farm.h"

#define SECOND_US INT64_C(1000000)
#define HOUR_US   (3600 * SECOND_US)

static struct doc_problems problems;

/* In seconds, of all days. */
static int64_t spent_s(struct farm_world *w, const char *kind)
{
	json_t *times = farm_board_time_json(w->farm, &boss, "mb1", 31), *day;
	int64_t us = 0;
	size_t i;

	json_array_foreach(json_object_get(times, "days"), i, day) us +=
		json_integer_value(json_object_get(json_object_get(day, "us"), kind));
	json_decref(times);
	return us / SECOND_US;
}

static void expect_spent(struct farm_world *w, int64_t running_s, int64_t idle_s, int64_t offline_s)
{
	assert_int_equal(spent_s(w, "running"), running_s);
	assert_int_equal(spent_s(w, "idle"), idle_s);
	assert_int_equal(spent_s(w, "offline"), offline_s);
}

static void begin_to_run(struct farm_world *w)
{
	assert_int_equal(
		submit(w, &mary, "name: one\nrequire: {tests: 1}\nruns: [{board: mb1, image: suite.elf}]\n", &problems),
		0);
	commit_all(w);
	assert_int_equal(tell_step_named(w, 1, "capture", false), 0);
	commit_all(w);
	expect_spent(w, 0, 0, 0);
}

static void test_put_forward_while_a_run_is_on(void **state)
{
	struct farm_world *w = *state;

	begin_to_run(w);
	w->now_us += 10 * SECOND_US;
	expect_spent(w, 10, 0, 0);
	w->jumped_us = 48 * HOUR_US;
	expect_spent(w, 10, 0, 48 * 3600);
	w->now_us += 5 * SECOND_US;
	assert_int_equal(tell_end(w, 2, CAUSE_ALL_REQUIRED_SEEN), 0);
	commit_all(w);
	expect_spent(w, 15, 0, 48 * 3600);
	w->now_us += 7 * SECOND_US;
	expect_spent(w, 15, 7, 48 * 3600);
}

/* A second or two are what clocks are set by all the time. */
static void test_put_forward_by_little(void **state)
{
	struct farm_world *w = *state;

	begin_to_run(w);
	w->now_us += 10 * SECOND_US;
	w->jumped_us = SECOND_US;
	expect_spent(w, 11, 0, 0);
}

static void test_put_back_and_forward_again(void **state)
{
	struct farm_world *w = *state;

	begin_to_run(w);
	w->now_us += 10 * SECOND_US;
	w->jumped_us = -HOUR_US;
	assert_int_equal(tell_end(w, 2, CAUSE_ALL_REQUIRED_SEEN), 0);
	commit_all(w);
	expect_spent(w, 0, 0, 0); /* it is before what is told already */
	w->now_us += 20 * SECOND_US;
	w->jumped_us = 0;
	expect_spent(w, 0, 20, 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_put_forward_while_a_run_is_on, setup_rack, teardown_farm),
		cmocka_unit_test_setup_teardown(test_put_forward_by_little, setup_rack, teardown_farm),
		cmocka_unit_test_setup_teardown(test_put_back_and_forward_again, setup_rack, teardown_farm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
