/* SPDX-License-Identifier: Apache-2.0 */
/* Making requests: target, headers, body. */
#include "daemon/cli/plain_request.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include <event2/buffer.h>

static enum outcome add_body(struct evbuffer *output, const struct exchange *exchange)
{
	int fd;

	if (exchange->body_bytes && evbuffer_add(output, exchange->body, exchange->body_bytes))
		return OUTCOME_NOMEM;
	if (!exchange->upload_bytes)
		return OUTCOME_ANSWERED;
	fd = fcntl(fileno(exchange->upload), F_DUPFD_CLOEXEC, 0);
	if (fd < 0)
		return OUTCOME_NOT_READ;
	if (evbuffer_add_file(output, fd, 0, (ev_off_t)exchange->upload_bytes)) {
		close(fd);
		return OUTCOME_NOT_READ;
	}
	return OUTCOME_ANSWERED;
}

static int add_headers(struct evkeyvalq *headers, const struct plain_host *host, const struct exchange *exchange)
{
	char bearer[sizeof exchange->address->token + 16];

	snprintf(bearer, sizeof bearer, "Bearer %s", exchange->address->token);
	if (evhttp_add_header(headers, "Host", host->where) ||
	    evhttp_add_header(headers, "User-Agent", "assay/" ASSAY_VERSION) ||
	    evhttp_add_header(headers, "Accept", "*/*") || evhttp_add_header(headers, "Authorization", bearer))
		return -1;
	return exchange->content_type ? evhttp_add_header(headers, "Content-Type", exchange->content_type) : 0;
}

static enum evhttp_cmd_type command(const char *method)
{
	if (strcmp(method, "POST") == 0)
		return EVHTTP_REQ_POST;
	if (strcmp(method, "PUT") == 0)
		return EVHTTP_REQ_PUT;
	return strcmp(method, "DELETE") == 0 ? EVHTTP_REQ_DELETE : EVHTTP_REQ_GET;
}

enum outcome plain_request_make(struct evhttp_connection *connection, const struct plain_host *host,
				const struct exchange *exchange, const struct plain_request_events *events)
{
	struct evhttp_request *request = evhttp_request_new(events->on_answered, events->context);
	enum outcome outcome = OUTCOME_NOMEM;
	char target[2048];

	if (request && !add_headers(evhttp_request_get_output_headers(request), host, exchange))
		outcome = add_body(evhttp_request_get_output_buffer(request), exchange);
	if (outcome != OUTCOME_ANSWERED) {
		if (request)
			evhttp_request_free(request);
		return outcome;
	}
	evhttp_request_set_chunked_cb(request, events->on_piece);
	evhttp_request_set_error_cb(request, events->on_failure);
	snprintf(target, sizeof target, "%s/api/v1%s", host->prefix, exchange->path);
	return evhttp_make_request(connection, request, command(exchange->method), target) ? OUTCOME_NOMEM
											   : OUTCOME_ANSWERED;
}
