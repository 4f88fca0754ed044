/* SPDX-License-Identifier: Apache-2.0 */
/* What a request wishes of the farm, from the farm's word that it is under way until it is durable.
 *
 * Happy path: http_wish_create -> the farm is asked, with http_wish_done and the wish as its context, and takes it on
 * -> durable -> the wish's answer replies. Ways it fails: the farm refuses at once (http_wish_refuse), or says later
 * that it could not be kept (http_wish_done with an error): the request is answered with the error. */
#ifndef ASSAY_HTTP_WISH_H
#define ASSAY_HTTP_WISH_H

#include "daemon/http/request.h"

struct http_wish {
	struct http_request *request; /* held until the wish is destroyed */
	int64_t id;                   /* of what it is about, as the route needs it */
	int status;                   /* of the answer when it came true, as the route needs it */
	/* Replies when it came true, and destroys the wish, now or later. */
	void (*answer)(struct http_wish *wish);
};

struct http_wish *http_wish_create(struct http_request *request, void (*answer)(struct http_wish *wish));
void http_wish_destroy(struct http_wish *wish);

/* An on_done_fn of the farm; its context is the wish. */
void http_wish_done(void *wish, const struct err *err);
/* Replies with the error, and destroys the wish. */
void http_wish_refuse(struct http_wish *wish, const struct err *err);

/* What the farm answered at once: rc 0, it will say more; else err is why not, and of a document that it will not have
 * (ERR_INVALID) its problems are. */
void http_wish_settle(struct http_wish *wish, int rc, const struct err *err);
void http_wish_settle_document(struct http_wish *wish, int rc, const struct doc_problems *problems,
			       const struct err *err);

#endif
