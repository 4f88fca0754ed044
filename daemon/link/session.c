/* SPDX-License-Identifier: Apache-2.0 */
/* One agent's connection: its queue of messages to send. */
#include <stdlib.h>
#include <string.h>

#include "core/base/log.h"
#include "daemon/link/link_private.h"

/* An encoded message or frame; it begins after LWS_PRE bytes that libwebsockets writes into. */
struct outgoing {
	struct list at;
	size_t len;
	enum lws_write_protocol kind;
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
	list_init(&session->frames);
	list_init(&session->tunnels);
	list_append(&link->sessions, &session->at);
	link->session_count++;
	return session;
}

void session_destroy(struct session *session)
{
	session_lose_tunnels(session);
	list_for_each_safe (at, &session->queue)
		free(list_container(at, struct outgoing, at));
	list_for_each_safe (at, &session->frames)
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

static int enqueue(struct session *session, struct list *queue, enum lws_write_protocol kind, const void *data,
		   size_t len, struct err *err)
{
	struct outgoing *outgoing;

	if (session->queued_bytes + len > LINK_MAX_QUEUED_BYTES)
		return err_set(err, ERR_BUSY, "it does not read what it is sent");
	outgoing = (struct outgoing *)malloc(sizeof(*outgoing) + LWS_PRE + len);
	if (!outgoing)
		return err_set(err, ERR_NOMEM, "out of memory");
	outgoing->len = len;
	outgoing->kind = kind;
	memcpy(outgoing->data + LWS_PRE, data, len);
	list_append(queue, &outgoing->at);
	session->queued_bytes += len;
	lws_callback_on_writable(session->wsi);
	return 0;
}

/* The agent would wait for something that never comes: its next hello sorts it out. */
static void fail_send(struct session *session, const char *what, const struct err *err)
{
	log_error("link", "%s: cannot send %s: %s", session->agent, what, err->text);
	session_close(session);
}

void session_send(struct session *session, const struct wire_message *message)
{
	struct err err = {0};
	struct buf text;

	buf_init(&text, WIRE_MAX_BYTES);
	if (wire_encode(message, &text, &err) ||
	    enqueue(session, &session->queue, LWS_WRITE_TEXT, text.data, text.len, &err))
		fail_send(session, wire_type_name(message->type), &err);
	buf_finish(&text);
}

void session_send_frame(struct session *session, const struct tunnel_frame *frame)
{
	uint8_t bytes[TUNNEL_MAX_FRAME];
	struct err err = {0};

	if (enqueue(session, &session->frames, LWS_WRITE_BINARY, bytes, tunnel_encode(frame, bytes), &err))
		fail_send(session, "a tunnel's frame", &err);
}

/* Runs are never held up by a tunnel. */
static struct outgoing *next_outgoing(struct session *session)
{
	if (!list_empty(&session->queue))
		return list_container(list_first(&session->queue), struct outgoing, at);
	if (!list_empty(&session->frames))
		return list_container(list_first(&session->frames), struct outgoing, at);
	return NULL;
}

int session_write(struct session *session)
{
	bool written = false;
	struct outgoing *outgoing;

	while ((outgoing = next_outgoing(session))) {
		list_remove(&outgoing->at);
		session->queued_bytes -= outgoing->len;
		int rc = lws_write(session->wsi, outgoing->data + LWS_PRE, outgoing->len, outgoing->kind);
		free(outgoing);
		if (rc < 0)
			return -1;
		written = true;
		if (lws_send_pipe_choked(session->wsi))
			break;
	}
	/* A close frame goes out alone, in a turn of its own. */
	if (next_outgoing(session) || (written && session->closing)) {
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
