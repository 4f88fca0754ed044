/* SPDX-License-Identifier: Apache-2.0 */
/* Waivers: listed, given and withdrawn. */
#include <string.h>

#include "core/base/mem.h"
#include "daemon/http/routes.h"
#include "daemon/http/wish.h"

void route_waivers(struct http_request *request)
{
	http_reply_json(request, 200,
			json_pack("{s:o?}", "waivers", farm_waivers_json(http_farm(request), &request->who, 0)));
}

/* The waiver as it is now. */
static void wish_answer(struct http_wish *wish)
{
	struct http_request *request = wish->request;
	json_t *found = farm_waivers_json(http_farm(request), &request->who, wish->id);

	http_reply_json(request, wish->status, json_pack("{s:O?}", "waiver", json_array_get(found, 0)));
	json_decref(found);
	http_wish_destroy(wish);
}

/* A text that fits its field. */
static int read_into(const json_t *body, const char *key, bool required, char *target, size_t size, struct err *err)
{
	const char *text = "";
	int rc = json_read_text(body, key, required, &text, err);

	if (rc)
		return rc;
	if (strlen(text) >= size)
		return err_set(err, ERR_INVALID, "%s: found a longer text, expected at most %zu bytes", key, size - 1);
	mem_text_into(target, size, text);
	return 0;
}

static int read_waiver(const json_t *body, struct waiver_record *ret_wanted, struct err *err)
{
	static const char *const known[] = {"board_type", "case",     "reason", "intermittent",
					    "from_us",    "until_us", "org",    NULL};
	struct waiver_record wanted = {0};
	int rc = http_refuse_unknown(body, known, err);

	if (!rc)
		rc = read_into(body, "board_type", true, wanted.board_type, sizeof(wanted.board_type), err);
	if (!rc)
		rc = read_into(body, "case", true, wanted.cases, sizeof(wanted.cases), err);
	if (!rc)
		rc = read_into(body, "reason", true, wanted.reason, sizeof(wanted.reason), err);
	if (!rc)
		rc = read_into(body, "org", false, wanted.org, sizeof(wanted.org), err);
	if (!rc)
		rc = json_read_bool(body, "intermittent", false, &wanted.intermittent, err);
	if (!rc)
		rc = json_read_int(body, "from_us", false, 1, INT64_C(1) << 53, &wanted.from_us, err);
	if (!rc)
		rc = json_read_int(body, "until_us", true, 1, INT64_C(1) << 53, &wanted.until_us, err);
	*ret_wanted = wanted;
	return rc;
}

void route_waiver_post(struct http_request *request)
{
	struct waiver_record wanted;
	struct err err = {0};
	struct http_wish *wish;
	json_t *body;

	if (!http_body_json(request, &body))
		return;
	if (read_waiver(body, &wanted, &err)) {
		http_reply_error(request, 422, "%s", err.text);
		json_decref(body);
		return;
	}
	json_decref(body);
	wish = http_wish_create(request, wish_answer);
	wish->status = 201;
	http_wish_settle(
		wish,
		farm_add_waiver(http_farm(request), &request->who, &wanted, http_wish_done, wish, &wish->id, &err),
		&err);
}

void route_waiver_delete(struct http_request *request)
{
	struct err err = {0};
	struct http_wish *wish;
	int64_t id;

	if (!http_param_id(request, 0, &id))
		return;
	wish = http_wish_create(request, wish_answer);
	wish->id = id;
	http_wish_settle(wish, farm_withdraw_waiver(http_farm(request), &request->who, id, http_wish_done, wish, &err),
			 &err);
}
