/* SPDX-License-Identifier: Apache-2.0 */
/* The listening socket and the connections that have not yet said what they want.
 *
 * Happy path: accept -> peek -> the owner takes the socket. TCP_DEFER_ACCEPT makes the kernel hold a connection back
 * until it has sent something, so one peek nearly always decides.
 * Ways it goes otherwise:
 *   too few bytes to decide      wait for more (SO_RCVLOWAT, as peeked bytes stay readable); LISTENER_FIRST_WAIT_S
 *   silent or half-closed peer   dropped at the limit, or when it closes
 *   too many waiting             the oldest is dropped, of the newcomer's own address when that has many
 *   few descriptors left         the oldest that waits is dropped; when none does, accepting pauses for a second, and
 *                                those who come wait in the kernel. Said once a minute at most */
#include "daemon/loop/listener.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/base/list.h"
#include "core/base/log.h"
#include "daemon/loop/repeats.h"
#include "daemon/loop/room.h"

#define OBJECT "listener"

struct listener {
	struct loop *loop;
	on_socket_fn on_socket;
	void *context;
	int fd;
	uv_poll_t poll;
	uv_timer_t sweep; /* runs while anything is pending or accepting is paused */
	struct list pending;
	size_t pending_count;
	bool paused;
	struct repeats repeats;
	int open_handles; /* freed when both are closed */
	char address[80];
};

/* A connection that has not said enough. */
struct pending {
	struct list link;
	struct listener *listener; /* NULL once the listener is gone */
	uv_poll_t poll;
	int fd; /* -1: given away or closed */
	int64_t since_us;
	ssize_t shown; /* bytes that were not enough */
	struct in6_addr from;
};

static void on_readable(uv_poll_t *poll, int status, int events);

static void on_pending_closed(uv_handle_t *handle)
{
	free(handle->data);
}

static void pending_drop(struct pending *pending)
{
	list_remove(&pending->link);
	pending->listener->pending_count--;
	if (pending->fd >= 0)
		close(pending->fd);
	pending->fd = -1;
	pending->listener = NULL;
	uv_close((uv_handle_t *)&pending->poll, on_pending_closed);
}

static void socket_set(int fd, int level, int option, int value)
{
	/* Each of these only tunes: a kernel that refuses one still serves. */
	(void)setsockopt(fd, level, option, &value, sizeof(value));
}

/* Peeks. Returns 1 when the owner took the socket, 0 when more bytes are needed, -1 when the peer is gone: it is told
 * to be readable with no more to read than before. */
static int socket_offer(struct listener *listener, int fd, ssize_t *shown)
{
	char head[LISTENER_PEEK_BYTES];
	ssize_t len = recv(fd, head, sizeof(head), MSG_PEEK | MSG_DONTWAIT);

	if (len < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -1;
	if (len == 0 || len == *shown)
		return -1;
	*shown = len;
	socket_set(fd, SOL_SOCKET, SO_RCVLOWAT, 1);
	if (listener->on_socket(listener->context, fd, head, (size_t)len))
		return 1;
	socket_set(fd, SOL_SOCKET, SO_RCVLOWAT, (int)len + 1);
	return 0;
}

/* The socket must have left this loop's poll set before another server on the same loop adopts it, hence the stop
 * first. */
static void on_readable(uv_poll_t *poll, int status, int events)
{
	struct pending *pending = (struct pending *)poll->data;
	int fd = pending->fd;

	(void)events;
	uv_poll_stop(poll);
	int offered = status ? -1 : socket_offer(pending->listener, fd, &pending->shown);
	if (offered == 0) {
		uv_poll_start(poll, UV_READABLE, on_readable);
		return;
	}
	if (offered > 0)
		pending->fd = -1;
	pending_drop(pending);
}

static void on_sweep(uv_timer_t *timer)
{
	struct listener *listener = (struct listener *)timer->data;
	int64_t oldest_us = loop_monotonic_us() - (int64_t)LISTENER_FIRST_WAIT_S * 1000000;

	list_for_each_safe (link, &listener->pending) {
		struct pending *pending = list_container(link, struct pending, link);
		if (pending->since_us < oldest_us)
			pending_drop(pending);
	}
	if (listener->paused) {
		listener->paused = false;
		uv_poll_start(&listener->poll, UV_READABLE, listener->poll.poll_cb);
	}
	if (list_empty(&listener->pending))
		uv_timer_stop(timer);
}

static void sweep_arm(struct listener *listener)
{
	if (!uv_is_active((uv_handle_t *)&listener->sweep))
		uv_timer_start(&listener->sweep, on_sweep, 1000, 1000);
}

/* IPv4 as mapped IPv6. */
static void address_of(int fd, struct in6_addr *ret_address)
{
	struct sockaddr_storage peer = {0};
	socklen_t len = sizeof(peer);

	*ret_address = (struct in6_addr){0};
	if (getpeername(fd, (struct sockaddr *)&peer, &len))
		return;
	if (peer.ss_family == AF_INET6)
		*ret_address = ((const struct sockaddr_in6 *)(const void *)&peer)->sin6_addr;
	else
		memcpy(&ret_address->s6_addr[12], &((const struct sockaddr_in *)(const void *)&peer)->sin_addr, 4);
}

/* One address cannot take the room of the others. */
static void make_room(struct listener *listener, const struct in6_addr *from)
{
	struct pending *oldest = NULL;
	size_t count = 0;

	list_for_each (link, &listener->pending) {
		struct pending *pending = list_container(link, struct pending, link);

		if (memcmp(&pending->from, from, sizeof(*from)) != 0)
			continue;
		count++;
		oldest = oldest ? oldest : pending;
	}
	if (count >= LISTENER_MAX_OF_ONE)
		pending_drop(oldest);
	else if (listener->pending_count >= LISTENER_MAX_PENDING)
		pending_drop(list_container(list_first(&listener->pending), struct pending, link));
}

static void pending_add(struct listener *listener, int fd, ssize_t shown)
{
	struct pending *pending = (struct pending *)calloc(1, sizeof(*pending));

	if (!pending || uv_poll_init(&listener->loop->uv, &pending->poll, fd)) {
		free(pending);
		close(fd);
		return;
	}
	pending->poll.data = pending;
	pending->listener = listener;
	pending->fd = fd;
	pending->since_us = loop_monotonic_us();
	pending->shown = shown;
	address_of(fd, &pending->from);
	make_room(listener, &pending->from);
	list_append(&listener->pending, &pending->link);
	listener->pending_count++;
	uv_poll_start(&pending->poll, UV_READABLE, on_readable);
	sweep_arm(listener);
}

static void socket_accepted(struct listener *listener, int fd)
{
	socket_set(fd, IPPROTO_TCP, TCP_NODELAY, 1);
	socket_set(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
	socket_set(fd, IPPROTO_TCP, TCP_KEEPIDLE, 60);
	ssize_t shown = 0;
	int offered = socket_offer(listener, fd, &shown);
	if (offered < 0)
		close(fd);
	else if (offered == 0)
		pending_add(listener, fd, shown);
}

/* What waits is dropped first, the oldest before the others: it may have come for no good. Returns whether a connection
 * may be taken. */
static bool descriptors_left(struct listener *listener)
{
	while (!list_empty(&listener->pending) && room_next(listener->fd) >= room_end(ROOM_GUESTS))
		pending_drop(list_container(list_first(&listener->pending), struct pending, link));
	return room_next(listener->fd) < room_end(ROOM_AGENTS);
}

static void pause_accepting(struct listener *listener, const char *why)
{
	uint64_t left_out;

	if (repeats_tell(&listener->repeats, why, loop_monotonic_us(), &left_out))
		log_warn(OBJECT, "cannot accept: %s; trying again every second (%llu times before)", why,
			 (unsigned long long)left_out);
	uv_poll_stop(&listener->poll);
	listener->paused = true;
	sweep_arm(listener);
}

/* A turn takes a bounded number, so that a flood of connections leaves room for those that are served. */
static void on_acceptable(uv_poll_t *poll, int status, int events)
{
	struct listener *listener = (struct listener *)poll->data;

	(void)status;
	(void)events;
	for (int i = 0; i < 32; i++) {
		if (!descriptors_left(listener)) {
			pause_accepting(listener, "too few descriptors are left (the limit on open files)");
			return;
		}
		int fd = accept4(listener->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd >= 0) {
			socket_accepted(listener, fd);
			continue;
		}
		if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
			pause_accepting(listener, strerror(errno));
			return;
		}
		if (errno == EAGAIN)
			return;
	}
}

static void listener_name(struct listener *listener)
{
	struct sockaddr_storage bound;
	socklen_t len = sizeof(bound);
	char host[64] = "", port[8] = "";

	if (!getsockname(listener->fd, (struct sockaddr *)&bound, &len))
		(void)getnameinfo((struct sockaddr *)&bound, len, host, sizeof(host), port, sizeof(port),
				  NI_NUMERICHOST | NI_NUMERICSERV);
	snprintf(listener->address, sizeof(listener->address), strchr(host, ':') ? "[%s]:%s" : "%s:%s", host, port);
}

/* Opens the first address of the name that can be listened on; the error is the last one's. */
static int socket_listen(const char *host, int port, int *ret_fd, struct err *err)
{
	struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE};
	struct addrinfo *found = NULL;
	char service[8];
	int fd = -1, failed = 0;

	snprintf(service, sizeof(service), "%d", port);
	int rc = getaddrinfo(host, service, &hints, &found);
	if (rc)
		return err_set(err, ERR_INVALID, "cannot listen on %s: %s", host, gai_strerror(rc));
	for (struct addrinfo *at = found; at && fd < 0; at = at->ai_next) {
		fd = socket(at->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
		if (fd < 0) {
			failed = errno;
			continue;
		}
		socket_set(fd, SOL_SOCKET, SO_REUSEADDR, 1);
		socket_set(fd, IPPROTO_TCP, TCP_DEFER_ACCEPT, LISTENER_FIRST_WAIT_S);
		if (bind(fd, at->ai_addr, at->ai_addrlen) || listen(fd, 512)) {
			failed = errno;
			close(fd);
			fd = -1;
		}
	}
	freeaddrinfo(found);
	if (fd < 0 && failed == EADDRINUSE)
		return err_set(err, ERR_EXISTS, "cannot listen on %s:%d: the port is in use by another program", host,
			       port);
	if (fd < 0)
		return err_set_errno(err, failed, "cannot listen on %s:%d", host, port);
	*ret_fd = fd;
	return 0;
}

int listener_create(struct loop *loop, const char *host, int port, on_socket_fn on_socket, void *context,
		    struct listener **ret_listener, struct err *err)
{
	struct listener *listener = (struct listener *)calloc(1, sizeof(*listener));

	if (!listener)
		return err_set(err, ERR_NOMEM, "cannot listen: out of memory");
	int rc = socket_listen(host, port, &listener->fd, err);
	if (rc)
		goto out_free;
	listener->loop = loop;
	listener->on_socket = on_socket;
	listener->context = context;
	list_init(&listener->pending);
	listener_name(listener);
	int uv = uv_poll_init(&loop->uv, &listener->poll, listener->fd);
	if (uv) {
		rc = err_set(err, ERR_IO, "cannot listen: %s", uv_strerror(uv));
		goto out_close;
	}
	listener->poll.data = listener;
	uv_timer_init(&loop->uv, &listener->sweep);
	listener->sweep.data = listener;
	listener->open_handles = 2;
	uv_poll_start(&listener->poll, UV_READABLE, on_acceptable);
	*ret_listener = listener;
	return 0;

out_close:
	close(listener->fd);
out_free:
	free(listener);
	return rc;
}

const char *listener_address(const struct listener *listener)
{
	return listener->address;
}

static void on_listener_closed(uv_handle_t *handle)
{
	struct listener *listener = (struct listener *)handle->data;

	if (--listener->open_handles == 0)
		free(listener);
}

void listener_destroy(struct listener *listener)
{
	if (!listener)
		return;
	list_for_each_safe (link, &listener->pending)
		pending_drop(list_container(link, struct pending, link));
	uv_close((uv_handle_t *)&listener->poll, on_listener_closed);
	uv_close((uv_handle_t *)&listener->sweep, on_listener_closed);
	close(listener->fd);
}

int listener_parse_address(const char *text, char *ret_host, size_t host_size, int *ret_port, struct err *err)
{
	const char *colon = strrchr(text, ':');
	const char *host = text;
	size_t len = colon ? (size_t)(colon - text) : 0;
	size_t digits = colon ? strspn(colon + 1, "0123456789") : 0;
	bool bracketed = text[0] == '[' && len > 2 && text[len - 1] == ']';

	if (bracketed) {
		host++;
		len -= 2;
	} else if (colon && memchr(text, ':', len)) {
		return err_set(err, ERR_INVALID, "found \"%s\", expected an IPv6 address in brackets: [::1]:7180",
			       text);
	}
	long port = digits > 0 && digits < 6 && !colon[1 + digits] ? strtol(colon + 1, NULL, 10) : -1;
	if (len == 0 || len >= host_size || port < 0 || port > 65535 || (!bracketed && text[0] == '['))
		return err_set(err, ERR_INVALID, "found \"%s\", expected ADDRESS:PORT, such as 127.0.0.1:7180", text);
	memcpy(ret_host, host, len);
	ret_host[len] = '\0';
	*ret_port = (int)port;
	return 0;
}
