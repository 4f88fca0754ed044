/* SPDX-License-Identifier: Apache-2.0 */
/* One request and its answer: what client.c shares with the two ways there, transport_plain.c and transport_curl.c. */
#ifndef ASSAY_CLI_EXCHANGE_H
#define ASSAY_CLI_EXCHANGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "core/base/buf.h"
#include "core/base/err.h"
#include "daemon/cli/address.h"
#include "daemon/cli/client.h"

#define CONNECT_LIMIT_MS 10000
#define STALL_LIMIT_MS   60000 /* a transfer that moves nothing for this long is given up */

#define EXCHANGE_MAX_TEXT 320 /* of a line of a header, and of why a request failed */

/* How long to wait, and who is told meanwhile; client_be_patient. */
struct patience {
	bool endless;
	client_wait_fn on_wait; /* may be NULL; only when endless */
	void *context;
};

/* How a request ended. */
enum outcome {
	OUTCOME_ANSWERED,    /* status is set, and all of the answer was taken */
	OUTCOME_UNREACHABLE, /* nobody there: nothing was sent */
	OUTCOME_UNTRUSTED,   /* nobody we can be sure of: nothing was sent */
	OUTCOME_LOST,        /* the connection broke, or came to nothing */
	OUTCOME_NOT_TAKEN,   /* exchange_take did not want the answer */
	OUTCOME_NOT_READ,    /* the file to send could not be read */
	OUTCOME_NOMEM,
};

struct exchange {
	const struct address *address;
	const struct patience *patience;
	const char *method;
	const char *path;         /* behind /api/v1 */
	const char *content_type; /* NULL: no body */
	const void *body;
	size_t body_bytes;
	FILE *upload; /* the body instead, upload_bytes of it from its beginning */
	uint64_t upload_bytes;
	FILE *download; /* where a good answer's body goes; NULL: into answer */
	int status;
	struct buf answer;
	int write_errno;
	char why[EXCHANGE_MAX_TEXT]; /* of UNREACHABLE, UNTRUSTED and LOST */
};

/* Takes a piece of the answer's body; -1 when no more is wanted. */
int exchange_take(struct exchange *exchange, int status, const void *data, size_t len);

/* A way to the daemon, with the connection it keeps. create returns 0 or an error; destroy accepts NULL. carry may be
 * told to carry the same exchange again. */
struct transport;

struct transport_kind {
	int (*create)(const struct address *address, struct transport **ret_transport, struct err *err);
	enum outcome (*carry)(struct transport *transport, struct exchange *exchange);
	void (*destroy)(struct transport *transport);
};

/* For what plain_host_may: small, and there at once. */
extern const struct transport_kind transport_plain;

/* For all that libcurl can do: https, proxies, credentials in the address. */
extern const struct transport_kind transport_curl;

#endif
