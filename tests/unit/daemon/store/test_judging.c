/* SPDX-License-Identifier: Apache-2.0 */
/* What judging keeps: what a run is held to, measurements, waivers and accepted values, written and read back. */
#include <string.h>

#include "core/base/mem.h"
#include "tests/unit/daemon/store/support.h"

/* Run 21 of job 7 passed; its case was told twice, and measured more the second time. */
static void add_case(struct change *change, int64_t serial, enum case_standing standing, size_t values)
{
	struct case_record *result = change_add(change, RECORD_CASE);

	*result = (struct case_record){.run = 21,
				       .org = "default",
				       .serial = serial,
				       .group = "Speed",
				       .name = "irq",
				       .message = "",
				       .category = CATEGORY_PERFORMANCE,
				       .standing = standing,
				       .waiver = standing == STANDING_WAIVED ? 4 : 0};
	for (size_t i = 0; i < values; i++) {
		struct measurement_record *record = change_add(change, RECORD_MEASUREMENT);

		*record = (struct measurement_record){.run = 21,
						      .org = "default",
						      .board_type = "microbit",
						      .serial = serial,
						      .index = (uint32_t)i,
						      .group = "Speed",
						      .name = "irq",
						      .measured = {.name = "lat",
								   .unit = "us",
								   .value = 12.25 + (double)i,
								   .verdict = i == 2 ? MEASURE_MISSING : MEASURE_OK,
								   .has_high = true,
								   .high = 20,
								   .offset = 5,
								   .end = 9}};
	}
}

static void commit(struct fixture *f, struct change *change)
{
	int64_t number = change->number; /* the change is the store's from here on */

	store_commit(f->store, change);
	fixture_wait_committed(f, number);
}

static struct change *run_that_passed(void)
{
	struct change *change = change_of_job(1, 7, "default", 1);

	add_run(change, 21, 7, "default", RUN_IS_FINISHED, 0);
	add_case(change, 3, STANDING_PLAIN, 1);
	add_case(change, 5, STANDING_PLAIN, 3);
	return change;
}

static void test_a_case_comes_with_its_last_measurements(void **state)
{
	struct fixture *f = *state;
	struct kept_answer kept;
	json_t *result, *value;

	commit(f, run_that_passed());
	ask_and_wait(f, &member, &(struct query){.kind = QUERY_RUN, .id = 21}, &kept);
	assert_int_equal(kept.answer.err.code, 0);
	result = json_array_get(json_object_get(kept.answer.json, "cases"), 0);
	assert_string_equal(json_string_value(json_object_get(result, "category")), "performance");
	assert_string_equal(json_string_value(json_object_get(result, "standing")), "");
	assert_int_equal(json_array_size(json_object_get(result, "measurements")), 3);
	value = json_array_get(json_object_get(result, "measurements"), 1);
	assert_true(json_number_value(json_object_get(value, "value")) == 13.25);
	assert_true(json_number_value(json_object_get(value, "high")) == 20);
	assert_true(json_is_null(json_object_get(value, "low")));
	value = json_array_get(json_object_get(result, "measurements"), 2);
	assert_true(json_is_null(json_object_get(value, "value")));
	assert_string_equal(json_string_value(json_object_get(value, "verdict")), "missing");
	kept_finish(&kept);
}

static void test_what_may_be_accepted(void **state)
{
	struct fixture *f = *state;
	struct kept_answer kept;
	json_t *values;

	commit(f, run_that_passed());
	sql_run(f, "UPDATE run SET verdict = 'passed'");
	ask_and_wait(f, &member, &(struct query){.kind = QUERY_ACCEPTABLE, .id = 7}, &kept);
	values = json_object_get(kept.answer.json, "values");
	assert_int_equal(json_array_size(values), 2); /* of the last word, without the missing one */
	assert_string_equal(json_string_value(json_object_get(json_array_get(values, 0), "case")), "Speed.irq");
	assert_int_equal(json_integer_value(json_object_get(json_array_get(values, 0), "serial")), 5);
	assert_true(json_is_false(json_object_get(json_array_get(values, 0), "accepted")));
	kept_finish(&kept);
	ask_and_wait(f, &stranger, &(struct query){.kind = QUERY_ACCEPTABLE, .id = 7}, &kept);
	assert_int_equal(kept.answer.err.code, ERR_NOT_FOUND);
	kept_finish(&kept);
	sql_run(f, "UPDATE case_result SET standing = 'waived', waiver = 4");
	ask_and_wait(f, &member, &(struct query){.kind = QUERY_ACCEPTABLE, .id = 7}, &kept);
	assert_int_equal(json_array_size(json_object_get(kept.answer.json, "values")), 0);
	kept_finish(&kept);
}

static void test_waivers_and_accepted_values_come_back(void **state)
{
	struct fixture *f = *state;
	struct change *change = run_that_passed();
	struct waiver_record *waiver = change_add(change, RECORD_WAIVER);
	struct farm_records records;
	struct kept_answer kept;
	struct err err = {0};

	*waiver = (struct waiver_record){.id = 4,
					 .org = "default",
					 .board_type = "microbit",
					 .cases = "Speed.*",
					 .author = "mary",
					 .reason = "erratum",
					 .intermittent = true,
					 .created_at_us = 1,
					 .from_us = 2,
					 .until_us = 3};
	for (uint32_t i = 0; i < 2; i++) {
		struct accepted_record *accepted = change_add(change, RECORD_ACCEPTED);

		*accepted = (struct accepted_record){.run = 21,
						     .serial = 5,
						     .index = i,
						     .org = "default",
						     .board_type = "microbit",
						     .case_name = "Speed.irq",
						     .name = "lat",
						     .unit = "us",
						     .value = 12.25 + i,
						     .job = 7,
						     .accepted_by = "mary",
						     .accepted_at_us = 9};
	}
	commit(f, change);
	assert_int_equal(store_load(f->store, &records, &err), 0);
	assert_int_equal(records.last_waiver, 4);
	assert_int_equal(records.waiver_count, 1);
	assert_string_equal(records.waivers[0].cases, "Speed.*");
	assert_true(records.waivers[0].intermittent && records.waivers[0].until_us == 3);
	assert_int_equal(records.accepted_count, 2);
	assert_true(records.accepted[1].value == 13.25 && records.accepted[1].index == 1);
	farm_records_finish(&records);
	sql_run(f, "UPDATE run SET verdict = 'passed'");
	ask_and_wait(f, &member, &(struct query){.kind = QUERY_ACCEPTABLE, .id = 7}, &kept);
	assert_true(json_is_true(
		json_object_get(json_array_get(json_object_get(kept.answer.json, "values"), 0), "accepted")));
	kept_finish(&kept);
}

static void test_what_a_run_is_held_to_stays(void **state)
{
	struct fixture *f = *state;
	struct change *change = change_of_job(1, 7, "default", 1), *later;
	struct farm_records records;
	struct err err = {0};
	char text[100];

	add_run(change, 21, 7, "default", RUN_IS_ASSIGNED, 0);
	list_container(change->records.prev, struct record, link)->as.run->asked = mem_text("{\"require\":{}}");
	commit(f, change);
	later = change_create();
	later->number = 2;
	add_run(later, 21, 7, "default", RUN_IS_ASSIGNED, 0);
	commit(f, later);
	sql_text(f, "SELECT asked FROM run WHERE id = 21", text, sizeof(text));
	assert_string_equal(text, "{\"require\":{}}");
	assert_int_equal(store_load(f->store, &records, &err), 0);
	assert_string_equal(records.runs[0].asked, "{\"require\":{}}");
	farm_records_finish(&records);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_a_case_comes_with_its_last_measurements, fixture_setup,
						fixture_teardown),
		cmocka_unit_test_setup_teardown(test_what_may_be_accepted, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_waivers_and_accepted_values_come_back, fixture_setup,
						fixture_teardown),
		cmocka_unit_test_setup_teardown(test_what_a_run_is_held_to_stays, fixture_setup, fixture_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
