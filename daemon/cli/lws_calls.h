/* SPDX-License-Identifier: Apache-2.0 */
/* libwebsockets, loaded when a command first needs it. Its functions are called by their own names. */
#ifndef ASSAY_CLI_LWS_CALLS_H
#define ASSAY_CLI_LWS_CALLS_H

#include "core/base/err.h"

/* To be called before any function of libwebsockets. Returns 0 or ERR_UNSUPPORTED. */
int lws_calls_load(struct err *err);

#endif
