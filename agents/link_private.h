/* SPDX-License-Identifier: Apache-2.0 */
/* What link.c and link_send.c share. */
#ifndef ASSAY_AGENTS_LINK_PRIVATE_H
#define ASSAY_AGENTS_LINK_PRIVATE_H

#include <libwebsockets.h>

#include "agents/link.h"

#define LINK_HOST_BYTES 256
#define LINK_TOKEN_MAX  512

struct link {
	uv_loop_t *loop;
	void *loops[1];
	struct spool *spool;
	struct link_options options;
	struct link_events events;
	struct lws_context *context;
	struct lws_vhost *vhost;
	struct lws *wsi;  /* NULL while there is no connection, not even a try */
	uv_timer_t timer; /* to the next try, and pings */
	bool timer_closed;
	bool open;  /* the websocket stands */
	bool heard; /* the farm said something on it */
	int unheard_pings;
	bool stopping;
	char host[LINK_HOST_BYTES];
	int port;
	bool tls;
	bool untrusted; /* the farm of this try shows a certificate that is not good */
	char token[LINK_TOKEN_MAX];
	char refusal[400]; /* why the farm does not take this rack, told on this connection; "": it did not say so */
	char last_reason[400]; /* logged already */
	int64_t backoff_ms;
	int64_t away_ms; /* link_leave: until the next try; 0: by backoff_ms */
	struct list control;
	size_t control_count;
	struct list frames; /* of tunnels */
	size_t frame_count;
	struct buf in;
	struct buf out; /* LWS_PRE bytes, then the message */
};

/* link_send.c */
void link_drop_control(struct link *link);
/* Ends the connection, from the loop, and makes another. */
void link_make_anew(struct link *link, const char *why);
/* The socket takes more: sends what there is. Returns nonzero when the connection must go. */
int link_on_writable(struct link *link, struct lws *wsi);

#endif
