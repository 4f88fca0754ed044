/* SPDX-License-Identifier: Apache-2.0 */
/* A run's console as bytes, streamed from the archive piece by piece.
 *
 * Happy path: the first piece is read -> it tells how much there is -> headers with the length -> further pieces as the
 * socket takes them. What comes in after the first read is not part of the answer; a client that wants more asks from
 * where it stopped, or uses the live websocket. */
#include <stdlib.h>
#include <string.h>

#include "daemon/http/routes.h"

struct console_source {
	struct http_source base;
	struct http_request *request; /* its owner */
	struct query query;
	uint8_t *first; /* the piece that was read to learn the length */
	size_t first_bytes;
};

static void console_destroy(struct http_source *base)
{
	struct console_source *source = (struct console_source *)base;

	free(source->first);
	free(source);
}

static void on_piece(void *context, struct answer *answer)
{
	struct http_request *request = (struct http_request *)context;
	struct console_source *source = (struct console_source *)request->reply.source;

	source->query.from += answer->size_bytes;
	http_source_push(request, answer->bytes, answer->size_bytes, answer->err.code != ERR_OK);
	http_request_release(request);
}

static void console_pull(struct http_source *base, struct http_request *request)
{
	struct console_source *source = (struct console_source *)base;
	const struct archive *archive = request->http->ports.archive;

	if (source->first) {
		http_source_push(request, source->first, source->first_bytes, false);
		free(source->first);
		source->first = NULL;
		return;
	}
	archive->read(archive->context, &request->who, &source->query, on_piece, http_request_hold(request));
}

static void reply_console(struct console_source *source, struct answer *answer)
{
	struct http_request *request = source->request;
	struct err err = {0};
	int64_t total = 0;

	if (json_read_int(answer->json, "total", true, 0, INT64_MAX, &total, &err)) {
		http_reply_err(request, &err);
		free(source);
		return;
	}
	uint64_t end = source->query.to && source->query.to < (uint64_t)total ? source->query.to : (uint64_t)total;
	int64_t length = end > source->query.from ? (int64_t)(end - source->query.from) : 0;
	http_reply_header(request, "x-console-total:", "%lld", (long long)total);
	http_reply_header(request, "x-console-open:", "%s",
			  json_is_true(json_object_get(answer->json, "open")) ? "true" : "false");
	source->first = answer->bytes;
	source->first_bytes = answer->size_bytes;
	answer->bytes = NULL;
	source->query.from += source->first_bytes;
	source->query.to = end;
	http_reply_source(request, "application/octet-stream", length, &source->base);
}

static void on_first(void *context, struct answer *answer)
{
	struct console_source *source = (struct console_source *)context;
	struct http_request *request = source->request;

	if (answer->err.code) {
		http_reply_err(request, &answer->err);
		free(source);
	} else {
		reply_console(source, answer);
	}
	http_request_release(request);
}

void route_run_console(struct http_request *request)
{
	const struct archive *archive = request->http->ports.archive;
	int64_t run, from = 0, to = 0;

	if (!http_param_id(request, 0, &run) || !http_query_int(request, "from", 0, INT64_MAX, &from) ||
	    !http_query_int(request, "to", 0, INT64_MAX, &to))
		return;
	if (http_query(request, "to") && to < from) {
		http_reply_error(request, 400, "to is %lld, expected at least from, %lld", (long long)to,
				 (long long)from);
		return;
	}
	struct console_source *source = (struct console_source *)calloc(1, sizeof(*source));
	if (!source) {
		http_reply_error(request, 500, "out of memory");
		return;
	}
	source->base.pull = console_pull;
	source->base.destroy = console_destroy;
	source->request = http_request_hold(request);
	source->query = (struct query){.kind = QUERY_CONSOLE, .id = run, .from = (uint64_t)from, .to = (uint64_t)to};
	archive->read(archive->context, &request->who, &source->query, on_first, source);
}
