/* SPDX-License-Identifier: Apache-2.0 */
/* What is past its time goes, piece by piece and over a restart; what something rests on stays. */
#include <stdio.h>

#include "tests/unit/daemon/store/support.h"

#define DAY_US INT64_C(86400000000)

/* A hundred nights of two schedules, one a day from day 1 on, odd ones of "a": 1 and 4 are accepted, 6 was skipped, 8
 * is still to be told. Recoveries of two boards, 60 drop versions of one name and two of another. */
static void fill(struct fixture *f)
{
	sql_run(f, "INSERT INTO organisation (name, created_at_us) VALUES ('acme', 1) ON CONFLICT DO NOTHING");
	sql_run(f, "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100)"
		   " INSERT INTO night SELECT i, 'acme', CASE i % 2 WHEN 1 THEN 'a' ELSE 'b' END,"
		   " CASE i WHEN 6 THEN 'skipped' ELSE 'finished' END, i <> 6, '', i * 86400000000, 1, 2, '[]' FROM n");
	sql_run(f, "INSERT INTO night_summary SELECT id, org, 0, '{}', '' FROM night WHERE state = 'finished'");
	sql_run(f, "INSERT INTO night_acceptance VALUES (1, 'acme', 'eve', 1), (4, 'acme', 'eve', 1)");
	sql_run(f, "INSERT INTO delivery SELECT id, 0, org, 'mail', CASE id WHEN 8 THEN 'pending' ELSE 'delivered' END,"
		   " 'a@b', '', 1, 1, '' FROM night WHERE state = 'finished'");
	sql_run(f, "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60)"
		   " INSERT INTO artefact_drop SELECT 'acme', 'main', i, 'ci', 1, '{}' FROM n"
		   " UNION ALL SELECT 'acme', 'old', i, 'ci', 1, '{}' FROM n WHERE i < 3");
	sql_run(f, "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 90)"
		   " INSERT INTO recovery SELECT 'mb1', i * 86400000000, 'acme', 'rack1', 'microbit', '', '', 'free',"
		   " 'power', 1, i * 86400000000 + 5 FROM n"
		   " UNION ALL SELECT 'mb2', 5, 'acme', 'rack1', 'microbit', '', '', 'free', '', 0, 6");
	sql_run(f,
		"INSERT INTO recovery_rung SELECT board, begun_at_us, 1, org, agent, board_type, 'power', 'helped', '',"
		" '', 1 FROM recovery");
}

/* A piece; the rows that it took. */
static int64_t prune(struct fixture *f, const struct prune_limits *limits, struct kept_answer *kept)
{
	*kept = (struct kept_answer){.came = false};
	store_prune(f->store, limits, on_kept, kept);
	fixture_wait(f, is_kept, kept);
	assert_int_equal(kept->answer.err.code, 0);
	return json_integer_value(json_object_get(kept->answer.json, "removed"));
}

static void test_in_pieces_over_a_restart(void **state)
{
	const struct prune_limits limits = {.now_us = 100 * DAY_US + 1,
					    .night_days = 10,
					    .delivery_days = 5,
					    .recovery_days = 10,
					    .drop_versions = 25};
	struct fixture *f = *state;
	struct kept_answer kept;
	int pieces = 0;
	json_t *counts;

	fill(f);
	assert_true(prune(f, &limits, &kept) > 0);
	kept_finish(&kept);
	assert_true(sql_int(f, "SELECT count(*) FROM night") > 60); /* not all at once */
	fixture_close(f);
	fixture_must_open(f);
	while (prune(f, &limits, &kept) > 0) {
		kept_finish(&kept);
		assert_true(++pieces < 20);
	}
	/* those of the last ten days, the accepted ones, and the one to be told of */
	assert_int_equal(sql_int(f, "SELECT count(*) FROM night WHERE id >= 90"), 10);
	assert_int_equal(
		sql_int(f, "SELECT group_concat(id, '') FROM (SELECT id FROM night WHERE id < 90 ORDER BY id)"), 148);
	assert_int_equal(sql_int(f, "SELECT count(*) FROM night_summary"), 13);
	assert_int_equal(sql_int(f, "SELECT count(*) FROM delivery"), 6); /* five days and the pending one */
	assert_int_equal(sql_int(f, "SELECT min(version) FROM artefact_drop WHERE name = 'main'"), 36);
	assert_int_equal(sql_int(f, "SELECT count(*) FROM artefact_drop"), 27);
	/* eighty-one days are past; the last of mb2 stays, however old */
	assert_int_equal(sql_int(f, "SELECT count(*) FROM recovery WHERE board = 'mb2'"), 1);
	assert_int_equal(sql_int(f, "SELECT count(*) FROM recovery WHERE board = 'mb1'"), 1);
	assert_int_equal(sql_int(f, "SELECT count(*) FROM recovery_rung"), 2);
	counts = json_object_get(kept.answer.json, "kept");
	assert_int_equal(json_integer_value(json_object_get(counts, "nights")), 13);
	assert_int_equal(json_integer_value(json_object_get(counts, "drop_versions")), 27);
	assert_true(json_integer_value(json_object_get(counts, "database_bytes")) > 4096);
	kept_finish(&kept);
}

/* The last night of each schedule stays, and so does the last number. */
static void test_the_last_ones_stay_however_old(void **state)
{
	const struct prune_limits limits = {.now_us = 1000 * DAY_US, .night_days = 1};
	struct fixture *f = *state;
	struct kept_answer kept;

	fill(f);
	sql_run(f, "UPDATE delivery SET state = 'failed'");
	while (prune(f, &limits, &kept) > 0)
		kept_finish(&kept);
	kept_finish(&kept);
	assert_int_equal(sql_int(f, "SELECT group_concat(id, '') FROM (SELECT id FROM night ORDER BY id)"), 1499100);
	assert_int_equal(sql_int(f, "SELECT count(*) FROM artefact_drop"), 62);
}

static void test_nothing_goes_that_is_kept_for_ever(void **state)
{
	const struct prune_limits limits = {.now_us = 1000 * DAY_US};
	struct fixture *f = *state;
	struct kept_answer kept;

	fill(f);
	assert_int_equal(prune(f, &limits, &kept), 0);
	assert_int_equal(json_integer_value(json_object_get(json_object_get(kept.answer.json, "kept"), "nights")), 100);
	kept_finish(&kept);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_in_pieces_over_a_restart, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_the_last_ones_stay_however_old, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_nothing_goes_that_is_kept_for_ever, fixture_setup,
						fixture_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
