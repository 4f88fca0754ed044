/* SPDX-License-Identifier: Apache-2.0 */
/* What boards' time goes into. */
#include "daemon/http/routes.h"

#define USUAL_DAYS 7

/* On false the request has been answered. */
static bool read_days(struct http_request *request, size_t *ret_days)
{
	int64_t days = USUAL_DAYS;

	if (!http_query_int(request, "days", 1, TIME_DAYS_KEPT, &days))
		return false;
	*ret_days = (size_t)days;
	return true;
}

void route_board_time(struct http_request *request)
{
	json_t *times;
	size_t days;

	if (!read_days(request, &days))
		return;
	times = farm_board_time_json(http_farm(request), &request->who, request->param[0], days);
	if (times)
		http_reply_json(request, 200, times);
	else
		http_reply_error(request, 404, "there is no board \"%.100s\"", request->param[0]);
}

void route_farm_time(struct http_request *request)
{
	size_t days;

	if (read_days(request, &days))
		http_reply_json(request, 200, farm_time_json(http_farm(request), &request->who, days));
}
