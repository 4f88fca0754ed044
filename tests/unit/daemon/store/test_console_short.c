/* SPDX-License-Identifier: Apache-2.0 */
/* Consoles in the database, and their way into files: nothing is lost, doubled or shown too early, whatever becomes of
 * the transaction in which they move. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sodium.h>

#include "core/base/mem.h"
#include "daemon/store/console_short.h"
#include "tests/unit/daemon/store/support.h"

#define RUN 21

struct consoles {
	struct fixture f;
	struct db db;
	struct console_writer writer;
	char dir[300];
};

static void open_consoles(struct consoles *c)
{
	char path[300];
	struct err err = {0};

	(void)snprintf(path, sizeof(path), "%s/assay.db", c->f.dir);
	assert_int_equal(db_open(&c->db, path, false, &err), 0);
	console_writer_init(&c->writer, c->dir);
}

static void close_consoles(struct consoles *c)
{
	console_writer_finish(&c->writer);
	db_close(&c->db);
}

static int setup(void **state)
{
	struct consoles *c = mem_alloc(sizeof(*c));

	fixture_init(&c->f);
	fixture_must_open(&c->f); /* makes the database */
	fixture_close(&c->f);
	(void)snprintf(c->dir, sizeof(c->dir), "%s/console", c->f.dir);
	open_consoles(c);
	*state = c;
	return 0;
}

static int teardown(void **state)
{
	struct consoles *c = *state;

	close_consoles(c);
	fixture_finish(&c->f);
	free(c);
	return 0;
}

static uint8_t byte_at(uint64_t offset)
{
	return (uint8_t)(offset * 31 + offset / 997);
}

static void begin(struct consoles *c)
{
	assert_int_equal(db_exec(&c->db, "BEGIN IMMEDIATE", NULL), 0);
}

static void commit(struct consoles *c)
{
	struct err err = {0};

	assert_int_equal(console_sync(&c->writer, &err), 0);
	assert_int_equal(db_exec(&c->db, "COMMIT", NULL), 0);
}

static void put(struct consoles *c, uint64_t offset, size_t size)
{
	uint8_t *data = mem_alloc(size);
	struct console_record record = {RUN, offset, (int64_t)(1000 + offset), data, size};
	struct err err = {0};

	for (size_t i = 0; i < size; i++)
		data[i] = byte_at(offset + i);
	if (console_put(&c->db, &c->writer, &record, &err))
		fail_msg("%s", err.text);
	free(data);
}

static void put_committed(struct consoles *c, uint64_t offset, size_t size)
{
	begin(c);
	put(c, offset, size);
	commit(c);
}

static void check_range(struct consoles *c, uint64_t from, size_t size, size_t total)
{
	size_t left = from < total ? total - (size_t)from : 0, len = 0;
	uint8_t *buffer = mem_alloc(size);
	struct err err = {0};

	assert_int_equal(console_get(&c->db, c->dir, RUN, from, buffer, size, &len, &err), 0);
	assert_int_equal(len, left < size ? left : size);
	for (size_t i = 0; i < len; i++)
		assert_int_equal(buffer[i], byte_at(from + i));
	free(buffer);
}

static void check_all(struct consoles *c, size_t total, size_t stamps)
{
	const uint64_t froms[] = {0, 1, 99, 100, 101, total / 2, total - 1, total, total + 9};
	struct console_time *times;
	struct err err = {0};
	size_t count;

	for (size_t i = 0; i < sizeof(froms) / sizeof(froms[0]); i++) {
		check_range(c, froms[i], 7, total);
		check_range(c, froms[i], 2 * total, total);
	}
	assert_int_equal(console_get_times(&c->db, c->dir, RUN, &times, &count, &err), 0);
	assert_int_equal(count, stamps);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(times[i].at_us, (int64_t)(1000 + times[i].offset));
	free(times);
}

static int64_t rows(struct consoles *c)
{
	int64_t count = -1;

	assert_int_equal(db_get_int(&c->db, "SELECT count(*) FROM console_chunk", 0, &count, NULL), 0);
	return count;
}

static void test_a_short_one_has_no_files(void **state)
{
	struct consoles *c = *state;
	uint8_t hash[crypto_hash_sha256_BYTES], bytes[250];
	char expected[SHA256_HEX], found[SHA256_HEX];

	put_committed(c, 0, 100);
	begin(c);
	put(c, 100, 0);
	put(c, 100, 150);
	put(c, 0, 100); /* once more */
	commit(c);
	assert_int_equal(rows(c), 2);
	assert_false(console_has_files(&c->writer, RUN));
	check_all(c, 250, 2);
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = byte_at(i);
	(void)crypto_hash_sha256(hash, bytes, sizeof(bytes));
	sodium_bin2hex(expected, sizeof(expected), hash, sizeof(hash));
	assert_int_equal(console_short_sha256(&c->db, RUN, found, NULL), 0);
	assert_string_equal(found, expected);
	assert_int_equal(console_short_sha256(&c->db, RUN + 1, found, NULL), 0);
	assert_string_equal(found, "");
}

static void test_neighbours_are_other_runs(void **state)
{
	struct consoles *c = *state;
	const char *sql = "INSERT INTO console_chunk (id, at_us, bytes) VALUES (?, 1, x'ffff')";
	struct err err = {0};

	assert_int_equal(db_run(&c->db, &err, sql, "i", ((int64_t)RUN << 16) - 1), 0);
	assert_int_equal(db_run(&c->db, &err, sql, "i", (int64_t)(RUN + 1) << 16), 0);
	put_committed(c, 0, 100);
	check_all(c, 100, 1);
	put_committed(c, 100, CONSOLE_SHORT_BYTES);
	assert_int_equal(rows(c), 2);
}

static void test_what_was_lost_is_zero(void **state)
{
	struct consoles *c = *state;
	uint8_t buffer[200];
	size_t len;

	memset(buffer, 0xee, sizeof(buffer));
	put_committed(c, 0, 10);
	put_committed(c, 30, 10);
	assert_int_equal(console_get(&c->db, c->dir, RUN, 5, buffer, sizeof(buffer), &len, NULL), 0);
	assert_int_equal(len, 35);
	assert_int_equal(buffer[4], byte_at(9));
	for (size_t i = 5; i < 25; i++)
		assert_int_equal(buffer[i], 0);
	assert_int_equal(buffer[25], byte_at(30));
	assert_int_equal(console_get(&c->db, c->dir, RUN, 12, buffer, 5, &len, NULL), 0);
	assert_int_equal(len, 0);
}

static void test_a_long_one_moves_to_files(void **state)
{
	struct consoles *c = *state;
	const size_t half = CONSOLE_SHORT_BYTES / 2;
	char sha256[SHA256_HEX];

	put_committed(c, 0, half);
	put_committed(c, half, half);
	assert_int_equal(rows(c), 2); /* just short enough */
	check_all(c, 2 * half, 2);
	put_committed(c, 2 * half, 1);
	assert_int_equal(rows(c), 0);
	check_all(c, 2 * half + 1, 3);
	put_committed(c, 2 * half + 1, 10);
	put_committed(c, 0, half); /* an old one once more */
	assert_int_equal(rows(c), 0);
	check_all(c, 2 * half + 11, 4);
	console_close(&c->writer, RUN);
	assert_int_equal(console_compress(c->dir, RUN, sha256, NULL), 0);
	check_all(c, 2 * half + 11, 4);
}

static void test_long_from_the_first_chunk(void **state)
{
	struct consoles *c = *state;

	put_committed(c, 0, CONSOLE_SHORT_BYTES + 1);
	assert_int_equal(rows(c), 0);
	check_all(c, CONSOLE_SHORT_BYTES + 1, 1);
}

static void test_a_move_that_is_rolled_back(void **state)
{
	struct consoles *c = *state;

	put_committed(c, 0, 100);
	begin(c);
	put(c, 100, CONSOLE_SHORT_BYTES);
	assert_int_equal(db_exec(&c->db, "ROLLBACK", NULL), 0);
	console_forget_moved(&c->writer);
	check_all(c, 100, 1);      /* nothing of it was told */
	put_committed(c, 100, 50); /* the files are there, so there it goes */
	assert_int_equal(rows(c), 0);
	put_committed(c, 150, CONSOLE_SHORT_BYTES);
	console_close(&c->writer, RUN);
	assert_int_equal(console_compress(c->dir, RUN, NULL, NULL), 0);
	check_range(c, 0, 2 * CONSOLE_SHORT_BYTES, 150 + CONSOLE_SHORT_BYTES);
}

/* The files are synced, and the kill comes before the commit. */
static void test_a_move_that_a_kill_cut(void **state)
{
	struct consoles *c = *state;

	put_committed(c, 0, 100);
	begin(c);
	put(c, 100, CONSOLE_SHORT_BYTES);
	assert_int_equal(console_sync(&c->writer, NULL), 0);
	close_consoles(c);
	open_consoles(c);
	assert_int_equal(rows(c), 1);
	check_all(c, 100, 1);
	put_committed(c, 100, CONSOLE_SHORT_BYTES);
	assert_int_equal(rows(c), 0);
	check_all(c, 100 + CONSOLE_SHORT_BYTES, 2);
}

/* Begun under a version that kept every console in files. */
static void test_one_that_has_files_stays_there(void **state)
{
	struct consoles *c = *state;
	uint8_t data[10];
	struct console_record old = {RUN, 0, 1000, data, sizeof(data)};

	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = byte_at(i);
	assert_int_equal(console_append(&c->writer, &old, NULL), 0);
	close_consoles(c);
	open_consoles(c);
	put_committed(c, 10, 20);
	assert_int_equal(rows(c), 0);
	check_all(c, 30, 2);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_a_short_one_has_no_files),  TEST(test_neighbours_are_other_runs),
		TEST(test_what_was_lost_is_zero),     TEST(test_a_long_one_moves_to_files),
		TEST(test_long_from_the_first_chunk), TEST(test_a_move_that_is_rolled_back),
		TEST(test_a_move_that_a_kill_cut),    TEST(test_one_that_has_files_stays_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
