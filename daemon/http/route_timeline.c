/* SPDX-License-Identifier: Apache-2.0 */
/* Who had which board over the last minutes, hours or days. */
#include <stdio.h>
#include <string.h>

#include "daemon/http/routes.h"
#include "daemon/loop/loop.h"

#define MINUTE_US     (INT64_C(60) * 1000000)
#define USUAL_MINUTES 60
#define MAX_MINUTES   (INT64_C(14) * 24 * 60)

void route_timeline(struct http_request *request)
{
	struct query query = {.kind = QUERY_TIMELINE, .before = loop_unix_us()};
	const char *rack = http_query(request, "rack"), *board = http_query(request, "board");
	const char *name = board ? board : rack;
	int64_t minutes = USUAL_MINUTES;

	if (rack && board) {
		http_reply_error(request, 400, "found rack and board, expected one of them or neither");
		return;
	}
	if (name && strlen(name) >= FARM_NAME_MAX) {
		http_reply_error(request, 400, "%s is longer than any name", board ? "board" : "rack");
		return;
	}
	if (!http_query_int(request, "minutes", 1, MAX_MINUTES, &minutes))
		return;
	query.after = query.before - minutes * MINUTE_US;
	query.of_board = board != NULL;
	snprintf(query.name, sizeof(query.name), "%s", name ? name : "");
	route_read(request, &query);
}
