/* SPDX-License-Identifier: Apache-2.0 */
/* What is kept, read from the archive: jobs, runs, events and the times of a console. */
#include <stdio.h>
#include <string.h>

#include "daemon/http/routes.h"

void route_answered(void *context, struct answer *answer)
{
	struct http_request *request = (struct http_request *)context;

	if (answer->err.code) {
		http_reply_err(request, &answer->err);
	} else {
		http_reply_json(request, 200, answer->json);
		answer->json = NULL;
	}
	http_request_release(request);
}

void route_read(struct http_request *request, const struct query *query)
{
	const struct archive *archive = request->http->ports.archive;

	http_request_hold(request);
	archive->read(archive->context, &request->who, query, route_answered, request);
}

void route_jobs(struct http_request *request)
{
	struct query query = {.kind = QUERY_JOBS, .limit = 100};
	const char *state = http_query(request, "state");
	const char *kind = http_query(request, "kind");
	enum job_state known;
	enum job_kind known_kind;

	if (state && !job_state_parse(state, &known)) {
		http_reply_error(request, 400, "state is \"%.40s\", expected queued, running or finished", state);
		return;
	}
	kind = kind ? kind : job_kind_name(JOB_IS_TEST);
	if (strcmp(kind, "any") != 0 && !job_kind_parse(kind, &known_kind)) {
		http_reply_error(request, 400, "kind is \"%.40s\", expected test, lease, check, diagnosis or any",
				 kind);
		return;
	}
	snprintf(query.job_kind, sizeof(query.job_kind), "%s", strcmp(kind, "any") == 0 ? "" : kind);
	snprintf(query.state, sizeof(query.state), "%s", state ? state : "");
	if (http_query_int(request, "limit", 1, ARCHIVE_MAX_ROWS, &query.limit) &&
	    http_query_int(request, "before", 1, INT64_MAX, &query.before))
		route_read(request, &query);
}

void route_job(struct http_request *request)
{
	struct query query = {.kind = QUERY_JOB};

	if (http_param_id(request, 0, &query.id))
		route_read(request, &query);
}

void route_run(struct http_request *request)
{
	struct query query = {.kind = QUERY_RUN};

	if (http_param_id(request, 0, &query.id))
		route_read(request, &query);
}

void route_run_cases(struct http_request *request)
{
	struct query query = {.kind = QUERY_CASES, .limit = ARCHIVE_MAX_ROWS};

	if (http_param_id(request, 0, &query.id) &&
	    http_query_int(request, "limit", 1, ARCHIVE_MAX_ROWS, &query.limit) &&
	    http_query_int(request, "after", 0, INT64_MAX, &query.after))
		route_read(request, &query);
}

void route_run_console_times(struct http_request *request)
{
	struct query query = {.kind = QUERY_CONSOLE_TIMES};

	if (http_param_id(request, 0, &query.id))
		route_read(request, &query);
}

void route_events(struct http_request *request)
{
	struct query query = {.kind = QUERY_EVENTS, .limit = 100};
	const char *board = http_query(request, "board");

	if (board && strlen(board) >= FARM_NAME_MAX) {
		http_reply_error(request, 400, "board is longer than any board's name");
		return;
	}
	snprintf(query.name, sizeof(query.name), "%s", board ? board : "");
	if (http_query_int(request, "after", 0, INT64_MAX, &query.after) &&
	    http_query_int(request, "limit", 1, ARCHIVE_MAX_ROWS, &query.limit) &&
	    http_query_int(request, "job", 1, INT64_MAX, &query.job) &&
	    http_query_int(request, "run", 1, INT64_MAX, &query.run))
		route_read(request, &query);
}
