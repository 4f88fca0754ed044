/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of daemon/http share. */
#ifndef ASSAY_HTTP_PRIVATE_H
#define ASSAY_HTTP_PRIVATE_H

#include "daemon/http/http.h"
#include "daemon/loop/web.h"

#define HTTP_MAX_KEPT (WEB_MAX_HEADS * 3 / 4) /* connections kept open after an answer; the rest is for agents */

struct http {
	struct http_ports ports;
	size_t connections; /* of the whole web, agents included */
};

#endif
