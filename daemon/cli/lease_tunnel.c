/* SPDX-License-Identifier: Apache-2.0 */
/* The websocket of a lease, on the live websocket's event loop. */
#include "daemon/cli/lease_tunnel.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/cli/lease_private.h"
#include "daemon/cli/lws_calls.h"

#define SUBPROTOCOL  "assay-tunnel-1"
#define STATUS_OVER  4000
#define RECONNECT_MS 1000

struct outgoing {
	struct list link;
	size_t len;
	unsigned char data[];
};

static void on_reconnect(lws_sorted_usec_list_t *timer);
static int on_tunnel(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len);

static void drop_queue(struct lease_tunnel *tunnel)
{
	list_for_each_safe (link, &tunnel->queue) {
		list_remove(link);
		free(list_container(link, struct outgoing, link));
	}
}

void tunnel_send(struct lease_tunnel *tunnel, const struct tunnel_frame *frame)
{
	struct outgoing *outgoing;

	if (!tunnel->up)
		return;
	outgoing = calloc(1, sizeof *outgoing + LWS_PRE + TUNNEL_MAX_FRAME);
	if (!outgoing)
		return; /* the daemon closes the channel when it misses something */
	outgoing->len = tunnel_encode(frame, outgoing->data + LWS_PRE);
	list_append(&tunnel->queue, &outgoing->link);
	lws_callback_on_writable(tunnel->wsi);
}

/* One message per writable callback, as libwebsockets wants it. */
static int write_one(struct lease_tunnel *tunnel)
{
	struct outgoing *outgoing;
	int sent;

	if (list_empty(&tunnel->queue))
		return 0;
	outgoing = list_container(tunnel->queue.next, struct outgoing, link);
	list_remove(&outgoing->link);
	sent = lws_write(tunnel->wsi, outgoing->data + LWS_PRE, outgoing->len, LWS_WRITE_BINARY);
	free(outgoing);
	if (!list_empty(&tunnel->queue))
		lws_callback_on_writable(tunnel->wsi);
	return sent < 0 ? -1 : 0;
}

static void over(struct lease_tunnel *tunnel, const char *text)
{
	if (tunnel->over)
		return;
	tunnel->over = true;
	lws_sul_cancel(&tunnel->reconnect);
	tunnel->events.on_over(tunnel->events.context, text);
}

static void went_down(struct lease_tunnel *tunnel, unsigned status)
{
	bool was_up = tunnel->up;

	tunnel->wsi = NULL;
	tunnel->up = false;
	tunnel->message_len = 0;
	drop_queue(tunnel);
	channels_lost(tunnel);
	if (tunnel->over)
		return;
	if (status == 401 || status == 403 || status == 404) {
		over(tunnel, status == 404 ? "the lease is over" : "the lease is another's");
		return;
	}
	if (was_up)
		tunnel->events.on_down(tunnel->events.context);
	lws_sul_schedule(tunnel->context, 0, &tunnel->reconnect, on_reconnect, RECONNECT_MS * LWS_US_PER_MS);
}

/* The daemon says why it closes, in a status and a text behind it. */
static void take_close(struct lease_tunnel *tunnel, const unsigned char *in, size_t len)
{
	char text[126] = "";

	if (len < 2 || (in[0] << 8 | in[1]) != STATUS_OVER)
		return;
	memcpy(text, in + 2, len - 2 < sizeof text - 1 ? len - 2 : sizeof text - 1);
	over(tunnel, text);
}

static int receive(struct lease_tunnel *tunnel, const void *data, size_t len)
{
	struct tunnel_frame frame;

	if (tunnel->message_len + len > sizeof tunnel->message)
		return -1;
	memcpy(tunnel->message + tunnel->message_len, data, len);
	tunnel->message_len += len;
	if (lws_remaining_packet_payload(tunnel->wsi) || !lws_is_final_fragment(tunnel->wsi))
		return 0;
	len = tunnel->message_len;
	tunnel->message_len = 0;
	if (tunnel_decode(tunnel->message, len, &frame, NULL))
		return -1;
	channel_frame(tunnel, &frame);
	return 0;
}

static int add_token(struct lease_tunnel *tunnel, struct lws *wsi, void *in, size_t len)
{
	unsigned char **at = in, *end = *at + len;
	char value[300];
	int size = snprintf(value, sizeof value, "Bearer %s", tunnel->address->token);

	return lws_add_http_header_by_name(wsi, (const unsigned char *)"authorization:", (unsigned char *)value, size,
					   at, end)
		       ? -1
		       : 0;
}

static int on_tunnel(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len)
{
	struct lws_vhost *vhost = lws_get_vhost(wsi);
	struct lease_tunnel *tunnel = vhost ? lws_vhost_user(vhost) : NULL;

	(void)user;
	if (!tunnel)
		return 0;
	switch (reason) {
	case LWS_CALLBACK_CLIENT_APPEND_HANDSHAKE_HEADER:
		return add_token(tunnel, wsi, in, len);
	case LWS_CALLBACK_CLIENT_ESTABLISHED:
		tunnel->up = true;
		channels_resume(tunnel);
		tunnel->events.on_up(tunnel->events.context);
		return 0;
	case LWS_CALLBACK_CLIENT_RECEIVE:
		return receive(tunnel, in, len);
	case LWS_CALLBACK_CLIENT_WRITEABLE:
		return write_one(tunnel);
	case LWS_CALLBACK_WS_PEER_INITIATED_CLOSE:
		take_close(tunnel, in, len);
		return 0;
	case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
		went_down(tunnel, lws_http_client_http_response(wsi));
		return 0;
	case LWS_CALLBACK_CLIENT_CLOSED:
		went_down(tunnel, 0);
		return 0;
	case LWS_CALLBACK_WSI_DESTROY:
		/* A daemon that took the connection and did not answer in time: libwebsockets tells only this. */
		if (tunnel->wsi == wsi)
			went_down(tunnel, 0);
		return 0;
	default:
		return 0;
	}
}

static void connect_now(struct lease_tunnel *tunnel)
{
	struct lws_client_connect_info info = {
		.context = tunnel->context,
		.vhost = tunnel->vhost,
		.address = tunnel->host,
		.port = tunnel->port,
		.path = tunnel->path,
		.host = tunnel->where,
		.protocol = SUBPROTOCOL,
		.local_protocol_name = SUBPROTOCOL,
		.ssl_connection = tunnel->tls ? LCCSCF_USE_SSL : 0,
		.ietf_version_or_minus_one = -1,
		.pwsi = &tunnel->wsi,
	};

	/* A failure inside the call has already been told to on_tunnel, unless nothing came of it at all. */
	if (!lws_client_connect_via_info(&info) && !tunnel->over && lws_dll2_is_detached(&tunnel->reconnect.list))
		went_down(tunnel, 0);
}

static void on_reconnect(lws_sorted_usec_list_t *timer)
{
	connect_now(lws_container_of(timer, struct lease_tunnel, reconnect));
}

static int take_url(struct lease_tunnel *tunnel, struct err *err)
{
	const char *scheme, *host, *path;
	char copy[sizeof tunnel->address->url];

	snprintf(copy, sizeof copy, "%s", tunnel->address->url);
	if (lws_parse_uri(copy, &scheme, &host, &tunnel->port, &path))
		return err_set(err, ERR_INVALID, "daemon address \"%s\" cannot be read", tunnel->address->url);
	tunnel->tls = address_is_tls(tunnel->address);
	path += *path == '/';
	snprintf(tunnel->host, sizeof tunnel->host, "%s", host);
	snprintf(tunnel->where, sizeof tunnel->where, strchr(host, ':') ? "[%s]:%d" : "%s:%d", host, tunnel->port);
	snprintf(tunnel->path, sizeof tunnel->path, "/%s%sapi/v1/leases/%" PRId64 "/tunnel", path, *path ? "/" : "",
		 tunnel->lease);
	return 0;
}

int lease_tunnel_create(struct lws_context *context, const struct address *address, int64_t lease,
			const struct lease_tunnel_events *events, struct lease_tunnel **ret_tunnel, struct err *err)
{
	struct lease_tunnel *tunnel = calloc(1, sizeof *tunnel);
	struct lws_context_creation_info info = {.port = CONTEXT_PORT_NO_LISTEN, .vhost_name = "tunnel"};
	int code;

	if (!tunnel)
		return err_set(err, ERR_NOMEM, "out of memory");
	tunnel->context = context;
	tunnel->address = address;
	tunnel->lease = lease;
	tunnel->events = *events;
	list_init(&tunnel->channels);
	list_init(&tunnel->queue);
	tunnel->protocols[0] =
		(struct lws_protocols){.name = SUBPROTOCOL, .callback = on_tunnel, .rx_buffer_size = TUNNEL_MAX_FRAME};
	tunnel->protocols[1] = lease_port_protocol();
	info.protocols = tunnel->protocols;
	info.user = tunnel;
	lws_calls_set_tls(&info, address);
	code = take_url(tunnel, err);
	if (!code) {
		tunnel->vhost = lws_create_vhost(context, &info);
		if (!tunnel->vhost)
			code = err_set(err, ERR_NOMEM, "cannot make a websocket context");
	}
	if (code) {
		free(tunnel);
		return code;
	}
	*ret_tunnel = tunnel;
	return 0;
}

void lease_tunnel_destroy(struct lease_tunnel *tunnel)
{
	if (!tunnel)
		return;
	drop_queue(tunnel);
	channels_destroy(tunnel);
	free(tunnel);
}

void lease_tunnel_start(struct lease_tunnel *tunnel)
{
	connect_now(tunnel);
}
