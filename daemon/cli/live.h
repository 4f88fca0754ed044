/* SPDX-License-Identifier: Apache-2.0 */
/* The live websocket as a command uses it: subscribes, hands over each event and console byte once and in order, and
 * comes back by itself after a lost connection, going on where it was. */
#ifndef ASSAY_CLI_LIVE_H
#define ASSAY_CLI_LIVE_H

#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "core/base/err.h"
#include "daemon/cli/address.h"

#define LIVE_MAX_SUBSCRIPTIONS 16
#define LIVE_NO_CONSOLE        (-1)

struct lws_context;
struct live; /* private; create/destroy */

/* Called from inside live_run only. Each may be NULL. Values are borrowed for the call. live_subscribe, live_stop and
 * live_set_tick may be called from inside. */
struct live_ports {
	void *context;
	void (*on_event)(void *context, const json_t *event);
	void (*on_console)(void *context, int64_t run, int64_t offset, const uint8_t *data, size_t size_bytes);
	/* The connection was lost (why is one line) and is being tried again; it is back. */
	void (*on_lost)(void *context, const char *why);
	void (*on_back)(void *context);
	void (*on_tick)(void *context);
	/* SIGINT or SIGTERM came. Without it live_run ends. */
	void (*on_interrupt)(void *context);
};

/* address is borrowed. Nothing is connected before live_run. Returns 0, ERR_INVALID (the address),
 * ERR_UNSUPPORTED (no libwebsockets) or ERR_NOMEM. */
int live_create(const struct address *address, const struct live_ports *ports, struct live **ret_live, struct err *err);
void live_destroy(struct live *live);

/* Topics: "farm", "board:NAME", "job:N", "run:N". Events after that sequence number are told, from 0 for all there
 * are; -1 for none but new ones. console_from is the first console byte wanted (of "run:N"), or LIVE_NO_CONSOLE.
 * Returns 0 or ERR_TOO_BIG. */
int live_subscribe(struct live *live, const char *topic, int64_t after, int64_t console_from, struct err *err);

/* Ends a subscription, so that its place is free for another. Nothing of it is told any more. */
void live_unsubscribe(struct live *live, const char *topic);

/* Calls on_tick about every interval_ms; 0 stops that. */
void live_set_tick(struct live *live, int interval_ms);

/* Its event loop, for other connections and descriptors that are to be served while live_run runs; they are closed by
 * live_destroy. */
struct lws_context *live_context(struct live *live);

/* Connects and goes on until live_stop (0), a signal (ERR_CANCELLED), the first connection fails (ERR_UNREACHABLE,
 * ERR_DENIED), or the daemon refuses a subscription (ERR_NOT_FOUND, ERR_DENIED, ERR_INVALID). Later losses of the
 * connection never end it. */
int live_run(struct live *live, struct err *err);
void live_stop(struct live *live);

#endif
