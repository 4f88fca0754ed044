/* SPDX-License-Identifier: Apache-2.0 */
/* The frames of a tunnel to a leased board: how bytes between a person's debugger or keyboard and the board cross the
 * websockets, many channels on one. One frame is one binary websocket message. Client <-> daemon and daemon <-> agent
 * speak the same frames; each connection numbers its channels by itself, and never the same number twice.
 *
 *   byte 0      kind
 *   bytes 1-4   channel, from 1; numbers are big-endian
 *   then        OPEN    run (8), fence (8), credit (4), service (1)   towards the board; a client leaves run and fence
 * 0 OPENED  credit (4)                                     the answer DATA    1 to TUNNEL_MAX_DATA bytes CREDIT  bytes
 * (4), 1 or more CLOSE   why (1), text (0 to TUNNEL_MAX_TEXT bytes of UTF-8)
 *
 * Happy path: OPEN -> OPENED -> DATA and CREDIT both ways -> CLOSE from either side, which is not answered. A refusal
 * is CLOSE instead of OPENED. Credit: each side may send so many bytes of DATA as the other gave credit for, in OPEN or
 * OPENED first and then by CREDIT as it got rid of what came. So a slow reader holds only its own channel, and nobody
 * buffers more than TUNNEL_WINDOW a channel. Who sends more is closed with TUNNEL_FAULT. Frames of a channel that is
 * not open are dropped without a word: a CLOSE may have crossed them. */
#ifndef ASSAY_TUNNEL_FRAME_H
#define ASSAY_TUNNEL_FRAME_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/err.h"

#define TUNNEL_HEADER_BYTES 5
#define TUNNEL_MAX_DATA     16384
#define TUNNEL_MAX_TEXT     200
#define TUNNEL_MAX_FRAME    (TUNNEL_HEADER_BYTES + TUNNEL_MAX_DATA)
#define TUNNEL_WINDOW       (128u << 10) /* credit that a channel may have outstanding one way */

enum tunnel_kind { TUNNEL_OPEN = 1, TUNNEL_OPENED, TUNNEL_DATA, TUNNEL_CREDIT, TUNNEL_CLOSE };

/* What a channel leads to. */
#define TUNNEL_SERVICES(X)                                                                                             \
	X(GDB, "gdb")         /* the board's gdb server, as if connected to it by TCP; one channel at a time */        \
	X(CONSOLE, "console") /* bytes to the board's console; what it says is an event of the run, as always */

enum tunnel_service {
#define X(name, text) TUNNEL_TO_##name,
	TUNNEL_SERVICES(X)
#undef X
};

/* Why a channel is closed, or was never opened. */
#define TUNNEL_ENDS(X)                                                                                                 \
	X(DONE, "done")             /* one side has no more to say: a debugger that quit */                            \
	X(LEASE_OVER, "lease-over") /* the hold has ended, or the lease is another's now */                            \
	X(NOT_HELD, "not-held")     /* no hold is under way for that run and fence (yet, or any more) */               \
	X(BUSY, "busy")             /* the service has its channel already, or there are too many */                   \
	X(NO_SERVICE, "no-service") /* the board has none such */                                                      \
	X(LOST, "lost")             /* a connection on the way broke, or the board's tool died */                      \
	X(FAULT, "fault")           /* the other side broke the rules above */

enum tunnel_end {
#define X(name, text) TUNNEL_##name,
	TUNNEL_ENDS(X)
#undef X
};

/* One frame. To encode: the fields of its kind. After decode data points into what was decoded. */
struct tunnel_frame {
	enum tunnel_kind kind;
	uint32_t channel;
	int64_t run, fence;          /* OPEN */
	enum tunnel_service service; /* OPEN */
	uint32_t credit;             /* OPEN, OPENED, CREDIT */
	enum tunnel_end end;         /* CLOSE */
	const uint8_t *data;         /* DATA; CLOSE: the text, not terminated; NULL with size 0: none */
	size_t size_bytes;
};

/* Writes the frame into room of TUNNEL_MAX_FRAME bytes; data may not lie in there. Returns its length. Data that is too
 * long, or none in a DATA, is the caller's mistake (asserted); a text that is too long is cut. */
size_t tunnel_encode(const struct tunnel_frame *frame, uint8_t *ret_bytes);
/* Returns 0, or ERR_PROTOCOL with err saying what is wrong with it. */
int tunnel_decode(const uint8_t *bytes, size_t size_bytes, struct tunnel_frame *ret_frame, struct err *err);

const char *tunnel_service_name(enum tunnel_service service);
const char *tunnel_end_name(enum tunnel_end end);

/* One side's count of a channel's credit, both ways; in the caller's memory, zero is none. */
struct tunnel_credit {
	uint32_t may_send;  /* the other side takes so many more */
	uint32_t may_come;  /* so many more the other side may send */
	uint32_t returning; /* got rid of, and not told yet */
};

/* Bytes that came, or that are sent; false: more than there is credit for. */
int tunnel_credit_came(struct tunnel_credit *credit, size_t bytes);
int tunnel_credit_sent(struct tunnel_credit *credit, size_t bytes);
/* The other side gave more; ERR_PROTOCOL when it would be more than TUNNEL_WINDOW. */
int tunnel_credit_given(struct tunnel_credit *credit, uint32_t bytes);
/* So many bytes of what came are got rid of. Returns what to give back now, in a CREDIT: 0 until it is worth a frame.
 */
uint32_t tunnel_credit_spent(struct tunnel_credit *credit, size_t bytes);

#endif
