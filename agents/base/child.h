/* SPDX-License-Identifier: Apache-2.0 */
/* A child process: started through the launcher, so it never outlives the agent; its output read in lines; its end told
 * once.
 *
 * Happy path: child_start -> on_line for every line of its stdout and stderr -> on_exit, after which no line comes.
 * Ways it fails: the program cannot be started: child_start refuses when the launcher itself cannot run, else on_exit
 * comes with status 127. The child hangs: child_kill, then on_exit comes. child_destroy before the end: the child is
 * killed, nothing is called any more, and the memory goes when libuv has let go of it. */
#ifndef ASSAY_AGENTS_BASE_CHILD_H
#define ASSAY_AGENTS_BASE_CHILD_H

#include <stdbool.h>

#include <uv.h>

#include "core/base/err.h"

#define CHILD_LINE_MAX 1024 /* a longer line comes in pieces */
#define CHILD_ARGS_MAX 96

struct child;

struct child_events {
	void *context;
	/* One line without its newline. Valid during the call. May be NULL. */
	void (*on_line)(void *context, bool is_stderr, const char *line);
	/* The process has ended and its output is read. signal_number is 0 when it exited by itself. */
	void (*on_exit)(void *context, int status, int signal_number);
};

struct child_options {
	const char *const *argv; /* NULL-terminated */
	const char *directory;   /* working directory; NULL: the agent's */
	bool group;              /* it may have children of its own; see launcher.h */
};

/* Which program the launcher is, normally the agent itself (/proc/self/exe); tests name another. Not copied. */
void child_set_launcher(const char *path);

/* Starts the program. On failure nothing is called. */
int child_start(uv_loop_t *loop, const struct child_options *options, const struct child_events *events,
		struct child **ret_child, struct err *err);
int child_pid(const struct child *child);
void child_kill(struct child *child, int signal_number); /* the process and its group */
/* Reads what is in the pipes already, before the loop would: for messages about a failure just seen. */
void child_read_now(struct child *child);
void child_destroy(struct child *child); /* accepts NULL */

#endif
