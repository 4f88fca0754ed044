/* SPDX-License-Identifier: Apache-2.0 */
/* The client of OpenOCD's Tcl port. */
#include "agents/driver/openocd/tcl.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"

struct tcl {
	uv_tcp_t socket;
	uv_timer_t timer;
	uv_connect_t connect;
	struct tcl_events events;
	struct buf in;
	size_t scanned;        /* bytes of in that hold no end mark */
	tcl_reply_fn on_reply; /* of the call under way */
	void *reply_context;
	bool raw;
	bool broken;
	bool destroyed;
	int open_handles;
};

struct send {
	uv_write_t write;
	char data[];
};

static void on_handle_closed(uv_handle_t *handle)
{
	struct tcl *tcl = handle->data;

	if (--tcl->open_handles == 0) {
		buf_finish(&tcl->in);
		free(tcl);
	}
}

void tcl_destroy(struct tcl *tcl)
{
	if (!tcl || tcl->destroyed)
		return;
	tcl->destroyed = true;
	uv_close((uv_handle_t *)&tcl->socket, on_handle_closed);
	uv_close((uv_handle_t *)&tcl->timer, on_handle_closed);
}

/* Answers the call under way; the callback may destroy the client. */
static void answer(struct tcl *tcl, const struct err *err, const struct tcl_reply *reply)
{
	tcl_reply_fn on_reply = tcl->on_reply;

	if (!on_reply)
		return;
	tcl->on_reply = NULL;
	uv_timer_stop(&tcl->timer);
	on_reply(tcl->reply_context, err, reply);
}

static void fail(struct tcl *tcl, const struct err *err)
{
	bool had_broken = tcl->broken;

	tcl->broken = true;
	answer(tcl, err, NULL);
	if (!tcl->destroyed && !had_broken)
		tcl->events.on_closed(tcl->events.context, err);
}

int tcl_reply_parse(char *text, size_t len, struct tcl_reply *ret_reply)
{
	char *line_end = memchr(text, '\n', len), *end;
	long code;
	unsigned long size;

	if (text[0] != '@' || !line_end)
		return ERR_PROTOCOL;
	code = strtol(text + 1, &end, 10);
	if (end == text + 1 || *end != ' ')
		return ERR_PROTOCOL;
	text = end + 1;
	size = strtoul(text, &end, 10);
	if (end == text || end != line_end || size > len)
		return ERR_PROTOCOL;
	text = line_end + 1;
	if (size > strlen(text))
		return ERR_PROTOCOL;
	/* Move the result over the newline to gain room for its NUL. */
	memmove(line_end, text, size);
	line_end[size] = '\0';
	*ret_reply = (struct tcl_reply){.code = (int)code, .text = line_end, .log = text + size};
	return 0;
}

static void take_message(struct tcl *tcl, char *text, size_t len)
{
	struct tcl_reply reply = {.text = text, .log = ""};
	struct err err = {0};

	if (strncmp(text, "type ", 5) == 0) {
		tcl->events.on_notice(tcl->events.context, text);
		return;
	}
	if (!tcl->on_reply)
		return; /* nobody asked */
	if (!tcl->raw && tcl_reply_parse(text, len, &reply)) {
		err_set(&err, ERR_PROTOCOL, "OpenOCD answered \"%.100s\"", text);
		fail(tcl, &err);
		return;
	}
	answer(tcl, NULL, &reply);
}

/* Takes whole messages out of what was received. */
static void take_messages(struct tcl *tcl)
{
	char *end;
	size_t len;

	while (!tcl->destroyed && !tcl->broken && tcl->scanned < tcl->in.len) {
		end = memchr(tcl->in.data + tcl->scanned, TCL_END, tcl->in.len - tcl->scanned);
		if (!end) {
			tcl->scanned = tcl->in.len;
			return;
		}
		*end = '\0';
		len = (size_t)(end - tcl->in.data);
		take_message(tcl, tcl->in.data, len);
		if (tcl->destroyed)
			return;
		buf_consume(&tcl->in, len + 1);
		tcl->scanned = 0;
	}
}

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *ret_buf)
{
	struct tcl *tcl = handle->data;

	(void)suggested;
	ret_buf->base = buf_reserve(&tcl->in, 16384);
	ret_buf->len = ret_buf->base ? 16384 : 0;
}

static void on_read(uv_stream_t *stream, ssize_t got, const uv_buf_t *data)
{
	struct tcl *tcl = stream->data;
	struct err err = {0};

	(void)data;
	if (tcl->destroyed || got == 0)
		return;
	if (got > 0) {
		tcl->in.len += (size_t)got;
		tcl->in.data[tcl->in.len] = '\0';
		take_messages(tcl);
		return;
	}
	uv_read_stop(stream);
	if (got == UV_ENOBUFS)
		err_set(&err, ERR_PROTOCOL, "OpenOCD's answer is longer than %u bytes", TCL_REPLY_MAX);
	else
		err_set(&err, ERR_CLOSED, "OpenOCD closed its Tcl port");
	fail(tcl, &err);
}

static void on_limit(uv_timer_t *timer)
{
	struct tcl *tcl = timer->data;
	struct err err = {0};

	err_set(&err, ERR_TIMEOUT, "OpenOCD did not answer in time");
	fail(tcl, &err);
}

static void on_written(uv_write_t *write, int status)
{
	(void)status; /* a broken connection is seen by the reader */
	free(write->data);
}

static int send_text(struct tcl *tcl, const char *before, const char *script, const char *after)
{
	size_t len = strlen(before) + strlen(script) + strlen(after) + 1;
	struct send *send = malloc(sizeof *send + len + 1);
	uv_buf_t data;

	if (!send)
		return ERR_NOMEM;
	snprintf(send->data, len + 1, "%s%s%s%c", before, script, after, TCL_END);
	data = uv_buf_init(send->data, (unsigned)len);
	send->write.data = send;
	if (uv_write(&send->write, (uv_stream_t *)&tcl->socket, &data, 1, on_written)) {
		free(send);
		return ERR_CLOSED;
	}
	return 0;
}

static int call(struct tcl *tcl, bool raw, const char *script, int64_t limit_ms, tcl_reply_fn on_reply, void *context,
		struct err *err)
{
	int rc;

	if (tcl->broken)
		return err_set(err, ERR_CLOSED, "the connection to OpenOCD is gone");
	if (tcl->on_reply)
		return err_set(err, ERR_BUSY, "OpenOCD has a call under way");
	if (strlen(script) > TCL_CALL_MAX)
		return err_set(err, ERR_TOO_BIG, "a call of %zu bytes for OpenOCD", strlen(script));
	rc = raw ? send_text(tcl, "", script, "") : send_text(tcl, "assay_call {", script, "}");
	if (rc)
		return err_set(err, (enum err_code)rc, "cannot send to OpenOCD");
	tcl->on_reply = on_reply;
	tcl->reply_context = context;
	tcl->raw = raw;
	uv_timer_start(&tcl->timer, on_limit, (uint64_t)limit_ms, 0);
	return 0;
}

int tcl_call(struct tcl *tcl, const char *script, int64_t limit_ms, tcl_reply_fn on_reply, void *context,
	     struct err *err)
{
	return call(tcl, false, script, limit_ms, on_reply, context, err);
}

int tcl_call_raw(struct tcl *tcl, const char *script, int64_t limit_ms, tcl_reply_fn on_reply, void *context,
		 struct err *err)
{
	return call(tcl, true, script, limit_ms, on_reply, context, err);
}

static void on_connect(uv_connect_t *connect, int status)
{
	struct tcl *tcl = connect->data;
	struct err err = {0};

	if (tcl->destroyed)
		return;
	if (status == 0 && uv_read_start((uv_stream_t *)&tcl->socket, on_alloc, on_read) == 0) {
		uv_tcp_nodelay(&tcl->socket, 1);
		tcl->events.on_connected(tcl->events.context, NULL);
		return;
	}
	tcl->broken = true;
	err_set(&err, ERR_UNREACHABLE, "cannot connect to OpenOCD's Tcl port: %s", uv_strerror(status));
	tcl->events.on_connected(tcl->events.context, &err);
}

int tcl_connect(uv_loop_t *loop, uint16_t port, const struct tcl_events *events, struct tcl **ret_tcl, struct err *err)
{
	struct tcl *tcl = calloc(1, sizeof *tcl);
	struct sockaddr_in address;
	int rc;

	if (!tcl)
		return err_set(err, ERR_NOMEM, "cannot connect to OpenOCD: out of memory");
	tcl->events = *events;
	buf_init(&tcl->in, TCL_REPLY_MAX);
	uv_tcp_init(loop, &tcl->socket);
	uv_timer_init(loop, &tcl->timer);
	tcl->open_handles = 2;
	tcl->socket.data = tcl->timer.data = tcl->connect.data = tcl;
	uv_ip4_addr("127.0.0.1", port, &address);
	rc = uv_tcp_connect(&tcl->connect, &tcl->socket, (const struct sockaddr *)&address, on_connect);
	if (rc) {
		tcl_destroy(tcl);
		return err_set(err, ERR_UNREACHABLE, "cannot connect to OpenOCD: %s", uv_strerror(rc));
	}
	*ret_tcl = tcl;
	return 0;
}
