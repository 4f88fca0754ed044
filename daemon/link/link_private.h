/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of daemon/link share. */
#ifndef ASSAY_LINK_PRIVATE_H
#define ASSAY_LINK_PRIVATE_H

#include "core/base/buf.h"
#include "core/base/list.h"
#include "core/tunnel/frame.h"
#include "core/wire/message.h"
#include "daemon/link/link.h"
#include "daemon/loop/repeats.h"

#define LINK_SILENCE_US       15000000
#define LINK_CLOSE_US         5000000  /* within which a connection that is to be closed must take what is queued */
#define LINK_HELLO_US         10000000 /* within which a new connection must say hello */
#define LINK_TAKEN_US         10000000 /* unheard for that long, a name is free for another process; pings come each 5 s */
#define LINK_MAX_SESSIONS     1024
#define LINK_MAX_QUEUED_BYTES (16u << 20) /* waiting to be read by one agent */

struct link {
	struct link_options options;
	struct farm *farm; /* NULL: not open */
	struct list sessions;
	size_t session_count;
	uv_timer_t sweep;
	bool waiting; /* nothing is read from agents */
	struct repeats refusals;
};

/* One connection. */
struct session {
	struct list at;
	struct link *link;
	struct lws *wsi;
	struct principal who;
	char agent[FARM_NAME_MAX]; /* "" before a hello was accepted and after another connection took over */
	char boot[65];             /* which start of the agent this is */
	struct buf message;        /* that is coming in */
	struct list queue;         /* struct outgoing */
	struct list frames;        /* the same, of tunnels: they go when queue is empty */
	size_t queued_bytes;       /* of both */
	struct list tunnels;       /* struct link_tunnel */
	size_t tunnel_count;
	uint32_t last_channel; /* never given twice */
	int64_t heard_us;
	bool greeted; /* a hello came */
	bool closing; /* once the queue is empty */
	int64_t closing_us;
};

/* session.c */
struct session *session_create(struct link *link, struct lws *wsi, const struct principal *who);
void session_destroy(struct session *session);
void session_close(struct session *session);
void session_send(struct session *session, const struct wire_message *message);
void session_send_frame(struct session *session, const struct tunnel_frame *frame);
int session_write(struct session *session);
struct session *link_find(struct link *link, const char *agent);

/* tunnel.c: a frame that came. ERR_PROTOCOL to close the connection. */
int session_frame(struct session *session, const uint8_t *bytes, size_t size_bytes, struct err *err);
/* Whoever opened a tunnel over this connection hears that it is lost. */
void session_lose_tunnels(struct session *session);

/* receive.c: what a message means. Returns 0, or -1 to close. */
int session_message(struct session *session, const char *text, size_t len);
int session_fault(struct session *session, const struct err *err);

#endif
