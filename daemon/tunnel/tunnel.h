/* SPDX-License-Identifier: Apache-2.0 */
/* The clients' side of tunnels to leased boards: a websocket each at /api/v1/leases/N/tunnel, subprotocol
 * assay-tunnel-1, one frame of core/tunnel/frame.h a binary message. While it is open the lease has a client.
 *
 * Happy path: upgrade with the holder's token -> OPEN, answered once the agent has -> frames both ways -> CLOSE of the
 * channel, or the connection ends, which closes them all.
 * Ways it goes otherwise:
 *   no token, another's lease, no such lease   the upgrade is refused: 401, 403, 404
 *   OPEN while the lease has no board yet      CLOSE(not-held): the client asks again after lease.granted
 *   the agent's connection is lost             CLOSE(lost); the client opens anew once it is back
 *   more data than there is credit for         CLOSE(fault)
 *   a frame that is none                       the connection is closed with 1002
 *   the lease is over, or handed over          CLOSE(lease-over) of all channels, then the connection is closed with
 *                                              4000 and the reason
 *   the client does not read what it is sent   the connection is closed: no more than its windows is ever kept for it
 */
#ifndef ASSAY_DAEMON_TUNNEL_H
#define ASSAY_DAEMON_TUNNEL_H

#include <libwebsockets.h>

#include "core/base/err.h"
#include "core/farm/farm.h"
#include "core/tunnel/frame.h"

#define TUNNEL_SUBPROTOCOL  "assay-tunnel-1"
#define TUNNEL_MAX_GUESTS   1024 /* connections */
#define TUNNEL_MAX_CHANNELS 8    /* of one */

struct tunnels; /* private; create/destroy */

/* The way to the agents: as of daemon/link/tunnel.h. on_frame is never called from inside one of these. */
struct tunnel_relay {
	void *context;
	int (*open)(void *context, const char *agent, const struct tunnel_frame *open,
		    void (*on_frame)(void *channel, const struct tunnel_frame *frame), void *channel, void **ret_tunnel,
		    struct err *err);
	int (*send)(void *tunnel, const struct tunnel_frame *frame, struct err *err);
	void (*close)(void *tunnel, enum tunnel_end end, const char *text);
};

struct tunnels_options {
	struct tunnel_relay relay;
	void *context;
	/* Whose token this is; false: nobody's. */
	bool (*authenticate)(void *context, const char *token, struct principal *ret_who);
};

/* Returns 0 or ERR_NOMEM. Nobody gets in before tunnels_open. */
int tunnels_create(const struct tunnels_options *options, struct tunnels **ret_tunnels, struct err *err);
void tunnels_open(struct tunnels *tunnels, struct farm *farm);
/* After the web that serves it is gone. Accepts NULL. */
void tunnels_destroy(struct tunnels *tunnels);
/* The entry for the web's table of protocols. */
struct lws_protocols tunnels_protocol(struct tunnels *tunnels);

/* The farm's port lease_cut; context is the tunnels. */
void tunnels_cut(void *context, int64_t job, const char *text);
/* Closes the connections that use the token of this name. */
void tunnels_revoke(struct tunnels *tunnels, const char *token_name);

#endif
