/* SPDX-License-Identifier: Apache-2.0 */
/* Reports of a job, or of one of its runs: written in a thread of the store into a file that is then sent. */
#include <stdlib.h>
#include <string.h>

#include "daemon/http/routes.h"
#include "daemon/http/source.h"

/* A page that holds what boards printed must not be able to do anything. */
#define NO_SCRIPTS "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'"

static struct job_writer writer_of(const struct http_request *request, struct err *err)
{
	const struct http_ports *ports = &request->http->ports;
	const char *format = http_query(request, "format");
	struct job_writer writer = {0};

	(void)ports->report(ports->context, format ? format : "text", &writer, err);
	return writer;
}

static void on_report(void *context, struct answer *answer)
{
	struct http_request *request = (struct http_request *)context;
	struct err err = {0};
	struct job_writer writer = writer_of(request, &err);

	if (answer->err.code) {
		http_reply_err(request, &answer->err);
	} else {
		if (strncmp(writer.content_type, "text/html", 9) == 0)
			http_reply_header(request, "content-security-policy:", "%s", NO_SCRIPTS);
		http_reply_file(request, writer.content_type, answer->fd);
		answer->fd = -1;
	}
	http_request_release(request);
}

static void ask(struct http_request *request, struct query *query)
{
	const struct archive *archive = request->http->ports.archive;
	struct err err = {0};

	query->kind = QUERY_REPORT;
	query->writer = writer_of(request, &err);
	if (err.code)
		http_reply_error(request, 400, "%s", err.text);
	else
		archive->read(archive->context, &request->who, query, on_report, http_request_hold(request));
}

void route_job_report(struct http_request *request)
{
	struct query query = {0};

	if (http_param_id(request, 0, &query.id))
		ask(request, &query);
}

void route_run_report(struct http_request *request)
{
	struct query query = {0};

	if (http_param_id(request, 0, &query.run))
		ask(request, &query);
}
