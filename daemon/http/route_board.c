/* SPDX-License-Identifier: Apache-2.0 */
/* Boards taken out of service and let in again, and what was decided about them. */
#include "core/base/mem.h"
#include "daemon/http/routes.h"
#include "daemon/http/wish.h"

static json_t *board_json(struct http_request *request)
{
	return farm_board_json(http_farm(request), &request->who, request->param[0]);
}

void route_board_history(struct http_request *request)
{
	struct query query = {.kind = QUERY_BOARD_HISTORY};
	json_t *board = board_json(request);

	if (!board) {
		http_reply_error(request, 404, "there is no board \"%.100s\"", request->param[0]);
		return;
	}
	json_decref(board);
	mem_text_into(query.name, sizeof query.name, request->param[0]);
	route_read(request, &query);
}

static void answer(struct http_wish *wish)
{
	http_reply_json(wish->request, 200, json_pack("{s:o?}", "board", board_json(wish->request)));
	http_wish_destroy(wish);
}

static void give_order(struct http_request *request, enum board_order order)
{
	struct http_wish *wish;
	struct err err = {0};
	const char *why;
	json_t *body;
	int rc;

	if (!http_body_json(request, &body))
		return;
	wish = http_wish_create(request, answer);
	rc = http_read_why(body, &why, &err);
	if (!rc)
		rc = farm_order_board(http_farm(request), &request->who, request->param[0], order, why, http_wish_done,
				      wish, &err);
	http_wish_settle(wish, rc, &err);
	json_decref(body);
}

void route_board_quarantine(struct http_request *request)
{
	give_order(request, BOARD_ORDER_QUARANTINE);
}

void route_board_release(struct http_request *request)
{
	give_order(request, BOARD_ORDER_RELEASE);
}

void route_board_retire(struct http_request *request)
{
	give_order(request, BOARD_ORDER_RETIRE);
}

void route_board_unretire(struct http_request *request)
{
	give_order(request, BOARD_ORDER_UNRETIRE);
}
