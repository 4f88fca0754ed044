/* SPDX-License-Identifier: Apache-2.0 */
/* A job told by its events. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/err.h"
#include "daemon/cli/follow.h"

static int apply(struct follow *follow, const char *text, int64_t now_us)
{
	json_t *event = json_loads(text, 0, NULL);
	int code;

	assert_non_null(event);
	code = follow_apply(follow, event, now_us);
	json_decref(event);
	return code;
}

static void test_a_job_from_submit_to_verdict(void **state)
{
	struct follow follow;
	const struct follow_run *run;

	(void)state;
	follow_init(&follow, 3);
	apply(&follow, "{\"type\":\"job.submitted\",\"seq\":1,\"at_us\":1000,\"job\":3,\"name\":\"nightly\"}", 1500);
	apply(&follow,
	      "{\"type\":\"run.queued\",\"at_us\":1001,\"job\":3,\"run\":7,\"attempt\":1,\"board_type\":\"mb\"}", 1600);
	apply(&follow, "{\"type\":\"run.assigned\",\"at_us\":1002,\"job\":3,\"run\":7,\"board\":\"mb1\"}", 1600);
	assert_string_equal(follow.runs[0].state, "assigned");
	apply(&follow, "{\"type\":\"run.started\",\"at_us\":2000,\"job\":3,\"run\":7,\"board\":\"mb1\"}", 2600);
	apply(&follow, "{\"type\":\"step.begun\",\"at_us\":2001,\"run\":7,\"step\":\"flash\",\"phase\":\"forward\"}",
	      2601);
	apply(&follow, "{\"type\":\"step.ended\",\"at_us\":2009,\"run\":7,\"step\":\"flash\",\"phase\":\"forward\"}",
	      2609);
	apply(&follow, "{\"type\":\"case.ended\",\"at_us\":2010,\"run\":7,\"verdict\":\"pass\"}", 2700);
	apply(&follow, "{\"type\":\"case.ended\",\"at_us\":2010,\"run\":7,\"verdict\":\"ignored\"}", 2700);
	apply(&follow, "{\"type\":\"case.ended\",\"at_us\":2010,\"run\":7,\"verdict\":\"crashed\"}", 2700);
	apply(&follow, "{\"type\":\"step.ended\",\"at_us\":2011,\"run\":7,\"step\":\"power-off\",\"phase\":\"back\"}",
	      2709);
	run = &follow.runs[0];
	assert_int_equal(follow.run_count, 1);
	assert_string_equal(follow.name, "nightly");
	assert_string_equal(run->step, "flash");
	assert_int_equal(run->steps_done, 1);
	assert_int_equal(run->passed, 1);
	assert_int_equal(run->failed, 1);
	assert_int_equal(run->other, 1);
	assert_int_equal(follow_count(&follow, "running", NULL), 1);
	apply(&follow,
	      "{\"type\":\"run.finished\",\"at_us\":3000,\"run\":7,\"verdict\":\"failed\",\"cause\":\"crash\",\"text\":"
	      "\"why\"}",
	      3600);
	assert_false(follow.finished);
	apply(&follow,
	      "{\"type\":\"job.finished\",\"at_us\":3001,\"job\":3,\"verdict\":\"failed\",\"text\":\"1 of 1\"}", 3601);
	assert_true(follow.finished);
	assert_string_equal(follow.verdict, "failed");
	assert_string_equal(follow.runs[0].text, "why");
	assert_int_equal(follow_count(&follow, "finished", "failed"), 1);
	assert_int_equal(follow_farm_time(&follow, 5000), 4500); /* the fastest event was 500 µs behind */
	follow_finish(&follow);
}

static void test_a_further_attempt_is_a_run_of_its_own(void **state)
{
	struct follow follow;

	(void)state;
	follow_init(&follow, 3);
	apply(&follow,
	      "{\"type\":\"run.finished\",\"at_us\":1,\"run\":7,\"verdict\":\"infrastructure\",\"cause\":\"probe\"}",
	      1);
	apply(&follow, "{\"type\":\"run.queued\",\"at_us\":2,\"run\":8,\"attempt\":2}", 2);
	assert_int_equal(follow.run_count, 2);
	assert_string_equal(follow.runs[0].text, "probe"); /* no text: the cause tells */
	assert_int_equal(follow.runs[1].attempt, 2);
	assert_string_equal(follow.runs[1].state, "queued");
	follow_finish(&follow);
}

static void test_strange_events_do_no_harm(void **state)
{
	struct follow follow;
	char text[128];

	(void)state;
	follow_init(&follow, 3);
	assert_int_equal(apply(&follow, "{}", 1), 0);
	assert_int_equal(apply(&follow, "{\"type\":\"moon.rose\",\"run\":1,\"board\":7}", 1), 0);
	assert_int_equal(apply(&follow, "{\"type\":\"run.started\"}", 1), 0);
	assert_int_equal(follow.run_count, 1);
	for (int i = 2; i <= FOLLOW_MAX_RUNS; i++) {
		snprintf(text, sizeof text, "{\"type\":\"run.queued\",\"run\":%d}", i);
		assert_int_equal(apply(&follow, text, 1), 0);
	}
	assert_int_equal(apply(&follow, "{\"type\":\"run.queued\",\"run\":999999}", 1), ERR_TOO_BIG);
	follow_finish(&follow);
	follow_finish(&follow);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_job_from_submit_to_verdict),
		cmocka_unit_test(test_a_further_attempt_is_a_run_of_its_own),
		cmocka_unit_test(test_strange_events_do_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
