/* SPDX-License-Identifier: Apache-2.0 */
/* The client's end of the tunnel to a leased board (schema/openapi.yaml, /leases/{lease}/tunnel): one websocket, kept
 * up while the lease lasts, with a channel for each debugger's connection and one for each console that is typed into.
 *
 * Happy path: connected -> on_up -> channels are opened, each joined to a descriptor -> bytes both ways as far as there
 * is credit -> closed by the daemon with 4000 when the lease is over: on_over.
 * Ways it goes otherwise:
 *   the daemon refuses it           on_over with its reason
 *   the connection is lost          channels are closed, on_down; tried again every second until it is back
 *   a channel is refused or closed  its descriptor is closed; on_channel_end says why */
#ifndef ASSAY_CLI_LEASE_TUNNEL_H
#define ASSAY_CLI_LEASE_TUNNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/err.h"
#include "core/tunnel/frame.h"
#include "daemon/cli/address.h"

struct lws_context;
struct lease_tunnel; /* private; create/destroy */

struct lease_tunnel_events {
	void *context;
	void (*on_up)(void *context);
	void (*on_down)(void *context);
	void (*on_over)(void *context, const char *text); /* nothing comes after */
	void (*on_channel_end)(void *context, enum tunnel_service service, enum tunnel_end end, const char *text);
};

/* address is borrowed. Nothing is connected before lease_tunnel_start. Returns 0, ERR_NOMEM or ERR_INVALID. */
int lease_tunnel_create(struct lws_context *context, const struct address *address, int64_t lease,
			const struct lease_tunnel_events *events, struct lease_tunnel **ret_tunnel, struct err *err);
/* After the event loop is gone (live_destroy), which has closed everything. Accepts NULL. */
void lease_tunnel_destroy(struct lease_tunnel *tunnel);
void lease_tunnel_start(struct lease_tunnel *tunnel);

/* Accepts connections at 127.0.0.1:wanted (0: any free port), each a channel to the service. Of the console they also
 * get what lease_tunnel_print is given. Returns 0 and the port, or ERR_IO. */
int lease_tunnel_listen(struct lease_tunnel *tunnel, enum tunnel_service service, uint16_t wanted, uint16_t *ret_port,
			struct err *err);
/* What was typed; goes out as far as there is credit, the rest waits (up to 64 KiB, what is more is dropped). */
void lease_tunnel_type(struct lease_tunnel *tunnel, const uint8_t *data, size_t size_bytes);
/* What the board printed, for those connected to the console's port. */
void lease_tunnel_print(struct lease_tunnel *tunnel, const uint8_t *data, size_t size_bytes);

/* Calls on_bytes whenever fd can be read, until it returns false. fd is the tunnel's from now on. */
int lease_tunnel_watch(struct lease_tunnel *tunnel, int fd, bool (*on_bytes)(void *context, int fd), void *context);

#endif
