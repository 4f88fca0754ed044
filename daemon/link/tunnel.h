/* SPDX-License-Identifier: Apache-2.0 */
/* Tunnels to leased boards, from the daemon's side of an agent's connection: each is one channel there
 * (core/tunnel/frame.h). Main loop only.
 *
 * Happy path: link_tunnel_open -> OPENED -> link_tunnel_send and frames both ways -> CLOSE from the agent, or
 * link_tunnel_close.
 * Ways it goes otherwise: the agent refuses -> CLOSE instead of OPENED; its connection ends -> CLOSE(lost); it breaks
 * the credit -> it is told, CLOSE(fault). The agent's messages of other kinds go before any frame, both ways. */
#ifndef ASSAY_LINK_TUNNEL_H
#define ASSAY_LINK_TUNNEL_H

#include "core/base/err.h"
#include "core/tunnel/frame.h"
#include "daemon/link/link.h"

struct link_tunnel;

struct link_tunnel_events {
	void *context;
	/* OPENED, DATA, CREDIT or CLOSE, with the opener's channel. After CLOSE the tunnel is gone. Never called from
	 * inside a function of this file; the frame is valid during the call. */
	void (*on_frame)(void *context, const struct tunnel_frame *frame);
};

/* Opens a channel to the agent's board: run, fence, service and credit as in the frame, whose channel is the caller's
 * own. Returns 0, or ERR_NOT_FOUND (the agent is not connected), ERR_BUSY (it has too many, or does not read),
 * ERR_NOMEM and on_frame is never called. */
int link_tunnel_open(struct link *link, const char *agent, const struct tunnel_frame *open,
		     const struct link_tunnel_events *events, struct link_tunnel **ret_tunnel, struct err *err);
/* DATA or CREDIT towards the board; its channel is not looked at. ERR_PROTOCOL, nothing sent: more than there is credit
 * for, before OPENED, or another kind. */
int link_tunnel_send(struct link_tunnel *tunnel, const struct tunnel_frame *frame, struct err *err);
/* Nothing is called any more; the agent hears why. Accepts NULL. */
void link_tunnel_close(struct link_tunnel *tunnel, enum tunnel_end end, const char *text);

#endif
