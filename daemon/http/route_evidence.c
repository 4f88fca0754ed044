/* SPDX-License-Identifier: Apache-2.0 */
/* Evidence: a job sealed in a thread of the store, the archive that came of it, and the keys that sign it. */
#include <stdio.h>

#include "daemon/http/routes.h"
#include "daemon/http/source.h"

static void on_sealed(void *context, struct answer *answer)
{
	struct http_request *request = (struct http_request *)context;

	if (answer->err.code) {
		http_reply_err(request, &answer->err);
	} else {
		http_reply_file(request, "application/json", answer->fd);
		answer->fd = -1;
	}
	http_request_release(request);
}

void route_job_seal(struct http_request *request)
{
	const struct http_ports *ports = &request->http->ports;
	struct query query = {.kind = QUERY_REPORT, .writer = *ports->sealer};

	if (http_param_id(request, 0, &query.id))
		ports->archive->read(ports->archive->context, &request->who, &query, on_sealed,
				     http_request_hold(request));
}

/* The job is there, and the caller's to see. */
static void on_job(void *context, struct answer *answer)
{
	struct http_request *request = (struct http_request *)context;
	const struct http_ports *ports = &request->http->ports;
	long long job = (long long)json_integer_value(json_object_get(answer->json, "id"));
	struct err err = answer->err;
	int fd = -1;

	if (err.code || ports->evidence(ports->context, job, &fd, &err)) {
		http_reply_err(request, &err);
	} else {
		http_reply_header(request, "content-disposition:", "attachment; filename=\"job-%lld.evidence.tar\"",
				  job);
		http_reply_file(request, "application/x-tar", fd);
	}
	http_request_release(request);
}

void route_job_evidence(struct http_request *request)
{
	const struct archive *archive = request->http->ports.archive;
	struct query query = {.kind = QUERY_JOB};

	if (http_param_id(request, 0, &query.id))
		archive->read(archive->context, &request->who, &query, on_job, http_request_hold(request));
}

static void reply_keys(struct http_request *request, bool rotate)
{
	const struct http_ports *ports = &request->http->ports;
	struct err err = {0};
	json_t *keys = NULL;

	if (ports->keys(ports->context, rotate, &keys, &err))
		http_reply_err(request, &err);
	else
		http_reply_json(request, 200, keys);
}

void route_keys(struct http_request *request)
{
	reply_keys(request, false);
}

void route_keys_rotate(struct http_request *request)
{
	reply_keys(request, true);
}
