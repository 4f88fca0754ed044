/* SPDX-License-Identifier: Apache-2.0 */
/* Bringing databases forward, and refusing those of other programs. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "daemon/store/migrate.h"
#include "tests/unit/daemon/store/support.h"

static int setup(void **state)
{
	struct fixture *f = mem_alloc(sizeof(*f));

	fixture_init(f);
	fixture_must_open(f);
	fixture_close(f);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	fixture_finish(*state);
	free(*state);
	return 0;
}

static void test_opening_again_changes_nothing(void **state)
{
	struct fixture *f = *state;
	char before[64], after[64];

	sql_text(f, "SELECT value FROM meta WHERE key = 'farm_id'", before, sizeof(before));
	fixture_must_open(f);
	fixture_close(f);
	sql_text(f, "SELECT value FROM meta WHERE key = 'farm_id'", after, sizeof(after));
	assert_string_equal(before, after);
	assert_int_equal(sql_int(f, "PRAGMA user_version"), migration_count);
	assert_int_equal(sql_int(f, "SELECT count(*) FROM migration"), migration_count);
	assert_int_equal(sql_int(f, "SELECT count(*) FROM pragma_foreign_key_check"), 0);
}

static void test_a_newer_database_is_refused(void **state)
{
	struct fixture *f = *state;
	struct err err = {0};

	sql_run(f, "PRAGMA user_version=999");
	assert_int_equal(fixture_open(f, &err), ERR_UNSUPPORTED);
	assert_non_null(strstr(err.text, "999"));
	assert_non_null(strstr(err.text, "newer assayd"));
	assert_int_equal(sql_int(f, "PRAGMA user_version"), 999);
}

static void test_other_steps_are_refused(void **state)
{
	struct fixture *f = *state;
	struct err err = {0};

	sql_run(f, "UPDATE migration SET checksum = 'abc' WHERE version = 1");
	assert_int_equal(fixture_open(f, &err), ERR_UNSUPPORTED);
	assert_non_null(strstr(err.text, "0001_initial"));
}

static void test_other_programs_databases_are_left_alone(void **state)
{
	static const char *const versions[] = {"PRAGMA user_version=0", "PRAGMA user_version=1"};
	struct fixture *f = *state;
	struct err err = {0};
	char path[400];

	(void)snprintf(path, sizeof(path), "%s/assay.db", f->dir);
	assert_int_equal(unlink(path), 0);
	sql_run(f, "CREATE TABLE theirs (x)");
	for (size_t i = 0; i < sizeof(versions) / sizeof(versions[0]); i++) {
		sql_run(f, versions[i]);
		assert_int_equal(fixture_open(f, &err), ERR_UNSUPPORTED);
		assert_non_null(strstr(err.text, path));
		assert_non_null(strstr(err.text, "another program"));
		assert_int_equal(sql_int(f, "SELECT count(*) FROM sqlite_schema"), 1);
	}
}

static void test_a_closed_store_is_one_file(void **state)
{
	struct fixture *f = *state;
	char path[400];

	fixture_must_open(f);
	fixture_close(f);
	(void)snprintf(path, sizeof(path), "%s/assay.db-wal", f->dir);
	assert_int_not_equal(access(path, F_OK), 0);
}

/* Console bytes are no rows of anybody's, but a file by other means: who reads them has found the run. */
static void test_every_table_is_strict_and_carries_its_organisation(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(sql_int(f, "SELECT count(*) FROM pragma_table_list WHERE schema = 'main' AND type = 'table'"
				    " AND strict = 0 AND name NOT LIKE 'sqlite_%'"),
			 0);
	assert_int_equal(
		sql_int(f, "SELECT count(*) FROM pragma_table_list AS t WHERE schema = 'main'"
			   " AND type = 'table' AND name NOT LIKE 'sqlite_%'"
			   " AND name NOT IN ('meta', 'migration', 'organisation', 'console_chunk') AND NOT EXISTS"
			   " (SELECT 1 FROM pragma_table_info(t.name) WHERE name = 'org')"),
		0);
}

/* SQLite makes a table of its own for a list of more than two words, each time a row is checked. */
static void test_checks_of_busy_tables_are_cheap(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(sql_int(f, "SELECT count(*) FROM sqlite_schema WHERE tbl_name IN ('job', 'run', 'case_result',"
				    " 'measurement', 'board', 'board_time', 'lease', 'event')"
				    " AND type <> 'trigger' AND sql GLOB '* IN (''*'"),
			 0);
	/* but checked they are */
	assert_int_equal(sql_int(f, "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND tbl_name IN ('job',"
				    " 'run', 'case_result', 'measurement', 'board') AND sql GLOB"
				    " '*CHECK (* = ''*'' OR * = ''*'' OR *'"),
			 5);
	sql_refused(f,
		    "INSERT INTO board (name, org, type, agent, state, reason, unique_id, virtual, fence,"
		    " changed_at_us) VALUES ('x', 'default', '', '', 'lost', '', '', 0, 0, 0)",
		    "CHECK constraint failed");
	sql_refused(f,
		    "INSERT INTO board (name, org, type, agent, state, reason, unique_id, virtual, fence,"
		    " changed_at_us, hold) VALUES ('x', 'default', '', '', 'free', '', '', 0, 0, 0, 'x')",
		    "CHECK constraint failed");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_opening_again_changes_nothing),
		TEST(test_a_newer_database_is_refused),
		TEST(test_other_steps_are_refused),
		TEST(test_other_programs_databases_are_left_alone),
		TEST(test_a_closed_store_is_one_file),
		TEST(test_every_table_is_strict_and_carries_its_organisation),
		TEST(test_checks_of_busy_tables_are_cheap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
