/* SPDX-License-Identifier: Apache-2.0 */
/* One agent's connection: its queue of messages to send. */
#include <stdlib.h>
#include <string.h>

#include "core/base/log.h"
#include "daemon/link/link_private.h"

/* An encoded message; the text begins after LWS_PRE bytes that libwebsockets writes into. */
struct outgoing {
	struct list at;
	size_t len;
	unsigned char data[];
};

struct session *session_create(struct link *link, struct lws *wsi, const struct principal *who)
{
	struct session *session = (struct session *)calloc(1, sizeof(*session));

	if (!session)
		return NULL;
	session->link = link;
	session->wsi = wsi;
	session->who = *who;
	session->heard_us = loop_monotonic_us();
	buf_init(&session->message, WIRE_MAX_BYTES);
	list_init(&session->queue);
	list_append(&link->sessions, &session->at);
	link->session_count++;
	return session;
}

void session_destroy(struct session *session)
{
	list_for_each_safe (at, &session->queue)
		free(list_container(at, struct outgoing, at));
	list_remove(&session->at);
	session->link->session_count--;
	buf_finish(&session->message);
	free(session);
}

void session_close(struct session *session)
{
	if (!session->closing)
		session->closing_us = loop_monotonic_us();
	session->closing = true;
	lws_callback_on_writable(session->wsi);
}

void session_send(struct session *session, const struct wire_message *message)
{
	struct err err = {0};
	struct buf text;

	buf_init(&text, WIRE_MAX_BYTES);
	struct outgoing *outgoing = NULL;
	if (!wire_encode(message, &text, &err))
		outgoing = (struct outgoing *)calloc(1, sizeof(*outgoing) + LWS_PRE + text.len);
	if (!outgoing || session->queued_bytes + text.len > LINK_MAX_QUEUED_BYTES) {
		log_error("link", "%s: cannot send %s: %s", session->agent, wire_type_name(message->type),
			  err.code   ? err.text
			  : outgoing ? "it does not read what it is sent"
				     : "out of memory");
		/* The agent would wait for something that never comes: its next hello sorts it out. */
		free(outgoing);
		session_close(session);
	} else {
		outgoing->len = text.len;
		memcpy(outgoing->data + LWS_PRE, text.data, text.len);
		list_append(&session->queue, &outgoing->at);
		session->queued_bytes += text.len;
		lws_callback_on_writable(session->wsi);
	}
	buf_finish(&text);
}

int session_write(struct session *session)
{
	bool written = false;

	while (!list_empty(&session->queue)) {
		struct outgoing *outgoing = list_container(list_first(&session->queue), struct outgoing, at);
		list_remove(&outgoing->at);
		session->queued_bytes -= outgoing->len;
		int rc = lws_write(session->wsi, outgoing->data + LWS_PRE, outgoing->len, LWS_WRITE_TEXT);
		free(outgoing);
		if (rc < 0)
			return -1;
		written = true;
		if (lws_send_pipe_choked(session->wsi))
			break;
	}
	/* A close frame goes out alone, in a turn of its own. */
	if (!list_empty(&session->queue) || (written && session->closing)) {
		lws_callback_on_writable(session->wsi);
		return 0;
	}
	if (!session->closing)
		return 0;
	/* A close from inside the writable callback would send no close frame: the timer's callback does it. */
	lws_close_reason(session->wsi, LWS_CLOSE_STATUS_POLICY_VIOLATION, NULL, 0);
	lws_set_timer_usecs(session->wsi, 1);
	return 0;
}
