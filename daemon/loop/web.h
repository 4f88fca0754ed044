/* SPDX-License-Identifier: Apache-2.0 */
/* libwebsockets on a loop: one context that serves adopted sockets with the protocols it was given. */
#ifndef ASSAY_LOOP_WEB_H
#define ASSAY_LOOP_WEB_H

#include <libwebsockets.h>

#include "core/base/err.h"
#include "daemon/loop/loop.h"

#define WEB_MAX_HEADS 1024 /* requests that are being read or answered at the same time; the next one waits */

struct web;

/* protocols ends with a zero entry; the first serves plain HTTP, the others are websocket subprotocols. It and the user
 * pointers in it outlive the web. name is for the log. */
int web_create(struct loop *loop, const char *name, const struct lws_protocols *protocols, struct web **ret_web,
	       struct err *err);
/* Serves an accepted socket from now on; closes it when it cannot. On the loop's thread. */
void web_adopt(struct web *web, int fd);
/* Answers the request that has come in on an accepted socket with 503, as there are too many, and closes it. */
void web_turn_away(int fd);
/* Whether a websocket upgrade may go on: it asks for that path, and comes from a page of this server or from no page at
 * all (a page of another site must not use a token that lies in the browser). Before the upgrade. */
bool web_upgrade_allowed(struct lws *wsi, const char *path);
/* The token of "Authorization: Bearer TOKEN"; false when there is none. While the headers are there. */
bool web_bearer(struct lws *wsi, char *ret_token, size_t size);
/* Answers an upgrade that is not allowed with an error as the HTTP API gives them. status is one line: "401
 * Unauthorized". Returns what the callback must return, which closes the connection. */
int web_refuse(struct lws *wsi, const char *status, const char *code, const char *message);

/* Whether more of what this client sent has been read than the request it is about: the beginning of a further one.
 * Also true when that is so of another connection, which the caller must be able to bear. Before
 * lws_http_transaction_completed. */
bool web_has_put_by(struct lws *wsi);

/* Closes every connection (the protocols' close callbacks are called) and runs the loop until libwebsockets has let go
 * of it. On the loop's thread, outside loop_run. Accepts NULL. */
void web_destroy(struct web *web);

#endif
