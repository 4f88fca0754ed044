/* SPDX-License-Identifier: Apache-2.0 */
/* Organisations and what they may have; racks that take nothing new. */
#include <string.h>

#include "core/base/mem.h"
#include "daemon/http/routes.h"
#include "daemon/http/wish.h"

void route_orgs(struct http_request *request)
{
	http_reply_json(request, 200,
			json_pack("{s:o?}", "orgs", farm_orgs_json(http_farm(request), &request->who, NULL)));
}

static json_t *agent_named(const json_t *agents, const char *name)
{
	json_t *agent;
	size_t i;

	json_array_foreach(agents, i, agent)
	{
		if (strcmp(json_string_value(json_object_get(agent, "name")), name) == 0)
			return agent;
	}
	return NULL;
}

/* The organisation as it is now. */
static void answer_org(struct http_wish *wish)
{
	struct http_request *request = wish->request;
	json_t *list = farm_orgs_json(http_farm(request), &request->who, request->param[0]);

	http_reply_json(request, 200, json_pack("{s:O?}", "org", json_array_get(list, 0)));
	json_decref(list);
	http_wish_destroy(wish);
}

/* The rack as it is now. */
static void answer_agent(struct http_wish *wish)
{
	struct http_request *request = wish->request;
	json_t *list = farm_agents_json(http_farm(request), &request->who);

	http_reply_json(request, 200, json_pack("{s:O?}", "agent", agent_named(list, request->param[0])));
	json_decref(list);
	http_wish_destroy(wish);
}

static int read_count(const json_t *body, const char *key, uint32_t *count, struct err *err)
{
	int64_t value = *count;
	int rc = json_read_int(body, key, false, 0, UINT32_MAX, &value, err);

	if (!rc)
		*count = (uint32_t)value;
	return rc;
}

/* A slip of the pen is no new organisation: one is made only where that is asked for. */
static bool check_known(struct http_request *request, bool add)
{
	bool known = farm_org_known(http_farm(request), request->param[0]);

	if (known && add)
		http_reply_error(request, 409,
				 "there is an organisation \"%.63s\" already: it can be set (assay org set)",
				 request->param[0]);
	else if (!known && !add)
		http_reply_error(request, 404, "there is no organisation \"%.63s\"; it can be added (assay org add)",
				 request->param[0]);
	return known != add;
}

void route_org_post(struct http_request *request)
{
	static const char *const known[] = {"weight", "cap", "guaranteed", "add", NULL};
	struct org_record wanted = farm_org_wanted(http_farm(request), request->param[0]);
	struct err err = {0};
	struct http_wish *wish;
	bool add = false;
	json_t *body;
	int rc;

	if (!http_body_json(request, &body))
		return;
	rc = http_refuse_unknown(body, known, &err);
	if (!rc)
		rc = json_read_bool(body, "add", false, &add, &err);
	if (!rc)
		rc = read_count(body, "weight", &wanted.weight, &err);
	if (!rc)
		rc = read_count(body, "cap", &wanted.cap, &err);
	if (!rc)
		rc = read_count(body, "guaranteed", &wanted.guaranteed, &err);
	json_decref(body);
	if (rc) {
		http_reply_error(request, 422, "%s", err.text);
		return;
	}
	if (!check_known(request, add))
		return;
	wish = http_wish_create(request, answer_org);
	http_wish_settle(wish, farm_set_org(http_farm(request), &request->who, &wanted, http_wish_done, wish, &err),
			 &err);
}

/* It has again what every organisation has of which nothing was said. */
void route_org_delete(struct http_request *request)
{
	struct org_record usual = farm_org_wanted(http_farm(request), request->param[0]);
	struct err err = {0};
	struct http_wish *wish;

	if (!check_known(request, false))
		return;
	wish = http_wish_create(request, answer_org);
	usual.weight = ORG_USUAL_WEIGHT;
	usual.cap = usual.guaranteed = 0;
	http_wish_settle(wish, farm_set_org(http_farm(request), &request->who, &usual, http_wish_done, wish, &err),
			 &err);
}

void route_org_member_post(struct http_request *request)
{
	static const char *const known[] = {"weight", NULL};
	uint32_t weight = 0;
	struct err err = {0};
	struct http_wish *wish;
	json_t *body;
	int rc;

	if (!http_body_json(request, &body))
		return;
	rc = http_refuse_unknown(body, known, &err);
	if (!rc)
		rc = read_count(body, "weight", &weight, &err);
	json_decref(body);
	if (rc) {
		http_reply_error(request, 422, "%s", err.text);
		return;
	}
	if (!check_known(request, false))
		return;
	wish = http_wish_create(request, answer_org);
	http_wish_settle(wish,
			 farm_set_member(http_farm(request), &request->who, request->param[0], request->param[1],
					 weight, http_wish_done, wish, &err),
			 &err);
}

/* --- racks --- */

static int read_drain(const json_t *body, struct drain_record *wanted, struct err *err)
{
	static const char *const known[] = {"hub", "why", NULL};
	const char *hub = "", *why = "";
	int rc = http_refuse_unknown(body, known, err);

	if (!rc)
		rc = json_read_text(body, "hub", false, &hub, err);
	if (!rc)
		rc = json_read_text(body, "why", false, &why, err);
	if (!rc && (strlen(hub) >= sizeof(wanted->hub) || strlen(why) >= sizeof(wanted->why)))
		rc = err_set(err, ERR_INVALID, "%s: found a longer text, expected at most %zu bytes",
			     strlen(why) >= sizeof(wanted->why) ? "why" : "hub", sizeof(wanted->why) - 1);
	if (rc)
		return rc;
	mem_text_into(wanted->hub, sizeof(wanted->hub), hub);
	mem_text_into(wanted->why, sizeof(wanted->why), why);
	return 0;
}

static void set_draining(struct http_request *request, bool draining)
{
	struct drain_record wanted = {.draining = draining};
	struct err err = {0};
	struct http_wish *wish;
	json_t *body = NULL;
	int rc = 0;

	if (request->body.len > 0) {
		if (!http_body_json(request, &body))
			return;
		rc = read_drain(body, &wanted, &err);
		json_decref(body);
	}
	if (rc) {
		http_reply_error(request, 422, "%s", err.text);
		return;
	}
	if (strlen(request->param[0]) >= sizeof(wanted.agent)) {
		http_reply_error(request, 404, "there is no such rack");
		return;
	}
	mem_text_into(wanted.agent, sizeof(wanted.agent), request->param[0]);
	wish = http_wish_create(request, answer_agent);
	http_wish_settle(wish, farm_drain(http_farm(request), &request->who, &wanted, http_wish_done, wish, &err),
			 &err);
}

void route_agent_drain(struct http_request *request)
{
	set_draining(request, true);
}

void route_agent_resume(struct http_request *request)
{
	set_draining(request, false);
}
