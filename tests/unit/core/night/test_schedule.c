/* SPDX-License-Identifier: Apache-2.0 */
/* Schedules: what a file says, the cells of its matrix, and when it is due. What files are refused is in test_examples
 * and here, where a schema cannot tell. */
#include "core/night/schedule.h"

#include <stdio.h>
#include <string.h>

#include "core/base/civil.h"
#include "tests/unit/core/base/cmocka_all.h"

#define US     INT64_C(1000000)
#define MATRIX "matrix: {suites: [a], types: [t], images: [drop:main]}\n"

static int64_t at(int day, int hour, int minute)
{
	struct civil_date date = {2026, 11, day};

	return (civil_to_days(&date) * CIVIL_DAY_S + hour * 3600 + minute * 60) * US;
}

static struct schedule *schedule_of(const char *text)
{
	struct schedule *schedule = NULL;
	struct doc_problems problems;

	doc_problems_init(&problems, "");
	if (schedule_read("test", text, strlen(text), NULL, &schedule, &problems))
		fail_msg("%s: found %s, expected %s", problems.item[0].field, problems.item[0].found,
			 problems.item[0].expected);
	return schedule;
}

static void test_defaults(void **state)
{
	struct schedule *schedule = schedule_of("name: x\nwhen: daily\n" MATRIX);

	(void)state;
	assert_string_equal(schedule->name, "x");
	assert_false(schedule->has_window);
	assert_int_equal(schedule->boards, SCHEDULE_ANY_BOARD);
	assert_int_equal(schedule->count, 1);
	assert_int_equal(schedule->retries, 1);
	assert_int_equal(schedule->parallel, 0);
	assert_int_equal(schedule->priority, 20);
	assert_true(schedule->preemptible);
	assert_int_equal(schedule->missed, MISSED_RUN);
	assert_int_equal(schedule->compare_with, COMPARE_ACCEPTED);
	assert_string_equal(schedule_comparison_name(schedule->compare_with), "accepted");
	assert_string_equal(schedule->webhook_url, "");
	assert_int_equal(schedule->mail_count, 0);
	schedule_destroy(schedule);
	schedule_destroy(NULL);
}

static void test_every_field(void **state)
{
	struct schedule *schedule = schedule_of(
		"name: x\nwhen: daily\nwindow: 22:00-06:00\n" MATRIX
		"boards: each\ncount: 3\nretries: 0\nparallel: 7\npriority: 90\npreemptible: false\nmissed: skip\n"
		"compare-with: nothing\nnotify: {webhook: {url: http://ci/x, secret: s}, mail: [a@b, c@d]}\n");

	(void)state;
	assert_true(schedule->has_window);
	assert_int_equal(schedule->window.from_s, 22 * 3600);
	assert_int_equal(schedule->boards, SCHEDULE_EACH_BOARD);
	assert_int_equal(schedule->count, 3);
	assert_int_equal(schedule->retries, 0);
	assert_int_equal(schedule->parallel, 7);
	assert_int_equal(schedule->priority, 90);
	assert_false(schedule->preemptible);
	assert_int_equal(schedule->missed, MISSED_SKIP);
	assert_int_equal(schedule->compare_with, COMPARE_NOTHING);
	assert_string_equal(schedule->webhook_url, "http://ci/x");
	assert_string_equal(schedule->webhook_secret, "s");
	assert_int_equal(schedule->mail_count, 2);
	assert_string_equal(schedule->mails[1], "c@d");
	schedule_destroy(schedule);
}

/* "image suite type source; " of every cell. */
static void test_cells(void **state)
{
	struct schedule *schedule = schedule_of("name: x\nwhen: daily\nmatrix:\n  suites: [a, b]\n  types: [t, u]\n"
						"  images:\n    - drop:main-{type}\n"
						"    - {image: \"drop:{type}{type}\", name: n, types: [u]}\n");
	struct schedule_cell cell;
	char told[1000] = "";
	size_t cursor = 0;

	(void)state;
	while (schedule_cell_next(schedule, &cursor, &cell)) {
		size_t len = strlen(told);

		snprintf(told + len, sizeof told - len, "%s %s %s %s; ", cell.image, cell.suite, cell.type,
			 cell.source);
	}
	assert_string_equal(told, "main-{type} a t drop:main-t; main-{type} b t drop:main-t; "
				  "main-{type} a u drop:main-u; main-{type} b u drop:main-u; "
				  "n a u drop:uu; n b u drop:uu; ");
	assert_false(schedule_cell_next(schedule, &cursor, &cell));
	schedule_destroy(schedule);
}

static void expect_due(const struct schedule *schedule, int64_t last_us, int64_t now_us, int64_t expected_us)
{
	int64_t due_us = -1;

	assert_true(schedule_due(schedule, last_us, now_us, &due_us));
	assert_int_equal(due_us, expected_us);
}

static void expect_not_due(const struct schedule *schedule, int64_t last_us, int64_t now_us)
{
	int64_t due_us = -1;

	assert_false(schedule_due(schedule, last_us, now_us, &due_us));
	assert_int_equal(due_us, -1);
}

static void test_due(void **state)
{
	struct schedule *schedule = schedule_of("name: x\nwhen: 22:00\n" MATRIX);

	(void)state;
	expect_not_due(schedule, at(20, 22, 0), at(20, 22, 0));
	expect_not_due(schedule, at(20, 22, 0), at(21, 22, 0) - 1);
	expect_due(schedule, at(20, 22, 0), at(21, 22, 0), at(21, 22, 0));
	expect_due(schedule, at(20, 22, 0), at(21, 22, 0) + US, at(21, 22, 0));
	/* Three were missed; the last one counts. */
	expect_due(schedule, at(20, 22, 0), at(24, 7, 0), at(23, 22, 0));
	expect_not_due(schedule, at(23, 22, 0), at(24, 7, 0));
	/* A clock that was put back. */
	expect_not_due(schedule, at(23, 22, 0), at(22, 7, 0));
	schedule_destroy(schedule);
}

static void test_what_was_missed_long_ago(void **state)
{
	struct schedule *often = schedule_of("name: x\nwhen: \"*:*:0/10\"\n" MATRIX);
	struct schedule *seldom = schedule_of("name: x\nwhen: 2021-01-01\n" MATRIX);

	(void)state;
	expect_due(often, 0, at(24, 7, 0) + 9 * US, at(24, 7, 0));
	expect_due(seldom, 0, at(24, 7, 0), 1609459200 * US);
	expect_not_due(seldom, 1609459200 * US, at(24, 7, 0));
	schedule_destroy(often);
	schedule_destroy(seldom);
}

static void test_missed_and_skipped(void **state)
{
	struct schedule *schedule = schedule_of("name: x\nwhen: 22:00\nmissed: skip\n" MATRIX);

	(void)state;
	expect_due(schedule, at(20, 22, 0), at(21, 22, 0) + SCHEDULE_LATE_LIMIT_US, at(21, 22, 0));
	expect_not_due(schedule, at(20, 22, 0), at(21, 22, 0) + SCHEDULE_LATE_LIMIT_US + 1);
	schedule_destroy(schedule);
}

static void test_missed_and_its_window_over(void **state)
{
	struct schedule *schedule = schedule_of("name: x\nwhen: 21:50\nwindow: 22:00-06:00\n" MATRIX);

	(void)state;
	expect_due(schedule, at(20, 21, 50), at(21, 21, 50), at(21, 21, 50));
	expect_due(schedule, at(20, 21, 50), at(22, 5, 59), at(21, 21, 50));
	expect_not_due(schedule, at(20, 21, 50), at(22, 6, 0));
	schedule_destroy(schedule);
}

static void expect_refused(const char *text, const char *field, const char *found)
{
	struct schedule *schedule = NULL;
	struct doc_problems problems;

	doc_problems_init(&problems, "");
	assert_int_equal(schedule_read("test", text, strlen(text), NULL, &schedule, &problems), ERR_INVALID);
	assert_string_equal(problems.item[0].field, field);
	assert_string_equal(problems.item[0].found, found);
	assert_null(schedule);
}

static void test_what_a_schema_cannot_tell(void **state)
{
	(void)state;
	expect_refused("name: x\nwhen: 22:00 Mars/Base\n" MATRIX, "when", "Mars/Base");
	expect_refused("name: x\nwhen: daily\nwindow: 22:00-22:00\n" MATRIX, "window", "22:00-22:00");
	expect_refused(
		"name: x\nwhen: daily\nmatrix: {suites: [a], types: [t], images: [{image: drop:m, types: [u]}]}\n",
		"matrix.images[0].types[0]", "u");
	expect_refused(
		"name: x\nwhen: daily\nmatrix: {suites: [a], types: [t], images: [drop:m, {image: drop:n, name: m}]}\n",
		"matrix.images[1]", "m");
	expect_refused("name: x\nwhen: daily\nmatrix: {suites: [a], types: [abcdefghijklmnopqrstuvwxyz], images: "
		       "[{name: n, image: \"drop:{type}{type}{type}{type}{type}\"}]}\n",
		       "matrix.images[0].image", "drop:{type}{type}{type}{type}{type}");
}

static void test_too_large_a_matrix(void **state)
{
	char text[4000] = "name: x\nwhen: daily\nmatrix: {images: [drop:m], suites: [s0";
	size_t len = strlen(text);

	(void)state;
	for (int i = 1; i < 40; i++)
		len += (size_t)snprintf(text + len, sizeof text - len, ", s%d", i);
	len += (size_t)snprintf(text + len, sizeof text - len, "], types: [t0");
	for (int i = 1; i < 26; i++)
		len += (size_t)snprintf(text + len, sizeof text - len, ", t%d", i);
	snprintf(text + len, sizeof text - len, "]}\n");
	expect_refused(text, "matrix", "a matrix with more cells than a job has runs");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_every_field),
		cmocka_unit_test(test_cells),
		cmocka_unit_test(test_due),
		cmocka_unit_test(test_what_was_missed_long_ago),
		cmocka_unit_test(test_missed_and_skipped),
		cmocka_unit_test(test_missed_and_its_window_over),
		cmocka_unit_test(test_what_a_schema_cannot_tell),
		cmocka_unit_test(test_too_large_a_matrix),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
