/* SPDX-License-Identifier: Apache-2.0 */
/* Children: their output and end are told once, and none outlives its parent, not even after SIGKILL. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "agents/base/child.h"
#include "agents/base/launcher.h"

struct seen {
	char out[4000];
	char err[1000];
	int exits, status, signal_number;
	struct child *child;
	bool destroy_on_line;
};

static void on_line(void *context, bool is_stderr, const char *line)
{
	struct seen *seen = context;
	char *to = is_stderr ? seen->err : seen->out;
	size_t size = is_stderr ? sizeof seen->err : sizeof seen->out, len = strlen(to);

	snprintf(to + len, size - len, "%s|", line);
	if (seen->destroy_on_line) {
		child_destroy(seen->child);
		seen->child = NULL;
	}
}

static void on_exit_(void *context, int status, int signal_number)
{
	struct seen *seen = context;

	seen->exits++;
	seen->status = status;
	seen->signal_number = signal_number;
}

static void run(struct seen *seen, bool group, const char *const *argv)
{
	struct child_options options = {.argv = argv, .group = group};
	struct child_events events = {.context = seen, .on_line = on_line, .on_exit = on_exit_};
	uv_loop_t loop;

	uv_loop_init(&loop);
	assert_int_equal(child_start(&loop, &options, &events, &seen->child, NULL), 0);
	uv_run(&loop, UV_RUN_DEFAULT);
	child_destroy(seen->child);
	uv_run(&loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&loop), 0);
}

static void tells_lines_and_status(void **state)
{
	const char *argv[] = {"sh", "-c", "echo one; echo two >&2; printf three; exit 5", NULL};

	(void)state;
	for (int group = 0; group < 2; group++) {
		struct seen seen = {.exits = 0};

		run(&seen, group, argv);
		assert_string_equal(seen.out, "one|three|");
		assert_string_equal(seen.err, "two|");
		assert_int_equal(seen.exits, 1);
		assert_int_equal(seen.status, 5);
	}
}

static void cuts_long_lines(void **state)
{
	const char *argv[] = {"sh", "-c", "head -c 2500 /dev/zero | tr '\\0' x; echo", NULL};
	struct seen seen = {.exits = 0};

	(void)state;
	run(&seen, false, argv);
	assert_int_equal(strlen(seen.out), 2500 + 3);
	assert_int_equal(seen.out[CHILD_LINE_MAX], '|');
}

static void tells_signals_and_what_cannot_start(void **state)
{
	const char *killed[] = {"sh", "-c", "kill -9 $$", NULL}, *missing[] = {"/nonexistent/program", NULL};
	struct seen seen = {.exits = 0}, none = {.exits = 0};

	(void)state;
	run(&seen, false, killed);
	assert_int_equal(seen.signal_number, SIGKILL);
	run(&none, false, missing);
	assert_int_equal(none.exits, 1);
	assert_int_equal(none.status, LAUNCHER_FAILED);
	assert_non_null(strstr(none.err, "/nonexistent/program"));
}

static void may_be_destroyed_from_its_own_callback(void **state)
{
	const char *argv[] = {"sh", "-c", "echo a; echo b; exec sleep 1000", NULL};
	struct seen seen = {.destroy_on_line = true};

	(void)state;
	run(&seen, false, argv);
	assert_string_equal(seen.out, "a|");
	assert_int_equal(seen.exits, 0);
}

/* Reads what the grandchildren hold open: it ends when the last of them is gone. */
static void expect_end_of(int fd)
{
	char byte;

	alarm(30);
	assert_int_equal(read(fd, &byte, 1), 0);
	alarm(0);
}

/* A parent that starts a child, tells that it runs, and waits to be killed. The pipe's write end is inherited by all.
 */
static void be_parent(bool group, int ready_fd)
{
	const char *argv[] = {"sh", "-c", "sleep 1000 & echo up; wait", NULL};
	const char *alone[] = {"sh", "-c", "echo up; exec sleep 1000", NULL};
	struct child_options options = {.argv = group ? argv : alone, .group = group};
	struct child_events events = {.on_exit = on_exit_};
	struct child *child;
	uv_loop_t loop;

	uv_loop_init(&loop);
	if (child_start(&loop, &options, &events, &child, NULL))
		_exit(1);
	if (write(ready_fd, "x", 1) != 1)
		_exit(1);
	uv_run(&loop, UV_RUN_DEFAULT);
	_exit(0);
}

static void die_with_their_parent(void **state)
{
	(void)state;
	for (int group = 0; group < 2; group++) {
		int pipe_ends[2];
		char byte;
		pid_t parent;

		assert_int_equal(pipe(pipe_ends), 0); /* without CLOEXEC: it reaches every descendant */
		parent = fork();
		if (parent == 0) {
			close(pipe_ends[0]);
			be_parent(group, pipe_ends[1]);
		}
		close(pipe_ends[1]);
		alarm(30);
		assert_int_equal(read(pipe_ends[0], &byte, 1), 1);
		alarm(0);
		kill(parent, SIGKILL);
		waitpid(parent, NULL, 0);
		expect_end_of(pipe_ends[0]);
		close(pipe_ends[0]);
	}
}

static void kills_a_whole_group(void **state)
{
	const char *argv[] = {"sh", "-c", "sleep 1000 & echo up; wait", NULL};
	struct seen seen = {.destroy_on_line = true};
	int pipe_ends[2];

	(void)state;
	assert_int_equal(pipe(pipe_ends), 0);
	run(&seen, true, argv);
	close(pipe_ends[1]);
	expect_end_of(pipe_ends[0]);
	close(pipe_ends[0]);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tells_lines_and_status),
		cmocka_unit_test(cuts_long_lines),
		cmocka_unit_test(tells_signals_and_what_cannot_start),
		cmocka_unit_test(may_be_destroyed_from_its_own_callback),
		cmocka_unit_test(die_with_their_parent),
		cmocka_unit_test(kills_a_whole_group),
	};

	/* The launcher is the program itself, here too. */
	if (argc > 1 && strcmp(argv[1], LAUNCHER_OPTION) == 0)
		return launcher_main(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
