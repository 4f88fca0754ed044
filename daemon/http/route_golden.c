/* SPDX-License-Identifier: Apache-2.0 */
/* Golden images: listed, set and removed. */
#include "daemon/http/routes.h"
#include "daemon/http/wish.h"

static void reply_list(struct http_request *request)
{
	http_reply_json(request, 200,
			json_pack("{s:o?}", "golden", farm_goldens_json(http_farm(request), &request->who)));
}

void route_golden(struct http_request *request)
{
	reply_list(request);
}

static void answer(struct http_wish *wish)
{
	reply_list(wish->request);
	http_wish_destroy(wish);
}

static void set(struct http_request *request, const struct submission *submission)
{
	struct http_wish *wish = http_wish_create(request, answer);
	struct doc_problems problems;
	struct err err = {0};
	int rc = farm_set_golden(http_farm(request), &request->who, submission, http_wish_done, wish, &problems, &err);

	http_wish_settle_document(wish, rc, &problems, &err);
}

void route_golden_post(struct http_request *request)
{
	http_take_submission(request, set);
}

void route_golden_delete(struct http_request *request)
{
	struct http_wish *wish = http_wish_create(request, answer);
	struct err err = {0};
	int rc = farm_remove_golden(http_farm(request), &request->who, request->param[0], http_wish_done, wish, &err);

	http_wish_settle(wish, rc, &err);
}
