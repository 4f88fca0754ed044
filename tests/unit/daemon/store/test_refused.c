/* SPDX-License-Identifier: Apache-2.0 */
/* A change that the database refuses for what is in it: set aside alone, told once, and on it goes. */
#include <string.h>

#include "tests/unit/daemon/store/support.h"

static bool is_refused(void *context)
{
	return ((struct fixture *)context)->refusals > 0;
}

static struct change *poison(int64_t number)
{
	struct change *change = change_of_job(number, number, "default", number);

	add_run(change, number, number, "default", RUN_IS_QUEUED, 0);
	/* a run that is finished has a verdict */
	((struct record *)list_container(change->records.prev, struct record, link))->as.run->state = RUN_IS_FINISHED;
	return change;
}

static void test_one_bad_change_of_many(void **state)
{
	struct fixture *f = *state;

	for (int64_t number = 1; number <= 7; number++)
		store_commit(f->store, number == 5 ? poison(5) : change_of_job(number, number, "default", number));
	fixture_wait(f, is_refused, f);
	assert_int_equal(f->committed, 4);
	assert_int_equal(f->refusal.number, 5);
	assert_int_equal(f->refusal.job, 5);
	assert_int_equal(f->refusal.run, 5);
	assert_int_equal(f->refusal.err.code, ERR_CORRUPT);
	assert_non_null(strstr(f->refusal.err.text, "CHECK constraint failed"));
	assert_int_equal(f->troubles, 0);
	/* what rests on it is dropped until the farm has gone back */
	store_commit(f->store, change_of_job(8, 8, "default", 8));
	store_rewind(f->store);
	store_commit(f->store, change_of_job(9, 5, "default", 5));
	fixture_wait_committed(f, 9);
	assert_int_equal(sql_int(f, "SELECT count(*) FROM job"), 5);
	assert_int_equal(sql_int(f, "SELECT max(seq) FROM event"), 5);
	assert_int_equal(f->refusals, 1);
}

/* Rules that are looked at by COMMIT have no record that failed: the change's first tells what it is about. */
static void test_a_rule_of_the_whole_change(void **state)
{
	struct fixture *f = *state;
	struct change *change = change_create();

	change->number = 1;
	add_run(change, 3, 77, "default", RUN_IS_QUEUED, 0);
	store_commit(f->store, change);
	fixture_wait(f, is_refused, f);
	assert_int_equal(f->refusal.run, 3);
	assert_int_equal(f->refusal.job, 77);
	assert_non_null(strstr(f->refusal.err.text, "FOREIGN KEY"));
}

/* A token beside a bad change is kept; a token that is refused is nobody else's trouble. */
static void test_wishes_stand_for_themselves(void **state)
{
	struct fixture *f = *state;
	const struct archive *archive = store_archive(f->store);
	struct kept_answer good = {0}, bad = {0};
	struct token token;
	char text[TOKEN_TEXT_MAX];

	sql_run(f, "CREATE TRIGGER no_bob BEFORE INSERT ON token WHEN NEW.name = 'bob' BEGIN"
		   " SELECT RAISE(ABORT, 'no bobs'); END");
	store_commit(f->store, poison(1));
	token_create(&member, 1, &token, text);
	archive->put_token(archive->context, &token, on_kept, &good);
	token_create(&stranger, 1, &token, text);
	archive->put_token(archive->context, &token, on_kept, &bad);
	fixture_wait(f, is_kept, &good);
	fixture_wait(f, is_kept, &bad);
	fixture_wait(f, is_refused, f);
	assert_int_equal(good.answer.err.code, 0);
	assert_int_equal(bad.answer.err.code, ERR_CORRUPT);
	assert_non_null(strstr(bad.answer.err.text, "no bobs"));
	assert_int_equal(f->troubles, 0);
	kept_finish(&good);
	kept_finish(&bad);
	store_rewind(f->store);
	store_commit(f->store, change_of_job(2, 1, "default", 1));
	fixture_wait_committed(f, 2);
}

/* Without anyone going back the store ends in time, and what was refused is not there. */
static void test_closing_while_refused(void **state)
{
	struct fixture *f = *state;

	store_commit(f->store, poison(1));
	fixture_wait(f, is_refused, f);
	store_commit(f->store, change_of_job(2, 2, "default", 1));
	fixture_close(f);
	fixture_must_open(f);
	assert_int_equal(sql_int(f, "SELECT count(*) FROM job"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_one_bad_change_of_many, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_a_rule_of_the_whole_change, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_wishes_stand_for_themselves, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_closing_while_refused, fixture_setup, fixture_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
