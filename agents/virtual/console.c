/* SPDX-License-Identifier: Apache-2.0 */
/* Console pump between the machine's UART and whoever reads the board's console. */
#include "agents/virtual/console.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pty.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

#include "agents/virtual/tcp.h"
#include "core/base/mem.h"

static void on_closed(uv_handle_t *handle)
{
	free(handle);
}

static void poll_close(uv_poll_t **poll)
{
	if (*poll)
		uv_close((uv_handle_t *)*poll, on_closed);
	*poll = NULL;
}

static uv_poll_t *poll_open(struct console *console, int fd, uv_poll_cb callback)
{
	uv_poll_t *poll = mem_alloc(sizeof *poll);
	if (uv_poll_init(console->loop, poll, fd)) {
		free(poll);
		return NULL;
	}
	poll->data = console;
	uv_poll_start(poll, UV_READABLE, callback);
	return poll;
}

static void on_out(uv_poll_t *poll, int status, int events);

static void console_watch_room(struct console *console, bool waits)
{
	if (waits == console->out_waits || !console->out_poll)
		return;
	console->out_waits = waits;
	uv_poll_start(console->out_poll, UV_READABLE | (waits ? UV_WRITABLE : 0), on_out);
}

static void console_drop_client(struct console *console)
{
	if (console->slave_fd >= 0)
		return; /* a pty stays */
	poll_close(&console->out_poll);
	if (console->out_fd >= 0)
		close(console->out_fd);
	console->out_fd = -1;
	console->out_waits = false;
}

static void console_push(struct console *console)
{
	while (console->backlog.len && console->out_fd >= 0) {
		ssize_t n = write(console->out_fd, console->backlog.data, console->backlog.len);
		if (n > 0) {
			buf_consume(&console->backlog, (size_t)n);
			continue;
		}
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno != EAGAIN)
			console_drop_client(console);
		break;
	}
	console_watch_room(console, console->backlog.len > 0);
}

static void console_take(struct console *console, const char *data, size_t len)
{
	console->bytes += len;
	size_t room = console->backlog.max - console->backlog.len;
	if (len > room) {
		console->dropped += len - room;
		len = room;
	}
	if (buf_append(&console->backlog, data, len))
		console->dropped += len;
}

void console_drain(struct console *console)
{
	char data[16384];
	bool any = false;
	while (console->uart_fd >= 0) {
		ssize_t n = recv(console->uart_fd, data, sizeof data, MSG_DONTWAIT);
		if (n > 0) {
			console_take(console, data, (size_t)n);
			any = true;
			continue;
		}
		if (n < 0 && errno == EINTR)
			continue;
		if (n == 0 || errno != EAGAIN) { /* the machine is gone; its owner will hear of it elsewhere */
			poll_close(&console->uart_poll);
			console->uart_fd = console->idle.fd = -1;
		}
		break;
	}
	if (any)
		console_push(console);
}

static void on_uart(uv_poll_t *poll, int status, int events)
{
	(void)status;
	(void)events;
	console_drain(poll->data);
}

static void on_idle(void *context)
{
	console_drain(context);
}

/* Keys for the board; those the UART has no room for are lost, as on a wire. */
static void console_input(struct console *console)
{
	char data[CONSOLE_INPUT_MAX];
	ssize_t n = read(console->out_fd, data, sizeof data);
	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) {
		console_drop_client(console);
		return;
	}
	if (n < 0)
		return;
	ssize_t sent = console->uart_fd < 0 ? 0 : send(console->uart_fd, data, (size_t)n, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (sent > 0 && console->on_input)
		console->on_input(console->context);
	if (sent < n)
		console->input_dropped += (uint64_t)(n - (sent > 0 ? sent : 0));
}

static void on_out(uv_poll_t *poll, int status, int events)
{
	struct console *console = poll->data;
	if (status < 0) {
		console_drop_client(console);
		return;
	}
	if (events & UV_WRITABLE)
		console_push(console);
	if (events & UV_READABLE && console->out_fd >= 0)
		console_input(console);
}

static void on_listen(uv_poll_t *poll, int status, int events)
{
	struct console *console = poll->data;
	(void)status;
	(void)events;
	int fd = accept4(console->listen_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (fd < 0)
		return;
	if (console->out_fd >= 0) { /* one reader at a time */
		close(fd);
		return;
	}
	int one = 1;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	console->out_fd = fd;
	console->out_poll = poll_open(console, fd, on_out);
	console_push(console);
}

static int console_open_pty(struct console *console, const char *link_path, struct err *err)
{
	struct termios raw;
	memset(&raw, 0, sizeof raw);
	cfmakeraw(&raw);
	raw.c_cflag = CS8 | CREAD | CLOCAL;
	cfsetspeed(&raw, B115200);
	if (openpty(&console->out_fd, &console->slave_fd, NULL, &raw, NULL))
		return err_set_errno(err, errno, "cannot make a pseudo terminal");
	fcntl(console->out_fd, F_SETFD, FD_CLOEXEC);
	fcntl(console->slave_fd, F_SETFD, FD_CLOEXEC);
	fcntl(console->out_fd, F_SETFL, O_RDWR | O_NONBLOCK);
	if (ttyname_r(console->slave_fd, console->name, sizeof console->name))
		return err_set_errno(err, errno, "the pseudo terminal has no name");
	unlink(link_path);
	if (symlink(console->name, link_path))
		return err_set_errno(err, errno, "cannot make the link %s", link_path);
	console->out_poll = poll_open(console, console->out_fd, on_out);
	return 0;
}

static int console_open_tcp(struct console *console, const char *port_text, struct err *err)
{
	unsigned port = 0;
	char *end = NULL;
	if (*port_text == ':')
		port = (unsigned)strtoul(port_text + 1, &end, 10);
	if (port > 65535 || (end ? *end : *port_text))
		return err_set(err, ERR_INVALID, "--console tcp%s: expected tcp or tcp:PORT", port_text);
	int failed = tcp_listen(&console->listen_fd, &port, err);
	if (failed)
		return failed;
	snprintf(console->name, sizeof console->name, "tcp:127.0.0.1:%u", port);
	console->listen_poll = poll_open(console, console->listen_fd, on_listen);
	return 0;
}

int console_init(struct console *console, uv_loop_t *loop, const char *how, const char *link_path, struct err *err)
{
	*console = (struct console){.loop = loop, .uart_fd = -1, .out_fd = -1, .slave_fd = -1, .listen_fd = -1};
	console->idle = (struct wire_idle){.fd = -1, .on_readable = on_idle, .context = console};
	buf_init(&console->backlog, CONSOLE_BACKLOG_MAX);
	if (!strcmp(how, "pty"))
		return console_open_pty(console, link_path, err);
	if (!strncmp(how, "tcp", 3))
		return console_open_tcp(console, how + 3, err);
	return err_set(err, ERR_INVALID, "--console %s: expected pty, tcp or tcp:PORT", how);
}

void console_finish(struct console *console)
{
	console_set_uart(console, -1);
	poll_close(&console->out_poll);
	poll_close(&console->listen_poll);
	int *fds[] = {&console->out_fd, &console->slave_fd, &console->listen_fd};
	for (size_t i = 0; i < sizeof fds / sizeof *fds; i++) {
		if (*fds[i] >= 0)
			close(*fds[i]);
		*fds[i] = -1;
	}
	buf_finish(&console->backlog);
}

void console_set_uart(struct console *console, int fd)
{
	if (fd == console->uart_fd)
		return;
	console_drain(console);
	poll_close(&console->uart_poll);
	console->uart_fd = console->idle.fd = fd;
	if (fd >= 0)
		console->uart_poll = poll_open(console, fd, on_uart);
}
