/* SPDX-License-Identifier: Apache-2.0 */
/* Jobs on their way in: what is answered, what is wrong with them, and who may hand them in. */
#include <string.h>

#include "tests/unit/core/farm/support_farm.h"

static struct doc_problems problems;

static void test_a_job_is_answered_and_begun_when_it_is_durable(void **state)
{
	struct farm_world *w = *state;

	submit_one(w);
	assert_false(w->submitted);
	assert_int_equal(w->assigns, 0);
	commit_all(w);
	assert_true(w->submitted);
	assert_int_equal(w->job, 1);
	assert_int_equal(w->err.code, 0);
	assert_int_equal(w->assigns, 1);
	assert_int_equal(w->assigned_fence, 1);
}

static void expect_problem(struct farm_world *w, const struct principal *who, const char *text, int line,
			   const char *field, const char *words)
{
	assert_int_equal(submit(w, who, text, &problems), ERR_INVALID);
	assert_true(problems.count >= 1);
	assert_string_equal(problems.file, "job.yaml");
	assert_int_equal(problems.item[0].line, line);
	assert_string_equal(problems.item[0].field, field);
	if (!strstr(problems.item[0].expected, words) && !strstr(problems.item[0].found, words))
		fail_msg("%s: found %s, expected %s", field, problems.item[0].found, problems.item[0].expected);
	commit_all(w);
	assert_false(w->submitted);
}

static void test_what_is_wrong_is_said_with_its_line(void **state)
{
	struct farm_world *w = *state;

	expect_problem(w, &mary, "name: x\nrequire: {tests: 1}\nruns:\n  - {type: nosuch, image: suite.elf}\n", 4,
		       "runs[0].type", "board type");
	expect_problem(w, &mary, "name: x\nrequire: {tests: 1}\nruns:\n  - {board: nosuch, image: suite.elf}\n", 4,
		       "runs[0].board", "board of this farm");
	expect_problem(w, &mary, "name: x\nrequire: {tests: 1}\nruns:\n  - {type: microbit, image: other.elf}\n", 4,
		       "runs[0].image", "sent with the job");
	expect_problem(w, &mary, "name: x\nrequire: {tests: 1}\nruns:\n  - {type: microbit, image: gone.elf}\n", 4,
		       "runs[0].image", "sent with the job");
	expect_problem(w, &mary,
		       "name: x\nrequire: {tests: 1}\nruns:\n  - {type: microbit, image: \"sha256:1" IMAGE_SHA "\"}\n",
		       4, "runs[0].image", "64");
	expect_problem(w, &mary, "name: x\nsuite: nosuch\nruns:\n  - {type: microbit, image: suite.elf}\n", 2, "suite",
		       "nosuch");
	expect_problem(w, &bob, "name: x\nrequire: {tests: 1}\nruns:\n  - {type: microbit, image: suite.elf}\n", 4,
		       "runs[0].image", "the farm holds");
	w->image.segment[0].address = 0x08000000;
	expect_problem(w, &mary, "name: x\nrequire: {tests: 1}\nruns:\n  - {type: microbit, image: suite.elf}\n", 4,
		       "runs[0].image", "microbit");
}

static void test_too_many_runs(void **state)
{
	struct farm_world *w = *state;

	assert_int_equal(submit(w, &mary,
				"name: x\nrequire: {tests: 1}\nruns:\n"
				"  - {type: microbit, image: suite.elf, count: 600}\n"
				"  - {type: microbit, image: suite.elf, count: 600}\n",
				&problems),
			 ERR_INVALID);
}

static void test_who_may_not_submit(void **state)
{
	struct farm_world *w = *state;

	assert_int_equal(submit(w, &vera, "name: x\n", &problems), ERR_DENIED);
	assert_int_equal(submit(w, &rack, "name: x\n", &problems), ERR_DENIED);
}

static void test_suites(void **state)
{
	static const char text[] = "name: reference\nversion: \"1\"\nrequire: {cases: [Hello.boots]}\n";
	struct farm_world *w = *state;
	json_t *suite;

	w->done = false;
	assert_int_equal(farm_put_suite(w->farm, &bob, "reference", "s.yaml", text, strlen(text), on_done, w, &problems,
					&w->err),
			 ERR_DENIED);
	assert_int_equal(
		farm_put_suite(w->farm, &mary, "other", "s.yaml", text, strlen(text), on_done, w, &problems, &w->err),
		ERR_INVALID);
	assert_int_equal(farm_put_suite(w->farm, &mary, "reference", "s.yaml", text, strlen(text), on_done, w,
					&problems, &w->err),
			 0);
	commit_all(w);
	assert_true(w->done);
	suite = farm_suite_json(w->farm, &bob, "reference");
	assert_string_equal(json_string_value(json_object_get(suite, "text")), text);
	json_decref(suite);
	assert_int_equal(
		submit(w, &mary, "name: x\nsuite: reference\nruns: [{type: microbit, image: suite.elf}]\n", &problems),
		0);
	commit_all(w);
	assert_int_equal(w->assigns, 1);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup_rack, teardown_farm)
	const struct CMUnitTest tests[] = {
		TEST(test_a_job_is_answered_and_begun_when_it_is_durable),
		TEST(test_what_is_wrong_is_said_with_its_line),
		TEST(test_too_many_runs),
		TEST(test_who_may_not_submit),
		TEST(test_suites),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
