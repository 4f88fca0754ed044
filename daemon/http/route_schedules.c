/* SPDX-License-Identifier: Apache-2.0 */
/* Schedules: listed, put, paused, begun now and removed. */
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/farm/nights.h"
#include "daemon/http/routes.h"

static struct farm *farm_of(struct http_request *request)
{
	return request->http->ports.farm;
}

void route_schedules(struct http_request *request)
{
	http_reply_json(request, 200,
			json_pack("{s:o?}", "schedules", farm_schedules_json(farm_of(request), &request->who, NULL)));
}

static void reply_schedule(struct http_request *request)
{
	json_t *list = farm_schedules_json(farm_of(request), &request->who, request->param[0]);

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

static void on_put(void *context, const struct err *err)
{
	struct http_request *request = (struct http_request *)context;

	if (err)
		http_reply_err(request, err);
	else
		reply_schedule(request);
	http_request_release(request);
}

void route_schedule_put(struct http_request *request)
{
	struct doc_problems problems;
	struct err err = {0};
	const char *file = http_query(request, "file");

	http_request_hold(request);
	int rc = farm_put_schedule(farm_of(request), &request->who, request->param[0], file ? file : "schedule.yaml",
				   buf_text(&request->body), request->body.len, on_put, request, &problems, &err);
	if (!rc)
		return;
	if (rc == ERR_INVALID)
		http_reply_problems(request, &problems);
	else
		http_reply_err(request, &err);
	http_request_release(request);
}

static void change(struct http_request *request, enum schedule_wish wish, on_done_fn on_done)
{
	struct err err = {0};

	http_request_hold(request);
	if (!farm_change_schedule(farm_of(request), &request->who, request->param[0], wish, on_done, request, &err))
		return;
	http_reply_err(request, &err);
	http_request_release(request);
}

void route_schedule_pause(struct http_request *request)
{
	change(request, SCHEDULE_PAUSE, on_put);
}

void route_schedule_resume(struct http_request *request)
{
	change(request, SCHEDULE_RESUME, on_put);
}

static void on_removed(void *context, const struct err *err)
{
	struct http_request *request = (struct http_request *)context;

	if (err)
		http_reply_err(request, err);
	else
		http_reply_json(request, 200, json_pack("{s:s}", "removed", request->param[0]));
	http_request_release(request);
}

void route_schedule_delete(struct http_request *request)
{
	change(request, SCHEDULE_REMOVE, on_removed);
}

/* A night that is begun by hand. */
struct beginning {
	struct http_request *request;
	int64_t night;
};

static void on_begun(void *context, const struct err *err)
{
	struct beginning *beginning = (struct beginning *)context;

	if (err)
		http_reply_err(beginning->request, err);
	else
		http_reply_json(beginning->request, 201, json_pack("{s:I}", "night", (json_int_t)beginning->night));
	http_request_release(beginning->request);
	free(beginning);
}

void route_schedule_run(struct http_request *request)
{
	struct beginning *beginning = mem_alloc(sizeof(*beginning));
	struct err err = {0};

	beginning->request = http_request_hold(request);
	if (!farm_run_schedule(farm_of(request), &request->who, request->param[0], on_begun, beginning,
			       &beginning->night, &err))
		return;
	on_begun(beginning, &err);
}
