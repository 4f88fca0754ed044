/* SPDX-License-Identifier: Apache-2.0 */
/* Cases that change their mind while the firmware does not. */
#include <stdio.h>
#include <string.h>

#include "daemon/http/routes.h"

void route_flakes(struct http_request *request)
{
	struct query query = {.kind = QUERY_FLAKES, .limit = 100};
	const char *type = http_query(request, "board_type");

	if (type && strlen(type) >= FARM_NAME_MAX) {
		http_reply_error(request, 400, "board_type is longer than any board type's name");
		return;
	}
	snprintf(query.name, sizeof(query.name), "%s", type ? type : "");
	if (http_query_int(request, "limit", 1, ARCHIVE_MAX_ROWS, &query.limit))
		route_read(request, &query);
}
