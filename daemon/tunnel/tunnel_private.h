/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of daemon/tunnel share. */
#ifndef ASSAY_DAEMON_TUNNEL_PRIVATE_H
#define ASSAY_DAEMON_TUNNEL_PRIVATE_H

#include "core/base/list.h"
#include "daemon/tunnel/tunnel.h"

#define GUEST_MAX_QUEUED_BYTES (2u * TUNNEL_MAX_CHANNELS * TUNNEL_WINDOW) /* windows, and what frames add to them */

struct tunnels {
	struct tunnels_options options;
	struct farm *farm; /* NULL: not open */
	struct list guests;
	size_t guest_count;
};

/* One client's connection. */
struct guest {
	struct list at;
	struct tunnels *tunnels;
	struct lws *wsi;
	struct principal who;
	int64_t job, client; /* as attached to the lease; client 0: not any more */
	struct list channels;
	size_t channel_count;
	struct list queue; /* struct outgoing */
	size_t queued_bytes;
	uint8_t message[TUNNEL_MAX_FRAME]; /* that is coming in */
	size_t message_len;
	bool closing; /* once the queue is empty, with: */
	int status;
	char text[120];
};

/* guest.c */
struct guest *guest_create(struct tunnels *tunnels, struct lws *wsi, const struct principal *who, int64_t job,
			   int64_t client);
void guest_destroy(struct guest *guest); /* the connection is gone: the lease and the channels hear of it */
void guest_send(struct guest *guest, const struct tunnel_frame *frame);
void guest_close(struct guest *guest, int status, const char *text);
int guest_write(struct guest *guest);

/* channel.c: what a frame of the client's means. Returns 0, or -1 when there can be no such. */
int guest_frame(struct guest *guest, const struct tunnel_frame *frame);
/* Towards the agent, and towards the client with tell. */
void guest_close_channels(struct guest *guest, enum tunnel_end end, const char *text, bool tell);

#endif
