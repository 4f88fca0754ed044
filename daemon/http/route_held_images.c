/* SPDX-License-Identifier: Apache-2.0 */
/* Images that put boards out of action, and those on trial: listed, and released by a person. */
#include "daemon/http/routes.h"

static void reply_list(struct http_request *request)
{
	http_reply_json(request, 200,
			json_pack("{s:o?, s:o?}", "images",
				  farm_held_images_json(request->http->ports.farm, &request->who), "trials",
				  farm_trials_json(request->http->ports.farm, &request->who)));
}

void route_held_images(struct http_request *request)
{
	reply_list(request);
}

static void on_done(void *context, const struct err *err)
{
	struct http_request *request = (struct http_request *)context;

	if (err)
		http_reply_err(request, err);
	else
		reply_list(request);
	http_request_release(request);
}

void route_held_image_release(struct http_request *request)
{
	struct err err = {0};
	const char *why;
	json_t *body;
	int rc;

	if (!http_body_json(request, &body))
		return;
	http_request_hold(request);
	rc = http_read_why(body, &why, &err);
	if (!rc)
		rc = farm_release_image(request->http->ports.farm, &request->who, request->param[0], why, on_done,
					request, &err);
	if (rc) {
		http_reply_err(request, &err);
		http_request_release(request);
	}
	json_decref(body);
}
