/* SPDX-License-Identifier: Apache-2.0 */
/* The OpenOCD process. */
#include "agents/driver/openocd/process.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agents/base/child.h"
#include "core/base/log.h"
#include "openocd_procs.h"

#define ARGS_MAX      80
#define INIT_LIMIT_MS 12000
#define LOG_LINE_MAX  200
#define TARGETS_MAX   8 /* whose gdb servers are told apart */

struct process {
	uv_timer_t timer;
	struct process_events events;
	uv_loop_t *loop;
	struct child *child;
	struct tcl *tcl;
	char name[48];
	char target[48];
	struct {
		char target[48];
		uint16_t port; /* 0: not told yet */
	} gdb[TARGETS_MAX];
	size_t gdb_count;
	bool up;
	bool over; /* on_up(err) or on_down was called, or will never be */
	bool destroyed;
	bool timer_closed;
	size_t line_count; /* of all lines; the last PROCESS_LOG_LINES are in line */
	char line[PROCESS_LOG_LINES][LOG_LINE_MAX];
	const char *init;
};

static void keep_line(struct process *process, const char *line)
{
	snprintf(process->line[process->line_count++ % PROCESS_LOG_LINES], LOG_LINE_MAX, "%s", line);
}

/* OpenOCD's own reason: its first kept line that says "Error", else its last line. */
static const char *reason(const struct process *process)
{
	size_t first = process->line_count > PROCESS_LOG_LINES ? process->line_count - PROCESS_LOG_LINES : 0;

	for (size_t i = first; i < process->line_count; i++) {
		if (strncmp(process->line[i % PROCESS_LOG_LINES], "Error", 5) == 0)
			return process->line[i % PROCESS_LOG_LINES];
	}
	return process->line_count ? process->line[(process->line_count - 1) % PROCESS_LOG_LINES] : "it said nothing";
}

/* The one way down. The callbacks may destroy the process. */
static void go_down(struct process *process, const struct err *err)
{
	if (process->over || process->destroyed)
		return;
	process->over = true;
	uv_timer_stop(&process->timer);
	if (process->child)
		child_kill(process->child, SIGKILL);
	if (process->up)
		process->events.on_down(process->events.context, err);
	else
		process->events.on_up(process->events.context, err);
}

static void fail_start(struct process *process, enum err_code code, const char *what)
{
	struct err err = {0};

	if (process->child)
		child_read_now(process->child);
	err_set(&err, code, "%s (%s)", what, reason(process));
	go_down(process, &err);
}

static void on_set_up(void *context, const struct err *err, const struct tcl_reply *reply)
{
	struct process *process = context;

	if (err)
		return; /* on_tcl_closed tells it */
	if (reply->code) {
		fail_start(process, ERR_INVALID, "OpenOCD knows no such target");
		return;
	}
	snprintf(process->target, sizeof process->target, "%.47s", reply->text);
	process->up = true;
	uv_timer_stop(&process->timer);
	process->events.on_up(process->events.context, NULL);
}

static void on_init(void *context, const struct err *err, const struct tcl_reply *reply)
{
	struct process *process = context;
	char script[80];

	if (err)
		return;
	if (reply->code) {
		fail_start(process, ERR_IO, "OpenOCD cannot reach the board");
		return;
	}
	snprintf(script, sizeof script, "assay_setup {%s}", process->target);
	if (tcl_call(process->tcl, script, INIT_LIMIT_MS, on_set_up, process, NULL))
		fail_start(process, ERR_CLOSED, "OpenOCD's Tcl port is gone");
}

static void on_procs(void *context, const struct err *err, const struct tcl_reply *reply)
{
	struct process *process = context;

	(void)reply;
	if (err)
		return;
	if (tcl_call(process->tcl, process->init, INIT_LIMIT_MS, on_init, process, NULL))
		fail_start(process, ERR_CLOSED, "OpenOCD's Tcl port is gone");
}

static void on_connected(void *context, const struct err *err)
{
	struct process *process = context;

	if (err || tcl_call_raw(process->tcl, openocd_procs, INIT_LIMIT_MS, on_procs, process, NULL))
		fail_start(process, ERR_CLOSED, "cannot connect to OpenOCD's Tcl port");
}

static void on_tcl_notice(void *context, const char *text)
{
	struct process *process = context;

	if (process->up && !process->over)
		process->events.on_notice(process->events.context, text);
}

static void on_tcl_closed(void *context, const struct err *err)
{
	go_down(context, err);
}

static void connect_tcl(struct process *process, uint16_t port)
{
	struct tcl_events events = {.context = process,
				    .on_connected = on_connected,
				    .on_notice = on_tcl_notice,
				    .on_closed = on_tcl_closed};
	struct err err = {0};

	if (tcl_connect(process->loop, port, &events, &process->tcl, &err))
		go_down(process, &err);
}

/* "starting gdb server for TARGET on 0", then the port that it got. */
static void note_gdb(struct process *process, const char *line)
{
	static const char starting[] = "Info : starting gdb server for ";
	unsigned port;

	if (strncmp(line, starting, sizeof starting - 1) == 0 && process->gdb_count < TARGETS_MAX) {
		const char *name = line + sizeof starting - 1;

		snprintf(process->gdb[process->gdb_count].target, sizeof process->gdb[0].target, "%.*s",
			 (int)strcspn(name, " "), name);
		process->gdb_count++;
	} else if (process->gdb_count && process->gdb[process->gdb_count - 1].port == 0 &&
		   sscanf(line, "Info : Listening on port %u for gdb connections", &port) == 1) {
		process->gdb[process->gdb_count - 1].port = (uint16_t)port;
	}
}

uint16_t process_gdb_port(const struct process *process)
{
	for (size_t i = 0; i < process->gdb_count; i++) {
		if (strcmp(process->gdb[i].target, process->target) == 0)
			return process->gdb[i].port;
	}
	return 0;
}

static void on_line(void *context, bool is_stderr, const char *line)
{
	struct process *process = context;
	unsigned port;

	(void)is_stderr;
	keep_line(process, line);
	log_debug(process->name, "openocd: %s", line);
	note_gdb(process, line);
	if (!process->tcl && !process->over &&
	    sscanf(line, "Info : Listening on port %u for tcl connections", &port) == 1)
		connect_tcl(process, (uint16_t)port);
	else if (process->up && !process->over)
		process->events.on_line(process->events.context, line);
}

static void on_exit_(void *context, int status, int signal_number)
{
	struct process *process = context;
	struct err err = {0};

	if (signal_number)
		err_set(&err, ERR_CLOSED, "OpenOCD was killed by signal %d", signal_number);
	else
		err_set(&err, ERR_CLOSED, "OpenOCD ended with status %d (%s)", status, reason(process));
	go_down(process, &err);
}

static void on_start_limit(uv_timer_t *timer)
{
	fail_start(timer->data, ERR_TIMEOUT, "OpenOCD did not come up in time");
}

static size_t build_argv(const struct openocd_options *options, const char **argv)
{
	const char *const first[] = {"openocd",
				     "-c",
				     "bindto 127.0.0.1",
				     "-c",
				     options->gdb ? "gdb_port 0" : "gdb_port disabled",
				     "-c",
				     "telnet_port disabled",
				     "-c",
				     "tcl_port 0"};
	size_t count = 0;

	for (size_t i = 0; i < sizeof first / sizeof first[0]; i++)
		argv[count++] = first[i];
	if (options->scripts_dir) {
		argv[count++] = "-s";
		argv[count++] = options->scripts_dir;
	}
	for (size_t i = 0; options->argv[i] && count < ARGS_MAX - 3; i++)
		argv[count++] = options->argv[i];
	/* A gdb server's commands are those of OpenOCD's own start: only what is initialised there is for them. */
	if (!options->gdb) {
		argv[count++] = "-c";
		argv[count++] = "noinit";
	}
	argv[count] = NULL;
	return count;
}

int process_start(uv_loop_t *loop, const struct openocd_options *options, const char *init,
		  const struct process_events *events, struct process **ret_process, struct err *err)
{
	struct process *process = calloc(1, sizeof *process);
	struct child_events child_events = {.context = process, .on_line = on_line, .on_exit = on_exit_};
	struct child_options child = {.directory = options->directory};
	const char *argv[ARGS_MAX];
	int rc;

	if (!process)
		return err_set(err, ERR_NOMEM, "cannot start OpenOCD: out of memory");
	process->events = *events;
	process->loop = loop;
	process->init = init;
	snprintf(process->name, sizeof process->name, "%s", options->name);
	snprintf(process->target, sizeof process->target, "%s", options->target);
	uv_timer_init(loop, &process->timer);
	process->timer.data = process;
	build_argv(options, argv);
	child.argv = argv;
	rc = child_start(loop, &child, &child_events, &process->child, err);
	if (rc) {
		process_destroy(process);
		return rc;
	}
	uv_timer_start(&process->timer, on_start_limit, PROCESS_START_MS, 0);
	*ret_process = process;
	return 0;
}

int process_call(struct process *process, const char *script, int64_t limit_ms, tcl_reply_fn on_reply, void *context,
		 struct err *err)
{
	if (!process->up || process->over)
		return err_set(err, ERR_CLOSED, "OpenOCD is not running");
	return tcl_call(process->tcl, script, limit_ms, on_reply, context, err);
}

int process_pid(const struct process *process)
{
	return child_pid(process->child);
}

void process_kill(struct process *process)
{
	child_kill(process->child, SIGKILL);
}

static void on_timer_closed(uv_handle_t *handle)
{
	free(handle->data);
}

void process_destroy(struct process *process)
{
	if (!process || process->destroyed)
		return;
	process->destroyed = true;
	tcl_destroy(process->tcl);
	child_destroy(process->child);
	uv_close((uv_handle_t *)&process->timer, on_timer_closed);
}
