/* SPDX-License-Identifier: Apache-2.0 */
/* When a job's runs start: not before its time, not after its deadline, within its window, after other jobs. */
#include <stdio.h>
#include <string.h>

#include "tests/unit/core/farm/support_farm.h"

#define HOUR_US INT64_C(3600000000)

static struct doc_problems problems;

static int submit_with(struct farm_world *w, const char *terms)
{
	char text[400];
	int rc;

	(void)snprintf(text, sizeof(text),
		       "name: some\nretries: 0\nrequire: {tests: 1}\nend: {limit: 1m}\n%s\n"
		       "runs: [{type: microbit, image: \"sha256:" IMAGE_SHA "\"}]\n",
		       terms);
	rc = submit(w, &mary, text, &problems);
	commit_all(w);
	return rc;
}

static void advance(struct farm_world *w, int64_t to_us)
{
	w->now_us = to_us;
	farm_tick(w->farm);
	commit_all(w);
}

static void expect_waits(struct farm_world *w, int64_t run, const char *words)
{
	json_t *entry = farm_waiting_json(w->farm, &boss, run);
	const char *waits;

	assert_non_null(entry);
	waits = json_string_value(json_object_get(entry, "waits"));
	if (!strstr(waits, words))
		fail_msg("waits \"%s\", not \"%s\"", waits, words);
	json_decref(entry);
}

static void test_not_before(void **state)
{
	struct farm_world *w = *state;

	assert_int_equal(submit_with(w, "not-before: 1970-01-01 02:00"), 0);
	assert_int_equal(w->assigns, 0);
	expect_waits(w, 1, "until 1970-01-01T02:00:00Z");
	assert_true(w->timer_us <= 2 * HOUR_US);
	advance(w, 2 * HOUR_US - 1);
	assert_int_equal(w->assigns, 0);
	advance(w, 2 * HOUR_US);
	assert_int_equal(w->assigns, 1);
}

static void test_from_now(void **state)
{
	struct farm_world *w = *state;

	advance(w, 5 * HOUR_US);
	assert_int_equal(submit_with(w, "not-before: +90m\ndeadline: +1d"), 0);
	expect_waits(w, 1, "until 1970-01-01T06:30:00Z");
	advance(w, 6 * HOUR_US + HOUR_US / 2);
	assert_int_equal(w->assigns, 1);
}

static void test_windows_open_and_close(void **state)
{
	struct farm_world *w = *state;

	assert_int_equal(submit_with(w, "parallel: 1\nwindow: \"22:00-06:00\""), 0);
	assert_int_equal(w->assigns, 1); /* it is one past midnight */
	assert_int_equal(tell_end(w, 1, CAUSE_ALL_REQUIRED_SEEN), 0);
	commit_all(w);
	advance(w, 7 * HOUR_US);
	assert_int_equal(submit_with(w, "window: \"22:00-06:00 UTC\""), 0);
	assert_int_equal(w->assigns, 1);
	expect_waits(w, 2, "for the job's window");
	advance(w, 22 * HOUR_US - 1);
	assert_int_equal(w->assigns, 1);
	advance(w, 22 * HOUR_US);
	assert_int_equal(w->assigns, 2);
	/* one more that finds both boards at work waits for them, and then for the next evening */
	assert_int_equal(submit_with(w, "window: \"22:00-06:00\""), 0);
	assert_int_equal(submit_with(w, "window: \"22:00-06:00\""), 0);
	assert_int_equal(w->assigns, 3);
	expect_waits(w, 4, "2 running");
	advance(w, 30 * HOUR_US);
	expect_waits(w, 4, "until 1970-01-02T22:00:00Z");
	assert_int_equal(tell_end(w, 1, CAUSE_ALL_REQUIRED_SEEN), 0);
	commit_all(w);
	assert_int_equal(w->assigns, 3);
	advance(w, 46 * HOUR_US);
	assert_int_equal(w->assigns, 4);
}

static void test_a_deadline_ends_what_waits(void **state)
{
	struct farm_world *w = *state;

	for (int i = 0; i < 3; i++)
		assert_int_equal(submit_with(w, "deadline: 1970-01-01T00:00:30Z"), 0);
	assert_int_equal(w->assigns, 2);
	advance(w, 30000000);
	assert_non_null(strstr(w->last_event, "\"job.finished\""));
	assert_non_null(strstr(w->last_event, "\"deadline\""));
	assert_null(farm_waiting_json(w->farm, &boss, 3));
	assert_int_equal(w->cancels, 0); /* what has its board goes on */
}

static void test_times_that_are_refused(void **state)
{
	static const struct {
		const char *terms, *field, *found;
	} bad[] = {
		{"not-before: tomorrow", "not-before", "tomorrow"},
		{"not-before: 1970-02-30 10:00", "not-before", "1970-02-30 10:00"},
		{"not-before: 2030-01-01 10:00 Europe/Nowhere", "not-before", "Europe/Nowhere"},
		{"not-before: +0h", "not-before", "+0h"},
		{"deadline: 1970-01-01 00:00", "deadline", "1970-01-01T00:00:00Z"},
		{"not-before: 2030-01-02 10:00\ndeadline: 2030-01-02 10:00", "not-before", "2030-01-02T10:00:00Z"},
		{"window: \"22:00\"", "window", "22:00"},
		{"after: [0]", "after[0]", "0"},
		{"after: [x]", "after[0]", "x"},
		{"after: [77]", "after[0]", "77"},
		{"when: finished", "when", "finished"},
		{"together: maybe", "together", NULL},
	};
	struct farm_world *w = *state;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(submit_with(w, bad[i].terms), ERR_INVALID);
		assert_int_equal(problems.count, 1);
		assert_string_equal(problems.item[0].field, bad[i].field);
		assert_true(problems.item[0].line >= 5);
		if (bad[i].found)
			assert_string_equal(problems.item[0].found, bad[i].found);
	}
}

static void test_one_job_after_another(void **state)
{
	struct farm_world *w = *state;

	assert_int_equal(submit_with(w, ""), 0);
	assert_int_equal(submit_with(w, "after: [1]"), 0);
	assert_int_equal(w->assigns, 1);
	expect_waits(w, 2, "for job 1 to pass");
	w->assigned_run = 1;
	assert_int_equal(tell_end(w, 1, CAUSE_ALL_REQUIRED_SEEN), 0);
	commit_all(w);
	assert_int_equal(w->assigns, 2);
	assert_int_equal(w->assigned_run, 2);
}

static void test_a_chain_ends_when_its_first_fails(void **state)
{
	struct farm_world *w = *state;
	json_t *status;

	assert_int_equal(submit_with(w, ""), 0);
	for (int i = 2; i <= 1000; i++) {
		char terms[32];

		(void)snprintf(terms, sizeof(terms), "after: [%d]", i - 1);
		assert_int_equal(submit_with(w, terms), 0);
	}
	assert_int_equal(submit_with(w, "after: [1000, 1]\nwhen: finished"), 0);
	assert_int_equal(w->assigns, 1);
	w->assigned_run = 1;
	assert_int_equal(tell_end(w, 1, CAUSE_CASE_FAILED), 0);
	commit_all(w);
	assert_int_equal(w->assigns, 2); /* who does not mind how they ended */
	assert_int_equal(w->assigned_run, 1001);
	status = farm_status_json(w->farm, &boss);
	assert_int_equal(json_integer_value(json_object_get(status, "jobs")), 1);
	json_decref(status);
}

static void test_who_waits_for_one_that_is_cancelled(void **state)
{
	struct farm_world *w = *state;
	struct err err;

	assert_int_equal(submit_with(w, "not-before: +1d"), 0);
	assert_int_equal(submit_with(w, "after: [1]"), 0);
	assert_int_equal(submit_with(w, "after: [2]"), 0);
	assert_int_equal(farm_cancel_job(w->farm, &mary, 2, "no", on_done, w, &err), 0);
	commit_all(w);
	assert_null(farm_waiting_json(w->farm, &boss, 3));
	assert_non_null(strstr(w->last_event, "\"dependency\""));
	assert_int_equal(submit_with(w, "after: [1]"), 0);
	farm_world_finish(w); /* with some that wait */
	farm_world_init(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_not_before, setup_rack, teardown_farm),
		cmocka_unit_test_setup_teardown(test_from_now, setup_rack, teardown_farm),
		cmocka_unit_test_setup_teardown(test_windows_open_and_close, setup_rack, teardown_farm),
		cmocka_unit_test_setup_teardown(test_a_deadline_ends_what_waits, setup_rack, teardown_farm),
		cmocka_unit_test_setup_teardown(test_times_that_are_refused, setup_rack, teardown_farm),
		cmocka_unit_test_setup_teardown(test_one_job_after_another, setup_rack, teardown_farm),
		cmocka_unit_test_setup_teardown(test_a_chain_ends_when_its_first_fails, setup_rack, teardown_farm),
		cmocka_unit_test_setup_teardown(test_who_waits_for_one_that_is_cancelled, setup_rack, teardown_farm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
