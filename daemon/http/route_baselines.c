/* SPDX-License-Identifier: Apache-2.0 */
/* Baselines: listed, and what a job measured accepted into them.
 *
 * Happy path: POST {job} -> what its passed runs measured is read -> the farm takes it -> durable -> 200 with how many
 * values were new. Ways it fails: no such job, it is not finished, none of its runs passed, nothing was measured. */
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "daemon/http/routes.h"

void route_baselines(struct http_request *request)
{
	http_reply_json(request, 200,
			json_pack("{s:o?}", "baselines", farm_baselines_json(http_farm(request), &request->who)));
}

struct acceptance {
	struct http_request *request;
	int64_t job;
	size_t accepted;
};

static void acceptance_destroy(struct acceptance *acceptance)
{
	http_request_release(acceptance->request);
	free(acceptance);
}

static void on_accepted(void *context, const struct err *err)
{
	struct acceptance *acceptance = (struct acceptance *)context;

	if (err)
		http_reply_err(acceptance->request, err);
	else
		http_reply_json(acceptance->request, 200,
				json_pack("{s:I, s:I}", "job", (json_int_t)acceptance->job, "accepted",
					  (json_int_t)acceptance->accepted));
	acceptance_destroy(acceptance);
}

/* Why nothing of the job can be accepted; NULL: it can. */
static const char *objection(const json_t *job)
{
	const char *state = json_string_value(json_object_get(job, "state"));

	if (!state || strcmp(state, "finished") != 0)
		return "the job is not finished";
	if (json_integer_value(json_object_get(job, "passed")) == 0)
		return "no run of the job passed";
	if (json_array_size(json_object_get(job, "values")) == 0)
		return "the runs of the job that passed measured nothing";
	return NULL;
}

static void on_values(void *context, struct answer *answer)
{
	struct acceptance *acceptance = (struct acceptance *)context;
	struct http_request *request = acceptance->request;
	const char *why = answer->err.code ? NULL : objection(answer->json);
	struct err err = {0};

	if (answer->err.code) {
		http_reply_err(request, &answer->err);
	} else if (why) {
		http_reply_error(request, 409, "%s", why);
	} else if (farm_accept_baseline(http_farm(request), &request->who, json_object_get(answer->json, "values"),
					on_accepted, acceptance, &acceptance->accepted, &err)) {
		http_reply_err(request, &err);
	} else {
		return;
	}
	acceptance_destroy(acceptance);
}

void route_baseline_post(struct http_request *request)
{
	const struct archive *archive = request->http->ports.archive;
	struct query query = {.kind = QUERY_ACCEPTABLE};
	struct acceptance *acceptance;
	struct err err = {0};
	json_t *body;
	int rc;

	if (!http_body_json(request, &body))
		return;
	rc = json_read_int(body, "job", true, 1, INT64_C(1) << 53, &query.id, &err);
	if (rc == 0 && json_object_size(body) != 1)
		rc = err_set(&err, ERR_INVALID, "found other fields than job");
	json_decref(body);
	if (rc) {
		http_reply_error(request, 422, "%s", err.text);
		return;
	}
	acceptance = mem_alloc(sizeof(*acceptance));
	acceptance->request = http_request_hold(request);
	acceptance->job = query.id;
	archive->read(archive->context, &request->who, &query, on_values, acceptance);
}
