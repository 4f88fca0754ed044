/* SPDX-License-Identifier: Apache-2.0 */
/* The second half of a request: its answer, from memory or piece by piece from a source. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/doc_json.h"
#include "core/base/log.h"
#include "daemon/http/request.h"
#include "daemon/loop/web.h"

#define JSON_TYPE "application/json"
/* Of one answer in memory; larger ones must be streamed or paged. */
#define REPLY_MAX (64u << 20)

static const struct {
	int status;
	const char *code;
} CODES[] = {
	{400, "malformed"},
	{401, "unauthorized"},
	{403, "forbidden"},
	{404, "not-found"},
	{405, "method-not-allowed"},
	{409, "conflict"},
	{411, "length-required"},
	{413, "too-big"},
	{415, "unsupported-media-type"},
	{422, "invalid"},
	{426, "upgrade-required"},
	{500, "internal"},
	{503, "degraded"},
	{507, "no-space"},
};

static const char *status_code(int status)
{
	for (size_t i = 0; i < sizeof(CODES) / sizeof(CODES[0]); i++)
		if (CODES[i].status == status)
			return CODES[i].code;
	return "error";
}

static int err_status(enum err_code code)
{
	switch (code) {
	case ERR_INVALID:
	case ERR_UNSUPPORTED:
		return 422;
	case ERR_TOO_BIG:
		return 413;
	case ERR_NO_SPACE:
		return 507;
	case ERR_NOT_FOUND:
		return 404;
	case ERR_EXISTS:
	case ERR_STALE:
		return 409;
	case ERR_BUSY:
	case ERR_TIMEOUT:
	case ERR_CANCELLED:
	case ERR_UNREACHABLE:
		return 503;
	case ERR_DENIED:
		return 403;
	default:
		return 500;
	}
}

/* Asks to be called when the client can take more. */
static void write_next(struct http_request *request)
{
	if (!request->wsi)
		return;
	http_request_turn(request, HTTP_TURN_CLIENT);
	lws_callback_on_writable(request->wsi);
}

/* The answer is complete enough to start: what happens next is the socket's to say. */
static void reply_start(struct http_request *request)
{
	request->stage = HTTP_STAGE_HEADERS;
	write_next(request);
}

static bool reply_begin(struct http_request *request, int status, const char *content_type)
{
	if (request->stage >= HTTP_STAGE_HEADERS) {
		log_error("http", "a second answer to %s was dropped", request->path);
		return false;
	}
	request->reply.status = status;
	request->reply.content_type = content_type;
	return true;
}

void http_reply_text(struct http_request *request, int status, const char *content_type, char *text, size_t len)
{
	if (!reply_begin(request, status, content_type)) {
		free(text);
		return;
	}
	request->reply.data = text;
	request->reply.data_len = len;
	request->reply.length = (int64_t)len;
	reply_start(request);
}

void http_reply_empty(struct http_request *request, int status)
{
	http_reply_text(request, status, NULL, NULL, 0);
}

void http_reply_json(struct http_request *request, int status, json_t *body)
{
	struct buf out;

	buf_init(&out, REPLY_MAX);
	int rc = body ? json_write(body, &out) : ERR_NOMEM;
	json_decref(body);
	if (!rc)
		rc = buf_append_text(&out, "\n");
	if (rc) {
		buf_finish(&out);
		log_error("http", "the answer to %s cannot be written: %s", request->path, err_name((enum err_code)rc));
		http_reply_empty(request, 500);
		return;
	}
	size_t len = out.len;
	http_reply_text(request, status, JSON_TYPE, buf_take(&out), len);
}

static void reply_error(struct http_request *request, int status, const char *message, json_t *problems)
{
	json_t *body = json_pack("{s:{s:s,s:s,s:o}}", "error", "code", status_code(status), "message", message,
				 "problems", problems);

	http_reply_json(request, status, body);
}

void http_reply_error(struct http_request *request, int status, const char *format, ...)
{
	char message[512];
	va_list args;

	va_start(args, format);
	vsnprintf(message, sizeof(message), format, args);
	va_end(args);
	json_t *text = json_text(message, sizeof(message));
	reply_error(request, status, text ? json_string_value(text) : "", json_array());
	json_decref(text);
}

void http_reply_err(struct http_request *request, const struct err *err)
{
	http_reply_error(request, err_status(err->code), "%s", err->text);
}

void http_reply_problems(struct http_request *request, const struct doc_problems *problems)
{
	json_t *list = doc_problems_to_json(problems);
	struct err first = {0};

	doc_problems_err(problems, &first);
	json_t *text = json_text(first.text, sizeof(first.text));
	reply_error(request, 422, text ? json_string_value(text) : "", list);
	json_decref(text);
}

void http_reply_header(struct http_request *request, const char *name, const char *format, ...)
{
	struct http_reply *reply = &request->reply;
	va_list args;

	if (reply->header_count >= sizeof(reply->header) / sizeof(reply->header[0]))
		return;
	snprintf(reply->header[reply->header_count][0], sizeof(reply->header[0][0]), "%s", name);
	va_start(args, format);
	vsnprintf(reply->header[reply->header_count][1], sizeof(reply->header[0][1]), format, args);
	va_end(args);
	reply->header_count++;
}

void http_reply_source(struct http_request *request, const char *content_type, int64_t length,
		       struct http_source *source)
{
	if (!reply_begin(request, 200, content_type)) {
		source->destroy(source);
		return;
	}
	request->reply.length = length;
	request->reply.source = source;
	reply_start(request);
}

void http_source_push(struct http_request *request, const void *data, size_t len, bool failed)
{
	struct http_reply *reply = &request->reply;

	reply->pulling = false;
	free(reply->data);
	reply->data = len ? (char *)malloc(len) : NULL;
	reply->failed = failed || !reply->data;
	reply->data_len = reply->data ? len : 0;
	reply->data_sent = 0;
	if (reply->data)
		memcpy(reply->data, data, len);
	write_next(request);
}

static int add_header(struct lws *wsi, const char *name, const char *value, unsigned char **at, unsigned char *end)
{
	return lws_add_http_header_by_name(wsi, (const unsigned char *)name, (const unsigned char *)value,
					   (int)strlen(value), at, end);
}

static int add_headers(struct http_request *request, unsigned char **at, unsigned char *end)
{
	struct http_reply *reply = &request->reply;
	struct lws *wsi = request->wsi;
	char length[24];
	bool bodiless = reply->status == 204 || reply->status == 304;

	snprintf(length, sizeof(length), "%lld", (long long)reply->length);
	if (lws_add_http_header_status(wsi, (unsigned int)reply->status, at, end) ||
	    (reply->content_type && add_header(wsi, "content-type:", reply->content_type, at, end)) ||
	    (!bodiless && add_header(wsi, "content-length:", length, at, end)) ||
	    add_header(wsi, "x-content-type-options:", "nosniff", at, end) ||
	    (reply->close && add_header(wsi, "connection:", "close", at, end)))
		return -1;
	bool cache_said = false;
	for (size_t i = 0; i < reply->header_count; i++) {
		cache_said |= strcmp(reply->header[i][0], "cache-control:") == 0;
		if (add_header(wsi, reply->header[i][0], reply->header[i][1], at, end))
			return -1;
	}
	return cache_said ? 0 : add_header(wsi, "cache-control:", "no-store", at, end);
}

/* Whether a further request may come on the connection. Not when bytes of one are there already, or of this one's body
 * may yet come together with them: libwebsockets 4.1 takes a head that it has put by for its own body, and then turns
 * in a loop for ever. */
static bool may_keep(const struct http_request *request)
{
	return !request->reply.close && request->body_seen >= request->content_length && !web_has_put_by(request->wsi);
}

static int reply_end(struct http_request *request)
{
	struct lws *wsi = request->wsi;

	request->stage = HTTP_STAGE_DONE;
	if (!may_keep(request) || (request->content_length > 0 && lws_partial_buffered(wsi)))
		return -1;
	return lws_http_transaction_completed(wsi) ? -1 : 0;
}

static int write_headers(struct http_request *request)
{
	unsigned char room[LWS_PRE + 4096];
	unsigned char *start = room + LWS_PRE, *at = start, *end = room + sizeof(room) - 1;

	/* A kept connection may begin a further request and never end it. */
	request->reply.close |= request->http->connections > HTTP_MAX_KEPT || !may_keep(request);
	if (add_headers(request, &at, end) || lws_finalize_write_http_header(request->wsi, start, &at, end))
		return -1;
	if (request->head || request->reply.length == 0)
		return reply_end(request);
	request->stage = HTTP_STAGE_SENDING;
	write_next(request);
	return 0;
}

static int write_piece(struct http_request *request)
{
	struct http_reply *reply = &request->reply;
	static unsigned char room[LWS_PRE + HTTP_CHUNK]; /* one loop, one thread, used within this call only */
	size_t len = reply->data_len - reply->data_sent;

	if (len > HTTP_CHUNK)
		len = HTTP_CHUNK;
	memcpy(room + LWS_PRE, reply->data + reply->data_sent, len);
	bool last = reply->sent + (int64_t)len >= reply->length;
	if (lws_write(request->wsi, room + LWS_PRE, len, last ? LWS_WRITE_HTTP_FINAL : LWS_WRITE_HTTP) < 0)
		return -1;
	reply->data_sent += len;
	reply->sent += (int64_t)len;
	if (last)
		return reply_end(request);
	write_next(request);
	return 0;
}

int http_reply_write(struct http_request *request)
{
	struct http_reply *reply = &request->reply;

	if (request->stage == HTTP_STAGE_HEADERS)
		return write_headers(request);
	if (request->stage != HTTP_STAGE_SENDING || reply->pulling)
		return 0;
	if (reply->failed) {
		log_warn("http", "the answer to %s broke off after %lld of %lld bytes", request->path,
			 (long long)reply->sent, (long long)reply->length);
		return -1;
	}
	if (reply->data_sent < reply->data_len)
		return write_piece(request);
	reply->pulling = true;
	http_request_turn(request, HTTP_TURN_FARM);
	reply->source->pull(reply->source, request);
	return 0;
}
