/* SPDX-License-Identifier: Apache-2.0 */
/* libwebsockets, loaded when a command first needs it. Its functions are called by their own names. */
#ifndef ASSAY_CLI_LWS_CALLS_H
#define ASSAY_CLI_LWS_CALLS_H

#include "core/base/err.h"
#include "daemon/cli/address.h"

struct lws_context_creation_info;

/* To be called before any function of libwebsockets. Returns 0 or ERR_UNSUPPORTED. */
int lws_calls_load(struct err *err);

/* Has connections of a context or vhost speak TLS where the address wants that, and trust whom it names. */
void lws_calls_set_tls(struct lws_context_creation_info *info, const struct address *address);

#endif
