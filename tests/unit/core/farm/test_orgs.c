/* SPDX-License-Identifier: Apache-2.0 */
/* Organisations with a cap and a weight, racks and hubs that take nothing new, and tokens good for one rack. */
#include <stdio.h>
#include <string.h>

#include "core/base/mem.h"
#include "tests/unit/core/farm/support_farm.h"

static struct doc_problems problems;

/* rack1 with mb1 on hub front, and mb2. */
static int hub_hello(struct farm_world *w, const struct principal *who, struct agent_refusal *refusal)
{
	const struct equipment front = {.hub = "front"};
	const struct agent_board boards[] = {{"mb1", "microbit", BOARD_FREE, "", "", true, &front, false},
					     {"mb2", "microbit", BOARD_FREE, "", "", true, NULL, false}};
	const struct equipment_hub hub = {"front", 0};
	struct agent_hello hello = hello_of(w, "rack1", boards, 2);
	int rc = farm_agent_hello(w->farm, who, &hello, refusal, &w->err);

	hello.hubs = &hub;
	hello.hub_count = 1;
	commit_all(w);
	return rc;
}

static int submit_to(struct farm_world *w, const char *terms, const char *where)
{
	char text[400];
	int rc;

	(void)snprintf(text, sizeof(text),
		       "name: some\nretries: 0\nrequire: {tests: 1}\n%s\n"
		       "runs: [{%s, image: \"sha256:" IMAGE_SHA "\"}]\n",
		       terms, where);
	rc = submit(w, &mary, text, &problems);
	commit_all(w);
	return rc;
}

static int set_org(struct farm_world *w, const char *name, uint32_t weight, uint32_t cap, uint32_t guaranteed)
{
	struct org_record wanted = farm_org_wanted(w->farm, name);
	int rc;

	wanted.weight = weight;
	wanted.cap = cap;
	wanted.guaranteed = guaranteed;
	w->done = false;
	rc = farm_set_org(w->farm, &boss, &wanted, on_done, w, &w->err);
	commit_all(w);
	return rc;
}

static int drain(struct farm_world *w, const char *hub, bool draining)
{
	struct drain_record wanted = {.agent = "rack1", .draining = draining, .why = "new cable"};
	int rc;

	mem_text_into(wanted.hub, sizeof(wanted.hub), hub);
	w->done = false;
	rc = farm_drain(w->farm, &boss, &wanted, on_done, w, &w->err);
	commit_all(w);
	return rc;
}

/* Why the run does not have the board, in words. */
static void expect_why(struct farm_world *w, int64_t run, const char *board, const char *words)
{
	json_t *entry = farm_waiting_json(w->farm, &boss, run);
	const json_t *one;
	char why[500] = "";
	size_t i;

	assert_non_null(entry);
	json_array_foreach(json_object_get(entry, "boards"), i, one)
	{
		if (strcmp(json_string_value(json_object_get(one, "board")), board) == 0)
			mem_text_into(why, sizeof(why), json_string_value(json_object_get(one, "why")));
	}
	json_decref(entry);
	if (!strstr(why, words))
		fail_msg("%s: \"%s\", not \"%s\"", board, why, words);
}

static void test_a_cap_counts_at_once(void **state)
{
	struct farm_world *w = *state;
	struct agent_refusal refusal;
	json_t *orgs;

	assert_int_equal(hub_hello(w, &rack, &refusal), 0);
	assert_int_equal(set_org(w, "default", 200, 1, 1), 0);
	assert_true(w->done);
	assert_int_equal(submit_to(w, "", "type: microbit, count: 2"), 0);
	assert_int_equal(w->assigns, 1);
	expect_why(w, 2, "mb2", "as many boards as it may have");
	assert_int_equal(submit_to(w, "together: true", "type: microbit, count: 2"), ERR_INVALID);
	assert_non_null(strstr(problems.item[0].expected, "as many as the organisation may have"));
	assert_int_equal(set_org(w, "default", 200, 0, 0), 0);
	assert_int_equal(w->assigns, 2);
	orgs = farm_orgs_json(w->farm, &boss, "default");
	assert_int_equal(json_integer_value(json_object_get(json_array_get(orgs, 0), "weight")), 200);
	assert_true(json_is_null(json_object_get(json_array_get(orgs, 0), "cap")));
	assert_int_equal(json_integer_value(json_object_get(json_array_get(orgs, 0), "boards")), 2);
	json_decref(orgs);
}

static void test_only_admins_change_organisations(void **state)
{
	struct farm_world *w = *state;
	struct org_record wanted = farm_org_wanted(w->farm, "partner");
	json_t *orgs;

	assert_int_equal(wanted.weight, ORG_USUAL_WEIGHT);
	assert_int_equal(farm_set_org(w->farm, &mary, &wanted, on_done, w, &w->err), ERR_DENIED);
	assert_int_equal(set_org(w, "partner", 0, 0, 0), ERR_INVALID);
	assert_int_equal(set_org(w, "partner", 100, 2, 3), ERR_INVALID);
	assert_non_null(strstr(w->err.text, "guaranteed"));
	/* Cut to what fits it would be another's. */
	wanted = farm_org_wanted(w->farm, "partner-with-a-name-that-is-longer-than-any-organisation-may-have");
	assert_int_equal(farm_set_org(w->farm, &boss, &wanted, on_done, w, &w->err), ERR_INVALID);
	assert_int_equal(farm_set_member(w->farm, &boss, "partner", "no name", 7, on_done, w, &w->err), ERR_INVALID);
	assert_int_equal(farm_set_member(w->farm, &boss, "partner", "eve", 0, on_done, w, &w->err), ERR_INVALID);
	assert_int_equal(farm_set_member(w->farm, &boss, "partner", "eve", 300, on_done, w, &w->err), 0);
	commit_all(w);
	orgs = farm_orgs_json(w->farm, &boss, "partner");
	assert_int_equal(json_array_size(json_object_get(json_array_get(orgs, 0), "members")), 1);
	json_decref(orgs);
	orgs = farm_orgs_json(w->farm, &mary, "partner");
	assert_int_equal(json_array_size(orgs), 0);
	json_decref(orgs);
	assert_non_null(strstr(w->last_event, "\"org.changed\""));
}

static void test_a_rack_that_is_drained(void **state)
{
	struct farm_world *w = *state;
	struct agent_refusal refusal;
	json_t *agents, *queue;

	assert_int_equal(hub_hello(w, &rack, &refusal), 0);
	assert_int_equal(submit_to(w, "", "board: mb1"), 0);
	assert_int_equal(drain(w, "", true), 0);
	assert_true(w->done);
	assert_non_null(strstr(w->last_event, "\"rack.changed\""));
	assert_int_equal(w->cancels, 0); /* what runs goes on */
	assert_int_equal(submit_to(w, "", "board: mb2"), 0);
	assert_int_equal(w->assigns, 1);
	expect_why(w, 2, "mb2", "drained by admin, new cable");
	queue = farm_queue_json(w->farm, &boss, 10);
	assert_string_equal(json_string_value(json_object_get(json_array_get(queue, 0), "waits")),
			    "for board mb2: drained");
	json_decref(queue);
	agents = farm_agents_json(w->farm, &boss);
	assert_true(json_is_object(json_object_get(json_array_get(agents, 0), "draining")));
	assert_int_equal(json_integer_value(json_object_get(json_array_get(agents, 0), "running")), 1);
	json_decref(agents);
	assert_int_equal(drain(w, "", false), 0);
	assert_int_equal(w->assigns, 2);
}

static void test_a_hub_that_is_drained(void **state)
{
	struct farm_world *w = *state;
	struct agent_refusal refusal;

	assert_int_equal(drain(w, "", true), ERR_NOT_FOUND);
	assert_int_equal(hub_hello(w, &rack, &refusal), 0);
	assert_int_equal(drain(w, "back", true), ERR_NOT_FOUND);
	assert_int_equal(drain(w, "front", true), 0);
	assert_int_equal(submit_to(w, "", "board: mb1"), 0);
	assert_int_equal(w->assigns, 0);
	expect_why(w, 1, "mb1", "its hub takes nothing new");
	assert_int_equal(submit_to(w, "", "board: mb2"), 0);
	assert_int_equal(w->assigns, 1);
	assert_int_equal(hub_hello(w, &rack, &refusal), 0); /* its rack's restart changes nothing of it */
	expect_why(w, 1, "mb1", "its hub takes nothing new");
	assert_int_equal(drain(w, "front", false), 0);
	assert_string_equal(w->assigned_board, "mb1");
}

static void test_a_token_is_good_for_its_rack_only(void **state)
{
	struct farm_world *w = *state;
	struct principal other = rack, own = rack;
	struct agent_refusal refusal;

	mem_text_into(other.rack, sizeof(other.rack), "rack2");
	mem_text_into(own.rack, sizeof(own.rack), "rack1");
	assert_int_equal(hub_hello(w, &other, &refusal), ERR_INVALID);
	assert_string_equal(refusal.field, "agent");
	assert_string_equal(refusal.found, "rack1");
	assert_non_null(strstr(refusal.expected, "rack2"));
	assert_int_equal(hub_hello(w, &own, &refusal), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_a_cap_counts_at_once, setup_farm, teardown_farm),
		cmocka_unit_test_setup_teardown(test_only_admins_change_organisations, setup_farm, teardown_farm),
		cmocka_unit_test_setup_teardown(test_a_rack_that_is_drained, setup_farm, teardown_farm),
		cmocka_unit_test_setup_teardown(test_a_hub_that_is_drained, setup_farm, teardown_farm),
		cmocka_unit_test_setup_teardown(test_a_token_is_good_for_its_rack_only, setup_farm, teardown_farm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
