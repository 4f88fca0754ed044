/* SPDX-License-Identifier: Apache-2.0 */
/* Where libwebsockets meets the viewers. */
#include <string.h>

#include "core/base/log.h"
#include "daemon/live/live_private.h"

#define FRAMES_PER_TURN 8 /* to one client, before others have their turn */

/* Returns whether a frame was written, or -1. */
static int write_frame(struct client *client)
{
	struct buf *frame = client_next_frame(client);

	if (!frame)
		return 0;
	int rc = lws_write(client->wsi, (unsigned char *)frame->data + LIVE_FRAME_ROOM, frame->len - LIVE_FRAME_ROOM,
			   LWS_WRITE_TEXT);
	return rc < 0 ? -1 : 1;
}

static int client_write(struct client *client)
{
	bool written = false, drained = false;

	for (int i = 0; i < FRAMES_PER_TURN && !drained; i++) {
		int one = write_frame(client);
		if (one < 0)
			return -1;
		drained = one == 0;
		written |= !drained;
		if (lws_partial_buffered(client->wsi))
			break;
	}
	/* A close frame goes out alone, in a turn of its own. */
	if (!drained || (client->closing && written)) {
		client_wake(client);
		return 0;
	}
	if (!client->closing)
		return 0;
	/* A close from inside the writable callback would send no close frame: the timer's callback does it. */
	lws_close_reason(client->wsi, LWS_CLOSE_STATUS_POLICY_VIOLATION, NULL, 0);
	lws_set_timer_usecs(client->wsi, 1);
	return 0;
}

static int client_receive(struct client *client, const void *data, size_t len)
{
	struct lws *wsi = client->wsi;

	if (client->closing)
		return 0;
	if (lws_frame_is_binary(wsi) || buf_append(&client->message, data, len)) {
		client_fail(client, NULL, "too-big", "expected text messages of at most %u bytes", LIVE_MAX_MESSAGE);
		client_close(client);
		return 0;
	}
	if (!lws_is_final_fragment(wsi) || lws_remaining_packet_payload(wsi))
		return 0;
	int rc = client_message(client, buf_text(&client->message), client->message.len);
	buf_reset(&client->message);
	return rc;
}

/* Before the upgrade: the right address, a page of this server or no page at all, and a good token if there is one. */
static int client_filter(struct live *live, struct lws *wsi)
{
	struct principal who;

	if (!web_upgrade_allowed(wsi, LIVE_PATH))
		return web_refuse(wsi, "403 Forbidden", "forbidden", "not from a page of another site");
	char token[TOKEN_TEXT_MAX];
	if (!web_bearer(wsi, token, sizeof(token)))
		return 0;
	bool good = live->options.authenticate(live->options.context, token, &who) && who.role != ROLE_AGENT;
	return good ? 0
		    : web_refuse(wsi, "401 Unauthorized", "unauthorized",
				 "this token is not known here, or not one for people");
}

static int client_establish(struct live *live, struct lws *wsi, struct client **ret_client)
{
	char token[TOKEN_TEXT_MAX];
	struct client *client = client_create(live, wsi);

	if (!client)
		return -1;
	*ret_client = client;
	/* The headers are still there in this callback. */
	if (web_bearer(wsi, token, sizeof(token)))
		client->known = live->options.authenticate(live->options.context, token, &client->who);
	if (!client->known)
		lws_set_timer_usecs(wsi, (lws_usec_t)LIVE_LOGIN_S * LWS_USEC_PER_SEC);
	return 0;
}

int on_live_ws(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len)
{
	struct client **slot = (struct client **)user;
	struct client *client = slot ? *slot : NULL;

	switch (reason) {
	case LWS_CALLBACK_FILTER_PROTOCOL_CONNECTION:
		return client_filter((struct live *)lws_get_protocol(wsi)->user, wsi);
	case LWS_CALLBACK_ESTABLISHED:
		return client_establish((struct live *)lws_get_protocol(wsi)->user, wsi, slot);
	case LWS_CALLBACK_RECEIVE:
		return client ? client_receive(client, in, len) : -1;
	case LWS_CALLBACK_SERVER_WRITEABLE:
		return client ? client_write(client) : 0;
	case LWS_CALLBACK_TIMER:
		if (client && client->closing)
			return -1;
		if (client && !client->known) {
			client_fail(client, NULL, "unauthorized", "no token came within %d s", LIVE_LOGIN_S);
			client_close(client);
		}
		return 0;
	case LWS_CALLBACK_CLOSED:
		if (client)
			client_destroy(client);
		if (slot)
			*slot = NULL;
		return 0;
	default:
		return 0;
	}
}

/* Whoever comes here without an upgrade, or without naming the subprotocol, is in the wrong place. */
int on_live_http(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len)
{
	(void)user;
	(void)in;
	(void)len;
	switch (reason) {
	case LWS_CALLBACK_HTTP:
		return web_refuse(wsi, "426 Upgrade Required", "upgrade-required", "this address speaks websocket");
	case LWS_CALLBACK_FILTER_PROTOCOL_CONNECTION:
		return web_refuse(wsi, "400 Bad Request", "malformed", "the subprotocol here is " LIVE_SUBPROTOCOL);
	default:
		return 0;
	}
}
