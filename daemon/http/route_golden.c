/* SPDX-License-Identifier: Apache-2.0 */
/* Golden images: listed, set and removed. */
#include <stdlib.h>

#include "daemon/http/routes.h"

static void reply_list(struct http_request *request)
{
	http_reply_json(request, 200,
			json_pack("{s:o?}", "golden", farm_goldens_json(request->http->ports.farm, &request->who)));
}

void route_golden(struct http_request *request)
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

static void set(struct http_request *request, const struct submission *submission)
{
	struct doc_problems problems;
	struct err err = {0};
	int rc;

	http_request_hold(request);
	rc = farm_set_golden(request->http->ports.farm, &request->who, submission, on_done, request, &problems, &err);
	if (!rc)
		return;
	if (rc == ERR_INVALID)
		http_reply_problems(request, &problems);
	else
		http_reply_err(request, &err);
	http_request_release(request);
}

void route_golden_post(struct http_request *request)
{
	http_take_submission(request, set);
}

void route_golden_delete(struct http_request *request)
{
	struct err err = {0};

	http_request_hold(request);
	if (farm_remove_golden(request->http->ports.farm, &request->who, request->param[0], on_done, request, &err)) {
		http_reply_err(request, &err);
		http_request_release(request);
	}
}
