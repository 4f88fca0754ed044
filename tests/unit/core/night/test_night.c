/* SPDX-License-Identifier: Apache-2.0 */
/* What changed from one night to another: every pair of what a case can do, histories, measurements, and the text. */
#include "core/night/night.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "tests/unit/core/base/cmocka_all.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* One result by a letter: pass, fail, crashed, error, missing, ignored, waived, expected failure (x), unexpected pass
 * (u), ignored as it may be (o). */
static struct case_result result_of(char letter)
{
	struct case_result result = {.group = "G", .name = "c", .verdict = CASE_PASS};

	if (strchr("fwx", letter))
		result.verdict = CASE_FAIL;
	if (letter == 'c')
		result.verdict = CASE_CRASHED;
	if (letter == 'e')
		result.verdict = CASE_ERROR;
	if (letter == 'm')
		result.verdict = CASE_MISSING;
	if (strchr("io", letter))
		result.verdict = CASE_IGNORED;
	if (letter == 'w')
		result.standing = STANDING_WAIVED;
	if (letter == 'x')
		result.standing = STANDING_EXPECTED;
	if (letter == 'u')
		result.standing = STANDING_UNEXPECTED_PASS;
	result.waived_ignore = letter == 'o';
	return result;
}

static struct night_run run_of(int64_t number, enum run_verdict verdict)
{
	return (struct night_run){"suite", "image", "type", number, verdict};
}

static struct night *empty_night(void)
{
	struct night *night = NULL;

	assert_int_equal(night_create(&night), 0);
	return night;
}

/* One run for each letter, numbered from first; '-' is one that ended without the case, '!' one that the farm lost. */
static struct night *night_of(const char *letters, int64_t first)
{
	struct night *night = empty_night();

	for (const char *at = letters; *at; at++) {
		struct night_run run = run_of(first + (at - letters), *at == '!' ? RUN_INFRASTRUCTURE : RUN_FAILED);
		struct case_result result = result_of(*at);

		assert_int_equal(night_add_run(night, &run), 0);
		if (*at != '-')
			assert_int_equal(night_add_case(night, &run, &result), 0);
	}
	return night;
}

static bool find_flaky(void *context, const struct night_run *place, const char *case_name, struct flake *ret_flake)
{
	assert_string_equal(place->type, "type");
	assert_string_equal(case_name, "G.c");
	*ret_flake = *(const struct flake *)context;
	return true;
}

struct pair {
	const char *before, *now;
	enum night_kind kind;
	enum night_absence absence;
	int64_t run; /* of this night's, which are numbered from 100 */
};

static void expect(const struct pair *pair, const struct flake *flake)
{
	struct night *before = night_of(pair->before, 1), *now = night_of(pair->now, 100);
	struct flake copy = flake ? *flake : (struct flake){0};
	struct night_history history = {&copy, find_flaky, NULL};
	struct night_comparison comparison;
	size_t same = pair->kind == NIGHT_IS_SAME;

	assert_int_equal(night_compare(before, now, flake ? &history : NULL, &comparison), 0);
	if (comparison.counts[pair->kind] != 1 || comparison.cases != 1 || comparison.count != 1 - same)
		fail_msg("%s then %s: %zu changes, %s", pair->before, pair->now, comparison.count,
			 comparison.count ? night_kind_name(comparison.item[0].kind) : "same");
	if (comparison.count) {
		const struct night_change *change = &comparison.item[0];

		if (change->kind != pair->kind || change->absence != pair->absence || change->now.run != pair->run)
			fail_msg("%s then %s: %s, %s, run %d", pair->before, pair->now, night_kind_name(change->kind),
				 night_absence_text(change->absence), (int)change->now.run);
		assert_string_equal(change->case_name, "G.c");
		assert_string_equal(change->suite, "suite");
	}
	night_comparison_finish(&comparison);
	night_destroy(before);
	night_destroy(now);
}

static void test_pairs(void **state)
{
	static const struct pair pairs[] = {
		{"p", "p", NIGHT_IS_SAME, 0, 0},
		{"p", "f", NIGHT_IS_NEW_FAILURE, 0, 100},
		{"p", "c", NIGHT_IS_NEW_FAILURE, 0, 100},
		{"p", "e", NIGHT_IS_NEW_FAILURE, 0, 100},
		{"p", "u", NIGHT_IS_NEW_FAILURE, 0, 100},
		{"-", "f", NIGHT_IS_NEW_FAILURE, 0, 100},
		{"i", "f", NIGHT_IS_NEW_FAILURE, 0, 100},
		{"m", "f", NIGHT_IS_NEW_FAILURE, 0, 100},
		{"pf", "ff", NIGHT_IS_NEW_FAILURE, 0, 100},
		{"ppp", "fff", NIGHT_IS_NEW_FAILURE, 0, 100},
		{"p", "!f", NIGHT_IS_NEW_FAILURE, 0, 101},
		{"f", "f", NIGHT_IS_STILL_FAILING, 0, 100},
		{"c", "mf", NIGHT_IS_STILL_FAILING, 0, 101},
		{"f", "p", NIGHT_IS_FIXED, 0, 100},
		{"m", "p", NIGHT_IS_FIXED, 0, 100},
		{"f", "w", NIGHT_IS_FIXED, 0, 100},
		{"w", "p", NIGHT_IS_SAME, 0, 0},
		{"x", "x", NIGHT_IS_SAME, 0, 0},
		{"p", "w", NIGHT_IS_SAME, 0, 0},
		{"w", "f", NIGHT_IS_NEW_FAILURE, 0, 100},
		{"-", "p", NIGHT_IS_NEW_CASE, 0, 100},
		{"!", "p", NIGHT_IS_NEW_CASE, 0, 100},
		{"i", "p", NIGHT_IS_NEW_CASE, 0, 100},
		{"p", "ppf", NIGHT_IS_FLAKY, 0, 102},
		{"f", "fp", NIGHT_IS_FLAKY, 0, 100},
		{"-", "pf", NIGHT_IS_FLAKY, 0, 101},
		{"p", "pm", NIGHT_IS_FLAKY, 0, 101},
		{"pf", "pp", NIGHT_IS_SAME, 0, 0},
		{"p", "m", NIGHT_IS_GONE, NIGHT_ABSENCE_NOT_SEEN, 100},
		{"m", "m", NIGHT_IS_GONE, NIGHT_ABSENCE_NOT_SEEN, 100},
		{"-", "m", NIGHT_IS_GONE, NIGHT_ABSENCE_NOT_SEEN, 100},
		{"p", "i", NIGHT_IS_GONE, NIGHT_ABSENCE_LEFT_OUT, 100},
		{"p", "!", NIGHT_IS_GONE, NIGHT_ABSENCE_NO_RUN, 0},
		{"f", "!!", NIGHT_IS_GONE, NIGHT_ABSENCE_NO_RUN, 0},
		{"p", "", NIGHT_IS_GONE, NIGHT_ABSENCE_NOT_ASKED, 0},
		{"p", "-", NIGHT_IS_GONE, NIGHT_ABSENCE_NOT_TOLD, 0},
		{"p", "!-", NIGHT_IS_GONE, NIGHT_ABSENCE_NOT_TOLD, 0},
		{"i", "i", NIGHT_IS_SAME, 0, 0},
		{"i", "-", NIGHT_IS_SAME, 0, 0},
		{"-", "i", NIGHT_IS_SAME, 0, 0},
		{"o", "o", NIGHT_IS_SAME, 0, 0},
		{"pi", "p", NIGHT_IS_SAME, 0, 0},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(pairs); i++)
		expect(&pairs[i], NULL);
}

static void test_known_to_be_flaky(void **state)
{
	static const struct pair pairs[] = {
		{"p", "f", NIGHT_IS_FLAKY, 0, 100},    {"-", "f", NIGHT_IS_FLAKY, 0, 100},
		{"f", "p", NIGHT_IS_FLAKY, 0, 100},    {"f", "f", NIGHT_IS_STILL_FAILING, 0, 100},
		{"p", "p", NIGHT_IS_SAME, 0, 0},       {"p", "m", NIGHT_IS_GONE, NIGHT_ABSENCE_NOT_SEEN, 100},
		{"-", "p", NIGHT_IS_NEW_CASE, 0, 100},
	};
	static const struct flake known = {.pairs = NIGHT_FLAKE_PAIRS, .flips = 3, .low = NIGHT_FLAKE_LOW};
	static const struct flake few = {.pairs = NIGHT_FLAKE_PAIRS - 1, .flips = 5, .low = 0.3};
	static const struct flake steady = {.pairs = 90, .flips = 1, .low = NIGHT_FLAKE_LOW / 2};
	static const struct pair failure = {"p", "f", NIGHT_IS_NEW_FAILURE, 0, 100};

	(void)state;
	for (size_t i = 0; i < COUNT(pairs); i++)
		expect(&pairs[i], &known);
	expect(&failure, &few);
	expect(&failure, &steady);
}

/* Adds a run that passed, in which the case measured something. */
static void add_measured(struct night *night, int64_t number, struct measurement measured)
{
	struct night_run run = run_of(number, RUN_PASSED);
	struct case_result result = result_of('p');

	result.measurements = &measured;
	result.measurement_count = 1;
	assert_int_equal(night_add_run(night, &run), 0);
	assert_int_equal(night_add_case(night, &run, &result), 0);
}

static void add_value(struct night *night, int64_t number, double value, bool only_low)
{
	add_measured(night, number,
		     (struct measurement){.name = "time", .unit = "us", .value = value, .has_low = only_low});
}

struct accepted {
	struct baseline baseline;
	enum measure_better better;
};

static bool find_measure(void *context, const struct night_run *place, const char *case_name, const char *name,
			 const char *unit, struct baseline *ret_baseline, enum measure_better *ret_better)
{
	const struct accepted *accepted = context;

	assert_string_equal(place->suite, "suite");
	assert_string_equal(case_name, "G.c");
	assert_string_equal(name, "time");
	assert_string_equal(unit, "us");
	*ret_baseline = accepted->baseline;
	*ret_better = accepted->better;
	return true;
}

/* By how many per cent it is slower; -1 when it is not. */
static double slower_by(double before_value, double now_value, bool only_low, struct accepted *accepted)
{
	struct night *before = empty_night(), *now = empty_night();
	struct night_history history = {accepted, NULL, find_measure};
	struct night_comparison comparison;
	double percent = -1;

	add_value(before, 1, before_value, only_low);
	/* The median counts: a value that is far off does not. */
	add_value(now, 100, now_value, only_low);
	add_value(now, 101, now_value, only_low);
	add_value(now, 102, now_value * 100, only_low);
	assert_int_equal(night_compare(before, now, accepted ? &history : NULL, &comparison), 0);
	assert_int_equal(comparison.counts[NIGHT_IS_SLOWER] + comparison.counts[NIGHT_IS_SAME], 1);
	if (comparison.count) {
		assert_int_equal(comparison.item[0].kind, NIGHT_IS_SLOWER);
		assert_string_equal(comparison.item[0].measure, "time");
		assert_true(fabs(comparison.item[0].before_value - before_value) < 1e-9);
		assert_true(fabs(comparison.item[0].now_value - now_value) < 1e-9);
		percent = comparison.item[0].percent;
	}
	night_comparison_finish(&comparison);
	night_destroy(before);
	night_destroy(now);
	return percent;
}

static size_t slower_rates(double before_value, double now_value)
{
	struct night *before = empty_night(), *now = empty_night();
	struct night_comparison comparison;
	size_t slower;

	add_measured(before, 1, (struct measurement){.name = "write", .unit = "kB/s", .value = before_value});
	add_measured(now, 2, (struct measurement){.name = "write", .unit = "kB/s", .value = now_value});
	assert_int_equal(night_compare(before, now, NULL, &comparison), 0);
	slower = comparison.counts[NIGHT_IS_SLOWER];
	night_comparison_finish(&comparison);
	night_destroy(before);
	night_destroy(now);
	return slower;
}

static void test_a_rate_is_slower_when_it_is_lower(void **state)
{
	(void)state;
	assert_int_equal(slower_rates(100, 200), 0);
	assert_int_equal(slower_rates(200, 100), 1);
}

static void test_slower(void **state)
{
	struct accepted lower = {{.count = 9, .median = 100, .mad = 2}, BETTER_LOWER};
	struct accepted higher = {{.count = 9, .median = 100, .mad = 2}, BETTER_HIGHER};
	struct accepted noisy = {{.count = 9, .median = 100, .mad = 10}, BETTER_LOWER};
	struct accepted two = {{.count = 2, .median = 100, .mad = 10}, BETTER_LOWER};

	(void)state;
	assert_true(fabs(slower_by(100, 120, false, NULL) - 20) < 1e-9);
	assert_true(slower_by(100, 105, false, NULL) < 0);
	assert_true(slower_by(100, 80, false, NULL) < 0);
	assert_true(fabs(slower_by(100, 80, true, NULL) - 20) < 1e-9);
	assert_true(fabs(slower_by(100, 80, false, &higher) - 20) < 1e-9);
	assert_true(slower_by(100, 120, false, &higher) < 0);
	assert_true(slower_by(100, 107, false, &lower) < 0);
	assert_true(slower_by(100, 109, false, &lower) > 0);
	assert_true(slower_by(100, 120, false, &noisy) < 0);
	assert_true(slower_by(100, 120, false, &two) > 0);
	assert_true(fabs(slower_by(0, 1, false, NULL)) < 1e-9);
	assert_true(fabs(slower_by(-100, -80, false, NULL) - 20) < 1e-9);
}

static void add(struct night *night, const char *image, const char *name, char letter, int64_t number)
{
	struct night_run run = {"suite", image, "type", number, RUN_FAILED};
	struct case_result result = result_of(letter);

	result.name = (char *)(uintptr_t)name;
	assert_int_equal(night_add_case(night, &run, &result), 0);
}

static void test_text(void **state)
{
	struct night *before = night_of("p", 1), *now = night_of("pf!", 100);
	struct night_comparison comparison;
	struct buf out;

	(void)state;
	add(before, "a", "one", 'p', 2);
	add(now, "a", "one", 'f', 103);
	add(now, "b", "two", 'f', 104);
	add(now, "b", "three", 'f', 104);
	add(before, "c", "four", 'p', 3);
	add_value(before, 4, 12, false);
	assert_int_equal(night_compare(before, now, NULL, &comparison), 0);
	buf_init(&out, 10000);
	assert_int_equal(night_text(&comparison, 2, &out), 0);
	assert_string_equal(buf_text(&out),
			    "5 cases in 3 runs, of which 1 came to nothing that counts\n"
			    "3 new failures, 1 missing, 1 flaky, 0 slower, 0 still failing, 0 fixed, 0 new cases, 0 "
			    "unchanged\n"
			    "\nNew failures\n"
			    "  G.one [suite, a on type]: failed; passed before (run 103)\n"
			    "  G.three [suite, b on type]: failed (run 104)\n"
			    "  and 1 more\n"
			    "\nMissing\n"
			    "  G.four [suite, c on type]: not part of the schedule any more; passed before\n"
			    "\nFlaky\n"
			    "  G.c [suite, image on type]: passed 1 of 2; passed 2 of 2 before (run 101)\n");
	buf_finish(&out);
	buf_init(&out, 20);
	assert_int_equal(night_text(&comparison, 2, &out), ERR_TOO_BIG);
	buf_finish(&out);
	night_comparison_finish(&comparison);
	night_destroy(before);
	night_destroy(now);
}

static void test_text_of_a_slower_case(void **state)
{
	struct night *before = empty_night(), *now = empty_night();
	struct night_comparison comparison;
	struct buf out;

	(void)state;
	add_value(before, 1, 12.5, false);
	add_value(now, 7, 15, false);
	assert_int_equal(night_compare(before, now, NULL, &comparison), 0);
	buf_init(&out, 10000);
	assert_int_equal(night_text(&comparison, 10, &out), 0);
	assert_non_null(strstr(buf_text(&out),
			       "\nSlower\n  G.c [suite, image on type]: time 15 us, was 12.5 us (20.0 % worse) "
			       "(run 7)\n"));
	buf_finish(&out);
	night_comparison_finish(&comparison);
	night_destroy(before);
	night_destroy(now);
}

static void test_first_night(void **state)
{
	struct night *now = night_of("p", 100);
	struct night_comparison comparison;
	json_t *object;
	struct buf out;

	(void)state;
	add(now, "image", "bad", 'f', 101);
	assert_int_equal(night_compare(NULL, now, NULL, &comparison), 0);
	assert_int_equal(comparison.counts[NIGHT_IS_NEW_CASE], 0);
	assert_int_equal(comparison.counts[NIGHT_IS_SAME], 1);
	assert_int_equal(comparison.counts[NIGHT_IS_NEW_FAILURE], 1);
	buf_init(&out, 10000);
	assert_int_equal(night_text(&comparison, 10, &out), 0);
	assert_int_equal(strncmp(buf_text(&out),
				 "2 cases in 1 run; there is no night to compare it with\n1 failing, 0 missing, 1 as "
				 "they should be\n\n"
				 "Failing\n",
				 104),
			 0);
	buf_finish(&out);
	object = night_to_json(&comparison);
	assert_non_null(object);
	assert_false(json_is_true(json_object_get(object, "compared")));
	assert_int_equal(json_array_size(json_object_get(object, "changes")), 1);
	assert_int_equal(json_integer_value(json_object_get(json_object_get(object, "counts"), "new-failure")), 1);
	assert_string_equal(
		json_string_value(json_object_get(json_array_get(json_object_get(object, "changes"), 0), "case")),
		"G.bad");
	json_decref(object);
	night_comparison_finish(&comparison);
	night_destroy(now);
	night_destroy(NULL);
}

static void expect_since(struct night_image since, struct night_image good, const char *expected)
{
	struct night *now = night_of("p", 100);
	struct night_comparison comparison;
	struct buf out;

	add(now, "image", "bad", 'f', 101);
	assert_int_equal(night_compare(NULL, now, NULL, &comparison), 0);
	comparison.item[0].since = since;
	comparison.item[0].good = good;
	buf_init(&out, 10000);
	assert_int_equal(night_text(&comparison, 10, &out), 0);
	assert_non_null(strstr(buf_text(&out), expected));
	buf_finish(&out);
	night_comparison_finish(&comparison);
	night_destroy(now);
}

static void test_since_which_image(void **state)
{
	const struct night_image none = {0}, ann = {3, 2, "aaaaaaaaaaaaaaaa", "ann"},
				 ci = {5, 4, "bbbbbbbbbbbbbbbb", "ci"}, stored = {5, 0, "cccccccccccccccc", ""},
				 again = {5, 3, "aaaaaaaaaaaaaaaa", "ci"};

	(void)state;
	expect_since(none, none, "(run 101)\n");
	expect_since(ci, ann, "(run 101); since version 4 by ci (night 5), not with version 2 by ann\n");
	expect_since(stored, ann, "; since image cccccccccccc (night 5), not with version 2 by ann\n");
	expect_since(ci, none, "; since version 4 by ci (night 5) or longer\n");
	expect_since(again, ann, "; since night 5, with the very image of night 3\n");
}

static void test_maxima(void **state)
{
	struct night *night = empty_night();
	char type[20];
	struct night_run run = {"suite", "image", type, 1, RUN_PASSED};

	(void)state;
	for (int i = 0; i < NIGHT_MAX_PLACES; i++) {
		snprintf(type, sizeof type, "t%d", i);
		assert_int_equal(night_add_run(night, &run), 0);
	}
	assert_int_equal(night_add_run(night, &run), 0);
	snprintf(type, sizeof type, "more");
	assert_int_equal(night_add_run(night, &run), ERR_TOO_BIG);
	night_destroy(night);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pairs),
		cmocka_unit_test(test_known_to_be_flaky),
		cmocka_unit_test(test_slower),
		cmocka_unit_test(test_a_rate_is_slower_when_it_is_lower),
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_text_of_a_slower_case),
		cmocka_unit_test(test_first_night),
		cmocka_unit_test(test_maxima),
		cmocka_unit_test(test_since_which_image),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
