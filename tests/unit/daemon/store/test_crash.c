/* SPDX-License-Identifier: Apache-2.0 */
/* kill -9 in the middle of commits: everything that was acknowledged is there afterwards, and the file is sound. */
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "tests/unit/daemon/store/support.h"

#define ROUNDS 12

/* The child: commits for ever, each change a job, its run and console bytes, and writes the number of what is durable
 * to the pipe. */
struct child {
	struct store *store;
	int pipe;
	int wake_pipe[2];
};

static void child_wake(void *context)
{
	struct child *child = context;

	if (write(child->wake_pipe[1], "w", 1) != 1)
		_exit(3);
}

static void child_committed(void *context, int64_t number)
{
	struct child *child = context;

	if (write(child->pipe, &number, sizeof(number)) != (ssize_t)sizeof(number))
		_exit(3);
}

static void child_trouble(void *context, const struct err *err)
{
	(void)context;
	_exit(err ? 4 : 0);
}

static void commit_one(struct store *store, int64_t base, int64_t number)
{
	int64_t id = base + number;
	struct change *change = change_of_job(number, id, "default", id);
	char text[64];

	add_run(change, id, id, "default", RUN_IS_RUNNING, 0);
	(void)snprintf(text, sizeof(text), "console of run %lld", (long long)id);
	add_console(change, id, 0, text, strlen(text));
	((struct run_record *)list_container(change->records.prev->prev, struct record, link)->as.any)->console_bytes =
		strlen(text);
	store_commit(store, change);
}

static void run_child(const char *dir, int pipe_fd, int64_t base)
{
	struct child child = {.pipe = pipe_fd};
	struct store_options options = {.dir = dir,
					.context = &child,
					.wake = child_wake,
					.on_committed = child_committed,
					.on_trouble = child_trouble};
	struct err err = {0};

	if (pipe(child.wake_pipe) || store_open(&options, &child.store, &err))
		_exit(2);
	for (int64_t number = 1;; number++) {
		struct pollfd poll_fd = {child.wake_pipe[0], POLLIN, 0};

		commit_one(child.store, base, number);
		/* a crowd now and then, so that groups of all sizes are cut */
		while (poll(&poll_fd, 1, number % 7 ? 0 : 2) > 0) {
			char bytes[64];

			if (read(child.wake_pipe[0], bytes, sizeof(bytes)) < 0)
				_exit(3);
			store_dispatch(child.store);
		}
	}
}

/* Reads acknowledgements until enough came, kills, reads the rest. Returns the last. */
static int64_t kill_after(pid_t child, int fd, int64_t enough)
{
	int64_t number, last = 0;
	int status;

	while (last < enough && read(fd, &number, sizeof(number)) == (ssize_t)sizeof(number))
		last = number;
	assert_true(last >= enough);
	assert_int_equal(kill(child, SIGKILL), 0);
	while (read(fd, &number, sizeof(number)) == (ssize_t)sizeof(number))
		last = number;
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status));
	return last;
}

static void check_console(struct fixture *f, int64_t run)
{
	struct kept_answer kept;
	char expected[64];

	(void)snprintf(expected, sizeof(expected), "console of run %lld", (long long)run);
	ask_and_wait(f, &admin, &(struct query){.kind = QUERY_CONSOLE, .id = run}, &kept);
	assert_int_equal(kept.answer.size_bytes, strlen(expected));
	assert_memory_equal(kept.answer.bytes, expected, strlen(expected));
	kept_finish(&kept);
}

static void test_nothing_acknowledged_is_lost(void **state)
{
	struct fixture f;
	int64_t base = 0;

	(void)state;
	fixture_init(&f);
	for (int round = 0; round < ROUNDS; round++) {
		int fds[2];
		int64_t acknowledged, count;
		char text[64];
		pid_t child;

		assert_int_equal(pipe(fds), 0);
		child = fork();
		if (child == 0) {
			close(fds[0]);
			run_child(f.dir, fds[1], base);
		}
		close(fds[1]);
		acknowledged = kill_after(child, fds[0], 1 + rand() % 400);
		close(fds[0]);
		fixture_must_open(&f);
		sql_text(&f, "PRAGMA integrity_check", text, sizeof(text));
		assert_string_equal(text, "ok");
		count = sql_int(&f, "SELECT count(*) FROM job");
		assert_true(count >= base + acknowledged);
		/* no hole, no half of a change */
		assert_int_equal(sql_int(&f, "SELECT max(id) FROM job"), count);
		assert_int_equal(sql_int(&f, "SELECT count(*) FROM run"), count);
		assert_int_equal(sql_int(&f, "SELECT max(seq) FROM event"), count);
		assert_int_equal(sql_int(&f, "SELECT count(*) FROM event"), count);
		check_console(&f, base + acknowledged);
		check_console(&f, base + 1);
		fixture_close(&f);
		base = count;
	}
	printf("%d kills, %lld changes\n", ROUNDS, (long long)base);
	fixture_finish(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_nothing_acknowledged_is_lost)};

	srand((unsigned)getpid());
	return cmocka_run_group_tests(tests, NULL, NULL);
}
