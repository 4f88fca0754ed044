/* SPDX-License-Identifier: Apache-2.0 */
/* An event as one line for people. */
#ifndef ASSAY_CLI_EVENT_LINE_H
#define ASSAY_CLI_EVENT_LINE_H

#include <jansson.h>

#include "core/base/buf.h"
#include "daemon/cli/style.h"

/* Appends "14:03:59.120  run 12 mb1       flash: ok in 320 ms: …\n". Text from boards is made harmless. Returns 0,
 * ERR_TOO_BIG or ERR_NOMEM. */
int event_line_append(const json_t *event, const struct style *style, struct buf *out);

#endif
