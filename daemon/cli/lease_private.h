/* SPDX-License-Identifier: Apache-2.0 */
/* What lease_tunnel.c (the websocket) and lease_channel.c (channels and the descriptors they lead to) share. */
#ifndef ASSAY_CLI_LEASE_PRIVATE_H
#define ASSAY_CLI_LEASE_PRIVATE_H

#include <libwebsockets.h>

#include "core/base/buf.h"
#include "core/base/list.h"
#include "daemon/cli/lease_port.h"
#include "daemon/cli/lease_tunnel.h"

#define CHANNEL_MAX_WAITING (2u * TUNNEL_WINDOW) /* bytes for a local descriptor; more, of a console, are dropped */
#define TYPED_MAX_WAITING   (32u << 10) /* bytes for the board; what is typed beyond is not read before they went */

struct watch;

struct lease_tunnel {
	struct lws_context *context;
	struct lws_vhost *vhost;
	struct lws_protocols protocols[3];
	const struct address *address;
	int64_t lease;
	struct lease_tunnel_events events;
	struct lws *wsi;
	lws_sorted_usec_list_t reconnect;
	bool up, over;
	uint32_t last_channel;
	struct list channels;
	struct list queue; /* frames to send */
	uint8_t message[TUNNEL_MAX_FRAME];
	size_t message_len;
	struct channel *typed;
	struct watch *typing; /* that it comes from, while it is not read */
	char host[300], where[300], path[400];
	int port;
	bool tls;
};

/* lease_tunnel.c */
void tunnel_send(struct lease_tunnel *tunnel, const struct tunnel_frame *frame);

/* lease_channel.c */
void channel_frame(struct lease_tunnel *tunnel, const struct tunnel_frame *frame);
void channels_lost(struct lease_tunnel *tunnel);
void channels_resume(struct lease_tunnel *tunnel); /* the connection is up: what goes on over a loss is opened anew */
void channels_destroy(struct lease_tunnel *tunnel);

#endif
