/* SPDX-License-Identifier: Apache-2.0 */
/* Drops: named sets of images for schedules; and secrets, which webhooks are signed with. */
#include "core/farm/nights.h"
#include "daemon/http/routes.h"
#include "daemon/http/wish.h"

void route_drops(struct http_request *request)
{
	http_reply_json(request, 200,
			json_pack("{s:o?}", "drops", farm_drops_json(http_farm(request), &request->who, NULL)));
}

static void reply_drop(struct http_request *request, int status)
{
	json_t *list = farm_drops_json(http_farm(request), &request->who, request->param[0]);

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

static void answer_drop(struct http_wish *wish)
{
	reply_drop(wish->request, 201);
	http_wish_destroy(wish);
}

void route_drop_post(struct http_request *request)
{
	struct http_wish *wish;
	struct err err = {0};
	json_t *body, *files = NULL;
	int rc;

	if (!http_body_json(request, &body))
		return;
	rc = json_read_object(body, "files", true, &files, &err);
	if (!rc && json_object_size(body) != 1)
		rc = err_set(&err, ERR_INVALID, "found other fields than files");
	wish = http_wish_create(request, answer_drop);
	if (!rc)
		rc = farm_add_drop(http_farm(request), &request->who, request->param[0], files, http_wish_done, wish,
				   &wish->id, &err);
	http_wish_settle(wish, rc, &err);
	json_decref(body);
}

void route_secrets(struct http_request *request)
{
	http_reply_json(request, 200,
			json_pack("{s:o?}", "secrets", farm_secrets_json(http_farm(request), &request->who)));
}

static void answer_secret(struct http_wish *wish)
{
	http_reply_json(wish->request, 200, json_pack("{s:s}", "secret", wish->request->param[0]));
	http_wish_destroy(wish);
}

void route_secret_put(struct http_request *request)
{
	static const char *const known[] = {"value", "replace", NULL};
	struct http_wish *wish;
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
	wish = http_wish_create(request, answer_secret);
	if (!rc)
		rc = farm_put_secret(http_farm(request), &request->who, request->param[0], value, replace,
				     http_wish_done, wish, &err);
	http_wish_settle(wish, rc, &err);
	json_decref(body);
}

void route_secret_delete(struct http_request *request)
{
	struct http_wish *wish = http_wish_create(request, answer_secret);
	struct err err = {0};
	int rc = farm_remove_secret(http_farm(request), &request->who, request->param[0], http_wish_done, wish, &err);

	http_wish_settle(wish, rc, &err);
}
