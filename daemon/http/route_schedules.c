/* SPDX-License-Identifier: Apache-2.0 */
/* Schedules: listed, put, paused, begun now and removed. */
#include "core/farm/nights.h"
#include "daemon/http/routes.h"
#include "daemon/http/wish.h"

void route_schedules(struct http_request *request)
{
	http_reply_json(request, 200,
			json_pack("{s:o?}", "schedules", farm_schedules_json(http_farm(request), &request->who, NULL)));
}

static void reply_schedule(struct http_request *request)
{
	json_t *list = farm_schedules_json(http_farm(request), &request->who, request->param[0]);

	if (json_array_size(list) == 0)
		http_reply_error(request, 404, "there is no schedule \"%.100s\"", request->param[0]);
	else
		http_reply_json(request, 200, json_pack("{s:O}", "schedule", json_array_get(list, 0)));
	json_decref(list);
}

void route_schedule(struct http_request *request)
{
	reply_schedule(request);
}

static void answer_schedule(struct http_wish *wish)
{
	reply_schedule(wish->request);
	http_wish_destroy(wish);
}

void route_schedule_put(struct http_request *request)
{
	struct http_wish *wish = http_wish_create(request, answer_schedule);
	struct doc_problems problems;
	struct err err = {0};
	const char *file = http_query(request, "file");
	int rc = farm_put_schedule(http_farm(request), &request->who, request->param[0], file ? file : "schedule.yaml",
				   buf_text(&request->body), request->body.len, http_wish_done, wish, &problems, &err);

	http_wish_settle_document(wish, rc, &problems, &err);
}

static void change(struct http_request *request, enum schedule_wish what, void (*answer)(struct http_wish *wish))
{
	struct http_wish *wish = http_wish_create(request, answer);
	struct err err = {0};
	int rc = farm_change_schedule(http_farm(request), &request->who, request->param[0], what, http_wish_done, wish,
				      &err);

	http_wish_settle(wish, rc, &err);
}

void route_schedule_pause(struct http_request *request)
{
	change(request, SCHEDULE_PAUSE, answer_schedule);
}

void route_schedule_resume(struct http_request *request)
{
	change(request, SCHEDULE_RESUME, answer_schedule);
}

static void answer_removed(struct http_wish *wish)
{
	http_reply_json(wish->request, 200, json_pack("{s:s}", "removed", wish->request->param[0]));
	http_wish_destroy(wish);
}

void route_schedule_delete(struct http_request *request)
{
	change(request, SCHEDULE_REMOVE, answer_removed);
}

/* The night that was begun by hand. */
static void answer_begun(struct http_wish *wish)
{
	http_reply_json(wish->request, 201, json_pack("{s:I}", "night", (json_int_t)wish->id));
	http_wish_destroy(wish);
}

void route_schedule_run(struct http_request *request)
{
	struct http_wish *wish = http_wish_create(request, answer_begun);
	struct err err = {0};
	int rc = farm_run_schedule(http_farm(request), &request->who, request->param[0], http_wish_done, wish,
				   &wish->id, &err);

	http_wish_settle(wish, rc, &err);
}
