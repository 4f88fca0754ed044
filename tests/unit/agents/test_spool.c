/* SPDX-License-Identifier: Apache-2.0 */
/* The spool: survives being cut off at any byte, keeps going without a disk, and never has a gap. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "agents/base/files.h"
#include "agents/run.h"
#include "agents/spool.h"
#include "core/base/log.h"
#include "core/wire/message.h"

static char dir[] = "/tmp/assay-spool-XXXXXX";

static int make_dir(void **state)
{
	(void)state;
	memcpy(dir + sizeof dir - 7, "XXXXXX", 6);
	return mkdtemp(dir) ? 0 : -1;
}

static int remove_dir(void **state)
{
	char command[100];

	(void)state;
	snprintf(command, sizeof command, "%s/7.jsonl", dir);
	unlink(command);
	snprintf(command, sizeof command, "%s/7.jsonl.bad", dir);
	unlink(command);
	return rmdir(dir);
}

/* The n-th message as it would be sent. */
static void make_message(int64_t n, struct buf *out)
{
	struct wire_message message = {.type = WIRE_EVENT,
				       .as.event = {.run = 7,
						    .fence = 3,
						    .n = n,
						    .at_us = 1000 + n,
						    .kind = WIRE_EVENT_STEP_BEGUN,
						    .as.step = {.step = "flash", .text = ""}}};

	buf_init(out, WIRE_MAX_BYTES);
	assert_int_equal(wire_encode(&message, out, NULL), 0);
}

static int append(struct spool_run *run, int64_t n)
{
	struct buf text;
	int rc;

	make_message(n, &text);
	rc = spool_append(run, text.data, text.len, false, NULL);
	buf_finish(&text);
	return rc;
}

static void expect_message(struct spool_run *run, int64_t n)
{
	struct buf wanted, got;

	make_message(n, &wanted);
	buf_init(&got, WIRE_MAX_BYTES);
	assert_int_equal(spool_read(run, n, &got, NULL), 0);
	assert_string_equal(buf_text(&got), buf_text(&wanted));
	buf_finish(&wanted);
	buf_finish(&got);
}

static struct spool_run *create_with(struct spool **ret_spool, int64_t count)
{
	struct spool_run *run = NULL;

	assert_int_equal(spool_open(dir, ret_spool, NULL), 0);
	assert_int_equal(spool_create(*ret_spool, 7, 3, "mb1", &run, NULL), 0);
	for (int64_t n = 1; n <= count; n++)
		assert_int_equal(append(run, n), 0);
	return run;
}

static void keeps_what_was_appended(void **state)
{
	struct spool *spool = NULL;
	struct spool_run *run = create_with(&spool, 300), *again = NULL;
	struct buf out;

	(void)state;
	for (int64_t n = 1; n <= 300; n++)
		expect_message(run, n);
	buf_init(&out, 1000);
	assert_int_equal(spool_read(run, 0, &out, NULL), ERR_NOT_FOUND);
	assert_int_equal(spool_read(run, 301, &out, NULL), ERR_NOT_FOUND);
	assert_int_equal(spool_create(spool, 7, 4, "mb1", &again, NULL), ERR_EXISTS);
	buf_finish(&out);
	spool_close(spool);

	assert_int_equal(spool_open(dir, &spool, NULL), 0);
	run = spool_find(spool, 7);
	assert_non_null(run);
	assert_int_equal(run->last, 300);
	assert_int_equal(run->fence, 3);
	assert_string_equal(run->board, "mb1");
	assert_false(run->ended);
	for (int64_t n = 1; n <= 300; n++)
		expect_message(run, n);
	assert_int_equal(append(run, 301), 0);
	expect_message(run, 301);
	spool_delete(run);
	assert_null(spool_find(spool, 7));
	spool_close(spool);
	assert_int_equal(spool_open(dir, &spool, NULL), 0);
	assert_true(list_empty(spool_runs(spool)));
	spool_close(spool);
}

/* Whatever byte the agent died at: what is read again is whole, from the front, without a gap, and can be gone on with.
 */
static void survives_a_cut_at_every_byte(void **state)
{
	struct spool *spool = NULL;
	char path[100], *data;
	size_t len;
	int64_t last = 0;

	(void)state;
	create_with(&spool, 4);
	spool_close(spool);
	snprintf(path, sizeof path, "%s/7.jsonl", dir);
	assert_int_equal(files_read(path, 100000, &data, &len, NULL), 0);
	for (size_t cut = 0; cut <= len; cut++) {
		assert_int_equal(files_write(path, data, cut, NULL), 0);
		assert_int_equal(spool_open(dir, &spool, NULL), 0);
		struct spool_run *run = spool_find(spool, 7);

		if (run) {
			assert_true(run->last >= last && run->last <= 4);
			last = run->last;
			for (int64_t n = 1; n <= run->last; n++)
				expect_message(run, n);
			assert_int_equal(append(run, run->last + 1), 0);
			expect_message(run, run->last);
		} else {
			assert_int_equal(last, 0);
		}
		spool_close(spool);
	}
	assert_int_equal(last, 4);
	free(data);
}

static void cuts_off_what_makes_no_sense(void **state)
{
	static const char *const ends[] = {"rubbish\n", "{\"type\":\"ping\"}\n", "\n", "\0\0\0\n"};
	struct spool *spool = NULL;
	char path[100];

	(void)state;
	snprintf(path, sizeof path, "%s/7.jsonl", dir);
	for (size_t i = 0; i < 4; i++) {
		create_with(&spool, 2);
		spool_close(spool);
		FILE *file = fopen(path, "a");
		assert_non_null(file);
		fwrite(ends[i], 1, i == 3 ? 4 : strlen(ends[i]), file);
		fclose(file);
		assert_int_equal(spool_open(dir, &spool, NULL), 0);
		assert_int_equal(spool_find(spool, 7)->last, 2);
		assert_int_equal(append(spool_find(spool, 7), 3), 0);
		expect_message(spool_find(spool, 7), 3);
		spool_delete(spool_find(spool, 7));
		spool_close(spool);
	}
	/* A head of another run: nothing of it can be believed. */
	assert_int_equal(files_write(path, "{\"run\":8,\"fence\":1,\"board\":\"x\"}\n", 32, NULL), 0);
	assert_int_equal(spool_open(dir, &spool, NULL), 0);
	assert_null(spool_find(spool, 7));
	assert_int_not_equal(access(path, F_OK), 0);
	spool_close(spool);
}

/* A disk that takes no more: a limit on the size of files stands for it. */
static void goes_on_in_memory_without_a_disk(void **state)
{
	struct spool *spool = NULL;
	struct spool_run *run = create_with(&spool, 10);
	struct rlimit old, small;
	struct stat info;
	char path[100];
	int64_t n = 11;
	int rc = 0;

	(void)state;
	snprintf(path, sizeof path, "%s/7.jsonl", dir);
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &old);
	small = old;
	assert_int_equal(stat(path, &info), 0);
	small.rlim_cur = (rlim_t)info.st_size + 200; /* one more and a piece of the next */
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	while ((rc = append(run, n)) == 0)
		n++;
	setrlimit(RLIMIT_FSIZE, &old);
	assert_int_equal(n, 12);
	assert_int_not_equal(rc, ERR_TOO_BIG);
	assert_int_equal(run->last, 12);
	for (n = 13; append(run, n) != ERR_TOO_BIG; n++)
		assert_int_equal(run->last, n);
	assert_true(n > 1000);
	assert_int_equal(run->last, n - 1);
	for (int64_t i = 1; i < n; i++)
		expect_message(run, i);
	spool_close(spool);

	assert_int_equal(spool_open(dir, &spool, NULL), 0);
	assert_int_equal(spool_find(spool, 7)->last, 11);
	spool_close(spool);
}

static void ends_what_an_earlier_life_left_open(void **state)
{
	struct spool *spool = NULL;
	struct spool_run *run = create_with(&spool, 5);
	struct wire_message message;
	struct buf text;

	(void)state;
	assert_int_equal(run_end_abandoned(run, NULL), 0);
	assert_true(run->ended);
	assert_int_equal(run->last, 6);
	buf_init(&text, WIRE_MAX_BYTES);
	assert_int_equal(spool_read(run, 6, &text, NULL), 0);
	assert_int_equal(wire_decode(text.data, text.len, WIRE_AGENT, &message, NULL), 0);
	assert_int_equal(message.as.event.as.ended.cause, CAUSE_AGENT_RESTARTED);
	assert_int_equal(message.as.event.as.ended.verdict, RUN_INFRASTRUCTURE);
	wire_message_finish(&message);
	buf_finish(&text);
	spool_close(spool);
	assert_int_equal(spool_open(dir, &spool, NULL), 0);
	assert_true(spool_find(spool, 7)->ended);
	spool_close(spool);
}

static int write_text(const char *name, const char *text)
{
	char path[100];

	snprintf(path, sizeof path, "%s/%s", dir, name);
	return files_write(path, text, strlen(text), NULL);
}

static bool is_there(const char *name)
{
	struct stat about;
	char path[100];

	snprintf(path, sizeof path, "%s/%s", dir, name);
	return stat(path, &about) == 0;
}

static void files_stay_with_their_run_and_go_with_it(void **state)
{
	char path[100], found[300], name[ARTEFACT_NAME_MAX];
	struct spool *spool;
	struct spool_run *run;

	(void)state;
	assert_int_equal(spool_open(dir, &spool, NULL), 0);
	assert_int_equal(spool_create(spool, 7, 3, "b1", &run, NULL), 0);
	assert_false(spool_first_file(run, found, sizeof found, name));
	assert_int_equal(write_text("core.elf", "core"), 0);
	snprintf(path, sizeof path, "%s/core.elf", dir);
	assert_int_equal(spool_add_file(run, path, "../core", NULL), ERR_INVALID);
	assert_int_equal(spool_add_file(run, path, "core.elf", NULL), 0);
	assert_false(is_there("core.elf"));
	assert_int_not_equal(spool_add_file(run, path, "core.elf", NULL), 0); /* it is no longer where it was */
	spool_close(spool);

	assert_int_equal(spool_open(dir, &spool, NULL), 0);
	run = spool_find(spool, 7);
	assert_non_null(run);
	assert_true(spool_first_file(run, found, sizeof found, name));
	assert_string_equal(name, "core.elf");
	spool_delete(run);
	assert_false(is_there("7.files"));
	spool_close(spool);
}

static void files_of_no_run_go_at_the_start(void **state)
{
	char path[100];
	struct spool *spool;

	(void)state;
	snprintf(path, sizeof path, "%s/7.files", dir);
	assert_int_equal(files_make_dir(path, NULL), 0);
	assert_int_equal(write_text("7.files/core.elf", "core"), 0);
	assert_int_equal(spool_open(dir, &spool, NULL), 0);
	assert_false(is_there("7.files"));
	spool_close(spool);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(keeps_what_was_appended, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(survives_a_cut_at_every_byte, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(cuts_off_what_makes_no_sense, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(goes_on_in_memory_without_a_disk, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(ends_what_an_earlier_life_left_open, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(files_stay_with_their_run_and_go_with_it, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(files_of_no_run_go_at_the_start, make_dir, remove_dir),
	};

	log_set_level(LOG_LEVEL_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
