/* SPDX-License-Identifier: Apache-2.0 */
/* What a job says it became: the sum of the last attempts of its runs, and how they passed. */
#include <string.h>

#include "tests/unit/core/farm/support_farm.h"

/* Ends the run that is assigned, and the next attempts of it, one after the other; the farm's last word is the job's.
 */
static void expect(struct farm_world *w, const enum cause *ends, size_t count, const char *verdict, const char *cause,
		   const char *text)
{
	char words[100];

	submit_one(w);
	commit_all(w);
	for (size_t i = 0; i < count; i++) {
		assert_int_equal(w->assigns, i + 1);
		assert_int_equal(tell_end(w, 1, ends[i]), 0);
		commit_all(w);
	}
	assert_int_equal(w->assigns, count);
	assert_non_null(strstr(w->last_event, "\"job.finished\""));
	(void)snprintf(words, sizeof(words), "\"verdict\":\"%s\",\"cause\":\"%s\"", verdict, cause);
	if (!strstr(w->last_event, words) || !strstr(w->last_event, text))
		fail_msg("found %s, expected %s and %s", w->last_event, words, text);
}

static void test_passed_at_once(void **state)
{
	expect(*state, (const enum cause[]){CAUSE_ALL_REQUIRED_SEEN}, 1, "passed", "all-required-seen",
	       "1 of 1 runs passed\"");
}

static void test_passed_on_retry_is_no_plain_pass(void **state)
{
	expect(*state, (const enum cause[]){CAUSE_PROBE, CAUSE_ALL_REQUIRED_SEEN}, 2, "passed", "passed-on-retry",
	       "1 of 1 runs passed, 1 on a further attempt\"");
}

/* The weaker word wins: what was waived is told in the text. */
static void test_passed_on_retry_with_a_waiver(void **state)
{
	expect(*state, (const enum cause[]){CAUSE_PROBE, CAUSE_PASSED_WAIVED}, 2, "passed", "passed-on-retry",
	       "1 on a further attempt, 1 with what waivers cover\"");
}

static void test_passed_under_a_waiver(void **state)
{
	expect(*state, (const enum cause[]){CAUSE_PASSED_WAIVED}, 1, "passed", "passed-waived", "waivers cover\"");
}

static void test_passed_as_it_was_expected_to_fail(void **state)
{
	expect(*state, (const enum cause[]){CAUSE_PASSED_EXPECTED}, 1, "passed", "passed-expected",
	       "1 of 1 runs passed");
}

static void test_a_failure_after_a_retry_is_a_failure(void **state)
{
	expect(*state, (const enum cause[]){CAUSE_PROBE, CAUSE_CASE_FAILED}, 2, "failed", "case-failed",
	       "0 of 1 runs passed; run 2");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_passed_at_once, setup_rack, teardown_farm),
		cmocka_unit_test_setup_teardown(test_passed_on_retry_is_no_plain_pass, setup_rack, teardown_farm),
		cmocka_unit_test_setup_teardown(test_passed_on_retry_with_a_waiver, setup_rack, teardown_farm),
		cmocka_unit_test_setup_teardown(test_passed_under_a_waiver, setup_rack, teardown_farm),
		cmocka_unit_test_setup_teardown(test_passed_as_it_was_expected_to_fail, setup_rack, teardown_farm),
		cmocka_unit_test_setup_teardown(test_a_failure_after_a_retry_is_a_failure, setup_rack, teardown_farm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
