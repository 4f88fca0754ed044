/* SPDX-License-Identifier: Apache-2.0 */
/* gdb as a child with limits, its output between two marks taken. */
#include "agents/bench/backtrace.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agents/base/child.h"

#define MARK       "= assay ="
#define NOT_HERE   127
#define ARG_BYTES  1200
#define ARGS_COUNT 40

struct backtrace {
	struct child *child;
	backtrace_done_fn on_done;
	void *context;
	bool begun, whole; /* marks seen */
	struct buf text;
};

static void on_line(void *context, bool is_stderr, const char *line)
{
	struct backtrace *backtrace = context;

	if (is_stderr)
		return;
	if (strcmp(line, MARK) == 0) {
		backtrace->whole = backtrace->begun;
		backtrace->begun = true;
	} else if (backtrace->begun && !backtrace->whole && line[0]) {
		/* Beyond the maximum nothing more is taken. */
		(void)buf_appendf(&backtrace->text, "%s\n", line);
	}
}

static void on_exit_(void *context, int status, int signal_number)
{
	struct backtrace *backtrace = context;
	char why[80];

	if (status == NOT_HERE)
		snprintf(why, sizeof why, BACKTRACE_PROGRAM " is not installed");
	else if (signal_number)
		snprintf(why, sizeof why, BACKTRACE_PROGRAM " was killed by signal %d", signal_number);
	else
		snprintf(why, sizeof why, BACKTRACE_PROGRAM " ended with status %d", status);
	backtrace->on_done(backtrace->context, buf_text(&backtrace->text), backtrace->whole ? NULL : why);
}

/* What is in an image must not run: nothing is loaded on its behalf, nothing fetched. */
static void build_argv(const char *image, const char *core, bool second, char core_command[ARG_BYTES],
		       const char *argv[ARGS_COUNT])
{
	static const char *const first[] = {"prlimit",  "--as=2147483648",
					    "--cpu=15", BACKTRACE_PROGRAM,
					    "-batch",   "-nx",
					    "-iex",     "set auto-load no",
					    "-iex",     "set debuginfod enabled off",
					    "-iex",     "set width 0",
					    "-iex",     "set style enabled off",
					    "-iex",     "set backtrace limit 64",
					    "-iex",     "set print frame-arguments scalars",
					    "-ex"};
	static const char *const then[] = {"-ex", "echo " MARK "\\n",     "-ex", "echo where the core stood:\\n",
					   "-ex", "thread apply 1 -q bt", "-ex"};
	size_t count = 0;

	for (size_t i = 0; i < sizeof first / sizeof first[0]; i++)
		argv[count++] = first[i];
	snprintf(core_command, ARG_BYTES, "core-file %s", core);
	argv[count++] = core_command;
	for (size_t i = 0; i < sizeof then / sizeof then[0]; i++)
		argv[count++] = then[i];
	if (second) {
		argv[count++] = "echo what the exception broke off:\\n";
		argv[count++] = "-ex";
		argv[count++] = "thread apply 2 -q bt";
		argv[count++] = "-ex";
	}
	argv[count++] = "echo " MARK "\\n";
	argv[count++] = image;
	argv[count] = NULL;
}

int backtrace_start(uv_loop_t *loop, const char *image, const char *core, bool second, backtrace_done_fn on_done,
		    void *context, struct backtrace **ret_backtrace, struct err *err)
{
	struct backtrace *backtrace = calloc(1, sizeof *backtrace);
	struct child_events events = {.context = backtrace, .on_line = on_line, .on_exit = on_exit_};
	const char *argv[ARGS_COUNT];
	struct child_options options = {.argv = argv, .directory = "/", .group = true};
	char core_command[ARG_BYTES];
	int rc;

	if (!backtrace)
		return err_set(err, ERR_NOMEM, "out of memory");
	backtrace->on_done = on_done;
	backtrace->context = context;
	buf_init(&backtrace->text, BACKTRACE_MAX_BYTES);
	build_argv(image, core, second, core_command, argv);
	rc = child_start(loop, &options, &events, &backtrace->child, err);
	if (rc) {
		backtrace_destroy(backtrace);
		return rc;
	}
	*ret_backtrace = backtrace;
	return 0;
}

void backtrace_stop(struct backtrace *backtrace)
{
	child_kill(backtrace->child, SIGKILL);
}

void backtrace_destroy(struct backtrace *backtrace)
{
	if (!backtrace)
		return;
	child_destroy(backtrace->child);
	buf_finish(&backtrace->text);
	free(backtrace);
}
