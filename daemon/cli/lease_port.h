/* SPDX-License-Identifier: Apache-2.0 */
/* This side of a tunnel: descriptors of this machine (the terminal, a debugger's connection, a listening socket),
 * watched by the live websocket's event loop. */
#ifndef ASSAY_CLI_LEASE_PORT_H
#define ASSAY_CLI_LEASE_PORT_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/err.h"

struct lws_vhost;
struct lws_protocols;
struct lease_port; /* private */

struct lease_port_events {
	void *context;
	void (*on_readable)(void *context); /* read(2) will not block */
	void (*on_writable)(void *context); /* once for each lease_port_wish_write */
	void (*on_closed)(void *context);   /* the descriptor is gone, and so is the port */
};

/* A row for the table of protocols of the vhost that ports are made on. */
struct lws_protocols lease_port_protocol(void);

/* Watches fd, which is its own from now on. Reading is on. NULL: it cannot be watched, and is closed. */
struct lease_port *lease_port_create(struct lws_vhost *vhost, int fd, const struct lease_port_events *events);
int lease_port_fd(const struct lease_port *port);
void lease_port_read(struct lease_port *port, bool on);
void lease_port_wish_write(struct lease_port *port);
/* Closes it; on_closed still comes, later. */
void lease_port_close(struct lease_port *port);

/* A socket that listens at 127.0.0.1; wanted 0: at any free port. Returns 0 with both outputs, or ERR_IO. */
int lease_port_listen(uint16_t wanted, int *ret_fd, uint16_t *ret_port, struct err *err);

#endif
