/* SPDX-License-Identifier: Apache-2.0 */
/* Supervises an assay-vboard. */
#include "agents/driver/vboard.h"

#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agents/base/child.h"
#include "core/base/buf.h"
#include "core/base/json.h"
#include "core/base/log.h"

#define PATH_BYTES       1024
#define REQUEST_MAX      200
#define CONTROL_NAME_MAX 64 /* of the socket within the board's directory */
#define REPLY_MAX        (64u << 10)
#define HANDLE_COUNT     3 /* timers and idle; the pipe comes and goes */
#define AGAIN_MS         50

struct vboard {
	uv_loop_t *loop;
	uv_timer_t limit; /* of the request under way, start included */
	uv_timer_t again; /* repeats a request that could not be answered yet */
	uv_idle_t later;  /* answers a request that cannot be made */
	int open_handles;
	struct vboard_events events;
	char name[48];
	char program[PATH_BYTES];
	char dir[PATH_BYTES];
	char chip[24];
	char nic[16];
	char serial[64];
	struct child *child;
	struct control *control; /* the connection, once the process is ready */
	bool up;
	bool destroyed;
	uint16_t probe_port;
	char console[160];
	char last_line[200]; /* of its stderr */
	char request[REQUEST_MAX];
	int64_t limit_ms;
	vboard_done_fn done; /* of the request under way */
	void *done_context;
};

/* The connection to the control socket; freed when libuv has let go of it. */
struct control {
	uv_pipe_t pipe;
	uv_connect_t connect;
	uv_write_t write;
	struct vboard *vboard; /* NULL once it is given up */
	struct buf in;
	bool connected;
};

static void answer(struct vboard *vboard, const struct err *err, const json_t *reply)
{
	vboard_done_fn done = vboard->done;

	vboard->done = NULL;
	uv_timer_stop(&vboard->limit);
	uv_timer_stop(&vboard->again);
	if (done)
		done(vboard->done_context, err, reply);
}

static void on_control_closed(uv_handle_t *handle)
{
	struct control *control = handle->data;

	buf_finish(&control->in);
	free(control);
}

static void drop_control(struct vboard *vboard)
{
	if (!vboard->control)
		return;
	vboard->control->vboard = NULL;
	uv_close((uv_handle_t *)&vboard->control->pipe, on_control_closed);
	vboard->control = NULL;
}

/* The one way down. */
static void go_down(struct vboard *vboard, const char *text)
{
	bool was_up = vboard->up;
	struct err err = {0};

	vboard->up = false;
	drop_control(vboard);
	child_destroy(vboard->child);
	vboard->child = NULL;
	err_set(&err, ERR_CLOSED, "%s", text);
	log_warn(vboard->name, "%s", text);
	answer(vboard, &err, NULL);
	if (was_up && !vboard->destroyed)
		vboard->events.on_down(vboard->events.context, err.text);
}

static void send_request(struct vboard *vboard);

static void on_again(uv_timer_t *timer)
{
	struct vboard *vboard = timer->data;

	if (vboard->done && vboard->control && vboard->control->connected)
		send_request(vboard);
}

static void take_reply(struct vboard *vboard, const char *line, size_t len)
{
	struct err err = {0};
	json_t *reply = NULL;
	bool ok = false;
	const char *words = "no reason given";

	if (json_parse(line, len, REPLY_MAX, &reply, &err) || json_read_bool(reply, "ok", true, &ok, &err)) {
		json_decref(reply);
		go_down(vboard, "assay-vboard answered nonsense");
		return;
	}
	if (!ok) {
		json_read_text(reply, "error", false, &words, NULL);
		err_set(&err, ERR_IO, "%s", words);
	}
	if (ok && json_object_get(reply, "unanswered_ms"))
		uv_timer_start(&vboard->again, on_again, AGAIN_MS, 0);
	else
		answer(vboard, ok ? NULL : &err, ok ? reply : NULL);
	json_decref(reply);
}

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *ret_buf)
{
	struct control *control = handle->data;

	(void)suggested;
	ret_buf->base = buf_reserve(&control->in, 4096);
	ret_buf->len = ret_buf->base ? 4096 : 0;
}

static void on_read(uv_stream_t *stream, ssize_t got, const uv_buf_t *data)
{
	struct control *control = stream->data;
	char *end;
	size_t len;

	(void)data;
	if (!control->vboard || got == 0)
		return;
	if (got < 0) {
		uv_read_stop(stream);
		if (control->vboard->child)
			child_kill(control->vboard->child, SIGKILL);
		go_down(control->vboard, "assay-vboard closed its control socket");
		return;
	}
	control->in.len += (size_t)got;
	control->in.data[control->in.len] = '\0';
	end = memchr(control->in.data, '\n', control->in.len);
	if (!end)
		return;
	len = (size_t)(end - control->in.data);
	*end = '\0';
	take_reply(control->vboard, control->in.data, len);
	if (control->vboard)
		buf_consume(&control->in, len + 1);
}

static void send_request(struct vboard *vboard)
{
	uv_buf_t data = uv_buf_init(vboard->request, (unsigned)strlen(vboard->request));

	/* The request stays in place until its answer came, so it can be sent from where it is. */
	if (uv_write(&vboard->control->write, (uv_stream_t *)&vboard->control->pipe, &data, 1, NULL))
		go_down(vboard, "cannot send to assay-vboard's control socket");
}

static void on_connect(uv_connect_t *connect, int status)
{
	struct control *control = connect->data;
	struct vboard *vboard = control->vboard;

	if (!vboard)
		return;
	if (status || uv_read_start((uv_stream_t *)&control->pipe, on_alloc, on_read)) {
		go_down(vboard, "cannot connect to assay-vboard's control socket");
		return;
	}
	control->connected = true;
	if (vboard->done)
		send_request(vboard);
}

/* The socket stands in the board's directory, whose own name may be longer than a socket's name can be: it is reached
 * by way of the directory's descriptor. A directory that cannot be opened is told as a connection that failed. */
static void connect_control(struct vboard *vboard, const char *path)
{
	const char *name = strrchr(path, '/');
	char near[CONTROL_NAME_MAX + 32];
	int dir_fd;
	struct control *control = calloc(1, sizeof *control);

	if (!control) {
		go_down(vboard, "out of memory");
		return;
	}
	buf_init(&control->in, REPLY_MAX);
	uv_pipe_init(vboard->loop, &control->pipe, 0);
	control->vboard = vboard;
	control->pipe.data = control->connect.data = control;
	vboard->control = control;
	dir_fd = open(vboard->dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	snprintf(near, sizeof near, "/proc/self/fd/%d/%.*s", dir_fd, CONTROL_NAME_MAX, name ? name + 1 : path);
	uv_pipe_connect(&control->connect, &control->pipe, near, on_connect); /* which connects before it returns */
	if (dir_fd >= 0)
		close(dir_fd);
}

/* {"ready":true,"probe_port":N,"console":"…","control":"…","pid":N} */
static void take_ready(struct vboard *vboard, const char *line)
{
	struct err err = {0};
	json_t *ready = NULL;
	const char *console = "", *control = "";
	int64_t port = 0;

	if (json_parse(line, strlen(line), REPLY_MAX, &ready, &err) ||
	    json_read_int(ready, "probe_port", true, 1, 65535, &port, &err) ||
	    json_read_text(ready, "console", true, &console, &err) ||
	    json_read_text(ready, "control", true, &control, &err)) {
		json_decref(ready);
		err_prefix(&err, "assay-vboard's first line");
		go_down(vboard, err.text);
		return;
	}
	vboard->probe_port = (uint16_t)port;
	snprintf(vboard->console, sizeof vboard->console, "%s", console);
	vboard->up = true;
	log_info(vboard->name, "virtual board ready, pid %d, probe port %d, console %s", child_pid(vboard->child),
		 (int)port, console);
	vboard->events.on_up(vboard->events.context);
	if (vboard->up)
		connect_control(vboard, control);
	json_decref(ready);
}

static void on_line(void *context, bool is_stderr, const char *line)
{
	struct vboard *vboard = context;

	if (is_stderr) {
		snprintf(vboard->last_line, sizeof vboard->last_line, "%s", line);
		log_debug(vboard->name, "vboard: %s", line);
	} else if (!vboard->up) {
		take_ready(vboard, line);
	}
}

static void on_exit_(void *context, int status, int signal_number)
{
	struct vboard *vboard = context;
	char text[300];

	if (signal_number)
		snprintf(text, sizeof text, "assay-vboard was killed by signal %d", signal_number);
	else
		snprintf(text, sizeof text, "assay-vboard ended with status %d (%s)", status,
			 vboard->last_line[0] ? vboard->last_line : "it said nothing");
	go_down(vboard, text);
}

static int start(struct vboard *vboard, struct err *err)
{
	const char *argv[] = {vboard->program, "--chip",       vboard->chip, "--dir",     vboard->dir,
			      "--serial",      vboard->serial, "--nic",      vboard->nic, NULL};
	struct child_options options = {.argv = argv};
	struct child_events events = {.context = vboard, .on_line = on_line, .on_exit = on_exit_};

	vboard->last_line[0] = '\0';
	return child_start(vboard->loop, &options, &events, &vboard->child, err);
}

static void on_limit(uv_timer_t *timer)
{
	struct vboard *vboard = timer->data;
	struct err err = {0};
	char text[REQUEST_MAX + 80];

	err_set(&err, ERR_TIMEOUT, "assay-vboard did not answer \"%.*s\" in time", (int)strcspn(vboard->request, "\n"),
		vboard->request);
	snprintf(text, sizeof text, "%.200s: killed", err.text);
	answer(vboard, &err, NULL);
	if (vboard->child && !vboard->destroyed) {
		child_kill(vboard->child, SIGKILL);
		go_down(vboard, text);
	}
}

static void on_later(uv_idle_t *idle)
{
	struct vboard *vboard = idle->data;
	struct err err = {0};

	uv_idle_stop(idle);
	err_set(&err, ERR_CLOSED, "assay-vboard is not running");
	answer(vboard, &err, NULL);
}

int vboard_request(struct vboard *vboard, bool start_it, const char *request, int64_t limit_ms, vboard_done_fn done,
		   void *context, struct err *err)
{
	int rc;

	if (vboard->done)
		return err_set(err, ERR_BUSY, "assay-vboard has a request under way");
	snprintf(vboard->request, sizeof vboard->request, "%.190s\n", request);
	if (!vboard->child && start_it) {
		rc = start(vboard, err);
		if (rc)
			return rc;
	}
	vboard->done = done;
	vboard->done_context = context;
	if (!vboard->child) {
		uv_idle_start(&vboard->later, on_later);
		return 0;
	}
	uv_timer_start(&vboard->limit, on_limit, (uint64_t)(limit_ms + (vboard->up ? 0 : VBOARD_START_MS)), 0);
	if (vboard->control && vboard->control->connected)
		send_request(vboard);
	return 0;
}

bool vboard_busy(const struct vboard *vboard)
{
	return vboard->done != NULL;
}

bool vboard_up(const struct vboard *vboard)
{
	return vboard->up;
}

uint16_t vboard_probe_port(const struct vboard *vboard)
{
	return vboard->probe_port;
}

const char *vboard_console(const struct vboard *vboard)
{
	return vboard->console;
}

void vboard_kill(struct vboard *vboard)
{
	if (vboard->child)
		child_kill(vboard->child, SIGKILL);
}

static void on_handle_closed(uv_handle_t *handle)
{
	struct vboard *vboard = handle->data;

	if (--vboard->open_handles == 0)
		free(vboard);
}

void vboard_destroy(struct vboard *vboard)
{
	if (!vboard || vboard->destroyed)
		return;
	vboard->destroyed = true;
	vboard->done = NULL;
	vboard->up = false;
	drop_control(vboard);
	child_destroy(vboard->child);
	vboard->child = NULL;
	uv_close((uv_handle_t *)&vboard->limit, on_handle_closed);
	uv_close((uv_handle_t *)&vboard->again, on_handle_closed);
	uv_close((uv_handle_t *)&vboard->later, on_handle_closed);
}

int vboard_create(uv_loop_t *loop, const struct vboard_options *options, const struct vboard_events *events,
		  struct vboard **ret_vboard, struct err *err)
{
	struct vboard *vboard = calloc(1, sizeof *vboard);

	if (!vboard)
		return err_set(err, ERR_NOMEM, "out of memory");
	vboard->loop = loop;
	vboard->events = *events;
	snprintf(vboard->name, sizeof vboard->name, "%s", options->name);
	snprintf(vboard->program, sizeof vboard->program, "%s", options->program);
	snprintf(vboard->dir, sizeof vboard->dir, "%s", options->dir);
	snprintf(vboard->chip, sizeof vboard->chip, "%s", options->chip);
	snprintf(vboard->nic, sizeof vboard->nic, "%s", options->nic);
	snprintf(vboard->serial, sizeof vboard->serial, "%s", options->serial);
	uv_timer_init(loop, &vboard->limit);
	uv_timer_init(loop, &vboard->again);
	uv_idle_init(loop, &vboard->later);
	vboard->limit.data = vboard->again.data = vboard->later.data = vboard;
	vboard->open_handles = HANDLE_COUNT;
	*ret_vboard = vboard;
	return 0;
}
