/* SPDX-License-Identifier: Apache-2.0 */
/* Nights: listed, shown, reported, compared and accepted.
 *
 * A report is the summary that was kept when the night ended; with another night to compare with it is made now, in a
 * thread of the store. Until there is a summary, a report is one of what there is so far. */
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/farm/nights.h"
#include "daemon/http/routes.h"

#define NIGHTS_IN_TREND 30
#define NO_SCRIPTS      "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'"

static void read_archive(struct http_request *request, const struct query *query, on_answer_fn on_answer, void *context)
{
	const struct archive *archive = request->http->ports.archive;

	archive->read(archive->context, &request->who, query, on_answer, context);
}

void route_nights(struct http_request *request)
{
	struct query query = {.kind = QUERY_NIGHTS, .limit = 100};
	const char *schedule = http_query(request, "schedule");

	mem_text_into(query.name, sizeof(query.name), schedule);
	if (http_query_int(request, "limit", 1, ARCHIVE_MAX_ROWS, &query.limit) &&
	    http_query_int(request, "before", 1, INT64_MAX, &query.before))
		route_read(request, &query);
}

static void on_night(void *context, struct answer *answer)
{
	struct http_request *request = (struct http_request *)context;

	if (answer->err.code)
		http_reply_err(request, &answer->err);
	else
		http_reply_json(request, 200, json_pack("{s:O}", "night", answer->json));
	http_request_release(request);
}

void route_night(struct http_request *request)
{
	struct query query = {.kind = QUERY_NIGHT};

	if (http_param_id(request, 0, &query.id))
		read_archive(request, &query, on_night, http_request_hold(request));
}

/* --- reports --- */

enum format { FORMAT_TEXT, FORMAT_JSON, FORMAT_HTML, FORMAT_COUNT };

static const char *const format_names[] = {"text", "json", "html"};

struct telling {
	struct http_request *request;
	enum format format;
	struct query query;
	json_t *night; /* with its summary */
};

static void telling_destroy(struct telling *telling)
{
	json_decref(telling->night);
	http_request_release(telling->request);
	free(telling);
}

static void reply_text(struct telling *telling, const char *text)
{
	http_reply_text(telling->request, 200, "text/plain; charset=utf-8", mem_text(text), strlen(text));
}

static void on_trend(void *context, struct answer *answer)
{
	struct telling *telling = (struct telling *)context;
	struct http_request *request = telling->request;
	const struct http_ports *ports = &request->http->ports;
	struct err err = answer->err;
	char *html = NULL;
	size_t len = 0;

	if (!err.code)
		(void)ports->night_page(ports->context, telling->night, json_object_get(answer->json, "nights"), &html,
					&len, &err);
	if (err.code) {
		http_reply_err(request, &err);
	} else {
		http_reply_header(request, "content-security-policy:", "%s", NO_SCRIPTS);
		http_reply_text(request, 200, "text/html; charset=utf-8", html, len);
	}
	telling_destroy(telling);
}

static void tell(struct telling *telling)
{
	const char *text = json_string_value(json_object_get(telling->night, "summary_text"));
	struct query query = {.kind = QUERY_NIGHTS, .limit = NIGHTS_IN_TREND};

	if (telling->format == FORMAT_HTML) {
		mem_text_into(query.name, sizeof(query.name),
			      json_string_value(json_object_get(telling->night, "schedule")));
		query.before = telling->query.id + 1;
		read_archive(telling->request, &query, on_trend, telling);
		return;
	}
	if (telling->format == FORMAT_TEXT)
		reply_text(telling, text ? text : "");
	else
		http_reply_json(telling->request, 200, json_incref(json_object_get(telling->night, "summary")));
	telling_destroy(telling);
}

static void on_summary(void *context, struct answer *answer)
{
	struct telling *telling = (struct telling *)context;

	if (answer->err.code) {
		http_reply_err(telling->request, &answer->err);
		telling_destroy(telling);
		return;
	}
	json_object_set(telling->night, "summary", json_object_get(answer->json, "summary"));
	json_object_set(telling->night, "summary_text", json_object_get(answer->json, "text"));
	tell(telling);
}

static void on_told_night(void *context, struct answer *answer)
{
	struct telling *telling = (struct telling *)context;

	if (answer->err.code) {
		http_reply_err(telling->request, &answer->err);
		telling_destroy(telling);
		return;
	}
	telling->night = json_incref(answer->json);
	if (!telling->query.after && json_is_object(json_object_get(telling->night, "summary"))) {
		tell(telling);
		return;
	}
	telling->query.kind = QUERY_NIGHT_SUMMARY;
	mem_text_into(telling->query.state, sizeof(telling->query.state), "accepted");
	read_archive(telling->request, &telling->query, on_summary, telling);
}

void route_night_report(struct http_request *request)
{
	const char *name = http_query(request, "format");
	struct query query = {.kind = QUERY_NIGHT};
	struct telling *telling;
	int format = FORMAT_TEXT;

	while (name && format < FORMAT_COUNT && strcmp(format_names[format], name) != 0)
		format++;
	if (format == FORMAT_COUNT) {
		http_reply_error(request, 400, "format is \"%.40s\", expected text, json or html", name);
		return;
	}
	if (!http_param_id(request, 0, &query.id) || !http_query_int(request, "with", 1, INT64_MAX, &query.after))
		return;
	telling = mem_alloc(sizeof(*telling));
	telling->request = http_request_hold(request);
	telling->format = (enum format)format;
	telling->query = query;
	read_archive(request, &query, on_told_night, telling);
}

/* --- accepting --- */

static void on_accepted(void *context, const struct err *err)
{
	struct http_request *request = (struct http_request *)context;
	struct query query = {.kind = QUERY_NIGHT};

	if (err)
		http_reply_err(request, err);
	else if (http_param_id(request, 0, &query.id))
		read_archive(request, &query, on_night, http_request_hold(request));
	http_request_release(request);
}

static void on_acceptable(void *context, struct answer *answer)
{
	struct http_request *request = (struct http_request *)context;
	struct err err = answer->err;

	if (!err.code &&
	    !farm_accept_night(http_farm(request), &request->who, answer->json, on_accepted, request, &err))
		return;
	http_reply_err(request, &err);
	http_request_release(request);
}

void route_night_accept(struct http_request *request)
{
	struct query query = {.kind = QUERY_NIGHT};

	if (http_param_id(request, 0, &query.id))
		read_archive(request, &query, on_acceptable, http_request_hold(request));
}
