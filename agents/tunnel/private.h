/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of agents/tunnel share. */
#ifndef ASSAY_AGENTS_TUNNEL_PRIVATE_H
#define ASSAY_AGENTS_TUNNEL_PRIVATE_H

#include "agents/tunnel/gdb_filter.h"
#include "agents/tunnel/tunnels.h"
#include "core/base/buf.h"
#include "core/base/list.h"

struct tunnels {
	uv_loop_t *loop;
	struct tunnels_ports ports;
	struct list channels;
	size_t channel_count;
};

struct channel {
	struct list at;
	struct tunnels *tunnels;
	uint32_t number;
	int64_t run;
	enum tunnel_service service;
	bool opened;
	struct tunnel_credit credit;
	struct gdb *gdb;    /* TUNNEL_TO_GDB */
	struct buf pending; /* TUNNEL_TO_CONSOLE: not written yet */
};

/* tunnels.c */
void channel_opened(struct channel *channel);
void channel_send_data(struct channel *channel, const uint8_t *data, size_t size_bytes);
/* Got rid of so many bytes of what came: the farm may send more. */
void channel_spent(struct channel *channel, size_t bytes);
/* Ends it and tells the farm; the channel is gone. */
void channel_close(struct channel *channel, enum tunnel_end end, const char *text);

/* channel_gdb.c: a connection to a gdb server, from the first bytes for it on. */
struct gdb;
int gdb_create(struct channel *channel, uint16_t port, struct err *err);
/* Returns 0, or an error for which the channel must be closed as a fault. */
int gdb_data(struct gdb *gdb, const uint8_t *data, size_t size_bytes, struct err *err);
/* There is credit to send again. */
void gdb_credit(struct gdb *gdb);
/* The channel is going: its connection is closed, nothing of the channel is used any more. Accepts NULL. */
void gdb_close(struct gdb *gdb);

/* channel_console.c: what can be written of a board's consoles' input is. */
void consoles_pump(struct tunnels *tunnels, int64_t run);

#endif
