/* SPDX-License-Identifier: Apache-2.0 */
/* Tokens: listed, made (their text is told once, in the answer) and removed by an admin. */
#include <stdio.h>
#include <string.h>

#include "daemon/http/routes.h"

void route_tokens(struct http_request *request)
{
	struct query query = {.kind = QUERY_TOKENS};

	route_read(request, &query);
}

static int read_principal(const json_t *body, struct principal *ret_who, struct err *err)
{
	/* A slip in "rack" must not make a token that is good for any. */
	static const char *const known[] = {"name", "role", "org", "rack", NULL};
	const char *name = NULL, *org = ORG_DEFAULT, *role = NULL, *rack = "";
	int rc = http_refuse_unknown(body, known, err);

	if (!rc)
		rc = json_read_text(body, "name", true, &name, err);
	if (!rc)
		rc = json_read_text(body, "role", true, &role, err);
	if (!rc)
		rc = json_read_text(body, "org", false, &org, err);
	if (!rc)
		rc = json_read_text(body, "rack", false, &rack, err);
	if (rc)
		return rc;
	struct principal who = {0};
	if (!principal_name_valid(name, sizeof(who.name)))
		return err_set(err, ERR_INVALID, "name: expected 1 to %zu " NAME_RULE, sizeof(who.name) - 1);
	if (!principal_name_valid(org, sizeof(who.org)))
		return err_set(err, ERR_INVALID, "org: expected 1 to %zu " NAME_RULE, sizeof(who.org) - 1);
	if (!role_parse(role, &who.role))
		return err_set(err, ERR_INVALID, "role: found \"%.40s\", expected viewer, member, admin or agent",
			       role);
	if (rack[0] && (who.role != ROLE_AGENT || !principal_name_valid(rack, sizeof(who.rack))))
		return err_set(err, ERR_INVALID,
			       "rack: found \"%.40s\", expected a rack's name, and that of an agent's token alone",
			       rack);
	snprintf(who.rack, sizeof(who.rack), "%s", rack);
	snprintf(who.name, sizeof(who.name), "%s", name);
	snprintf(who.org, sizeof(who.org), "%s", org);
	*ret_who = who;
	return 0;
}

static void on_added(void *context, struct answer *answer)
{
	struct http_request *request = (struct http_request *)context;

	if (answer->err.code) {
		http_reply_err(request, &answer->err);
	} else {
		farm_org_meet(http_farm(request), json_string_value(json_object_get(answer->json, "org")));
		http_reply_json(request, 201, answer->json);
		answer->json = NULL;
	}
	http_request_release(request);
}

void route_token_post(struct http_request *request)
{
	const struct http_ports *ports = &request->http->ports;
	struct principal who;
	struct err err = {0};
	json_t *body;

	if (!http_body_json(request, &body))
		return;
	if (read_principal(body, &who, &err))
		http_reply_error(request, 422, "%s", err.text);
	else
		ports->add_token(ports->context, &who, on_added, http_request_hold(request));
	json_decref(body);
}

static void on_removed(void *context, struct answer *answer)
{
	struct http_request *request = (struct http_request *)context;

	if (answer->err.code)
		http_reply_err(request, &answer->err);
	else
		http_reply_empty(request, 204);
	http_request_release(request);
}

void route_token_delete(struct http_request *request)
{
	const struct http_ports *ports = &request->http->ports;

	/* Otherwise one call could lock everybody out. */
	if (strcmp(request->param[0], request->who.name) == 0)
		http_reply_error(request, 409, "this is the token you are using; remove it with another one");
	else
		ports->remove_token(ports->context, request->param[0], on_removed, http_request_hold(request));
}
