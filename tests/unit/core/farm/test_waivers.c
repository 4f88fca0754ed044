/* SPDX-License-Identifier: Apache-2.0 */
/* The farm's waivers and baselines: who may give them, when they are in force, and what a run is held to by them. */
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/judge/asked.h"
#include "tests/unit/core/farm/support_farm.h"

static int set_up(void **state)
{
	struct farm_world *world = mem_alloc(sizeof(*world));

	farm_world_init(world);
	*state = world;
	return 0;
}

static int tear_down(void **state)
{
	farm_world_finish(*state);
	free(*state);
	return 0;
}

static struct waiver_record wanted(const char *cases, int64_t until_us)
{
	struct waiver_record record = {.until_us = until_us};

	mem_text_into(record.board_type, sizeof(record.board_type), "microbit");
	mem_text_into(record.cases, sizeof(record.cases), cases);
	mem_text_into(record.reason, sizeof(record.reason), "erratum 7");
	return record;
}

static int give(struct farm_world *world, const struct principal *who, const struct waiver_record *record,
		int64_t *ret_id)
{
	int rc = farm_add_waiver(world->farm, who, record, on_done, world, ret_id, &world->err);

	commit_all(world);
	return rc;
}

static const char *state_of(struct farm_world *world, int64_t id)
{
	static char text[20];
	json_t *list = farm_waivers_json(world->farm, &boss, id);

	mem_text_into(text, sizeof(text), json_string_value(json_object_get(json_array_get(list, 0), "state")));
	json_decref(list);
	return text;
}

/* What the last run that was assigned is held to, as its record keeps it. */
static json_t *last_asked(struct farm_world *world)
{
	json_t *asked = NULL;

	list_for_each (link, &world->queue) {
		struct change *change = list_container(link, struct change, link);

		list_for_each (at, &change->records) {
			const struct record *record = list_container(at, const struct record, link);

			if (record->kind == RECORD_RUN && record->as.run->asked) {
				json_decref(asked);
				asked = json_loads(record->as.run->asked, 0, NULL);
			}
		}
	}
	return asked;
}

static json_t *ask(struct farm_world *world, const char *require)
{
	static struct doc_problems problems;
	char text[500];
	json_t *asked;

	snprintf(text, sizeof(text), "name: one\nrequire: %s\nruns: [{type: microbit, image: suite.elf}]\n", require);
	assert_int_equal(submit(world, &mary, text, &problems), 0);
	asked = last_asked(world);
	assert_non_null(asked);
	commit_all(world);
	return asked;
}

static void test_what_is_no_waiver(void **state)
{
	struct farm_world *world = *state;
	struct waiver_record record = wanted("Input.*", world->now_us);
	int64_t id = 0;

	assert_int_equal(give(world, &mary, &record, &id), ERR_INVALID);
	assert_non_null(strstr(world->err.text, "until_us"));
	record = wanted("Input.*", world->now_us + INT64_C(10) * 366 * 86400 * 1000000);
	assert_int_equal(give(world, &mary, &record, &id), ERR_INVALID);
	assert_non_null(strstr(world->err.text, "at most 5 years"));
	record = wanted("nodot", world->now_us + 1000);
	assert_int_equal(give(world, &mary, &record, &id), ERR_INVALID);
	assert_non_null(strstr(world->err.text, "case"));
	record = wanted("Input.*", world->now_us + 1000);
	record.reason[0] = '\0';
	assert_int_equal(give(world, &mary, &record, &id), ERR_INVALID);
	assert_non_null(strstr(world->err.text, "reason"));
	assert_int_equal(id, 0);
}

static void test_in_force_withdrawn_and_expired(void **state)
{
	struct farm_world *world = *state;
	int64_t now_us = world->now_us, id = 0, other = 0;
	struct waiver_record record = wanted("Input.*", now_us + 1000000);
	json_t *asked;

	assert_int_equal(say_hello(world, "rack1", NULL, 0, NULL), 0);
	commit_all(world);
	assert_int_equal(give(world, &mary, &record, &id), 0);
	assert_true(world->done);
	assert_string_equal(state_of(world, id), "in-force");
	asked = ask(world, "{cases: [Input.a]}");
	assert_int_equal(json_array_size(json_object_get(asked, "waivers")), 1);
	json_decref(asked);
	record.from_us = now_us + 500000;
	assert_int_equal(give(world, &mary, &record, &other), 0);
	assert_string_equal(state_of(world, other), "future");
	assert_int_equal(farm_withdraw_waiver(world->farm, &vera, id, on_done, world, &world->err), ERR_DENIED);
	assert_int_equal(farm_withdraw_waiver(world->farm, &mary, 999, on_done, world, &world->err), ERR_NOT_FOUND);
	assert_int_equal(farm_withdraw_waiver(world->farm, &mary, id, on_done, world, &world->err), 0);
	commit_all(world);
	assert_string_equal(state_of(world, id), "withdrawn");
	asked = ask(world, "{cases: [Input.a]}");
	assert_int_equal(json_array_size(json_object_get(asked, "waivers")), 0);
	json_decref(asked);
	world->now_us += 2000000;
	assert_string_equal(state_of(world, other), "expired");
}

static void test_who_may_give_one(void **state)
{
	struct farm_world *world = *state;
	struct waiver_record record = wanted("Input.*", world->now_us + 1000000);
	int64_t id = 0;

	assert_int_equal(give(world, &vera, &record, &id), ERR_DENIED);
	assert_int_equal(give(world, &rack, &record, &id), ERR_DENIED);
	mem_text_into(record.org, sizeof(record.org), "elsewhere");
	assert_int_equal(give(world, &mary, &record, &id), ERR_DENIED);
	assert_int_equal(give(world, &boss, &record, &id), 0);
}

static json_t *values(const char *org, double first, double second, double third)
{
	json_t *list = json_array();
	const double all[] = {first, second, third};

	for (int i = 0; i < 3; i++)
		json_array_append_new(list,
				      json_pack("{s:i, s:i, s:i, s:i, s:s, s:s, s:s, s:s, s:s, s:f}", "run", 1, "job",
						1, "serial", 5, "index", i, "org", org, "board_type", "microbit",
						"case", "Speed.irq", "name", "lat", "unit", "us", "value", all[i]));
	return list;
}

static void test_accepted_values_become_a_limit(void **state)
{
	struct farm_world *world = *state;
	json_t *list = values("default", 10, 12, 11), *known = values("default", 90, 91, 92), *asked, *baselines,
	       *limit;
	size_t count = 0;

	assert_int_equal(farm_accept_baseline(world->farm, &vera, list, on_done, world, &count, &world->err),
			 ERR_DENIED);
	assert_int_equal(farm_accept_baseline(world->farm, &mary, list, on_done, world, &count, &world->err), 0);
	commit_all(world);
	assert_int_equal(count, 3);
	assert_int_equal(farm_accept_baseline(world->farm, &mary, list, on_done, world, &count, &world->err), 0);
	commit_all(world);
	assert_int_equal(count, 0); /* they are known */
	for (size_t i = 0; i < 3; i++) {
		json_object_set_new(json_array_get(known, i), "run", json_integer(2));
		json_object_set_new(json_array_get(known, i), "accepted", json_true());
	}
	assert_int_equal(farm_accept_baseline(world->farm, &mary, known, on_done, world, &count, &world->err), 0);
	commit_all(world);
	assert_int_equal(count, 0); /* long ago: they are among the last no more, and do not come back */
	baselines = farm_baselines_json(world->farm, &mary);
	assert_int_equal(json_array_size(baselines), 1);
	assert_true(json_number_value(json_object_get(json_array_get(baselines, 0), "median")) == 11);
	assert_int_equal(say_hello(world, "rack1", NULL, 0, NULL), 0);
	commit_all(world);
	asked = ask(world, "{cases: [{name: Speed.irq, measure: [{name: lat, unit: us, worse: 1 mad}]}]}");
	limit = json_array_get(json_object_get(asked, "limits"), 0);
	assert_true(json_number_value(json_object_get(limit, "worst")) == 12);
	json_decref(asked);
	json_decref(baselines);
	json_decref(known);
	json_decref(list);
}

static void test_values_that_are_none(void **state)
{
	struct farm_world *world = *state;
	json_t *list = values("elsewhere", 1, 2, 3);
	size_t count = 7;

	assert_int_equal(farm_accept_baseline(world->farm, &mary, list, on_done, world, &count, &world->err),
			 ERR_DENIED);
	json_object_del(json_array_get(list, 1), "unit");
	assert_int_equal(farm_accept_baseline(world->farm, &boss, list, on_done, world, &count, &world->err),
			 ERR_INVALID);
	assert_int_equal(count, 7);
	json_decref(list);
}

static void test_a_feature_that_is_needed(void **state)
{
	static struct doc_problems problems;
	struct farm_world *world = *state;

	assert_int_equal(say_hello(world, "rack1", NULL, 0, NULL), 0);
	commit_all(world);
	assert_int_equal(submit(world, &mary,
				"name: one\nrequire: {cases: [A.b], features: {net: wired}}\n"
				"runs: [{type: microbit, image: suite.elf}]\n",
				&problems),
			 ERR_INVALID);
	assert_int_equal(problems.item[0].line, 3);
	assert_string_equal(problems.item[0].field, "runs[0].type");
	assert_non_null(strstr(problems.item[0].expected, "net: wired"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_what_is_no_waiver, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_in_force_withdrawn_and_expired, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_who_may_give_one, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_accepted_values_become_a_limit, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_values_that_are_none, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_a_feature_that_is_needed, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
