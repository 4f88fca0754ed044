/* SPDX-License-Identifier: Apache-2.0 */
/* What a request wishes of the farm. */
#include "daemon/http/wish.h"

#include <stdlib.h>

#include "core/base/mem.h"

struct http_wish *http_wish_create(struct http_request *request, void (*answer)(struct http_wish *wish))
{
	struct http_wish *wish = mem_alloc(sizeof(*wish));

	wish->request = http_request_hold(request);
	wish->status = 200;
	wish->answer = answer;
	return wish;
}

void http_wish_destroy(struct http_wish *wish)
{
	http_request_release(wish->request);
	free(wish);
}

void http_wish_refuse(struct http_wish *wish, const struct err *err)
{
	http_reply_err(wish->request, err);
	http_wish_destroy(wish);
}

void http_wish_done(void *context, const struct err *err)
{
	struct http_wish *wish = (struct http_wish *)context;

	if (err)
		http_wish_refuse(wish, err);
	else
		wish->answer(wish);
}

void http_wish_settle(struct http_wish *wish, int rc, const struct err *err)
{
	if (rc)
		http_wish_refuse(wish, err);
}

void http_wish_settle_document(struct http_wish *wish, int rc, const struct doc_problems *problems,
			       const struct err *err)
{
	if (rc != ERR_INVALID) {
		http_wish_settle(wish, rc, err);
		return;
	}
	http_reply_problems(wish->request, problems);
	http_wish_destroy(wish);
}
