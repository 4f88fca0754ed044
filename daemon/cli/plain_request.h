/* SPDX-License-Identifier: Apache-2.0 */
/* An exchange as a request of libevent's. */
#ifndef ASSAY_CLI_PLAIN_REQUEST_H
#define ASSAY_CLI_PLAIN_REQUEST_H

#include <event2/http.h>

#include "daemon/cli/exchange.h"
#include "daemon/cli/plain_host.h"

/* As evhttp_request_new and its like have them. */
struct plain_request_events {
	void *context;
	void (*on_piece)(struct evhttp_request *request, void *context);
	void (*on_failure)(enum evhttp_request_error failure, void *context);
	void (*on_answered)(struct evhttp_request *request, void *context);
};

/* Hands the request to the connection; it may fail, and tell so, before this returns. Gives OUTCOME_ANSWERED when it is
 * on its way (or was), OUTCOME_NOMEM or OUTCOME_NOT_READ. */
enum outcome plain_request_make(struct evhttp_connection *connection, const struct plain_host *host,
				const struct exchange *exchange, const struct plain_request_events *events);

#endif
