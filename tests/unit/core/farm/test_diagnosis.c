/* SPDX-License-Identifier: Apache-2.0 */
/* A failure is explained in the end, also when the sibling it asks for is a person's for hours. */
#include <string.h>

#include "tests/unit/core/farm/support_farm.h"

#define MINUTE_US INT64_C(60000000)

static struct doc_problems problems;

static void set_golden(struct farm_world *w)
{
	static const char text[] = "name: golden\nrequire: {tests: 1}\nend: {limit: 1m}\n"
				   "runs: [{type: microbit, image: suite.elf}]\n";
	const struct submission_image images[] = {{"suite.elf", OTHER_IMAGE_SHA}};
	struct submission submission = {"golden.yaml", text, sizeof(text) - 1, images, 1};

	assert_int_equal(farm_set_golden(w->farm, &boss, &submission, on_done, w, &problems, &w->err), 0);
	commit_all(w);
}

static void lease_mb2(struct farm_world *w)
{
	struct lease_wish wish = {.board = "mb2", .for_ms = 8 * 3600000, .grace_ms = 0, .priority = -1};

	assert_int_equal(farm_lease(w->farm, &mary, &wish, on_submitted, w, &problems, &w->err), 0);
	commit_all(w);
	assert_int_equal(tell_step_named(w, 1, HOLD_STEP, false), 0);
	commit_all(w);
	expect_board(w, "mb2", "leased");
}

static void end_next(struct farm_world *w, unsigned assigns, enum cause cause)
{
	assert_int_equal(w->assigns, assigns);
	assert_string_equal(w->assigned[assigns - 1].board, "mb1");
	assert_int_equal(tell_end(w, 1, cause), 0);
	commit_all(w);
}

static void pass(struct farm_world *w, int64_t minutes)
{
	w->now_us += minutes * MINUTE_US;
	farm_tick(w->farm);
	commit_all(w);
}

static void test_a_sibling_that_is_leased(void **state)
{
	struct farm_world *w = *state;

	set_golden(w);
	lease_mb2(w);
	submit_one(w);
	commit_all(w);
	end_next(w, 2, CAUSE_CASE_FAILED);
	end_next(w, 3, CAUSE_CASE_FAILED);       /* the same image again, */
	end_next(w, 4, CAUSE_ALL_REQUIRED_SEEN); /* and the golden one; mb2 is not to be had */
	pass(w, 5 * 60 + 59);
	assert_null(strstr(w->heard, "run.explained"));
	pass(w, 2);
	assert_non_null(strstr(w->heard, "run.explained"));
	expect_board(w, "mb2", "leased");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_a_sibling_that_is_leased, setup_rack, teardown_farm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
