/* SPDX-License-Identifier: Apache-2.0 */
/* Waiting on a stream to QEMU with a deadline while the console is kept flowing. */
#include "agents/virtual/qemu/wire.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "core/base/err.h"

void wire_init(struct wire *wire, int fd, struct wire_idle *idle)
{
	wire->fd = fd;
	wire->idle = idle;
	buf_init(&wire->in, WIRE_ANSWER_MAX);
}

void wire_finish(struct wire *wire)
{
	if (wire->fd >= 0)
		close(wire->fd);
	wire->fd = -1;
	buf_finish(&wire->in);
}

int64_t wire_now_ns(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static int wire_wait(struct wire *wire, short events, int64_t deadline_ns)
{
	for (;;) {
		struct pollfd fds[2] = {{.fd = wire->fd, .events = events}, {.fd = -1, .events = POLLIN}};
		if (wire->idle)
			fds[1].fd = wire->idle->fd;
		int64_t left_ns = deadline_ns - wire_now_ns();
		int left_ms = left_ns <= 0 ? 0 : (int)(left_ns / 1000000 + 1);
		int n = poll(fds, 2, left_ms);
		if (n < 0 && errno != EINTR)
			return ERR_CLOSED;
		if (n == 0)
			return ERR_TIMEOUT;
		if (n > 0 && fds[1].revents)
			wire->idle->on_readable(wire->idle->context);
		if (n > 0 && fds[0].revents)
			return 0;
		if (left_ns <= 0) /* however much the console has to say */
			return ERR_TIMEOUT;
	}
}

int wire_send(struct wire *wire, const void *data, size_t len, int64_t deadline_ns)
{
	const char *from = data;
	while (len) {
		ssize_t n = send(wire->fd, from, len, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n > 0) {
			from += n;
			len -= (size_t)n;
			continue;
		}
		if (n < 0 && errno != EAGAIN && errno != EINTR)
			return ERR_CLOSED;
		int failed = wire_wait(wire, POLLOUT, deadline_ns);
		if (failed)
			return failed;
	}
	return 0;
}

int wire_fill(struct wire *wire, int64_t deadline_ns)
{
	for (;;) {
		char *room = buf_reserve(&wire->in, 16384);
		if (!room)
			return ERR_TOO_BIG;
		ssize_t n = recv(wire->fd, room, 16384, MSG_DONTWAIT);
		if (n > 0) {
			wire->in.len += (size_t)n;
			return 0;
		}
		if (n == 0 || (errno != EAGAIN && errno != EINTR))
			return ERR_CLOSED;
		int failed = wire_wait(wire, POLLIN, deadline_ns);
		if (failed)
			return failed;
	}
}
