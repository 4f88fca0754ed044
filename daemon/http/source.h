/* SPDX-License-Identifier: Apache-2.0 */
/* Answers that come from files. */
#ifndef ASSAY_HTTP_SOURCE_H
#define ASSAY_HTTP_SOURCE_H

#include "daemon/http/request.h"

/* Answers 200 with the whole file; takes the descriptor. */
void http_reply_file(struct http_request *request, const char *content_type, int fd);

#endif
