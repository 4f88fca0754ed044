/* SPDX-License-Identifier: Apache-2.0 */
/* The first half of a request: its headers, its caller, its body. */
#include "daemon/http/request.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/json.h"
#include "core/base/log.h"
#include "daemon/http/routes.h"
#include "daemon/loop/web.h"

static const struct {
	enum lws_token_indexes token;
	enum http_method method;
	bool head;
} METHODS[] = {
	{WSI_TOKEN_GET_URI, HTTP_GET, false},       {WSI_TOKEN_HEAD_URI, HTTP_GET, true},
	{WSI_TOKEN_POST_URI, HTTP_POST, false},     {WSI_TOKEN_PUT_URI, HTTP_PUT, false},
	{WSI_TOKEN_DELETE_URI, HTTP_DELETE, false}, {WSI_TOKEN_PATCH_URI, HTTP_OTHER, false},
	{WSI_TOKEN_OPTIONS_URI, HTTP_OTHER, false},
};

struct http_request *http_request_create(struct http *http, struct lws *wsi)
{
	struct http_request *request = (struct http_request *)calloc(1, sizeof(*request));

	if (!request)
		return NULL;
	request->http = http;
	request->wsi = wsi;
	request->refs = 1;
	request->content_length = -1;
	buf_init(&request->body, HTTP_MAX_JSON);
	return request;
}

struct farm *http_farm(const struct http_request *request)
{
	return request->http->ports.farm;
}

struct http_request *http_request_hold(struct http_request *request)
{
	request->refs++;
	return request;
}

static void sink_destroy(struct http_request *request)
{
	if (request->sink)
		request->sink->destroy(request->sink);
	request->sink = NULL;
}

void http_request_release(struct http_request *request)
{
	if (--request->refs > 0)
		return;
	sink_destroy(request);
	if (request->reply.source)
		request->reply.source->destroy(request->reply.source);
	for (size_t i = 0; i < request->query_count; i++)
		free(request->query[i]);
	free(request->reply.data);
	buf_finish(&request->body);
	free(request);
}

void http_request_gone(struct http_request *request)
{
	request->wsi = NULL;
	http_request_release(request);
}

/* Copies a header; "" when it is absent or longer than there is room. */
static void header_copy(struct lws *wsi, enum lws_token_indexes token, char *out, size_t size)
{
	out[0] = '\0';
	if (lws_hdr_total_length(wsi, token) > 0 && lws_hdr_copy(wsi, out, (int)size, token) < 0)
		out[0] = '\0';
}

/* Returns false when the request is so odd that it was answered. */
static bool read_target(struct http_request *request)
{
	struct lws *wsi = request->wsi;
	bool known = false;

	request->method = HTTP_OTHER;
	for (size_t i = 0; i < sizeof(METHODS) / sizeof(METHODS[0]) && !known; i++) {
		int len = lws_hdr_total_length(wsi, METHODS[i].token);
		if (len <= 0)
			continue;
		known = true;
		request->method = METHODS[i].method;
		request->head = METHODS[i].head;
		if (len >= HTTP_MAX_PATH || lws_hdr_copy(wsi, request->path, HTTP_MAX_PATH, METHODS[i].token) < 0 ||
		    strlen(request->path) != (size_t)len) {
			http_reply_error(request, 400, "the path is longer than %d bytes or holds a NUL",
					 HTTP_MAX_PATH - 1);
			return false;
		}
	}
	if (!known)
		http_reply_error(request, 405, "a method this server does not know");
	return known;
}

static bool read_query(struct http_request *request)
{
	struct lws *wsi = request->wsi;

	for (int i = 0;; i++) {
		int len = lws_hdr_fragment_length(wsi, WSI_TOKEN_HTTP_URI_ARGS, i);
		if (len <= 0)
			return true;
		char *text = request->query_count < HTTP_MAX_QUERY ? (char *)malloc((size_t)len + 1) : NULL;
		if (!text || lws_hdr_copy_fragment(wsi, text, len + 1, WSI_TOKEN_HTTP_URI_ARGS, i) < 0) {
			free(text);
			http_reply_error(request, 400, "more than %d query parameters", HTTP_MAX_QUERY);
			return false;
		}
		request->query[request->query_count++] = text;
	}
}

/* Every query name must be one the route knows: a misspelt filter that is ignored gives wrong answers. Pages
 * may carry any. */
static bool check_query(struct http_request *request)
{
	const char *const *known = request->route->query;

	if (!request->route->roles)
		return true;
	for (size_t i = 0; i < request->query_count; i++) {
		size_t len = strcspn(request->query[i], "=");
		const char *const *at = known;
		while (at && *at && (strlen(*at) != len || strncmp(*at, request->query[i], len) != 0))
			at++;
		if (at && *at)
			continue;
		http_reply_error(request, 400, "unknown query parameter \"%.*s\"", (int)(len < 60 ? len : 60),
				 request->query[i]);
		return false;
	}
	return true;
}

static bool check_caller(struct http_request *request)
{
	char token[TOKEN_TEXT_MAX];
	bool given = web_bearer(request->wsi, token, sizeof(token));

	if (!given || !request->http->ports.authenticate(request->http->ports.context, token, &request->who)) {
		http_reply_header(request, "www-authenticate:", "Bearer");
		http_reply_error(request, 401,
				 given ? "this token is not known here"
				       : "a token is needed: Authorization: Bearer TOKEN");
		return false;
	}
	if (!(request->route->roles & (1u << request->who.role))) {
		http_reply_error(request, 403, "the role \"%s\" may not do this", role_name(request->who.role));
		return false;
	}
	return true;
}

static bool type_is(const char *type, const char *expected)
{
	size_t len = strcspn(type, "; \t");

	return strlen(expected) == len && strncasecmp(type, expected, len) == 0;
}

/* A missing type is taken as the right one. */
static bool type_fits(const char *type, enum http_body body)
{
	if (!type[0] || body == HTTP_BODY_UPLOAD)
		return true;
	if (body == HTTP_BODY_JSON || body == HTTP_BODY_JSON_OPTIONAL)
		return type_is(type, "application/json");
	return type_is(type, "application/yaml") || type_is(type, "application/x-yaml") || type_is(type, "text/yaml") ||
	       type_is(type, "text/x-yaml") || type_is(type, "text/plain") || type_is(type, "application/json");
}

static bool check_body(struct http_request *request)
{
	char text[32];
	char *end = NULL;
	const struct http_route *route = request->route;

	header_copy(request->wsi, WSI_TOKEN_HTTP_CONTENT_LENGTH, text, sizeof(text));
	if (text[0]) {
		request->content_length = strtoll(text, &end, 10);
		if (*end || request->content_length < 0) {
			http_reply_error(request, 400, "Content-Length is \"%s\", expected a number", text);
			return false;
		}
	}
	if (lws_hdr_total_length(request->wsi, WSI_TOKEN_HTTP_TRANSFER_ENCODING) > 0) {
		http_reply_error(request, 411, "send the body with a Content-Length, not in chunks");
		return false;
	}
	size_t max = route->body == HTTP_BODY_NONE ? 0 : route->body_max;
	if (request->content_length > (int64_t)max) {
		http_reply_error(request, 413, "the body has %lld bytes, at most %zu are taken here",
				 (long long)request->content_length, max);
		return false;
	}
	if (route->body == HTTP_BODY_NONE)
		return true;
	if (request->content_length <= 0 && route->body == HTTP_BODY_JSON_OPTIONAL)
		return true;
	if (request->content_length < 0) {
		http_reply_error(request, 411, "a body with a Content-Length is expected");
		return false;
	}
	header_copy(request->wsi, WSI_TOKEN_HTTP_CONTENT_TYPE, request->content_type, sizeof(request->content_type));
	if (!type_fits(request->content_type, route->body)) {
		http_reply_error(request, 415, "the body is \"%s\", expected %s", request->content_type,
				 route->body == HTTP_BODY_YAML ? "application/yaml" : "application/json");
		return false;
	}
	return true;
}

static bool announces_body(const struct http_request *request)
{
	return request->method != HTTP_GET || lws_hdr_total_length(request->wsi, WSI_TOKEN_HTTP_CONTENT_LENGTH) > 0 ||
	       lws_hdr_total_length(request->wsi, WSI_TOKEN_HTTP_TRANSFER_ENCODING) > 0;
}

/* Finds out whether the request may go on to its handler; otherwise it has been answered. */
static bool request_admit(struct http_request *request)
{
	/* A body that nobody will read must not be taken for the next request. */
	request->reply.close = true;
	if (!read_target(request))
		return false;
	request->reply.close = announces_body(request);
	header_copy(request->wsi, WSI_TOKEN_HTTP_IF_NONE_MATCH, request->accept_etag, sizeof(request->accept_etag));
	if (!read_query(request))
		return false;
	request->route = http_route_find(request);
	if (!request->route)
		return false;
	if (request->route->roles && !check_caller(request))
		return false;
	if (!check_query(request) || !check_body(request))
		return false;
	request->reply.close = false;
	return true;
}

void http_request_turn(struct http_request *request, enum http_turn turn)
{
	if (!request->wsi)
		return;
	if (turn == HTTP_TURN_CLIENT)
		lws_set_timeout(request->wsi, PENDING_TIMEOUT_HTTP_CONTENT, request->http->ports.client_timeout_s);
	else
		lws_set_timeout(request->wsi, NO_PENDING_TIMEOUT, 0);
}

int http_request_begin(struct http_request *request)
{
	http_request_turn(request, HTTP_TURN_CLIENT);
	if (!request_admit(request))
		return 0;
	if (request->route->begin)
		request->route->begin(request);
	if (request->stage != HTTP_STAGE_BODY) {
		/* begin has answered: the body that comes is not wanted */
		request->reply.close = request->content_length > 0;
		return 0;
	}
	if (request->content_length <= 0)
		return http_request_body_end(request);
	return 0;
}

int http_request_body(struct http_request *request, const void *data, size_t len)
{
	struct err err = {0};

	request->body_seen += (int64_t)len;
	if (request->stage != HTTP_STAGE_BODY)
		return 0;
	int rc = request->sink ? request->sink->write(request->sink, data, len, &err)
			       : buf_append(&request->body, data, len);
	if (!rc)
		return 0;
	if (!err.code)
		err_set(&err, (enum err_code)rc, "the body cannot be taken");
	request->reply.close = true;
	http_reply_err(request, &err);
	return 0;
}

int http_request_body_end(struct http_request *request)
{
	if (request->stage != HTTP_STAGE_BODY)
		return 0;
	request->stage = HTTP_STAGE_HANDLING;
	http_request_turn(request, HTTP_TURN_FARM);
	request->route->handle(request);
	return 0;
}

const char *http_query(const struct http_request *request, const char *name)
{
	size_t len = strlen(name);

	for (size_t i = 0; i < request->query_count; i++)
		if (strncmp(request->query[i], name, len) == 0 && request->query[i][len] == '=')
			return request->query[i] + len + 1;
	return NULL;
}

static bool text_to_int(const char *text, int64_t min, int64_t max, int64_t *ret_value)
{
	char *end;

	if (!text[0] || strlen(text) > 19 || strspn(text, "0123456789") != strlen(text))
		return false;
	long long value = strtoll(text, &end, 10);
	if (value < min || value > max)
		return false;
	*ret_value = value;
	return true;
}

bool http_query_int(struct http_request *request, const char *name, int64_t min, int64_t max, int64_t *ret_value)
{
	const char *text = http_query(request, name);

	if (!text || text_to_int(text, min, max, ret_value))
		return true;
	http_reply_error(request, 400, "%s is \"%.40s\", expected a number from %lld to %lld", name, text,
			 (long long)min, (long long)max);
	return false;
}

bool http_param_id(struct http_request *request, size_t i, int64_t *ret_id)
{
	if (text_to_int(request->param[i], 1, INT64_MAX, ret_id))
		return true;
	http_reply_error(request, 404, "there is no \"%.40s\": jobs and runs are numbered from 1", request->param[i]);
	return false;
}

bool http_body_json(struct http_request *request, json_t **ret_object)
{
	struct err err = {0};
	json_t *value = NULL;

	if (json_parse(buf_text(&request->body), request->body.len, HTTP_MAX_JSON, &value, &err)) {
		http_reply_error(request, 400, "the body is not JSON: %s", err.text);
		return false;
	}
	if (!json_is_object(value)) {
		json_decref(value);
		http_reply_error(request, 400, "the body is JSON, expected an object");
		return false;
	}
	*ret_object = value;
	return true;
}

int http_refuse_unknown(const json_t *body, const char *const known[], struct err *err)
{
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)(uintptr_t)body, key, value)
	{
		size_t i = 0;

		while (known[i] && strcmp(known[i], key) != 0)
			i++;
		if (!known[i])
			return err_set(err, ERR_INVALID, "%.60s: found an unknown field", key);
	}
	return 0;
}

int http_read_why(const json_t *body, const char **ret_why, struct err *err)
{
	if (json_object_size(body) > 1)
		return err_set(err, ERR_INVALID, "found further fields, expected only why");
	return json_read_text(body, "why", true, ret_why, err);
}
