/* SPDX-License-Identifier: Apache-2.0 */
/* A disk that is full: told, nothing lost, and on it goes when there is room again. RLIMIT_FSIZE plays the full disk:
 * writes beyond it fail with EFBIG. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "tests/unit/daemon/store/support.h"

static int setup(void **state)
{
	struct fixture *f = mem_alloc(sizeof(*f));

	(void)signal(SIGXFSZ, SIG_IGN);
	fixture_init(f);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	fixture_finish(*state);
	free(*state);
	return 0;
}

static void limit_files(rlim_t size)
{
	struct rlimit limit;

	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	limit.rlim_cur = size;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static bool is_troubled(void *context)
{
	return ((struct fixture *)context)->trouble.code != 0;
}

static bool is_well(void *context)
{
	return !is_troubled(context);
}

static bool told_three_times(void *context)
{
	return ((struct fixture *)context)->troubles >= 3;
}

static struct change *big_change(int64_t number)
{
	struct change *change = change_of_job(number, number, "default", number);
	struct case_record *result;
	char *message = mem_alloc(200001);

	memset(message, 'x', 200000);
	add_run(change, number, number, "default", RUN_IS_RUNNING, 0);
	result = change_add(change, RECORD_CASE);
	*result = (struct case_record){.run = number,
				       .org = "default",
				       .serial = 1,
				       .group = "G",
				       .name = "n",
				       .message = change_text(change, message)};
	free(message);
	return change;
}

static void test_a_full_disk_loses_nothing(void **state)
{
	struct fixture *f = *state;
	struct kept_answer kept = {0};
	const struct archive *archive;
	struct token token;
	char text[TOKEN_TEXT_MAX];

	fixture_must_open(f);
	store_commit(f->store, big_change(1));
	fixture_wait_committed(f, 1);
	limit_files(600 << 10);
	for (int64_t number = 2; number <= 6; number++)
		store_commit(f->store, big_change(number));
	fixture_wait(f, is_troubled, f);
	assert_int_equal(f->trouble.code, ERR_NO_SPACE);
	assert_non_null(strstr(f->trouble.text, "the limit on file sizes"));
	fixture_wait(f, told_three_times, f);
	assert_true(f->committed < 6);
	/* a wish is refused at once, and reading goes on */
	token_create(&member, 1, &token, text);
	archive = store_archive(f->store);
	archive->put_token(archive->context, &token, on_kept, &kept);
	fixture_wait(f, is_kept, &kept);
	assert_int_equal(kept.answer.err.code, ERR_NO_SPACE);
	kept_finish(&kept);
	ask_and_wait(f, &admin, &(struct query){.kind = QUERY_JOB, .id = 1}, &kept);
	assert_int_equal(kept.answer.err.code, 0);
	kept_finish(&kept);
	limit_files(RLIM_INFINITY);
	fixture_wait_committed(f, 6);
	fixture_wait(f, is_well, f);
	assert_int_equal(sql_int(f, "SELECT count(*) FROM case_result"), 6);
	sql_text(f, "PRAGMA integrity_check", text, sizeof(text));
	assert_string_equal(text, "ok");
}

static void test_what_cannot_be_committed_at_the_end_is_given_up(void **state)
{
	struct fixture *f = *state;

	fixture_must_open(f);
	store_commit(f->store, big_change(1));
	fixture_wait_committed(f, 1);
	limit_files(300 << 10);
	for (int64_t number = 2; number <= 6; number++)
		store_commit(f->store, big_change(number));
	fixture_wait(f, is_troubled, f);
	fixture_close(f); /* comes back, and leaves a sound file */
	limit_files(RLIM_INFINITY);
	fixture_must_open(f);
	assert_int_equal(sql_int(f, "SELECT count(*) FROM job"), 1);
}

static void test_a_full_console_disk(void **state)
{
	struct fixture *f = *state;
	struct change *change = change_of_job(1, 1, "default", 1);
	size_t size = 500000;
	char *bytes = mem_alloc(size);
	struct kept_answer kept;

	fixture_must_open(f);
	memset(bytes, 'c', size);
	add_run(change, 1, 1, "default", RUN_IS_RUNNING, size);
	add_console(change, 1, 0, bytes, size);
	limit_files(400 << 10);
	store_commit(f->store, change);
	fixture_wait(f, is_troubled, f);
	limit_files(RLIM_INFINITY);
	fixture_wait_committed(f, 1);
	ask_and_wait(f, &admin, &(struct query){.kind = QUERY_CONSOLE, .id = 1}, &kept);
	assert_int_equal(kept.answer.size_bytes, size);
	assert_memory_equal(kept.answer.bytes, bytes, size);
	kept_finish(&kept);
	free(bytes);
}

static void move(const struct fixture *f, const char *from, const char *to)
{
	char old[400], new[400];

	(void)snprintf(old, sizeof(old), "%s/%s", f->dir, from);
	(void)snprintf(new, sizeof(new), "%s/%s", f->dir, to);
	assert_int_equal(rename(old, new), 0);
}

/* What was acknowledged would be in a file that nobody opens again. */
static void check_moved(struct fixture *f, const char *file)
{
	fixture_must_open(f);
	store_commit(f->store, change_of_job(1, 1, "default", 1));
	fixture_wait_committed(f, 1);
	move(f, file, "away");
	store_commit(f->store, change_of_job(2, 2, "default", 2));
	fixture_wait(f, told_three_times, f);
	assert_int_equal(f->trouble.code, ERR_IO);
	assert_non_null(strstr(f->trouble.text, file));
	assert_non_null(strstr(f->trouble.text, "moved"));
	assert_int_equal(f->committed, 1);
	move(f, "away", file);
	fixture_wait_committed(f, 2);
	fixture_wait(f, is_well, f);
	fixture_close(f);
	fixture_must_open(f);
	assert_int_equal(sql_int(f, "SELECT count(*) FROM job"), 2);
}

static void test_a_database_that_is_moved_away(void **state)
{
	check_moved(*state, "assay.db");
}

static void test_a_log_that_is_moved_away(void **state)
{
	check_moved(*state, "assay.db-wal");
}

static void test_a_database_that_is_replaced(void **state)
{
	struct fixture *f = *state;
	char path[400];

	fixture_must_open(f);
	store_commit(f->store, change_of_job(1, 1, "default", 1));
	fixture_wait_committed(f, 1);
	move(f, "assay.db", "away");
	(void)snprintf(path, sizeof(path), "%s/assay.db", f->dir);
	assert_int_equal(fclose(fopen(path, "w")), 0);
	store_commit(f->store, change_of_job(2, 2, "default", 2));
	fixture_wait(f, told_three_times, f);
	assert_int_equal(f->committed, 1);
	move(f, "away", "assay.db");
	fixture_wait_committed(f, 2);
}

static void test_a_directory_that_cannot_be_made(void **state)
{
	struct fixture *f = *state;
	struct store_options options = {0};
	char path[400];
	struct store *store;
	struct err err = {0};

	(void)snprintf(path, sizeof(path), "%s/no/such/place", f->dir);
	options.dir = path;
	assert_int_not_equal(store_open(&options, &store, &err), 0);
	assert_non_null(strstr(err.text, path));
	(void)snprintf(path, sizeof(path), "%s/file", f->dir);
	fclose(fopen(path, "w"));
	assert_int_equal(store_open(&options, &store, &err), ERR_INVALID);
	assert_non_null(strstr(err.text, "no directory"));
	options.dir = "/proc"; /* there, and nothing can be written */
	assert_int_not_equal(store_open(&options, &store, &err), 0);
	assert_non_null(strstr(err.text, "/proc/lock"));
}

static void test_a_file_that_is_no_database(void **state)
{
	struct fixture *f = *state;
	struct err err = {0};
	char path[400];
	FILE *file;

	(void)snprintf(path, sizeof(path), "%s/assay.db", f->dir);
	file = fopen(path, "w");
	for (int i = 0; i < 1000; i++)
		(void)fprintf(file, "this is no database, not even a little bit\n");
	(void)fclose(file);
	assert_int_equal(fixture_open(f, &err), ERR_CORRUPT);
	assert_non_null(strstr(err.text, path));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_a_full_disk_loses_nothing),  TEST(test_what_cannot_be_committed_at_the_end_is_given_up),
		TEST(test_a_full_console_disk),        TEST(test_a_directory_that_cannot_be_made),
		TEST(test_a_file_that_is_no_database), TEST(test_a_database_that_is_moved_away),
		TEST(test_a_log_that_is_moved_away),   TEST(test_a_database_that_is_replaced),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
