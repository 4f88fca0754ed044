/* SPDX-License-Identifier: Apache-2.0 */
/* The live websocket, /api/v1/live: everything that happens, to everyone who watches, as it happens. It has a thread, a
 * loop and a libwebsockets context of its own, so that no number of viewers delays the farm.
 *
 * The way of an event: live_publish_event (main thread) -> inbox -> the ring, where the latest events stand once for
 * everyone -> a look at who is to be told (pace.h says when) -> each subscription reads on in the ring up to where the
 * look found its end, when its socket takes more; those at the same place share the frame (frames.h). A subscription is
 * a position, not a queue: a slow reader costs nothing but itself. Console bytes likewise, in one tail a run.
 *
 * Ways it goes otherwise:
 *   a reader falls behind the ring      it is told the gap and fed from the archive until it has caught up
 *   it asks to go on after a number     the same, without a gap to tell; nothing is lost or told twice
 *   the live thread falls behind        the inbox is bounded: what does not fit is dropped there, the ring begins anew
 *                                       and everybody catches up from the archive
 *   a client sends nonsense             it is told, and closed when it keeps on
 *   a token is removed                  its clients are closed */
#ifndef ASSAY_LIVE_LIVE_H
#define ASSAY_LIVE_LIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/err.h"
#include "core/farm/archive.h"
#include "core/farm/principal.h"
#include "core/farm/record_event.h"
#include "core/farm/record_job.h"
#include "daemon/loop/loop.h"

#define LIVE_PATH        "/api/v1/live"
#define LIVE_SUBPROTOCOL "assay-live-1"

struct live; /* private; create/destroy */

struct live_options {
	struct loop *main_loop;        /* where the archive is asked */
	const struct archive *archive; /* used on the main thread only */
	void *context;
	/* Whose token this is. Called on the live thread. */
	bool (*authenticate)(void *context, const char *token, struct principal *ret_who);
	int64_t last_seq;          /* of the last durable event so far */
	size_t ring_events;        /* how many events stand in the ring; at least 16 */
	size_t console_tail_bytes; /* how many of a run's latest console bytes are kept; at least 4096 */
	size_t max_clients;
	int send_buffer_bytes; /* SO_SNDBUF of a client's socket; 0: the system's */
};

/* Starts the thread. Returns 0, ERR_NOMEM or ERR_IO. */
int live_create(const struct live_options *options, struct live **ret_live, struct err *err);
/* Ends the thread: nobody is told anything more. Reads under way go on in the main loop. */
void live_stop(struct live *live);
/* Closes every client. After live_stop, and after the archive has answered all that was asked. Accepts NULL. */
void live_destroy(struct live *live);

/* All of these: on the main thread, never blocking. */

/* Takes over a connection whose first bytes ask for LIVE_PATH. */
void live_adopt(struct live *live, int fd);
/* A durable event; copied. In the order of seq. */
void live_publish_event(struct live *live, const struct event_record *event);
/* Console bytes as they come; copied. */
void live_publish_console(struct live *live, const struct console_record *console, int64_t job, const char *org,
			  const char *board);
/* Closes the clients that use the token of this name. */
void live_revoke(struct live *live, const char *token_name);

#endif
