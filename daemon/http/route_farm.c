/* SPDX-License-Identifier: Apache-2.0 */
/* What is now, straight from the farm: its state, queue, agents, boards, board types and suites. */
#include "core/base/mem.h"
#include "daemon/http/routes.h"
#include "daemon/http/wish.h"

/* {"name": value}, or 500 when there was no memory for it. */
static void reply_named(struct http_request *request, const char *name, json_t *value)
{
	http_reply_json(request, 200, value ? json_pack("{s:o}", name, value) : NULL);
}

static void reply_or_missing(struct http_request *request, const char *what, json_t *value)
{
	if (value)
		http_reply_json(request, 200, value);
	else
		http_reply_error(request, 404, "there is no %s \"%.100s\"", what, request->param[0]);
}

void route_farm(struct http_request *request)
{
	const struct http_ports *ports = &request->http->ports;
	json_t *farm = farm_status_json(http_farm(request), &request->who);
	const json_t *kept = ports->kept(ports->context);

	json_put(&farm, "version", json_string(ASSAY_VERSION));
	json_put(&farm, "boot", json_string(request->http->ports.boot));
	json_put(&farm, "you",
		 json_pack("{s:s,s:s,s:s}", "name", request->who.name, "org", request->who.org, "role",
			   role_name(request->who.role)));
	if (request->who.role == ROLE_ADMIN)
		json_put(&farm, "kept", kept ? json_incref((json_t *)(uintptr_t)kept) : json_null());
	http_reply_json(request, 200, farm);
}

/* The queue; or with ?run=N that run alone, board by board, and nothing when it does not wait. */
void route_queue(struct http_request *request)
{
	int64_t limit = 100, run = 0;
	json_t *queue, *waiting;

	if (!http_query_int(request, "limit", 1, ARCHIVE_MAX_ROWS, &limit) ||
	    !http_query_int(request, "run", 1, INT64_MAX, &run))
		return;
	if (!run) {
		reply_named(request, "queue", farm_queue_json(http_farm(request), &request->who, (size_t)limit));
		return;
	}
	queue = json_array();
	waiting = farm_waiting_json(http_farm(request), &request->who, run);
	if (waiting)
		json_push(&queue, waiting);
	reply_named(request, "queue", queue);
}

void route_agents(struct http_request *request)
{
	reply_named(request, "agents", farm_agents_json(http_farm(request), &request->who));
}

void route_boards(struct http_request *request)
{
	reply_named(request, "boards", farm_boards_json(http_farm(request), &request->who));
}

void route_board(struct http_request *request)
{
	reply_or_missing(request, "board", farm_board_json(http_farm(request), &request->who, request->param[0]));
}

void route_board_wear(struct http_request *request)
{
	reply_or_missing(request, "board", farm_board_wear_json(http_farm(request), &request->who, request->param[0]));
}

void route_board_runs(struct http_request *request)
{
	struct query query = {.kind = QUERY_BOARD_RUNS, .limit = 100};
	json_t *board = farm_board_json(http_farm(request), &request->who, request->param[0]);

	if (!board) {
		reply_or_missing(request, "board", NULL);
		return;
	}
	json_decref(board);
	mem_text_into(query.name, sizeof query.name, request->param[0]);
	if (http_query_int(request, "limit", 1, ARCHIVE_MAX_ROWS, &query.limit) &&
	    http_query_int(request, "before", 1, INT64_MAX, &query.before))
		route_read(request, &query);
}

void route_board_types(struct http_request *request)
{
	reply_named(request, "board_types", farm_board_types_json(http_farm(request), &request->who));
}

void route_suites(struct http_request *request)
{
	reply_named(request, "suites", farm_suites_json(http_farm(request), &request->who));
}

void route_suite(struct http_request *request)
{
	reply_or_missing(request, "suite", farm_suite_json(http_farm(request), &request->who, request->param[0]));
}

static void answer_suite(struct http_wish *wish)
{
	route_suite(wish->request);
	http_wish_destroy(wish);
}

void route_suite_put(struct http_request *request)
{
	struct http_wish *wish = http_wish_create(request, answer_suite);
	struct doc_problems problems;
	struct err err = {0};
	const char *file = http_query(request, "file");
	int rc = farm_put_suite(http_farm(request), &request->who, request->param[0], file ? file : "suite.yaml",
				buf_text(&request->body), request->body.len, http_wish_done, wish, &problems, &err);

	http_wish_settle_document(wish, rc, &problems, &err);
}

void route_upgrade(struct http_request *request)
{
	http_reply_header(request, "upgrade:", "websocket");
	http_reply_error(request, 426, "this address speaks websocket");
}
