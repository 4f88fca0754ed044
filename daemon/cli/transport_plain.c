/* SPDX-License-Identifier: Apache-2.0 */
/* HTTP through libevent: a small library, because libcurl's thirty take longer to load than a request takes.
 *
 * Happy path: the host's addresses are looked up once -> connection -> request -> each piece of the answer to
 * exchange_take -> its end; the connection is kept for the next request.
 * Ways it goes otherwise:
 *   no such host                      unreachable
 *   an address refuses or says nothing   the next one, all within CONNECT_LIMIT_MS; after the last: unreachable
 *   a kept connection turns out closed   once more, on a new one, if nothing of an answer had come
 *   nothing moves for STALL_LIMIT_MS  lost, unless patience is endless
 *   the connection breaks             lost; an answer given before the end of the request was sent is still read
 *   no memory for the answer, a full disk   not taken */
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/http.h>

#include "daemon/cli/exchange.h"
#include "daemon/cli/plain_host.h"
#include "daemon/cli/plain_request.h"

#define TICK_S        1
#define KEEP_ALIVE_S  60
#define NEVER_S       (365 * 24 * 3600) /* libevent's own limits do not see what is sent: ours do */
#define MAX_ADDRESSES 8

struct transport {
	struct event_base *base;
	struct event *tick;
	struct plain_host host;
	struct evhttp_connection *connection;
	bool open; /* it is, as far as is known */
	/* The request under way. */
	struct exchange *exchange;
	bool over;
	enum outcome outcome;
	enum evhttp_request_error failure;
	bool sent;      /* something of the request went out */
	bool answering; /* something of an answer came */
	bool stalled;
	int64_t begun_ms;
	int64_t connect_by_ms;
	int64_t moved_ms;
	struct sigaction pipe_action; /* the program's own way with SIGPIPE */
};

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void finish(struct transport *transport, enum outcome outcome, const char *why)
{
	if (transport->over)
		return;
	transport->over = true;
	transport->outcome = outcome;
	snprintf(transport->exchange->why, sizeof transport->exchange->why, "%s", why);
	event_base_loopbreak(transport->base);
}

/* --- The connection. --- */

static void on_close(struct evhttp_connection *connection, void *context)
{
	struct transport *transport = context;

	(void)connection;
	transport->open = false;
}

/* libevent writes nothing before it is connected. */
static void on_opened(struct transport *transport)
{
	int fd = bufferevent_getfd(evhttp_connection_get_bufferevent(transport->connection));
	int on = 1, seconds = KEEP_ALIVE_S;

	transport->open = true;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &seconds, sizeof seconds);
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &seconds, sizeof seconds);
}

static void on_output(struct evbuffer *buffer, const struct evbuffer_cb_info *info, void *context)
{
	struct transport *transport = context;

	(void)buffer;
	if (!transport->open && info->n_added)
		on_opened(transport);
	transport->sent = true;
	transport->moved_ms = now_ms();
}

static void on_input(struct evbuffer *buffer, const struct evbuffer_cb_info *info, void *context)
{
	struct transport *transport = context;

	(void)buffer;
	if (info->n_added)
		transport->answering = true;
	transport->moved_ms = now_ms();
}

static void hang_up(struct transport *transport)
{
	if (transport->connection)
		evhttp_connection_free(transport->connection);
	transport->connection = NULL;
	transport->open = false;
}

/* Makes a connection that will dial this address when it gets a request. Returns 0 or -1: no memory. */
static int new_connection(struct transport *transport, const struct addrinfo *address)
{
	static const struct timeval never = {NEVER_S, 0};
	struct bufferevent *stream;
	char host[NI_MAXHOST], port[NI_MAXSERV];

	hang_up(transport);
	if (getnameinfo(address->ai_addr, address->ai_addrlen, host, sizeof host, port, sizeof port,
			NI_NUMERICHOST | NI_NUMERICSERV))
		return -1;
	transport->connection =
		evhttp_connection_base_new(transport->base, NULL, host, (uint16_t)strtoul(port, NULL, 10));
	if (!transport->connection)
		return -1;
	evhttp_connection_set_timeout_tv(transport->connection, &never);
	evhttp_connection_set_flags(transport->connection, EVHTTP_CON_READ_ON_WRITE_ERROR);
	evhttp_connection_set_closecb(transport->connection, on_close, transport);
	stream = evhttp_connection_get_bufferevent(transport->connection);
	if (!evbuffer_add_cb(bufferevent_get_output(stream), on_output, transport) ||
	    !evbuffer_add_cb(bufferevent_get_input(stream), on_input, transport))
		return -1;
	return 0;
}

/* --- The request. --- */

/* What is known of why a connection broke: errno where it says something of connections. */
static const char *reason(const struct transport *transport, int error)
{
	switch (error) {
	case ECONNREFUSED:
	case ECONNRESET:
	case ECONNABORTED:
	case EPIPE:
	case ETIMEDOUT:
	case EHOSTUNREACH:
	case EHOSTDOWN:
	case ENETUNREACH:
	case ENETDOWN:
	case EADDRNOTAVAIL:
	case EACCES:
	case EPERM:
	case EMFILE:
	case ENFILE:
		return strerror(error);
	default:
		if (transport->failure == EVREQ_HTTP_EOF)
			return transport->answering ? "it closed the connection before the answer was complete"
						    : "it closed the connection without an answer";
		return "what came is no HTTP";
	}
}

static void on_failure(enum evhttp_request_error failure, void *context)
{
	struct transport *transport = context;

	transport->failure = failure;
}

/* The end of the answer; or of all hope, told by a request without a status or by none. */
static void on_answered(struct evhttp_request *request, void *context)
{
	int error = errno;
	struct transport *transport = context;
	int status = request ? evhttp_request_get_response_code(request) : 0;

	if (status) {
		transport->exchange->status = status;
		finish(transport, OUTCOME_ANSWERED, "");
	} else if (request) {
		/* libevent's way to tell of a refused connection; errno is no longer that */
		finish(transport, OUTCOME_UNREACHABLE, strerror(ECONNREFUSED));
	} else {
		finish(transport, transport->sent ? OUTCOME_LOST : OUTCOME_UNREACHABLE, reason(transport, error));
	}
}

/* While stdout is written to, SIGPIPE ends the program as it ends others. */
static int take(struct transport *transport, int status, const void *data, size_t len)
{
	static const struct sigaction ignore = {.sa_handler = SIG_IGN};
	int code;

	sigaction(SIGPIPE, &transport->pipe_action, NULL);
	code = exchange_take(transport->exchange, status, data, len);
	sigaction(SIGPIPE, &ignore, NULL);
	return code;
}

static void on_piece(struct evhttp_request *request, void *context)
{
	struct transport *transport = context;
	struct evbuffer *input = evhttp_request_get_input_buffer(request);
	int status = evhttp_request_get_response_code(request);
	size_t len;

	while (!transport->over && (len = evbuffer_get_contiguous_space(input)) > 0) {
		if (take(transport, status, evbuffer_pullup(input, (ev_ssize_t)len), len))
			finish(transport, OUTCOME_NOT_TAKEN, "");
		evbuffer_drain(input, len);
	}
}

/* Once over the connection there is. */
static enum outcome attempt(struct transport *transport)
{
	const struct plain_request_events events = {transport, on_piece, on_failure, on_answered};
	enum outcome outcome;

	transport->over = transport->sent = transport->answering = transport->stalled = false;
	transport->failure = EVREQ_HTTP_EOF;
	transport->moved_ms = now_ms();
	outcome = plain_request_make(transport->connection, &transport->host, transport->exchange, &events);
	if (outcome != OUTCOME_ANSWERED)
		finish(transport, outcome, "");
	if (!transport->over && event_base_loop(transport->base, 0))
		finish(transport, OUTCOME_NOMEM, "");
	return transport->outcome;
}

static void on_tick(evutil_socket_t fd, short events, void *context)
{
	struct transport *transport = context;
	const struct patience *patience;
	int64_t now = now_ms();

	(void)fd, (void)events;
	if (transport->over)
		return;
	patience = transport->exchange->patience;
	if (!transport->sent && now >= transport->connect_by_ms) {
		finish(transport, OUTCOME_UNREACHABLE, strerror(ETIMEDOUT));
	} else if (!patience->endless && now - transport->moved_ms >= STALL_LIMIT_MS) {
		transport->stalled = true;
		finish(transport, OUTCOME_LOST, "nothing came for a minute");
	} else if (patience->endless && patience->on_wait) {
		patience->on_wait(patience->context, now - transport->begun_ms);
	}
}

/* --- The way there. --- */

/* A new connection to the first address that takes one, and the request over it. */
static enum outcome dial(struct transport *transport)
{
	int64_t give_up_ms = now_ms() + CONNECT_LIMIT_MS;
	enum outcome outcome = OUTCOME_UNREACHABLE;
	int left = 0;

	if (plain_host_look_up(&transport->host)) {
		snprintf(transport->exchange->why, sizeof transport->exchange->why, "Could not resolve host: %s",
			 transport->host.name);
		return OUTCOME_UNREACHABLE;
	}
	for (const struct addrinfo *at = transport->host.addresses; at && left < MAX_ADDRESSES; at = at->ai_next)
		left++;
	for (const struct addrinfo *at = transport->host.addresses; left > 0 && outcome == OUTCOME_UNREACHABLE;
	     at = at->ai_next) {
		int64_t now = now_ms();

		transport->connect_by_ms = now + (give_up_ms - now) / left--;
		if (new_connection(transport, at))
			return OUTCOME_NOMEM;
		outcome = attempt(transport);
	}
	return outcome;
}

/* Over the connection that was kept, if it still is. */
static bool try_kept(struct transport *transport, enum outcome *ret_outcome)
{
	transport->over = true;
	if (transport->open)
		event_base_loop(transport->base, EVLOOP_NONBLOCK); /* the daemon may have closed it meanwhile */
	if (!transport->open)
		return false;
	*ret_outcome = attempt(transport);
	return *ret_outcome != OUTCOME_LOST || transport->answering || transport->stalled;
}

static enum outcome plain_carry(struct transport *transport, struct exchange *exchange)
{
	static const struct sigaction ignore = {.sa_handler = SIG_IGN};
	enum outcome outcome;

	transport->exchange = exchange;
	transport->begun_ms = now_ms();
	sigaction(SIGPIPE, &ignore, &transport->pipe_action);
	if (!try_kept(transport, &outcome))
		outcome = dial(transport);
	if (outcome != OUTCOME_ANSWERED)
		hang_up(transport);
	sigaction(SIGPIPE, &transport->pipe_action, NULL);
	return outcome;
}

/* --- Its life. --- */

static void plain_destroy(struct transport *transport)
{
	if (!transport)
		return;
	transport->over = true;
	hang_up(transport);
	if (transport->tick)
		event_free(transport->tick);
	if (transport->base)
		event_base_free(transport->base);
	plain_host_finish(&transport->host);
	free(transport);
}

/* libevent's warnings are told as this program's errors. */
static void on_log(int severity, const char *text)
{
	(void)severity, (void)text;
}

static int plain_create(const struct address *address, struct transport **ret_transport, struct err *err)
{
	static const struct timeval each = {TICK_S, 0};
	struct transport *transport = calloc(1, sizeof *transport);

	event_set_log_callback(on_log);
	if (transport) {
		plain_host_init(&transport->host, address->url);
		transport->base = event_base_new();
	}
	if (transport && transport->base)
		transport->tick = event_new(transport->base, -1, EV_PERSIST, on_tick, transport);
	if (!transport || !transport->tick || event_add(transport->tick, &each)) {
		plain_destroy(transport);
		return err_set(err, ERR_NOMEM, "out of memory");
	}
	*ret_transport = transport;
	return 0;
}

const struct transport_kind transport_plain = {plain_create, plain_carry, plain_destroy};
