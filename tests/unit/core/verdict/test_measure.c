/* SPDX-License-Identifier: Apache-2.0 */
/* Measurements against limits, and both as JSON. */
#include <stdlib.h>
#include <string.h>

#include "core/base/err.h"
#include "core/verdict/measure.h"
#include "tests/unit/core/base/cmocka_all.h"

static struct measurement measured(double value)
{
	return (struct measurement){.name = "lat", .unit = "us", .value = value};
}

static const struct measure_limit LIMIT = {.case_name = (char *)"A.b",
					   .name = "lat",
					   .unit = "us",
					   .has_min = true,
					   .min = 1,
					   .has_max = true,
					   .max = 20,
					   .has_worst = true,
					   .worst = 13.5,
					   .basis = "median 12"};

static void test_judge(void **state)
{
	static const struct {
		double value;
		enum cause cause;
		enum measure_verdict verdict;
	} table[] = {
		{1, CAUSE_NONE, MEASURE_OK},           {13.5, CAUSE_NONE, MEASURE_OK},
		{13.6, CAUSE_REGRESSION, MEASURE_OUT}, {20, CAUSE_REGRESSION, MEASURE_OUT},
		{20.1, CAUSE_LIMIT, MEASURE_OUT},      {0.9, CAUSE_LIMIT, MEASURE_OUT},
		{-5, CAUSE_LIMIT, MEASURE_OUT},
	};

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
		struct measurement m = measured(table[i].value);

		assert_int_equal(measure_judge(&LIMIT, &m), table[i].cause);
		assert_int_equal(m.verdict, table[i].verdict);
		assert_true(m.has_low && m.low == 1 && m.has_high && m.high == 13.5);
		assert_string_equal(m.basis, m.value > 20 ? "median 12; the suite's own limit is 20" : "median 12");
	}
}

static void test_higher_is_better(void **state)
{
	struct measure_limit limit = LIMIT;
	struct measurement m = measured(13);

	(void)state;
	limit.better = BETTER_HIGHER;
	assert_int_equal(measure_judge(&limit, &m), CAUSE_REGRESSION);
	assert_true(m.low == 13.5 && m.high == 20);
	m = measured(14);
	assert_int_equal(measure_judge(&limit, &m), CAUSE_NONE);
	limit.worst = 0.5; /* the suite's own is the tighter one */
	m = measured(2);
	assert_int_equal(measure_judge(&limit, &m), CAUSE_NONE);
	assert_true(m.low == 1);
}

static void test_what_cannot_be_judged(void **state)
{
	struct measure_limit open = {.case_name = (char *)"A.b", .name = "lat", .unit = "us", .basis = "no baseline"};
	struct measurement m = measured(5);

	(void)state;
	assert_int_equal(measure_judge(&open, &m), CAUSE_NONE);
	assert_int_equal(m.verdict, MEASURE_UNJUDGED);
	assert_string_equal(m.basis, "no baseline");
	m = measured(500);
	memcpy(m.unit, "ms", 3);
	assert_int_equal(measure_judge(&LIMIT, &m), CAUSE_NONE);
	assert_int_equal(m.verdict, MEASURE_UNJUDGED);
	assert_non_null(strstr(m.basis, "printed in ms"));
}

static void test_words(void **state)
{
	struct measurement m = measured(14);
	char text[200];

	(void)state;
	measure_judge(&LIMIT, &m);
	measure_describe(&m, text, sizeof text);
	assert_string_equal(text, "lat 14 us, at most 13.5 (median 12)");
	m = measured(0.5);
	measure_judge(&LIMIT, &m);
	measure_describe(&m, text, sizeof text);
	assert_string_equal(text, "lat 0.5 us, at least 1 (median 12)");
	m = measured(0);
	m.verdict = MEASURE_MISSING;
	measure_describe(&m, text, sizeof text);
	assert_string_equal(text, "lat was not printed");
}

static void test_json_and_back(void **state)
{
	struct measure_limits limits = {.item = (struct measure_limit *)&LIMIT, .count = 1}, again = {0}, copy = {0};
	struct measurement m = measured(14.25), back;
	struct err err = {0};
	json_t *json;

	(void)state;
	m.offset = 7;
	m.end = 40;
	measure_judge(&LIMIT, &m);
	json = measurement_to_json(&m);
	assert_int_equal(measurement_from_json(json, &back, &err), 0);
	assert_int_equal(memcmp(&m, &back, sizeof m), 0);
	json_object_set_new(json, "value", json_string("14"));
	assert_int_equal(measurement_from_json(json, &back, &err), ERR_INVALID);
	assert_non_null(strstr(err.text, "value"));
	json_decref(json);
	json = measure_limits_to_json(&limits);
	assert_int_equal(measure_limits_from_json(json, &again, &err), 0);
	assert_int_equal(again.count, 1);
	assert_true(again.item[0].worst == 13.5 && again.item[0].max == 20 && again.item[0].has_min);
	assert_int_equal(measure_limits_copy(&copy, &again), 0);
	assert_non_null(measure_limits_find(&copy, "A.b", "lat"));
	assert_null(measure_limits_find(&copy, "A.b", "other"));
	assert_null(measure_limits_find(&copy, "A.c", "lat"));
	measure_limits_finish(&again);
	measure_limits_finish(&copy);
	json_object_del(json_array_get(json, 0), "unit");
	assert_int_equal(measure_limits_from_json(json, &again, &err), ERR_INVALID);
	json_decref(json);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_judge),
		cmocka_unit_test(test_higher_is_better),
		cmocka_unit_test(test_what_cannot_be_judged),
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_json_and_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
