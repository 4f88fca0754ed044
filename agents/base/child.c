/* SPDX-License-Identifier: Apache-2.0 */
/* Child processes. */
#include "agents/base/child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agents/base/launcher.h"

#define READ_BYTES    4096
#define READS_AT_ONCE 16 /* a full pipe; then the loop gets its turn, however much a child prints */

/* One of the child's two outputs: a pipe's reading end, watched by the loop. */
struct output {
	struct child *child;
	uv_poll_t poll;
	int fd; /* -1 once it ended */
	bool is_stderr;
	size_t len;
	char line[CHILD_LINE_MAX + 1];
};

struct child {
	uv_process_t process;
	struct output output[2];
	struct child_events events;
	int open_handles; /* libuv still holds */
	bool exited;
	bool told;
	bool destroyed;
	int status;
	int signal_number;
};

static const char *launcher_path = "/proc/self/exe";

void child_set_launcher(const char *path)
{
	launcher_path = path;
}

static void free_when_closed(struct child *child)
{
	if (child->open_handles == 0 && child->destroyed)
		free(child);
}

static void on_closed(uv_handle_t *handle)
{
	struct child *child = handle->data;

	child->open_handles--;
	free_when_closed(child);
}

static void on_output_closed(uv_handle_t *handle)
{
	struct output *output = handle->data;

	output->child->open_handles--;
	free_when_closed(output->child);
}

static void give_line(struct output *output)
{
	struct child *child = output->child;

	output->line[output->len] = '\0';
	output->len = 0;
	if (child->events.on_line && !child->destroyed)
		child->events.on_line(child->events.context, output->is_stderr, output->line);
}

static void take_bytes(struct output *output, const char *data, size_t len)
{
	for (size_t i = 0; i < len && !output->child->destroyed; i++) {
		if (data[i] == '\n' || output->len == CHILD_LINE_MAX)
			give_line(output);
		if (data[i] != '\n' && data[i] != '\0' && data[i] != '\r')
			output->line[output->len++] = data[i];
	}
}

static void output_close(struct output *output)
{
	if (output->fd < 0)
		return;
	uv_close((uv_handle_t *)&output->poll, on_output_closed);
	close(output->fd);
	output->fd = -1;
}

/* Reads what the pipe holds. */
static void output_read(struct output *output)
{
	char data[READ_BYTES];
	ssize_t got;

	for (int i = 0; i < READS_AT_ONCE && output->fd >= 0 && !output->child->destroyed; i++) {
		got = read(output->fd, data, sizeof data);
		if (got > 0) {
			take_bytes(output, data, (size_t)got);
			continue;
		}
		if (got < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (output->len)
			give_line(output);
		output_close(output);
	}
}

/* Tells the end once: the process is gone, and its output, as far as it is in the pipes, has been read. A grandchild
 * that keeps a pipe open does not hold the news back. */
static void tell_exit(struct child *child)
{
	if (!child->exited || child->told || child->destroyed)
		return;
	child->told = true;
	for (int i = 0; i < 2; i++) {
		output_read(&child->output[i]);
		if (!child->destroyed)
			output_close(&child->output[i]);
	}
	if (!child->destroyed)
		child->events.on_exit(child->events.context, child->status, child->signal_number);
}

static void on_readable(uv_poll_t *poll, int status, int events)
{
	(void)status;
	(void)events;
	output_read(poll->data);
}

static void on_process_exit(uv_process_t *process, int64_t status, int signal_number)
{
	struct child *child = process->data;

	child->exited = true;
	child->status = (int)status;
	child->signal_number = signal_number;
	uv_close((uv_handle_t *)process, on_closed);
	tell_exit(child);
}

static int open_pipes(uv_loop_t *loop, struct child *child, int write_end[2], struct err *err)
{
	int ends[2];

	for (int i = 0; i < 2; i++) {
		struct output *output = &child->output[i];

		if (pipe2(ends, O_CLOEXEC))
			return err_set_errno(err, errno, "cannot make a pipe");
		write_end[i] = ends[1];
		fcntl(ends[0], F_SETFL, O_NONBLOCK);
		if (uv_poll_init(loop, &output->poll, ends[0])) {
			close(ends[0]);
			return err_set(err, ERR_IO, "cannot watch a pipe");
		}
		output->fd = ends[0];
		output->poll.data = output;
		child->open_handles++;
	}
	return 0;
}

static int spawn(uv_loop_t *loop, const struct child_options *options, const int write_end[2], struct child *child,
		 struct err *err)
{
	uv_stdio_container_t stdio[3] = {{.flags = UV_IGNORE},
					 {.flags = UV_INHERIT_FD, .data.fd = write_end[0]},
					 {.flags = UV_INHERIT_FD, .data.fd = write_end[1]}};
	char *argv[CHILD_ARGS_MAX + 6], parent[16];
	uv_process_options_t process = {.file = launcher_path,
					.args = argv,
					.cwd = options->directory,
					.flags = UV_PROCESS_DETACHED, /* its own session and group */
					.stdio_count = 3,
					.stdio = stdio,
					.exit_cb = on_process_exit};
	size_t count = 0;
	int rc;

	snprintf(parent, sizeof parent, "%d", (int)getpid());
	argv[count++] = "assay-agent";
	argv[count++] = LAUNCHER_OPTION;
	argv[count++] = parent;
	argv[count++] = options->group ? "group" : "direct";
	argv[count++] = "--";
	for (size_t i = 0; options->argv[i]; i++) {
		if (i == CHILD_ARGS_MAX)
			return err_set(err, ERR_TOO_BIG, "more than %d arguments for %s", CHILD_ARGS_MAX,
				       options->argv[0]);
		argv[count++] = (char *)(uintptr_t)options->argv[i];
	}
	argv[count] = NULL;
	child->process.data = child;
	child->open_handles++; /* uv_spawn makes the handle even when it fails */
	rc = uv_spawn(loop, &child->process, &process);
	if (rc)
		return err_set(err, ERR_IO, "cannot start %s: %s", options->argv[0], uv_strerror(rc));
	return 0;
}

int child_start(uv_loop_t *loop, const struct child_options *options, const struct child_events *events,
		struct child **ret_child, struct err *err)
{
	struct child *child = calloc(1, sizeof *child);
	int rc, write_end[2] = {-1, -1};

	if (!child)
		return err_set(err, ERR_NOMEM, "cannot start %s: out of memory", options->argv[0]);
	child->events = *events;
	for (int i = 0; i < 2; i++)
		child->output[i] = (struct output){.child = child, .fd = -1, .is_stderr = i == 1};
	rc = open_pipes(loop, child, write_end, err);
	if (rc == 0)
		rc = spawn(loop, options, write_end, child, err);
	for (int i = 0; i < 2; i++) {
		if (write_end[i] >= 0)
			close(write_end[i]);
	}
	if (rc) {
		if (child->process.data && !uv_is_closing((uv_handle_t *)&child->process))
			uv_close((uv_handle_t *)&child->process, on_closed);
		child->exited = true;
		child_destroy(child);
		return rc;
	}
	for (int i = 0; i < 2; i++)
		uv_poll_start(&child->output[i].poll, UV_READABLE | UV_DISCONNECT, on_readable);
	*ret_child = child;
	return 0;
}

int child_pid(const struct child *child)
{
	return child->exited ? 0 : uv_process_get_pid(&child->process);
}

void child_kill(struct child *child, int signal_number)
{
	int pid = child_pid(child);

	if (pid > 0 && kill(-pid, signal_number))
		kill(pid, signal_number);
}

void child_read_now(struct child *child)
{
	for (int i = 0; i < 2; i++)
		output_read(&child->output[i]);
}

void child_destroy(struct child *child)
{
	if (!child || child->destroyed)
		return;
	child->destroyed = true;
	for (int i = 0; i < 2; i++)
		output_close(&child->output[i]);
	/* The process handle closes itself when the kill has worked. */
	if (!child->exited)
		child_kill(child, SIGKILL);
	free_when_closed(child);
}
