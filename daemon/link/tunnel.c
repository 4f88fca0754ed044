/* SPDX-License-Identifier: Apache-2.0 */
/* The channels of the agents' connections. */
#include "daemon/link/tunnel.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/log.h"
#include "daemon/link/link_private.h"

#define MAX_TUNNELS     256        /* of one agent */
#define OPEN_MAX_QUEUED (1u << 20) /* an agent that has this much to read gets no more tunnels */

struct link_tunnel {
	struct list at; /* in its session's tunnels */
	struct session *session;
	struct link_tunnel_events events;
	uint32_t channel; /* at the agent */
	uint32_t theirs;  /* the opener's */
	bool opened;
	struct tunnel_credit credit;
};

static struct link_tunnel *find_tunnel(struct session *session, uint32_t channel)
{
	list_for_each (at, &session->tunnels) {
		struct link_tunnel *tunnel = list_container(at, struct link_tunnel, at);
		if (tunnel->channel == channel)
			return tunnel;
	}
	return NULL;
}

static void forget(struct link_tunnel *tunnel)
{
	list_remove(&tunnel->at);
	tunnel->session->tunnel_count--;
	free(tunnel);
}

/* The opener hears of its end, after the tunnel is gone. */
static void end_tunnel(struct link_tunnel *tunnel, const struct tunnel_frame *close)
{
	struct link_tunnel_events events = tunnel->events;
	struct tunnel_frame told = *close;

	told.channel = tunnel->theirs;
	forget(tunnel);
	events.on_frame(events.context, &told);
}

static struct tunnel_frame close_frame(uint32_t channel, enum tunnel_end end, const char *text)
{
	return (struct tunnel_frame){.kind = TUNNEL_CLOSE,
				     .channel = channel,
				     .end = end,
				     .data = (const uint8_t *)text,
				     .size_bytes = strlen(text)};
}

static void end_for_fault(struct link_tunnel *tunnel)
{
	struct tunnel_frame close = close_frame(tunnel->channel, TUNNEL_FAULT, "more than there was credit for");

	log_warn("link", "%s: a tunnel's frame breaks its credit; the tunnel is closed", tunnel->session->agent);
	session_send_frame(tunnel->session, &close);
	end_tunnel(tunnel, &close);
}

static bool allowed(struct link_tunnel *tunnel, const struct tunnel_frame *frame)
{
	switch (frame->kind) {
	case TUNNEL_OPENED:
		if (tunnel->opened)
			return false;
		tunnel->opened = true;
		return tunnel_credit_given(&tunnel->credit, frame->credit) == 0;
	case TUNNEL_DATA:
		return tunnel->opened && tunnel_credit_came(&tunnel->credit, frame->size_bytes) == 0;
	case TUNNEL_CREDIT:
		return tunnel->opened && tunnel_credit_given(&tunnel->credit, frame->credit) == 0;
	case TUNNEL_CLOSE:
		return true;
	case TUNNEL_OPEN:
		break;
	}
	return false;
}

int session_frame(struct session *session, const uint8_t *bytes, size_t size_bytes, struct err *err)
{
	struct link_tunnel *tunnel;
	struct tunnel_frame frame;
	int rc = tunnel_decode(bytes, size_bytes, &frame, err);

	if (rc)
		return rc;
	tunnel = find_tunnel(session, frame.channel);
	if (!tunnel)
		return 0;
	if (!allowed(tunnel, &frame)) {
		end_for_fault(tunnel);
	} else if (frame.kind == TUNNEL_CLOSE) {
		end_tunnel(tunnel, &frame);
	} else {
		frame.channel = tunnel->theirs;
		tunnel->events.on_frame(tunnel->events.context, &frame);
	}
	return 0;
}

void session_lose_tunnels(struct session *session)
{
	struct tunnel_frame close = close_frame(0, TUNNEL_LOST, "the rack's connection is lost");

	while (!list_empty(&session->tunnels))
		end_tunnel(list_container(list_first(&session->tunnels), struct link_tunnel, at), &close);
}

int link_tunnel_open(struct link *link, const char *agent, const struct tunnel_frame *open,
		     const struct link_tunnel_events *events, struct link_tunnel **ret_tunnel, struct err *err)
{
	struct session *session = link_find(link, agent);
	struct link_tunnel *tunnel;
	struct tunnel_frame frame = *open;

	if (!session || session->closing)
		return err_set(err, ERR_NOT_FOUND, "the rack %s is not connected", agent);
	if (session->tunnel_count >= MAX_TUNNELS || session->queued_bytes > OPEN_MAX_QUEUED ||
	    session->last_channel == UINT32_MAX)
		return err_set(err, ERR_BUSY, "the rack %s takes no more tunnels", agent);
	tunnel = (struct link_tunnel *)calloc(1, sizeof(*tunnel));
	if (!tunnel)
		return err_set(err, ERR_NOMEM, "out of memory");
	tunnel->session = session;
	tunnel->events = *events;
	tunnel->theirs = open->channel;
	tunnel->channel = frame.channel = ++session->last_channel;
	tunnel->credit.may_come = open->credit;
	list_append(&session->tunnels, &tunnel->at);
	session->tunnel_count++;
	session_send_frame(session, &frame);
	*ret_tunnel = tunnel;
	return 0;
}

/* What the opener may still give: the agent never has more than a window. */
static bool may_give(const struct link_tunnel *tunnel, uint32_t bytes)
{
	return bytes > 0 && bytes <= TUNNEL_WINDOW - tunnel->credit.may_come;
}

int link_tunnel_send(struct link_tunnel *tunnel, const struct tunnel_frame *frame, struct err *err)
{
	struct tunnel_frame sent = *frame;

	if (!tunnel->opened || (frame->kind != TUNNEL_DATA && frame->kind != TUNNEL_CREDIT))
		return err_set(err, ERR_PROTOCOL, "a frame that cannot come now");
	if (frame->kind == TUNNEL_DATA && tunnel_credit_sent(&tunnel->credit, frame->size_bytes))
		return err_set(err, ERR_PROTOCOL, "more data than there is credit for");
	if (frame->kind == TUNNEL_CREDIT) {
		if (!may_give(tunnel, frame->credit))
			return err_set(err, ERR_PROTOCOL, "more credit than a window");
		tunnel->credit.may_come += frame->credit;
	}
	sent.channel = tunnel->channel;
	session_send_frame(tunnel->session, &sent);
	return 0;
}

void link_tunnel_close(struct link_tunnel *tunnel, enum tunnel_end end, const char *text)
{
	struct tunnel_frame close;

	if (!tunnel)
		return;
	close = close_frame(tunnel->channel, end, text);
	session_send_frame(tunnel->session, &close);
	forget(tunnel);
}
