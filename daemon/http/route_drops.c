/* SPDX-License-Identifier: Apache-2.0 */
/* Drops: named sets of images for schedules; and secrets, which webhooks are signed with. */
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/farm/nights.h"
#include "daemon/http/routes.h"

static struct farm *farm_of(struct http_request *request)
{
	return request->http->ports.farm;
}

void route_drops(struct http_request *request)
{
	http_reply_json(request, 200,
			json_pack("{s:o?}", "drops", farm_drops_json(farm_of(request), &request->who, NULL)));
}

static void reply_drop(struct http_request *request, int status)
{
	json_t *list = farm_drops_json(farm_of(request), &request->who, request->param[0]);

	if (json_array_size(list) == 0)
		http_reply_error(request, 404, "nothing was dropped under \"%.100s\"", request->param[0]);
	else
		http_reply_json(request, status, json_pack("{s:O}", "drop", json_array_get(list, 0)));
	json_decref(list);
}

void route_drop(struct http_request *request)
{
	reply_drop(request, 200);
}

static void on_dropped(void *context, const struct err *err)
{
	struct http_request *request = (struct http_request *)context;

	if (err)
		http_reply_err(request, err);
	else
		reply_drop(request, 201);
	http_request_release(request);
}

void route_drop_post(struct http_request *request)
{
	struct err err = {0};
	json_t *body, *files = NULL;
	int64_t version;
	int rc;

	if (!http_body_json(request, &body))
		return;
	rc = json_read_object(body, "files", true, &files, &err);
	if (!rc && json_object_size(body) != 1)
		rc = err_set(&err, ERR_INVALID, "found other fields than files");
	http_request_hold(request);
	if (!rc)
		rc = farm_add_drop(farm_of(request), &request->who, request->param[0], files, on_dropped, request,
				   &version, &err);
	if (rc) {
		http_reply_err(request, &err);
		http_request_release(request);
	}
	json_decref(body);
}

void route_secrets(struct http_request *request)
{
	http_reply_json(request, 200,
			json_pack("{s:o?}", "secrets", farm_secrets_json(farm_of(request), &request->who)));
}

static void on_secret(void *context, const struct err *err)
{
	struct http_request *request = (struct http_request *)context;

	if (err)
		http_reply_err(request, err);
	else
		http_reply_json(request, 200, json_pack("{s:s}", "secret", request->param[0]));
	http_request_release(request);
}

void route_secret_put(struct http_request *request)
{
	static const char *const known[] = {"value", "replace", NULL};
	struct err err = {0};
	const char *value;
	bool replace = false;
	json_t *body;
	int rc;

	if (!http_body_json(request, &body))
		return;
	rc = http_refuse_unknown(body, known, &err);
	if (!rc)
		rc = json_read_text(body, "value", true, &value, &err);
	if (!rc)
		rc = json_read_bool(body, "replace", false, &replace, &err);
	http_request_hold(request);
	if (!rc)
		rc = farm_put_secret(farm_of(request), &request->who, request->param[0], value, replace, on_secret,
				     request, &err);
	if (rc) {
		http_reply_err(request, &err);
		http_request_release(request);
	}
	json_decref(body);
}

void route_secret_delete(struct http_request *request)
{
	struct err err = {0};

	http_request_hold(request);
	if (!farm_remove_secret(farm_of(request), &request->who, request->param[0], on_secret, request, &err))
		return;
	http_reply_err(request, &err);
	http_request_release(request);
}
