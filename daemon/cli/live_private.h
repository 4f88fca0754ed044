/* SPDX-License-Identifier: Apache-2.0 */
/* What live.c (the connection) and live_topics.c (what is said over it) share. */
#ifndef ASSAY_CLI_LIVE_PRIVATE_H
#define ASSAY_CLI_LIVE_PRIVATE_H

#include <stdbool.h>

#include <libwebsockets.h>

#include "core/base/buf.h"
#include "daemon/cli/live.h"

#define LIVE_MESSAGE_MAX (8u << 20)

struct subscription {
	bool used;
	unsigned serial; /* never used twice; its id is made of it */
	char topic[96];
	int64_t after;        /* the last event told */
	int64_t console_next; /* the next console byte wanted, or LIVE_NO_CONSOLE */
	bool wanted;          /* a subscribe message is to be sent */
	bool unwanted;        /* an unsubscribe message is, and then the place is free */
};

struct live {
	const struct address *address;
	struct live_ports ports;
	struct subscription subscription[LIVE_MAX_SUBSCRIPTIONS];
	unsigned last_serial;
	struct lws_context *context;
	struct lws *wsi;
	lws_sorted_usec_list_t tick;
	lws_sorted_usec_list_t reconnect;
	int tick_ms;
	int backoff_ms;
	bool was_up;
	bool lost; /* on_lost was told, on_back is owed */
	bool stopped;
	struct buf incoming;
	struct err err; /* why live_run ends, when it is no success */
	char host[300];
	char where[300]; /* "host:port", for the Host header */
	char path[300];
	int port;
	bool tls, untrusted;
};

/* Ends live_run with this error, unless it has one already. */
void live_fail(struct live *live, enum err_code code, const char *text);

/* The connection is up: every topic is to be subscribed (again). */
void live_want_all(struct live *live);
/* Sends one message that is due; -1 closes the connection. */
int live_write(struct live *live);
/* Takes a piece of a message from the daemon. */
void live_receive(struct live *live, const void *data, size_t len);

#endif
