/* SPDX-License-Identifier: Apache-2.0 */
/* Images that put boards out of action, and those on trial: listed, and released by a person. */
#include "daemon/http/routes.h"
#include "daemon/http/wish.h"

static void reply_list(struct http_request *request)
{
	http_reply_json(request, 200,
			json_pack("{s:o?, s:o?}", "images", farm_held_images_json(http_farm(request), &request->who),
				  "trials", farm_trials_json(http_farm(request), &request->who)));
}

void route_held_images(struct http_request *request)
{
	reply_list(request);
}

static void answer(struct http_wish *wish)
{
	reply_list(wish->request);
	http_wish_destroy(wish);
}

void route_held_image_release(struct http_request *request)
{
	struct http_wish *wish;
	struct err err = {0};
	const char *why;
	json_t *body;
	int rc;

	if (!http_body_json(request, &body))
		return;
	wish = http_wish_create(request, answer);
	rc = http_read_why(body, &why, &err);
	if (!rc)
		rc = farm_release_image(http_farm(request), &request->who, request->param[0], why, http_wish_done, wish,
					&err);
	http_wish_settle(wish, rc, &err);
	json_decref(body);
}
