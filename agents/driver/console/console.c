/* SPDX-License-Identifier: Apache-2.0 */
/* Consoles. */
#include "agents/driver/console.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "agents/base/clock.h"
#include "agents/driver/console/serial.h"

#define RETRY_MS      50
#define READS_AT_ONCE 16 /* then the loop gets its turn, however much a board prints */

struct console {
	uv_poll_t poll;
	uv_timer_t timer; /* the first try, and further ones while the device is not there */
	struct console_config config;
	struct console_events events;
	int fd;          /* -1 while not open */
	bool connecting; /* TCP */
	bool closed;
	int open_handles;
	bool open;
	size_t out_len, out_at; /* being written: out[out_at..out_len) */
	uint8_t out[CONSOLE_WRITE_BYTES];
};

bool console_baud_known(uint32_t baud)
{
	return serial_baud_known(baud);
}

bool console_parse_address(const char *text, char *ret_host, size_t host_size, uint16_t *ret_port)
{
	const char *colon = strrchr(text, ':');
	char *end;
	unsigned long port;
	size_t len;

	if (!colon || colon == text || colon[1] < '0' || colon[1] > '9')
		return false;
	port = strtoul(colon + 1, &end, 10);
	len = (size_t)(colon - text);
	if (*end || port == 0 || port > 65535 || len >= host_size)
		return false;
	if (text[0] == '[' && text[len - 1] == ']') {
		text++;
		len -= 2;
	}
	memcpy(ret_host, text, len);
	ret_host[len] = '\0';
	*ret_port = (uint16_t)port;
	return true;
}

static void on_handle_closed(uv_handle_t *handle)
{
	struct console *console = handle->data;

	if (--console->open_handles == 0)
		free(console);
}

static void close_line(struct console *console)
{
	console->open = false;
	console->out_len = console->out_at = 0;
	if (console->fd < 0)
		return;
	uv_close((uv_handle_t *)&console->poll, on_handle_closed);
	if (console->config.kind == CONSOLE_SERIAL)
		serial_close(console->fd);
	else
		close(console->fd);
	console->fd = -1;
}

void console_close(struct console *console)
{
	if (!console || console->closed)
		return;
	console->closed = true;
	close_line(console);
	uv_close((uv_handle_t *)&console->timer, on_handle_closed);
}

static void lose(struct console *console, int errno_value)
{
	struct err err = {0};

	close_line(console);
	if (errno_value)
		err_set_errno(&err, errno_value, "the console went away");
	else
		err_set(&err, ERR_CLOSED, "the console was closed by the other side");
	console->events.on_lost(console->events.context, &err);
}

void console_read_now(struct console *console)
{
	uint8_t data[CONSOLE_READ_BYTES];
	ssize_t got;

	for (int i = 0; i < READS_AT_ONCE && !console->closed && console->fd >= 0 && !console->connecting; i++) {
		got = read(console->fd, data, sizeof data);
		if (got > 0)
			console->events.on_data(console->events.context, data, (size_t)got, clock_rack_us());
		else if (got == 0)
			lose(console, 0);
		else if (errno == EAGAIN)
			return;
		else if (errno != EINTR)
			lose(console, errno);
	}
}

static void fail_open(struct console *console, const struct err *err)
{
	close_line(console);
	console->events.on_opened(console->events.context, err);
}

static void on_connected(struct console *console)
{
	int failed = 0;
	socklen_t len = sizeof failed;
	struct err err = {0};

	console->connecting = false;
	console->open = true;
	getsockopt(console->fd, SOL_SOCKET, SO_ERROR, &failed, &len);
	if (failed) {
		err_set_errno(&err, failed, "cannot connect to the console at %s:%u", console->config.host,
			      console->config.port);
		fail_open(console, &err);
		return;
	}
	console->events.on_opened(console->events.context, NULL);
}

static void on_poll(uv_poll_t *poll, int status, int events);

static bool writing(const struct console *console)
{
	return console->out_at < console->out_len;
}

static void watch(struct console *console)
{
	int wanted = console->connecting ? UV_WRITABLE : UV_READABLE;

	uv_poll_start(&console->poll, writing(console) ? wanted | UV_WRITABLE : wanted, on_poll);
}

/* What the line takes now. Whether it has gone wrong is seen by the next read. */
static void write_out(struct console *console)
{
	ssize_t wrote;

	while (writing(console)) {
		wrote = write(console->fd, console->out + console->out_at, console->out_len - console->out_at);
		if (wrote < 0 && errno == EINTR)
			continue;
		if (wrote < 0 && errno != EAGAIN)
			console->out_at = console->out_len;
		if (wrote <= 0)
			return;
		console->out_at += (size_t)wrote;
	}
}

static void on_writable(struct console *console)
{
	write_out(console);
	if (writing(console))
		return;
	watch(console);
	if (console->events.on_room)
		console->events.on_room(console->events.context);
}

size_t console_write(struct console *console, const uint8_t *data, size_t size_bytes)
{
	if (!console || !console->open || writing(console))
		return 0;
	if (console->config.kind == CONSOLE_NONE)
		return size_bytes;
	if (size_bytes > sizeof console->out)
		size_bytes = sizeof console->out;
	memcpy(console->out, data, size_bytes);
	console->out_at = 0;
	console->out_len = size_bytes;
	write_out(console);
	if (writing(console))
		watch(console);
	return size_bytes;
}

static void on_poll(uv_poll_t *poll, int status, int events)
{
	struct console *console = poll->data;

	if (console->connecting) {
		on_connected(console);
		if (!console->closed && console->fd >= 0)
			watch(console);
		return;
	}
	if (status == 0 && events & UV_WRITABLE) {
		on_writable(console);
		if (console->closed || console->fd < 0 || !(events & UV_READABLE))
			return;
	}
	if (status < 0) {
		/* A hangup shows as an error of the poll; what was sent before it is still read. */
		console_read_now(console);
		if (!console->closed && console->fd >= 0)
			lose(console, EIO);
	} else {
		console_read_now(console);
	}
}

static int connect_tcp(struct console *console, struct err *err)
{
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV}, *found;
	char port[8];
	int fd, rc;

	snprintf(port, sizeof port, "%u", console->config.port);
	/* A rack's console servers have addresses or are in its hosts file: this lookup does not go far. */
	rc = getaddrinfo(console->config.host, port, &hints, &found);
	if (rc)
		return err_set(err, ERR_UNREACHABLE, "cannot find the console's host %s: %s", console->config.host,
			       gai_strerror(rc));
	fd = socket(found->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	rc = fd < 0 ? -1 : connect(fd, found->ai_addr, found->ai_addrlen);
	freeaddrinfo(found);
	if (rc && errno != EINPROGRESS) {
		rc = err_set_errno(err, errno, "cannot connect to the console at %s:%s", console->config.host, port);
		if (fd >= 0)
			close(fd);
		return rc;
	}
	console->connecting = rc != 0;
	console->fd = fd;
	return 0;
}

static int open_line(struct console *console, struct err *err)
{
	if (console->config.kind == CONSOLE_TCP)
		return connect_tcp(console, err);
	return serial_open(console->config.device, console->config.baud, &console->fd, err);
}

static void on_try(uv_timer_t *timer)
{
	struct console *console = timer->data;
	struct err err = {0};
	int rc;

	if (console->config.kind == CONSOLE_NONE) {
		console->open = true;
		console->events.on_opened(console->events.context, NULL);
		return;
	}
	rc = open_line(console, &err);
	if (rc == ERR_NOT_FOUND && console->config.comes_late) {
		uv_timer_start(timer, on_try, RETRY_MS, 0);
		return;
	}
	if (rc == 0 && uv_poll_init(timer->loop, &console->poll, console->fd)) {
		close(console->fd);
		console->fd = -1;
		rc = err_set(&err, ERR_IO, "cannot watch the console");
	}
	if (rc) {
		console->events.on_opened(console->events.context, &err);
		return;
	}
	console->open_handles++;
	console->poll.data = console;
	watch(console);
	console->open = !console->connecting;
	if (console->open)
		console->events.on_opened(console->events.context, NULL);
}

int console_open(uv_loop_t *loop, const struct console_config *config, const struct console_events *events,
		 struct console **ret_console, struct err *err)
{
	struct console *console = calloc(1, sizeof *console);

	if (!console)
		return err_set(err, ERR_NOMEM, "cannot open the console: out of memory");
	console->config = *config;
	console->events = *events;
	console->fd = -1;
	uv_timer_init(loop, &console->timer);
	console->timer.data = console;
	console->open_handles = 1;
	uv_timer_start(&console->timer, on_try, 0, 0);
	*ret_console = console;
	return 0;
}
