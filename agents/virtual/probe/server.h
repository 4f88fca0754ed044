/* SPDX-License-Identifier: Apache-2.0 */
/* The TCP side of the debug probe. Other front ends stand beside it on the same debug port. */
#ifndef ASSAY_VIRTUAL_PROBE_SERVER_H
#define ASSAY_VIRTUAL_PROBE_SERVER_H

#include <uv.h>

#include "agents/virtual/probe/stlink.h"
#include "core/base/err.h"
#include "core/base/list.h"

enum { PROBE_CLIENTS_MAX = 8 };

struct probe_server {
	uv_loop_t *loop;
	uv_poll_t listener;
	int listen_fd;         /* -1: not listening */
	struct stlink *stlink; /* borrowed */
	struct list clients;
	unsigned client_count, port;
	bool *stuck;                      /* set while a connection that probe_server_stick found is served */
	void (*on_served)(void *context); /* after each batch of requests */
	void *context;
};

/* port 0 takes any free one and stores it. */
int probe_server_init(struct probe_server *server, uv_loop_t *loop, struct stlink *stlink, unsigned port,
		      struct err *err);
void probe_server_finish(struct probe_server *server);
/* The connections of now are stuck, for faults. */
void probe_server_stick(struct probe_server *server);
/* Ends all connections, as a probe that starts again does. */
void probe_server_reset(struct probe_server *server);

#endif
