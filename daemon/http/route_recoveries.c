/* SPDX-License-Identifier: Apache-2.0 */
/* How boards that did not answer were helped. */
#include "core/base/mem.h"
#include "daemon/http/routes.h"

void route_board_recoveries(struct http_request *request)
{
	struct query query = {.kind = QUERY_BOARD_RECOVERIES, .limit = 20};
	json_t *board = farm_board_json(http_farm(request), &request->who, request->param[0]);

	if (!board) {
		http_reply_error(request, 404, "there is no board \"%.100s\"", request->param[0]);
		return;
	}
	json_decref(board);
	mem_text_into(query.name, sizeof query.name, request->param[0]);
	if (http_query_int(request, "limit", 1, ARCHIVE_MAX_ROWS, &query.limit) &&
	    http_query_int(request, "before", 1, INT64_MAX, &query.before))
		route_read(request, &query);
}

void route_recovery_figures(struct http_request *request)
{
	struct query query = {.kind = QUERY_RECOVERY_FIGURES};

	route_read(request, &query);
}
