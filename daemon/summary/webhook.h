/* SPDX-License-Identifier: Apache-2.0 */
/* One webhook, sent once. Blocks: for a worker thread.
 *
 * What is sent: POST with the summary as JSON, and
 *   X-Assay-Event: night.summarised
 *   X-Assay-Delivery: NIGHT-NUMBER              the same every time it is tried
 *   X-Assay-Timestamp: SECONDS                  since 1970, of this try
 *   X-Assay-Signature: v1=HEX                   HMAC-SHA256 with the secret over "TIMESTAMP.BODY"
 * A receiver computes the signature over the bytes it got, compares in constant time, and refuses a timestamp that is
 * more than some minutes old. Any 2xx is an acknowledgement; redirects are not followed. */
#ifndef ASSAY_SUMMARY_WEBHOOK_H
#define ASSAY_SUMMARY_WEBHOOK_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "core/base/err.h"

#define WEBHOOK_SIGNATURE_MAX 68 /* "v1=" and 64 digits, with the NUL */

struct webhook {
	const char *url, *secret, *delivery;
	const char *body;
	size_t len;
	int64_t unix_s;
	bool private_allowed; /* addresses of the house: loopback, private, link-local */
	const atomic_bool *stop;
};

/* Returns 0; ERR_DENIED: it will never be let through (an address of the house); or what may be tried again. */
int webhook_send(const struct webhook *webhook, struct err *err);

void webhook_sign(const char *secret, int64_t unix_s, const char *body, size_t len,
		  char ret_signature[WEBHOOK_SIGNATURE_MAX]);
/* Whether the address is one that anybody on the Internet could have: none of the house, of a group, or of nobody. */
bool webhook_address_public(const struct sockaddr *address);

#endif
