/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of daemon/http share. */
#ifndef ASSAY_HTTP_PRIVATE_H
#define ASSAY_HTTP_PRIVATE_H

#include "daemon/http/http.h"

struct http {
	struct http_ports ports;
};

#endif
