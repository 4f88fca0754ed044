/* SPDX-License-Identifier: Apache-2.0 */
/* What runs leave behind: listed, read, and sent by the agent that told of it. */
#include <stdlib.h>
#include <string.h>

#include "core/farm/artefact.h"
#include "daemon/http/routes.h"
#include "daemon/http/source.h"

struct artefact_sink {
	struct http_sink base;
	const struct archive *archive;
	struct artefact_upload *upload;
};

static int sink_write(struct http_sink *base, const void *data, size_t len, struct err *err)
{
	struct artefact_sink *sink = (struct artefact_sink *)base;

	return sink->archive->artefact_append(sink->upload, data, len, err);
}

static void sink_destroy(struct http_sink *base)
{
	struct artefact_sink *sink = (struct artefact_sink *)base;

	sink->archive->artefact_abort(sink->upload);
	free(sink);
}

static bool read_params(struct http_request *request, int64_t *ret_run)
{
	if (!http_param_id(request, 0, ret_run))
		return false;
	if (artefact_name_valid(request->param[1]))
		return true;
	http_reply_error(request, 404, "there is no artefact \"%.80s\"", request->param[1]);
	return false;
}

void route_artefact_put_begin(struct http_request *request)
{
	const struct archive *archive = request->http->ports.archive;
	struct artefact_sink *sink;
	struct err err = {0};
	int64_t run;

	if (!read_params(request, &run))
		return;
	sink = (struct artefact_sink *)calloc(1, sizeof(*sink));
	if (!sink) {
		http_reply_error(request, 500, "out of memory");
		return;
	}
	sink->base.write = sink_write;
	sink->base.destroy = sink_destroy;
	sink->archive = archive;
	if (archive->artefact_begin(archive->context, &request->who, run, request->param[1], &sink->upload, &err)) {
		free(sink);
		http_reply_err(request, &err);
		return;
	}
	request->sink = &sink->base;
}

void route_artefact_put(struct http_request *request)
{
	struct artefact_sink *sink = (struct artefact_sink *)request->sink;
	struct artefact_upload *upload = sink->upload;

	sink->upload = NULL; /* finish takes it over */
	sink->archive->artefact_finish(upload, route_answered, http_request_hold(request));
}

void route_artefacts(struct http_request *request)
{
	struct query query = {.kind = QUERY_ARTEFACTS};

	if (http_param_id(request, 0, &query.id))
		route_read(request, &query);
}

static void on_artefact(void *context, struct answer *answer)
{
	struct http_request *request = (struct http_request *)context;

	if (answer->err.code) {
		http_reply_err(request, &answer->err);
	} else if (answer->fd >= 0) {
		http_reply_header(request, "cache-control:", "private, max-age=31536000, immutable");
		http_reply_file(request, "application/octet-stream", answer->fd);
		answer->fd = -1;
	} else {
		http_reply_text(request, 200, "text/plain; charset=utf-8", (char *)answer->bytes, answer->size_bytes);
		answer->bytes = NULL;
	}
	http_request_release(request);
}

void route_artefact(struct http_request *request)
{
	const struct archive *archive = request->http->ports.archive;
	struct query query = {.kind = QUERY_ARTEFACT};

	if (!read_params(request, &query.id))
		return;
	memcpy(query.name, request->param[1], strlen(request->param[1]) + 1);
	archive->read(archive->context, &request->who, &query, on_artefact, http_request_hold(request));
}
