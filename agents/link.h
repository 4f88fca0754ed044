/* SPDX-License-Identifier: Apache-2.0 */
/* The agent's connection to the farm: a websocket that is dialled again for as long as the agent lives.
 *
 * Happy path: connect -> hello -> welcome, which says what the farm has of each run in the spool -> the rest of those
 * runs' messages is sent, straight out of the spool, then each new one as it comes -> acks; control messages (board,
 * rejected) go first.
 * Ways it fails: no connection, a certificate that is not good, a refused token or hello, a broken or silent
 * connection, a farm that does not answer hello within two pings -> logged once for each new reason, tried again after
 * 50 ms, doubled up to 5 s, with jitter. Runs go on meanwhile; the spool is the queue, so nothing is held in memory for
 * a farm that is away. A message that makes no sense closes the connection. */
#ifndef ASSAY_AGENTS_LINK_H
#define ASSAY_AGENTS_LINK_H

#include <stdbool.h>

#include <uv.h>

#include "agents/spool.h"
#include "core/base/err.h"
#include "core/tunnel/frame.h"
#include "core/wire/message.h"

#define LINK_BACKOFF_MIN_MS 50
#define LINK_BACKOFF_MAX_MS 5000
#define LINK_MAX_CONTROL    1024 /* control messages waiting; more and the connection is made anew */
#define LINK_PING_MS        5000
#define LINK_TURN           32          /* messages sent at once */
#define LINK_TURN_BYTES     (16u << 10) /* of one run's messages, before another run's */
#define LINK_MAX_FRAMES     8192        /* waiting; credit keeps them far below */

struct link;

struct link_events {
	void *context;
	/* A connection stands: send hello, with link_send. */
	void (*on_open)(void *context);
	/* One message of the farm. */
	void (*on_message)(void *context, const struct wire_message *message);
	/* One frame of a tunnel. */
	void (*on_frame)(void *context, const struct tunnel_frame *frame);
	void (*on_closed)(void *context); /* after on_open */
};

struct link_options {
	const char *url;        /* http://host:port of the farm */
	const char *token_file; /* read anew for each attempt */
	const char *ca_file;    /* PEM; whom to trust for https; NULL: this machine's authorities */
};

/* Checks the url (ERR_INVALID); connecting begins with link_start. Strings outlive the link. */
int link_create(uv_loop_t *loop, struct spool *spool, const struct link_options *options,
		const struct link_events *events, struct link **ret_link, struct err *err);
void link_start(struct link *link);
/* Sends a control message; while there is no connection it is forgotten: hello tells the state anyway. */
void link_send(struct link *link, const struct wire_message *message);
/* Sends a frame of a tunnel, after what else there is to send, so that no run waits for a person's debugger; while runs
 * have ever more to say, one frame for each LINK_TURN of their messages. */
void link_send_frame(struct link *link, const struct tunnel_frame *frame);
/* Something new is in the spool, or runs' sent or open changed: looks at all of them. */
void link_wake(struct link *link);
/* That run has another message. */
void link_wake_run(struct link *link, struct spool_run *run);
bool link_is_open(const struct link *link);
/* Breaks the connection without a word and dials again after away_ms; nothing while there is none. */
void link_leave(struct link *link, int64_t away_ms);
/* Whether all that may be sent has been. */
bool link_is_idle(const struct link *link);
/* Closes the connection and runs the loop until libwebsockets has let go of it. Accepts NULL. */
void link_destroy(struct link *link);

#endif
