/* SPDX-License-Identifier: Apache-2.0 */
/* Console files: by offset, idempotent, compressed at the end, read the same all along. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <sodium.h>

#include "core/base/mem.h"
#include "daemon/store/console.h"
#include "tests/unit/daemon/store/support.h"

static int setup(void **state)
{
	struct fixture *f = mem_alloc(sizeof(*f));

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

static uint8_t byte_at(uint64_t offset)
{
	return (uint8_t)(offset * 31 + offset / 997);
}

static void append(struct console_writer *writer, int64_t run, uint64_t offset, size_t size)
{
	uint8_t *data = mem_alloc(size);
	struct console_record record = {run, offset, (int64_t)(1000 + offset), data, size};
	struct err err = {0};

	for (size_t i = 0; i < size; i++)
		data[i] = byte_at(offset + i);
	if (console_append(writer, &record, &err))
		fail_msg("%s", err.text);
	free(data);
}

static void check_range(const char *dir, int64_t run, uint64_t from, size_t size, size_t expected)
{
	uint8_t *buffer = mem_alloc(size);
	struct err err = {0};
	size_t len = 0;

	if (console_read(dir, run, from, buffer, size, &len, &err))
		fail_msg("%s", err.text);
	assert_int_equal(len, expected);
	for (size_t i = 0; i < len; i++)
		assert_int_equal(buffer[i], byte_at(from + i));
	free(buffer);
}

static void check_all_ranges(const char *dir, int64_t run, size_t total)
{
	const size_t frame = CONSOLE_FRAME_BYTES;
	const uint64_t froms[] = {0, 1, frame - 1, frame, frame + 1, 2 * frame - 3, total - 1, total, total + 9};

	for (size_t i = 0; i < sizeof(froms) / sizeof(froms[0]); i++) {
		size_t left = froms[i] < total ? total - (size_t)froms[i] : 0;

		check_range(dir, run, froms[i], 5, left < 5 ? left : 5);
		check_range(dir, run, froms[i], 2 * total, left);
	}
}

static void check_times(const char *dir, int64_t run, size_t expected)
{
	struct console_time *times;
	size_t count;
	struct err err = {0};

	assert_int_equal(console_times(dir, run, &times, &count, &err), 0);
	assert_int_equal(count, expected);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(times[i].at_us, (int64_t)(1000 + times[i].offset));
	free(times);
}

static void test_the_same_bytes_again_change_nothing(void **state)
{
	struct fixture *f = *state;
	struct console_writer writer;
	struct err err = {0};

	console_writer_init(&writer, f->dir);
	append(&writer, 1, 0, 100);
	append(&writer, 1, 100, 50);
	append(&writer, 1, 100, 50);
	append(&writer, 1, 0, 100);
	assert_int_equal(console_sync(&writer, &err), 0);
	check_range(f->dir, 1, 0, 1000, 150);
	check_times(f->dir, 1, 2);
	console_writer_finish(&writer);
	/* a writer that starts again goes on */
	console_writer_init(&writer, f->dir);
	append(&writer, 1, 100, 50);
	append(&writer, 1, 150, 50);
	console_writer_finish(&writer);
	check_range(f->dir, 1, 0, 1000, 200);
	check_times(f->dir, 1, 3);
}

static void test_a_cut_stamp_is_written_again(void **state)
{
	struct fixture *f = *state;
	struct console_writer writer;
	char path[300];

	console_writer_init(&writer, f->dir);
	append(&writer, 1, 0, 10);
	append(&writer, 1, 10, 10);
	console_writer_finish(&writer);
	console_path(path, sizeof(path), f->dir, 1, "times");
	assert_int_equal(truncate(path, 16 + 7), 0);
	console_writer_init(&writer, f->dir);
	append(&writer, 1, 10, 10);
	console_writer_finish(&writer);
	check_times(f->dir, 1, 2);
}

static void test_compressed_reads_like_raw(void **state)
{
	struct fixture *f = *state;
	const size_t total = 5 * CONSOLE_FRAME_BYTES / 2;
	struct console_writer writer;
	uint8_t hash[32], *all = mem_alloc(total);
	char hex[SHA256_HEX], sha256[SHA256_HEX], path[300];
	struct err err = {0};
	struct stat st;
	size_t chunks = 0;

	console_writer_init(&writer, f->dir);
	for (size_t at = 0, size; at < total; at += size, chunks++) {
		size = (at * 7) % 4000 + 1;
		size = size > total - at ? total - at : size;
		append(&writer, 3, at, size);
	}
	console_writer_finish(&writer);
	check_all_ranges(f->dir, 3, total);
	check_times(f->dir, 3, chunks);
	for (size_t i = 0; i < total; i++)
		all[i] = byte_at(i);
	crypto_hash_sha256(hash, all, total);
	free(all);
	sodium_bin2hex(hex, sizeof(hex), hash, sizeof(hash));
	assert_int_equal(console_compress(f->dir, 3, sha256, &err), 0);
	assert_string_equal(sha256, hex);
	console_path(path, sizeof(path), f->dir, 3, "raw");
	assert_int_not_equal(stat(path, &st), 0);
	console_path(path, sizeof(path), f->dir, 3, "zst");
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	check_all_ranges(f->dir, 3, total);
	check_times(f->dir, 3, chunks);
	/* once more: nothing to do */
	assert_int_equal(console_compress(f->dir, 3, sha256, &err), 0);
	assert_string_equal(sha256, "");
	check_all_ranges(f->dir, 3, total);
}

static void test_an_exact_frame_and_an_empty_console(void **state)
{
	struct fixture *f = *state;
	struct console_writer writer;
	struct err err = {0};

	console_writer_init(&writer, f->dir);
	append(&writer, 4, 0, CONSOLE_FRAME_BYTES);
	append(&writer, 5, 0, 0);
	console_writer_finish(&writer);
	assert_int_equal(console_compress(f->dir, 4, NULL, &err), 0);
	assert_int_equal(console_compress(f->dir, 5, NULL, &err), 0);
	check_range(f->dir, 4, 0, 2 * CONSOLE_FRAME_BYTES, CONSOLE_FRAME_BYTES);
	check_range(f->dir, 4, CONSOLE_FRAME_BYTES, 10, 0);
	check_range(f->dir, 5, 0, 10, 0);
	check_range(f->dir, 6, 0, 10, 0); /* none at all */
	check_times(f->dir, 6, 0);
}

static void test_damage_is_told(void **state)
{
	struct fixture *f = *state;
	struct console_writer writer;
	struct err err = {0};
	uint8_t buffer[64], bytes[4] = {1, 2, 3, 4};
	struct stat st;
	size_t len;
	char path[300];
	int fd;

	console_writer_init(&writer, f->dir);
	append(&writer, 7, 0, 5000);
	console_writer_finish(&writer);
	assert_int_equal(console_compress(f->dir, 7, NULL, &err), 0);
	console_path(path, sizeof(path), f->dir, 7, "zst");
	assert_int_equal(stat(path, &st), 0);
	fd = open(path, O_RDWR);
	/* every place of the file, one after the other */
	for (off_t at = 0; at + 4 <= st.st_size; at += 3) {
		uint8_t before[4];
		int rc;

		assert_int_equal(pread(fd, before, 4, at), 4);
		for (int i = 0; i < 4; i++)
			bytes[i] = before[i] ^ 0x5a;
		assert_int_equal(pwrite(fd, bytes, 4, at), 4);
		rc = console_read(f->dir, 7, 100, buffer, sizeof(buffer), &len, &err);
		if (rc)
			assert_int_equal(err.code, ERR_CORRUPT);
		assert_int_equal(pwrite(fd, before, 4, at), 4);
	}
	for (off_t size = 0; size < st.st_size; size += 5) {
		char copy[300];
		int out;

		console_path(copy, sizeof(copy), f->dir, 8, "zst");
		out = open(copy, O_RDWR | O_CREAT | O_TRUNC, 0600);
		for (off_t at = 0; at < size; at++) {
			assert_int_equal(pread(fd, bytes, 1, at), 1);
			assert_int_equal(write(out, bytes, 1), 1);
		}
		close(out);
		assert_int_equal(console_read(f->dir, 8, 100, buffer, sizeof(buffer), &len, &err), ERR_CORRUPT);
	}
	close(fd);
}

static void test_many_consoles_at_once(void **state)
{
	struct fixture *f = *state;
	struct console_writer writer;
	struct err err = {0};

	console_writer_init(&writer, f->dir);
	for (uint64_t offset = 0; offset < 300; offset += 100) {
		for (int64_t run = 1; run <= 3 * CONSOLE_MAX_OPEN; run++)
			append(&writer, run, offset, 100);
		assert_int_equal(console_sync(&writer, &err), 0);
	}
	assert_true(writer.open_count <= CONSOLE_MAX_OPEN);
	console_writer_finish(&writer);
	for (int64_t run = 1; run <= 3 * CONSOLE_MAX_OPEN; run++)
		check_range(f->dir, run, 0, 1000, 300);
}

static bool is_compressed(void *context)
{
	const struct fixture *f = context;
	char path[400];

	(void)snprintf(path, sizeof(path), "%s/console/21.raw", f->dir);
	return access(path, F_OK) != 0;
}

/* Nobody tells of it. */
static void wait_compressed(struct fixture *f)
{
	const struct timespec pause = {.tv_nsec = 1000000};

	for (int i = 0; i < 60000 && !is_compressed(f); i++)
		(void)nanosleep(&pause, NULL);
	assert_true(is_compressed(f));
}

static void ask_console(struct fixture *f, uint64_t from, uint64_t to, const char *expected, bool open)
{
	struct kept_answer kept;

	ask_and_wait(f, &member, &(struct query){.kind = QUERY_CONSOLE, .id = 21, .from = from, .to = to}, &kept);
	assert_int_equal(kept.answer.err.code, 0);
	assert_int_equal(kept.answer.size_bytes, strlen(expected));
	assert_memory_equal(kept.answer.bytes, expected, strlen(expected));
	assert_int_equal(json_integer_value(json_object_get(kept.answer.json, "total")), 11);
	assert_int_equal(json_is_true(json_object_get(kept.answer.json, "open")), open);
	kept_finish(&kept);
}

static void test_through_the_store(void **state)
{
	struct fixture *f = *state;
	struct change *change = change_of_job(1, 7, "default", 1);
	struct kept_answer kept;

	fixture_must_open(f);
	add_run(change, 21, 7, "default", RUN_IS_RUNNING, 11);
	add_console(change, 21, 0, "hello ", 6);
	add_console(change, 21, 6, "world", 5);
	add_console(change, 21, 11, " not told of yet", 16);
	store_commit(f->store, change);
	fixture_wait_committed(f, 1);
	ask_console(f, 0, 0, "hello world", true);
	ask_console(f, 2, 8, "llo wo", true);
	ask_console(f, 50, 0, "", true);
	change = change_create();
	change->number = 2;
	add_run(change, 21, 7, "default", RUN_IS_FINISHED, 11);
	store_commit(f->store, change);
	fixture_wait_committed(f, 2);
	wait_compressed(f);
	ask_console(f, 0, 0, "hello world", false);
	ask_console(f, 2, 8, "llo wo", false);
	ask_and_wait(f, &member, &(struct query){.kind = QUERY_CONSOLE_TIMES, .id = 21}, &kept);
	assert_int_equal(json_array_size(json_object_get(kept.answer.json, "times")), 2);
	kept_finish(&kept);
}

static void test_what_a_crash_left_raw_is_compressed_at_the_next_start(void **state)
{
	struct fixture *f = *state;
	struct change *change = change_of_job(1, 7, "default", 1);
	struct console_writer writer;
	char dir[300];

	fixture_must_open(f);
	add_run(change, 21, 7, "default", RUN_IS_FINISHED, 11);
	store_commit(f->store, change);
	fixture_wait_committed(f, 1);
	fixture_close(f);
	(void)snprintf(dir, sizeof(dir), "%s/console", f->dir);
	console_writer_init(&writer, dir);
	append(&writer, 21, 0, 11);
	console_writer_finish(&writer);
	assert_false(is_compressed(f));
	fixture_must_open(f);
	wait_compressed(f);
	check_range(dir, 21, 0, 100, 11);
}

/* A kill between the removal of the two raw files. */
static void test_stray_stamps_go_at_the_next_start(void **state)
{
	struct fixture *f = *state;
	struct console_writer writer;
	char stray[300], open_too[300];

	fixture_must_open(f);
	fixture_close(f);
	(void)snprintf(stray, sizeof(stray), "%s/console", f->dir);
	console_writer_init(&writer, stray);
	append(&writer, 21, 0, 11);
	append(&writer, 22, 0, 11);
	console_writer_finish(&writer);
	(void)snprintf(stray, sizeof(stray), "%s/console/21.raw", f->dir);
	assert_int_equal(unlink(stray), 0);
	(void)snprintf(stray, sizeof(stray), "%s/console/21.times", f->dir);
	(void)snprintf(open_too, sizeof(open_too), "%s/console/22.times", f->dir);
	assert_int_equal(access(stray, F_OK), 0);
	fixture_must_open(f);
	assert_int_not_equal(access(stray, F_OK), 0);
	assert_int_equal(access(open_too, F_OK), 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_the_same_bytes_again_change_nothing),
		TEST(test_a_cut_stamp_is_written_again),
		TEST(test_compressed_reads_like_raw),
		TEST(test_an_exact_frame_and_an_empty_console),
		TEST(test_damage_is_told),
		TEST(test_many_consoles_at_once),
		TEST(test_through_the_store),
		TEST(test_what_a_crash_left_raw_is_compressed_at_the_next_start),
		TEST(test_stray_stamps_go_at_the_next_start),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
