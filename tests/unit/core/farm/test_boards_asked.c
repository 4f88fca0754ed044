/* SPDX-License-Identifier: Apache-2.0 */
/* Which boards a job gets: by site, feature and hub, several at once, one on each, and those it gives up again. */
#include <stdio.h>
#include <string.h>

#include "tests/unit/core/farm/support_farm.h"

static struct doc_problems problems;

static void equipped_hello(struct farm_world *w, const char *site, uint32_t hub_limit)
{
	const struct equipment first = {.hub = "front"},
			       second = {.features = {{"psram", "8M"}}, .feature_count = 1, .hub = "front"};
	const struct agent_board boards[] = {{"mb1", "microbit", BOARD_FREE, "", "", true, &first, false},
					     {"mb2", "microbit", BOARD_FREE, "", "", true, &second, false}};
	const struct equipment_hub hub = {"front", hub_limit};
	struct agent_hello hello = hello_of(w, "rack1", boards, 2);
	struct agent_refusal refusal;

	hello.hubs = &hub;
	hello.hub_count = 1;
	hello.site = site;
	assert_int_equal(farm_agent_hello(w->farm, &rack, &hello, &refusal, &w->err), 0);
	commit_all(w);
}

static int submit_job(struct farm_world *w, const char *terms, const char *where)
{
	char text[400];
	int rc;

	(void)snprintf(text, sizeof(text),
		       "name: some\nretries: 0\nrequire: {tests: 1}\nend: {limit: 1m}\n%s\n"
		       "runs: [{%s, image: \"sha256:" IMAGE_SHA "\"}]\n",
		       terms, where);
	rc = submit(w, &mary, text, &problems);
	commit_all(w);
	return rc;
}

static int64_t boards_running(struct farm_world *w)
{
	json_t *status = farm_status_json(w->farm, &boss);
	int64_t running = json_integer_value(json_object_get(json_object_get(status, "boards"), "running"));

	json_decref(status);
	return running;
}

/* Why it does not have one of the boards. */
static void expect_reason(struct farm_world *w, int64_t run, const char *board, const char *reason)
{
	json_t *entry = farm_waiting_json(w->farm, &boss, run);
	const json_t *one;
	const char *found = "";
	size_t i;

	assert_non_null(entry);
	json_array_foreach(json_object_get(entry, "boards"), i, one)
	{
		if (strcmp(json_string_value(json_object_get(one, "board")), board) == 0)
			found = json_string_value(json_object_get(one, "reason"));
	}
	assert_string_equal(found, reason);
	json_decref(entry);
}

static void test_features_of_a_board(void **state)
{
	struct farm_world *w = *state;

	equipped_hello(w, "berlin", 0);
	assert_int_equal(submit_job(w, "", "type: microbit, features: {psram: 8M}"), 0);
	assert_string_equal(w->assigned_board, "mb2");
	assert_int_equal(submit_job(w, "", "type: microbit, features: {psram: true}"), 0);
	assert_int_equal(w->assigns, 1);
	assert_int_equal(submit_job(w, "", "type: microbit, features: {psram: 4M}"), ERR_INVALID);
	assert_string_equal(problems.item[0].field, "runs[0].type");
	assert_non_null(strstr(problems.item[0].expected,
			       "mb1: it has no feature psram; mb2: its psram is 8M, and must equal 4M"));
	assert_int_equal(submit_job(w, "", "type: microbit, tags: [logic-analyser, cold]"), ERR_INVALID);
	assert_non_null(strstr(problems.item[0].expected, "mb2: it has no tag logic-analyser"));
	assert_int_equal(submit_job(w, "", "type: microbit, features: {psram: false}"), ERR_INVALID);
	assert_string_equal(problems.item[0].field, "runs[0].features");
}

static void test_sites(void **state)
{
	struct farm_world *w = *state;

	equipped_hello(w, "berlin", 0);
	assert_int_equal(submit_job(w, "", "type: microbit, site: oslo"), ERR_INVALID);
	assert_non_null(strstr(problems.item[0].expected, "mb1: it is at berlin, not at oslo"));
	assert_int_equal(submit_job(w, "", "type: microbit, site: berlin"), 0);
	assert_int_equal(tell_end(w, 1, CAUSE_ALL_REQUIRED_SEEN), 0);
	commit_all(w);
	assert_int_equal(w->assigns, 1);
	equipped_hello(w, "oslo", 0); /* it was moved */
	assert_int_equal(submit_job(w, "", "type: microbit, site: oslo"), 0);
	assert_int_equal(w->assigns, 2);
}

static void test_a_hub_with_a_limit(void **state)
{
	struct farm_world *w = *state;

	equipped_hello(w, "", 1);
	assert_int_equal(submit_job(w, "", "type: microbit, count: 2"), 0);
	assert_int_equal(w->assigns, 1);
	expect_reason(w, 2, "mb2", "hub-full");
	assert_int_equal(tell_end(w, 1, CAUSE_ALL_REQUIRED_SEEN), 0);
	commit_all(w);
	assert_int_equal(w->assigns, 2);
}

static void test_all_at_once_or_none(void **state)
{
	struct farm_world *w = *state;

	equipped_hello(w, "", 0);
	assert_int_equal(submit_job(w, "", "board: mb1"), 0);
	assert_int_equal(submit_job(w, "together: true", "type: microbit, count: 2"), 0);
	assert_int_equal(w->assigns, 1);
	expect_reason(w, 2, "mb2", "gang");
	w->assigned_run = 1;
	assert_int_equal(tell_end(w, 1, CAUSE_ALL_REQUIRED_SEEN), 0);
	commit_all(w);
	assert_int_equal(w->assigns, 3);
	assert_int_equal(submit_job(w, "together: true", "type: microbit, count: 3"), ERR_INVALID);
	assert_non_null(strstr(problems.item[0].expected, "a board of its own for each run"));
	assert_int_equal(submit_job(w, "together: true", "type: microbit, count: 17"), ERR_INVALID);
	assert_string_equal(problems.item[0].field, "together");
}

static void test_a_gang_is_tried_again_as_a_whole(void **state)
{
	struct farm_world *w = *state;
	int64_t fence[2];

	equipped_hello(w, "", 0);
	assert_int_equal(submit(w, &mary,
				"name: pair\nretries: 1\ntogether: true\nrequire: {tests: 1}\n"
				"runs: [{board: mb1, image: suite.elf}, {board: mb2, image: suite.elf}]\n",
				&problems),
			 0);
	commit_all(w);
	assert_int_equal(w->assigns, 2);
	fence[1] = w->assigned_fence;
	fence[0] = 1;
	w->assigned_run = 1;
	w->assigned_fence = fence[0];
	assert_int_equal(tell_end(w, 1, CAUSE_PROBE), 0);
	commit_all(w);
	assert_int_equal(w->assigns, 2); /* the other one is still at it */
	w->assigned_run = 2;
	w->assigned_fence = fence[1];
	assert_int_equal(tell_end(w, 1, CAUSE_ALL_REQUIRED_SEEN), 0);
	commit_all(w);
	assert_int_equal(w->assigns, 4);
	assert_int_equal(boards_running(w), 2);
}

static void test_each_board_of_a_type(void **state)
{
	struct farm_world *w = *state;

	equipped_hello(w, "", 0);
	assert_int_equal(submit_job(w, "", "type: microbit, boards: each"), 0);
	assert_int_equal(w->assigns, 2);
	assert_int_equal(boards_running(w), 2);
	assert_int_equal(submit_job(w, "", "type: microbit, boards: 1, features: {psram: 8M}"), 0);
	expect_reason(w, 3, "mb2", "running");
	assert_int_equal(submit_job(w, "", "type: microbit, boards: 3"), ERR_INVALID);
	assert_string_equal(problems.item[0].field, "runs[0].boards");
	assert_string_equal(problems.item[0].found, "3");
	assert_non_null(strstr(problems.item[0].expected, "which are 2"));
	assert_int_equal(submit_job(w, "", "board: mb1, boards: 2"), ERR_INVALID);
	farm_agent_gone(w->farm, "rack1");
	commit_all(w);
	assert_int_equal(submit_job(w, "", "type: microbit, boards: each"), ERR_INVALID);
	assert_string_equal(problems.item[0].found, "each");
}

/* --- pre-emption --- */

static void test_a_person_goes_before_a_nightly(void **state)
{
	struct farm_world *w = *state;
	int64_t patient, fence;

	equipped_hello(w, "", 0);
	assert_int_equal(submit_job(w, "priority: 0\npreemptible: true", "board: mb1"), 0);
	patient = w->assigned_run;
	fence = w->assigned_fence;
	assert_int_equal(submit_job(w, "priority: 90", "board: mb1"), 0);
	assert_int_equal(w->cancels, 1);
	assert_int_equal(w->cancel_cause, CAUSE_PREEMPTED);
	assert_int_equal(w->assigns, 1);
	w->assigned_run = patient;
	w->assigned_fence = fence;
	assert_int_equal(tell_end(w, 1, CAUSE_PREEMPTED), 0);
	commit_all(w);
	assert_int_equal(w->assigns, 2);
	assert_int_equal(w->assigned_run, 2);
	assert_int_equal(tell_end(w, 1, CAUSE_ALL_REQUIRED_SEEN), 0);
	commit_all(w);
	/* its turn again, though it has no retries; and that is no retry */
	assert_int_equal(w->assigns, 3);
	assert_int_equal(w->assigned_run, 3);
	assert_int_equal(tell_end(w, 1, CAUSE_ALL_REQUIRED_SEEN), 0);
	commit_all(w);
	assert_non_null(strstr(w->last_event, "\"job.finished\""));
	assert_non_null(strstr(w->last_event, "\"all-required-seen\""));
}

static void test_an_older_agent_only_says_cancelled(void **state)
{
	struct farm_world *w = *state;
	int64_t fence;

	equipped_hello(w, "", 0);
	assert_int_equal(submit_job(w, "priority: 0\npreemptible: true", "board: mb1"), 0);
	fence = w->assigned_fence;
	assert_int_equal(submit_job(w, "priority: 90", "board: mb1"), 0);
	w->assigned_run = 1;
	w->assigned_fence = fence;
	assert_int_equal(tell_end(w, 1, CAUSE_CANCELLED), 0);
	commit_all(w);
	assert_int_equal(w->assigned_run, 2);
	expect_reason(w, 3, "mb1", "running");
}

static void test_a_cancel_is_more_than_a_preemption(void **state)
{
	struct farm_world *w = *state;
	struct err err;
	int64_t fence;

	equipped_hello(w, "", 0);
	assert_int_equal(submit_job(w, "priority: 0\npreemptible: true", "board: mb1"), 0);
	fence = w->assigned_fence;
	assert_int_equal(submit_job(w, "priority: 90", "board: mb1"), 0);
	assert_int_equal(farm_cancel_job(w->farm, &mary, 1, "no", on_done, w, &err), 0);
	commit_all(w);
	w->assigned_run = 1;
	w->assigned_fence = fence;
	assert_int_equal(tell_end(w, 1, CAUSE_PREEMPTED), 0);
	commit_all(w);
	assert_null(farm_waiting_json(w->farm, &boss, 3));
	assert_int_equal(w->assigned_run, 2);
}

static void test_a_run_that_was_not_sent_yet_is_given_back(void **state)
{
	struct farm_world *w = *state;

	equipped_hello(w, "", 0);
	assert_int_equal(submit(w, &mary,
				"name: patient\npriority: 0\npreemptible: true\nrequire: {tests: 1}\n"
				"runs: [{board: mb1, image: suite.elf}]\n",
				&problems),
			 0); /* not durable yet, so its agent has not heard of it */
	assert_int_equal(submit_job(w, "priority: 90", "board: mb1"), 0);
	assert_int_equal(w->cancels, 0);
	assert_int_equal(w->assigns, 1);
	assert_int_equal(w->assigned_run, 2);
	expect_reason(w, 1, "mb1", "running");
}

/* Given back and leased again, of another board: only when that is durable too, it is told, under its own fence. */
static void test_an_assign_tells_of_the_lease_it_was_made_for(void **state)
{
	struct farm_world *w = *state;
	struct change *first;
	int64_t number;
	int patient;

	equipped_hello(w, "", 0);
	commit_all(w);
	assert_int_equal(submit(w, &mary,
				"name: patient\npriority: 0\npreemptible: true\nrequire: {tests: 1}\n"
				"runs: [{type: microbit, image: suite.elf}]\n",
				&problems),
			 0);
	first = list_container(w->queue.next, struct change, link);
	assert_int_equal(submit(w, &mary,
				"name: urgent\npriority: 90\nrequire: {tests: 1}\n"
				"runs: [{board: mb1, image: suite.elf}]\n",
				&problems),
			 0);
	number = first->number;
	list_remove(&first->link);
	change_destroy(first);
	farm_committed(w->farm, number);
	assert_int_equal(w->assigns, 0);
	commit_all(w);
	assert_int_equal(w->assigns, 2);
	patient = w->assigned[0].run == 1 ? 0 : 1;
	assert_string_equal(w->assigned[patient].board, "mb2");
	assert_int_equal(w->assigned[patient].fence, 3); /* 1 was its lease of mb1, 2 is that of the other run */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_features_of_a_board, setup_farm, teardown_farm),
		cmocka_unit_test_setup_teardown(test_sites, setup_farm, teardown_farm),
		cmocka_unit_test_setup_teardown(test_a_hub_with_a_limit, setup_farm, teardown_farm),
		cmocka_unit_test_setup_teardown(test_all_at_once_or_none, setup_farm, teardown_farm),
		cmocka_unit_test_setup_teardown(test_a_gang_is_tried_again_as_a_whole, setup_farm, teardown_farm),
		cmocka_unit_test_setup_teardown(test_each_board_of_a_type, setup_farm, teardown_farm),
		cmocka_unit_test_setup_teardown(test_a_person_goes_before_a_nightly, setup_farm, teardown_farm),
		cmocka_unit_test_setup_teardown(test_an_older_agent_only_says_cancelled, setup_farm, teardown_farm),
		cmocka_unit_test_setup_teardown(test_a_cancel_is_more_than_a_preemption, setup_farm, teardown_farm),
		cmocka_unit_test_setup_teardown(test_a_run_that_was_not_sent_yet_is_given_back, setup_farm,
						teardown_farm),
		cmocka_unit_test_setup_teardown(test_an_assign_tells_of_the_lease_it_was_made_for, setup_farm,
						teardown_farm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
