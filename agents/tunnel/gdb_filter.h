/* SPDX-License-Identifier: Apache-2.0 */
/* What a person's gdb may say to the gdb server: everything but `monitor` commands that are not plain words about the
 * target. OpenOCD's are Tcl, which could run programs and write files on the rack's host. What goes on has the byte '$'
 * only where a packet begins that was looked at. Pure. */
#ifndef ASSAY_AGENTS_TUNNEL_GDB_FILTER_H
#define ASSAY_AGENTS_TUNNEL_GDB_FILTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/buf.h"
#include "core/base/err.h"

#define GDB_FILTER_MAX_COMMAND 400 /* characters of a monitor command */

/* In the caller's memory; zero is a new connection. All private. */
struct gdb_filter {
	int state;
	size_t held_len;
	char held[2 * GDB_FILTER_MAX_COMMAND + 16]; /* the packet so far, while it may be a monitor command */
};

/* Takes the next bytes gdb sent. Appends what may go on to pass, and what gdb is answered instead to reply. Returns 0,
 * or the connection must be closed: ERR_PROTOCOL with err saying why, or what the buffers say. */
int gdb_filter_feed(struct gdb_filter *filter, const uint8_t *data, size_t size_bytes, struct buf *pass,
		    struct buf *reply, struct err *err);

/* Whether a monitor command may go on. */
bool gdb_filter_allows(const char *command);

#endif
