/* SPDX-License-Identifier: Apache-2.0 */
/* The live websocket over libwebsockets' own poll loop.
 *
 * Happy path: connect -> established -> one subscribe message per topic, each from the last event and console byte
 * seen -> messages -> live_stop.
 * Ways it fails:
 *   the first connection fails      live_run returns the error
 *   a later one is lost             on_lost; tried again after 0.1 s, 0.2 s … 5 s; on_back; topics resume where they
 * were the daemon says a gap           the topic is subscribed again from the last event seen: the store fills it the
 * daemon sends an error       live_run returns it a message that makes no sense   live_run returns ERR_PROTOCOL SIGINT,
 * SIGTERM                 on_interrupt, or live_run returns ERR_CANCELLED */
#include "daemon/cli/live.h"

#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libwebsockets.h>
#include <sodium.h>

#include "core/base/buf.h"
#include "core/base/json.h"

#define MESSAGE_MAX    (8u << 20)
#define CONSOLE_MAX    (4u << 20)
#define BACKOFF_MIN_MS 100
#define BACKOFF_MAX_MS 5000

struct subscription {
	bool used;
	unsigned serial; /* never used twice; its id is made of it */
	char topic[96];
	int64_t after;        /* the last event told */
	int64_t console_next; /* the next console byte wanted, or LIVE_NO_CONSOLE */
	bool wanted;          /* a subscribe message is to be sent */
	bool unwanted;        /* an unsubscribe message is, and then the place is free */
};

struct live {
	const struct address *address;
	struct live_ports ports;
	struct subscription subscription[LIVE_MAX_SUBSCRIPTIONS];
	unsigned last_serial;
	struct lws_context *context;
	struct lws *wsi;
	lws_sorted_usec_list_t tick;
	lws_sorted_usec_list_t reconnect;
	int tick_ms;
	int backoff_ms;
	bool was_up;
	bool lost; /* on_lost was told, on_back is owed */
	bool stopped;
	struct buf incoming;
	struct err err; /* why live_run ends, when it is no success */
	char host[300];
	char where[300]; /* "host:port", for the Host header */
	char path[300];
	int port;
	bool tls;
};

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

static void fail(struct live *live, enum err_code code, const char *text)
{
	if (!live->err.code)
		err_set(&live->err, code, "%s", text);
	live->stopped = true;
}

static int take_url(struct live *live, struct err *err)
{
	char copy[512];
	const char *scheme, *host, *path;
	int port;

	snprintf(copy, sizeof copy, "%s", live->address->url);
	if (lws_parse_uri(copy, &scheme, &host, &port, &path))
		return err_set(err, ERR_INVALID, "daemon address \"%s\" cannot be read", live->address->url);
	live->tls = strcmp(scheme, "https") == 0;
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
	struct live *live = calloc(1, sizeof *live);
	struct lws_context_creation_info info = {.port = CONTEXT_PORT_NO_LISTEN, .protocols = protocols};
	int code;

	if (!live)
		return err_set(err, ERR_NOMEM, "out of memory");
	live->address = address;
	live->ports = *ports;
	live->backoff_ms = BACKOFF_MIN_MS;
	buf_init(&live->incoming, MESSAGE_MAX);
	code = take_url(live, err);
	if (code) {
		live_destroy(live);
		return code;
	}
	lws_set_log_level(0, NULL);
	info.options = live->tls ? LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT : 0;
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

static void wake(struct live *live)
{
	if (live->wsi && live->was_up && !live->lost)
		lws_callback_on_writable(live->wsi);
}

int live_subscribe(struct live *live, const char *topic, int64_t after, int64_t console_from, struct err *err)
{
	size_t i = 0;

	while (i < LIVE_MAX_SUBSCRIPTIONS && live->subscription[i].used)
		i++;
	if (i == LIVE_MAX_SUBSCRIPTIONS)
		return err_set(err, ERR_TOO_BIG, "too many subscriptions");
	live->subscription[i] = (struct subscription){.used = true,
						      .serial = ++live->last_serial,
						      .after = after,
						      .console_next = console_from,
						      .wanted = true};
	snprintf(live->subscription[i].topic, sizeof live->subscription[i].topic, "%s", topic);
	wake(live);
	return 0;
}

void live_unsubscribe(struct live *live, const char *topic)
{
	for (size_t i = 0; i < LIVE_MAX_SUBSCRIPTIONS; i++) {
		struct subscription *subscription = &live->subscription[i];

		if (subscription->used && strcmp(subscription->topic, topic) == 0)
			subscription->unwanted = true;
	}
	wake(live);
}

/* Sends what is to be sent; -1 closes the connection. */
static int send_text(struct lws *wsi, const json_t *message)
{
	struct buf text;
	int sent = -1;

	buf_init(&text, 4096);
	if (buf_append(&text, (const char[LWS_PRE]){0}, LWS_PRE) == 0 && json_write(message, &text) == 0)
		sent = lws_write(wsi, (unsigned char *)text.data + LWS_PRE, text.len - LWS_PRE, LWS_WRITE_TEXT);
	buf_finish(&text);
	return sent < 0 ? -1 : 0;
}

static int send_subscribe(struct live *live, struct subscription *subscription, const char *id)
{
	json_t *message = json_pack("{s:s, s:s}", "subscribe", subscription->topic, "id", id);
	int code;

	if (subscription->after >= 0)
		json_object_set_new(message, "after", json_integer(subscription->after));
	if (subscription->console_next >= 0)
		json_object_set_new(message, "console_from", json_integer(subscription->console_next));
	else
		json_object_set_new(message, "console", json_false());
	code = message ? send_text(live->wsi, message) : -1;
	json_decref(message);
	subscription->wanted = false;
	return code;
}

/* A place that was never subscribed, or that the new connection knows nothing of, is just free. */
static int send_unsubscribe(struct live *live, struct subscription *subscription, const char *id)
{
	json_t *message = subscription->wanted ? NULL : json_pack("{s:s}", "unsubscribe", id);
	int code = message ? send_text(live->wsi, message) : 0;

	json_decref(message);
	*subscription = (struct subscription){0};
	return code;
}

/* One message per writable callback, as libwebsockets wants it. */
static int on_writable(struct live *live)
{
	struct subscription *subscription = live->subscription;
	struct subscription *end = subscription + LIVE_MAX_SUBSCRIPTIONS;
	char id[16];
	int code;

	while (subscription < end && !subscription->wanted && !subscription->unwanted)
		subscription++;
	if (subscription == end)
		return 0;
	snprintf(id, sizeof id, "s%u", subscription->serial);
	code = subscription->unwanted ? send_unsubscribe(live, subscription, id)
				      : send_subscribe(live, subscription, id);
	lws_callback_on_writable(live->wsi);
	return code;
}

static struct subscription *find_subscription(struct live *live, const json_t *message)
{
	const char *id = json_string_value(json_object_get(message, "id"));
	unsigned serial;

	if (!id || sscanf(id, "s%u", &serial) != 1)
		return NULL;
	for (size_t i = 0; i < LIVE_MAX_SUBSCRIPTIONS; i++) {
		struct subscription *subscription = &live->subscription[i];

		if (subscription->used && subscription->serial == serial && !subscription->unwanted)
			return subscription;
	}
	return NULL;
}

static void take_events(struct live *live, struct subscription *subscription, const json_t *events)
{
	const json_t *event;
	size_t i;

	json_array_foreach(events, i, event)
	{
		json_int_t seq = json_integer_value(json_object_get(event, "seq"));

		if (seq <= subscription->after || live->stopped || subscription->unwanted)
			continue;
		subscription->after = seq;
		if (live->ports.on_event)
			live->ports.on_event(live->ports.context, event);
	}
}

static void give_console(struct live *live, struct subscription *subscription, int64_t run, int64_t offset,
			 const uint8_t *data, size_t size_bytes)
{
	int64_t end = offset + (int64_t)size_bytes;

	if (subscription->console_next >= 0 && offset < subscription->console_next) {
		if (end <= subscription->console_next)
			return;
		data += subscription->console_next - offset;
		size_bytes = (size_t)(end - subscription->console_next);
		offset = subscription->console_next;
	}
	if (subscription->console_next >= 0)
		subscription->console_next = end;
	if (live->ports.on_console)
		live->ports.on_console(live->ports.context, run, offset, data, size_bytes);
}

static void take_console(struct live *live, struct subscription *subscription, const json_t *console)
{
	const char *text = json_string_value(json_object_get(console, "data"));
	size_t text_len = text ? strlen(text) : 0, len = 0;
	uint8_t *data;

	if (text_len > CONSOLE_MAX)
		return fail(live, ERR_PROTOCOL, "assayd sent more console at once than agreed");
	data = malloc(text_len + 1);
	if (!data)
		return fail(live, ERR_NOMEM, "out of memory");
	if (!text ||
	    sodium_base642bin(data, text_len, text, text_len, NULL, &len, NULL, sodium_base64_VARIANT_ORIGINAL))
		fail(live, ERR_PROTOCOL, "assayd sent console bytes that are no base64");
	else
		give_console(live, subscription, json_integer_value(json_object_get(console, "run")),
			     json_integer_value(json_object_get(console, "offset")), data, len);
	free(data);
}

static void take_error(struct live *live, const json_t *error)
{
	const char *text = json_string_value(json_is_object(error) ? json_object_get(error, "message") : error);
	const char *code = json_string_value(json_object_get(error, "code"));
	enum err_code kind = ERR_INVALID;

	if (code && (strstr(code, "unauthorized") || strstr(code, "forbidden") || strstr(code, "denied")))
		kind = ERR_DENIED;
	else if (code && strstr(code, "not_found"))
		kind = ERR_NOT_FOUND;
	fail(live, kind, text ? text : "assayd refused the subscription");
}

static void take_message(struct live *live, const json_t *message)
{
	struct subscription *subscription = find_subscription(live, message);
	const json_t *part;

	if ((part = json_object_get(message, "error")))
		return take_error(live, part);
	if (!subscription)
		return;
	if (json_is_true(json_object_get(message, "subscribed")) && subscription->after < 0)
		subscription->after = json_integer_value(json_object_get(message, "seq"));
	if ((part = json_object_get(message, "events")))
		take_events(live, subscription, part);
	if ((part = json_object_get(message, "console")))
		take_console(live, subscription, part);
}

static void on_receive(struct live *live, const void *data, size_t len)
{
	json_t *message;

	if (buf_append(&live->incoming, data, len))
		return fail(live, ERR_PROTOCOL, "assayd sent a message bigger than agreed");
	if (lws_remaining_packet_payload(live->wsi) || !lws_is_final_fragment(live->wsi))
		return;
	if (json_parse(live->incoming.data, live->incoming.len, MESSAGE_MAX, &message, NULL)) {
		fail(live, ERR_PROTOCOL, "assayd sent a live message that is no JSON");
	} else {
		take_message(live, message);
		json_decref(message);
	}
	buf_reset(&live->incoming);
}

static void on_up(struct live *live)
{
	bool lost = live->lost;

	live->was_up = true;
	live->lost = false;
	live->backoff_ms = BACKOFF_MIN_MS;
	for (size_t i = 0; i < LIVE_MAX_SUBSCRIPTIONS; i++)
		live->subscription[i].wanted = live->subscription[i].used;
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
		return fail(live, ERR_DENIED, "assayd does not accept this token");
	if (!live->was_up) {
		if (!live->err.code)
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
	case LWS_CALLBACK_CLIENT_APPEND_HANDSHAKE_HEADER:
		return add_token(live, wsi, in, len) ? -1 : 0;
	case LWS_CALLBACK_CLIENT_ESTABLISHED:
		on_up(live);
		return 0;
	case LWS_CALLBACK_CLIENT_RECEIVE:
		on_receive(live, in, len);
		return live->stopped ? -1 : 0;
	case LWS_CALLBACK_CLIENT_WRITEABLE:
		return on_writable(live);
	case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
		on_down(live, in ? in : "connection failed", lws_http_client_http_response(wsi));
		return 0;
	case LWS_CALLBACK_CLIENT_CLOSED:
		on_down(live, "connection closed", 0);
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

	/* A failure inside the call has already been told to on_lws, unless nothing came of it at all. */
	if (!lws_client_connect_via_info(&info) && !live->stopped && !live->lost)
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
		fail(live, ERR_CANCELLED, "interrupted");
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
			fail(live, ERR_IO, "the websocket's event loop failed");
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

void live_stop(struct live *live)
{
	live->stopped = true;
}
