/* SPDX-License-Identifier: Apache-2.0 */
/* Reports of a job, or of one of its runs. */
#include <stdlib.h>
#include <string.h>

#include "daemon/http/routes.h"

#define REPORT_MAX (64u << 20)

static void reply_report(struct http_request *request, const json_t *job, int64_t run)
{
	const struct http_ports *ports = &request->http->ports;
	const char *format = http_query(request, "format"), *type = NULL;
	struct err err = {0};
	struct buf out;

	buf_init(&out, REPORT_MAX);
	int rc = ports->report(ports->context, job, run, format ? format : "text", &out, &type, &err);
	if (rc) {
		buf_finish(&out);
		if (rc == ERR_INVALID)
			http_reply_error(request, 400, "%s", err.text);
		else
			http_reply_err(request, &err);
		return;
	}
	size_t len = out.len;
	http_reply_text(request, 200, type, buf_take(&out), len);
}

static void on_job(void *context, struct answer *answer)
{
	struct http_request *request = (struct http_request *)context;

	if (answer->err.code)
		http_reply_err(request, &answer->err);
	else
		reply_report(request, answer->json, 0);
	http_request_release(request);
}

void route_job_report(struct http_request *request)
{
	const struct archive *archive = request->http->ports.archive;
	struct query query = {.kind = QUERY_REPORT};

	if (http_param_id(request, 0, &query.id))
		archive->read(archive->context, &request->who, &query, on_job, http_request_hold(request));
}

static void on_run_job(void *context, struct answer *answer)
{
	struct http_request *request = (struct http_request *)context;
	int64_t run = strtoll(request->param[0], NULL, 10);

	if (answer->err.code)
		http_reply_err(request, &answer->err);
	else
		reply_report(request, answer->json, run);
	http_request_release(request);
}

/* The run tells its job; the report is cut from the job's. */
static void on_run(void *context, struct answer *answer)
{
	struct http_request *request = (struct http_request *)context;
	const struct archive *archive = request->http->ports.archive;
	struct query query = {.kind = QUERY_REPORT, .run = strtoll(request->param[0], NULL, 10)};

	if (!answer->err.code)
		json_read_int(answer->json, "job", true, 1, INT64_MAX, &query.id, &answer->err);
	if (answer->err.code) {
		http_reply_err(request, &answer->err);
		http_request_release(request);
		return;
	}
	archive->read(archive->context, &request->who, &query, on_run_job, request);
}

void route_run_report(struct http_request *request)
{
	const struct archive *archive = request->http->ports.archive;
	struct query query = {.kind = QUERY_RUN};

	if (http_param_id(request, 0, &query.id))
		archive->read(archive->context, &request->who, &query, on_run, http_request_hold(request));
}
