/* SPDX-License-Identifier: Apache-2.0 */
/* The live websocket over libwebsockets' own poll loop.
 *
 * Happy path: connect -> established -> one subscribe message per topic, each from the last event and console byte
 * seen -> messages -> live_stop.
 * Ways it goes otherwise:
 *   the first connection fails      live_run returns the error; so of a daemon that is not to be trusted
 *   a later one is lost             on_lost; tried again after 0.1 s, 0.2 s … 5 s; on_back; topics go on where they
 *                                   were
 *   we fall behind                  the daemon says "gap" and fills it from its store by itself: nothing to do
 *   the daemon sends an error       live_run returns it
 *   a message that makes no sense   live_run returns ERR_PROTOCOL
 *   SIGINT, SIGTERM                 on_interrupt, or live_run returns ERR_CANCELLED */
#include "daemon/cli/live_private.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/cli/lws_calls.h"

#define BACKOFF_MIN_MS 100
#define BACKOFF_MAX_MS 5000

/* Signals reach a program, not an object: the one that runs, for the handler. */
static struct live *volatile running;
static volatile sig_atomic_t interrupted;

static void on_signal(int number)
{
	(void)number;
	interrupted = 1;
	if (running && running->context)
		lws_cancel_service(running->context);
}

void live_fail(struct live *live, enum err_code code, const char *text)
{
	if (!live->err.code)
		err_set(&live->err, code, "%s", text);
	live->stopped = true;
}

static int take_url(struct live *live, struct err *err)
{
	char copy[sizeof live->address->url];
	const char *scheme, *host, *path;
	int port;

	snprintf(copy, sizeof copy, "%s", live->address->url);
	if (lws_parse_uri(copy, &scheme, &host, &port, &path))
		return err_set(err, ERR_INVALID, "daemon address \"%s\" cannot be read", live->address->url);
	live->tls = address_is_tls(live->address);
	live->port = port;
	snprintf(live->host, sizeof live->host, "%s", host);
	snprintf(live->where, sizeof live->where, strchr(host, ':') ? "[%s]:%d" : "%s:%d", host, port);
	path += *path == '/';
	snprintf(live->path, sizeof live->path, "/%s%sapi/v1/live", path, *path ? "/" : "");
	return 0;
}

static void on_reconnect(lws_sorted_usec_list_t *timer);
static void on_tick(lws_sorted_usec_list_t *timer);
static int on_lws(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len);

static const struct lws_protocols protocols[] = {
	{.name = "assay-live-1", .callback = on_lws, .rx_buffer_size = 65536},
	{.name = NULL},
};

int live_create(const struct address *address, const struct live_ports *ports, struct live **ret_live, struct err *err)
{
	struct lws_context_creation_info info = {.port = CONTEXT_PORT_NO_LISTEN, .protocols = protocols};
	struct live *live;
	int code = lws_calls_load(err);

	if (code)
		return code;
	live = calloc(1, sizeof *live);
	if (!live)
		return err_set(err, ERR_NOMEM, "out of memory");
	live->address = address;
	live->ports = *ports;
	live->backoff_ms = BACKOFF_MIN_MS;
	buf_init(&live->incoming, LIVE_MESSAGE_MAX);
	code = take_url(live, err);
	if (code) {
		live_destroy(live);
		return code;
	}
	lws_set_log_level(0, NULL);
	lws_calls_set_tls(&info, address);
	info.user = live;
	live->context = lws_create_context(&info);
	if (!live->context) {
		live_destroy(live);
		return err_set(err, ERR_NOMEM, "cannot make a websocket context");
	}
	*ret_live = live;
	return 0;
}

void live_destroy(struct live *live)
{
	if (!live)
		return;
	lws_sul_cancel(&live->tick);
	lws_sul_cancel(&live->reconnect);
	if (live->context)
		lws_context_destroy(live->context);
	buf_finish(&live->incoming);
	free(live);
}

static void on_up(struct live *live)
{
	bool lost = live->lost;

	live->was_up = true;
	live->lost = false;
	live->backoff_ms = BACKOFF_MIN_MS;
	live_want_all(live);
	lws_callback_on_writable(live->wsi);
	if (lost && live->ports.on_back)
		live->ports.on_back(live->ports.context);
}

/* The connection is gone, or never was. */
static void on_down(struct live *live, const char *why, unsigned status)
{
	live->wsi = NULL;
	buf_reset(&live->incoming);
	if (live->stopped)
		return;
	if (status == 401 || status == 403)
		return live_fail(live, ERR_DENIED, "assayd does not accept this token");
	if (!live->was_up) {
		if (!live->err.code && live->untrusted)
			address_untrusted(live->address, "its certificate is not good", &live->err);
		else if (!live->err.code)
			err_set(&live->err, ERR_UNREACHABLE, "cannot reach assayd at %s: is it running? (%s)",
				live->address->url, why);
		live->stopped = true;
		return;
	}
	if (!live->lost && live->ports.on_lost)
		live->ports.on_lost(live->ports.context, why);
	live->lost = true;
	lws_sul_schedule(live->context, 0, &live->reconnect, on_reconnect, live->backoff_ms * LWS_US_PER_MS);
	live->backoff_ms = live->backoff_ms * 2 > BACKOFF_MAX_MS ? BACKOFF_MAX_MS : live->backoff_ms * 2;
}

static int add_token(struct live *live, struct lws *wsi, void *in, size_t len)
{
	unsigned char **at = in, *end = *at + len;
	char value[300];
	int size = snprintf(value, sizeof value, "Bearer %s", live->address->token);

	return lws_add_http_header_by_name(wsi, (const unsigned char *)"authorization:", (unsigned char *)value, size,
					   at, end);
}

static int on_lws(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len)
{
	struct live *live = lws_context_user(lws_get_context(wsi));

	(void)user;
	switch (reason) {
	case LWS_CALLBACK_OPENSSL_PERFORM_SERVER_CERT_VERIFICATION:
		live->untrusted |= len == 0; /* libwebsockets' own judgement, which stands */
		return 0;
	case LWS_CALLBACK_CLIENT_APPEND_HANDSHAKE_HEADER:
		return add_token(live, wsi, in, len) ? -1 : 0;
	case LWS_CALLBACK_CLIENT_ESTABLISHED:
		on_up(live);
		return 0;
	case LWS_CALLBACK_CLIENT_RECEIVE:
		live_receive(live, in, len);
		return live->stopped ? -1 : 0;
	case LWS_CALLBACK_CLIENT_WRITEABLE:
		return live_write(live);
	case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
		on_down(live, in ? in : "connection failed", lws_http_client_http_response(wsi));
		return 0;
	case LWS_CALLBACK_CLIENT_CLOSED:
		on_down(live, "connection closed", 0);
		return 0;
	case LWS_CALLBACK_WSI_DESTROY:
		/* A daemon that took the connection and did not answer in time: libwebsockets tells only this. */
		if (live->wsi == wsi)
			on_down(live, "it did not answer", 0);
		return 0;
	default:
		return 0;
	}
}

static void connect_now(struct live *live)
{
	struct lws_client_connect_info info = {
		.context = live->context,
		.address = live->host,
		.port = live->port,
		.path = live->path,
		.host = live->where,
		.protocol = protocols[0].name,
		.local_protocol_name = protocols[0].name,
		.ssl_connection = live->tls ? LCCSCF_USE_SSL : 0,
		.ietf_version_or_minus_one = -1,
		.pwsi = &live->wsi,
	};

	/* A failure inside the call has already been told to on_lws, unless nothing came of it at all: then nobody has
	 * asked for the next try. */
	if (!lws_client_connect_via_info(&info) && !live->stopped && lws_dll2_is_detached(&live->reconnect.list))
		on_down(live, "connection failed", 0);
}

static void on_reconnect(lws_sorted_usec_list_t *timer)
{
	connect_now(lws_container_of(timer, struct live, reconnect));
}

static void on_tick(lws_sorted_usec_list_t *timer)
{
	struct live *live = lws_container_of(timer, struct live, tick);

	if (!live->tick_ms)
		return;
	lws_sul_schedule(live->context, 0, &live->tick, on_tick, live->tick_ms * LWS_US_PER_MS);
	if (live->ports.on_tick)
		live->ports.on_tick(live->ports.context);
}

void live_set_tick(struct live *live, int interval_ms)
{
	live->tick_ms = interval_ms;
	if (interval_ms)
		lws_sul_schedule(live->context, 0, &live->tick, on_tick, interval_ms * LWS_US_PER_MS);
	else
		lws_sul_cancel(&live->tick);
}

static void take_interrupt(struct live *live)
{
	interrupted = 0;
	if (live->ports.on_interrupt)
		live->ports.on_interrupt(live->ports.context);
	else
		live_fail(live, ERR_CANCELLED, "interrupted");
}

int live_run(struct live *live, struct err *err)
{
	struct sigaction action = {.sa_handler = on_signal}, old_int, old_term;

	running = live;
	interrupted = 0;
	sigaction(SIGINT, &action, &old_int);
	sigaction(SIGTERM, &action, &old_term);
	connect_now(live);
	while (!live->stopped) {
		if (lws_service(live->context, 0) < 0)
			live_fail(live, ERR_IO, "the websocket's event loop failed");
		if (interrupted)
			take_interrupt(live);
	}
	sigaction(SIGINT, &old_int, NULL);
	sigaction(SIGTERM, &old_term, NULL);
	running = NULL;
	if (live->err.code && err)
		*err = live->err;
	return (int)live->err.code;
}

struct lws_context *live_context(struct live *live)
{
	return live->context;
}

void live_stop(struct live *live)
{
	live->stopped = true;
}
