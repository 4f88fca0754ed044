/* SPDX-License-Identifier: Apache-2.0 */
/* The board's end of the tunnels (core/tunnel/frame.h): each channel of the farm's connection leads to the gdb server
 * of a board that is held for a person, or to its console's input.
 *
 * Happy path: tunnels_frame(OPEN) -> OPENED -> data both ways, each by its credit -> CLOSE from either side.
 * Ways it goes otherwise: no hold for that run and fence -> CLOSE(not-held); the service has its channel, or there are
 * too many -> CLOSE(busy); no such service on that board -> CLOSE(no-service); its server does not answer, or its
 * connection breaks -> CLOSE(lost); more than there was credit for, or bytes that are no gdb packets -> CLOSE(fault);
 * the hold ends -> tunnels_close_run; the connection to the farm ends -> tunnels_lose. */
#ifndef ASSAY_AGENTS_TUNNEL_TUNNELS_H
#define ASSAY_AGENTS_TUNNEL_TUNNELS_H

#include <stdbool.h>

#include <uv.h>

#include "core/base/err.h"
#include "core/tunnel/frame.h"

#define TUNNELS_MAX          256 /* channels of all boards */
#define TUNNELS_MAX_CONSOLES 8   /* of one board */

struct tunnels; /* private; create/destroy */

/* A hold under way. */
struct tunnel_hold {
	bool has_gdb;      /* the board ever has a gdb server */
	uint16_t gdb_port; /* on the loopback address; 0: not now */
};

struct tunnels_ports {
	void *context;
	/* To the farm, in order; copied. */
	void (*send)(void *context, const struct tunnel_frame *frame);
	/* False: no hold is under way for the run, or under another fence. */
	bool (*find_hold)(void *context, int64_t run, int64_t fence, struct tunnel_hold *ret_hold);
	/* Returns how many bytes the console took; 0: tunnels_console_room tells when it takes more. */
	size_t (*write_console)(void *context, int64_t run, const uint8_t *data, size_t size_bytes);
};

int tunnels_create(uv_loop_t *loop, const struct tunnels_ports *ports, struct tunnels **ret_tunnels, struct err *err);
/* A frame of the farm's. */
void tunnels_frame(struct tunnels *tunnels, const struct tunnel_frame *frame);
void tunnels_console_room(struct tunnels *tunnels, int64_t run);
/* The hold of that run is over. */
void tunnels_close_run(struct tunnels *tunnels, int64_t run, enum tunnel_end end, const char *text);
/* There is nobody to send to any more: every channel is closed, without a frame. */
void tunnels_lose(struct tunnels *tunnels);
/* Closes all, without a frame; what libuv still holds is freed by later turns of the loop. Accepts NULL. */
void tunnels_destroy(struct tunnels *tunnels);

#endif
