/* SPDX-License-Identifier: Apache-2.0 */
/* One HTTP request from its headers to the end of its answer, and the ways a handler answers it.
 *
 * Happy path: headers -> route found, caller known and allowed -> body collected -> handler -> one http_reply_… ->
 * headers and body written as the socket takes them -> done, the connection waits for the next request.
 * Ways it goes otherwise:
 *   no route, wrong method, no or wrong token, body too large or of a wrong kind    answered before the handler
 *   the connection closes while the handler waits for the store    the request lives until the handler lets go of it;
 *                                                                   its answer is dropped
 *   the connection closes while the answer is written               the rest is dropped
 *   the client takes nothing of its answer for its time              the connection is closed; never while it waits for
 * us the source of a streamed answer fails half-way                  the connection is cut, so that the client sees it
 */
#ifndef ASSAY_HTTP_REQUEST_H
#define ASSAY_HTTP_REQUEST_H

#include <libwebsockets.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/buf.h"
#include "core/base/doc.h"
#include "core/base/err.h"
#include "core/base/json.h"
#include "daemon/http/http_private.h"

#define HTTP_MAX_PATH   1024
#define HTTP_MAX_PARAMS 2
#define HTTP_MAX_QUERY  8
#define HTTP_MAX_JSON   (4u << 20)  /* of a JSON or YAML body */
#define HTTP_CHUNK      (32u << 10) /* of an answer, written at once */

enum http_method { HTTP_GET, HTTP_POST, HTTP_PUT, HTTP_DELETE, HTTP_OTHER };

/* What a route takes as its body. */
enum http_body {
	HTTP_BODY_NONE,
	HTTP_BODY_JSON,
	HTTP_BODY_JSON_OPTIONAL, /* may be missing */
	HTTP_BODY_YAML,
	HTTP_BODY_UPLOAD /* any bytes, into a sink */
};

struct http_request;

/* Where a large answer comes from, piece by piece. */
struct http_source {
	/* Brings the next piece by http_source_push(), now or later, once for each call. */
	void (*pull)(struct http_source *source, struct http_request *request);
	/* Called once, when the answer is over in any way and no pull is open. */
	void (*destroy)(struct http_source *source);
};

/* Takes the bytes of a body that is not kept in memory. */
struct http_sink {
	int (*write)(struct http_sink *sink, const void *data, size_t len, struct err *err);
	void (*destroy)(struct http_sink *sink); /* once; also when the upload breaks off */
};

struct http_route {
	enum http_method method;
	const char *pattern;      /* "/api/v1/jobs/{}/report": {} is one path element, handed over as a param */
	unsigned roles;           /* 1 << enum role, together; 0: anyone, without a token */
	const char *const *query; /* the query names it knows, NULL-terminated; NULL: none */
	enum http_body body;
	size_t body_max;
	/* Called with the whole body, or for HTTP_BODY_UPLOAD with all of it in the sink. Answers exactly once, now
	 * or later. */
	void (*handle)(struct http_request *request);
	/* HTTP_BODY_UPLOAD: sets request->sink before the first byte, or answers with an error. */
	void (*begin)(struct http_request *request);
};

enum http_stage { HTTP_STAGE_BODY, HTTP_STAGE_HANDLING, HTTP_STAGE_HEADERS, HTTP_STAGE_SENDING, HTTP_STAGE_DONE };

struct http_reply {
	int status;
	const char *content_type;
	char header[5][2][256]; /* name with its colon, value */
	size_t header_count;
	int64_t length; /* of the body */
	int64_t sent;
	bool close; /* the connection ends after it */
	char *data; /* the body, or the piece of a source that is being written; owned */
	size_t data_len, data_sent;
	struct http_source *source; /* NULL: data is all */
	bool pulling;
	bool failed;
};

/* Reference counted: the connection holds one, and whoever waits for something holds one. */
struct http_request {
	struct http *http;
	struct lws *wsi; /* NULL once the connection is gone */
	int refs;
	enum http_stage stage;
	enum http_method method;
	bool head; /* HEAD: as GET, without the body */
	char path[HTTP_MAX_PATH];
	char *query[HTTP_MAX_QUERY]; /* "name=value", decoded; owned */
	size_t query_count;
	char content_type[64];
	char accept_etag[80];   /* If-None-Match */
	int64_t content_length; /* -1: none said */
	const struct http_route *route;
	char param[HTTP_MAX_PARAMS][256];
	struct principal who; /* good when the route needs a role */
	struct buf body;
	int64_t body_seen;
	struct http_sink *sink;
	struct http_reply reply;
};

/* Who must do something next. A client that is waited for is hung up on after its time; while it waits for the farm no
 * time runs out, however long the farm takes. */
enum http_turn { HTTP_TURN_CLIENT, HTTP_TURN_FARM };
void http_request_turn(struct http_request *request, enum http_turn turn);

/* The farm that requests are about. */
struct farm *http_farm(const struct http_request *request);

/* Keeps the request alive while something else holds it; every hold is owed one release. */
struct http_request *http_request_hold(struct http_request *request);
void http_request_release(struct http_request *request);

/* The value of a query name, or NULL. */
const char *http_query(const struct http_request *request, const char *name);
/* Reads a whole number; absent leaves the output untouched. On false the request has been answered with 400. */
bool http_query_int(struct http_request *request, const char *name, int64_t min, int64_t max, int64_t *ret_value);
/* Reads path element i as a job or run number; on false the request has been answered with 404. */
bool http_param_id(struct http_request *request, size_t i, int64_t *ret_id);
/* Parses the body as a JSON object; on false the request has been answered. The caller owns it. */
bool http_body_json(struct http_request *request, json_t **ret_object);
/* 0, or ERR_INVALID naming the first field that is not among known, which ends with NULL. */
int http_refuse_unknown(const json_t *body, const char *const known[], struct err *err);
/* Of a body that says why and nothing else. 0, or ERR_INVALID; the text is borrowed from it. */
int http_read_why(const json_t *body, const char **ret_why, struct err *err);

/* The answers: each is given at most once a request, and takes effect later, never inside the call. */
void http_reply_json(struct http_request *request, int status, json_t *body); /* takes the reference */
void http_reply_text(struct http_request *request, int status, const char *content_type, char *text,
		     size_t len); /* takes the heap block */
void http_reply_empty(struct http_request *request, int status);
void http_reply_source(struct http_request *request, const char *content_type, int64_t length,
		       struct http_source *source); /* 200; takes the source */
void http_reply_error(struct http_request *request, int status, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* With the status that suits the code. */
void http_reply_err(struct http_request *request, const struct err *err);
/* 422 with each problem. */
void http_reply_problems(struct http_request *request, const struct doc_problems *problems);
/* Adds a header (name with its colon, lower case) to the answer that will be given. */
void http_reply_header(struct http_request *request, const char *name, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* From a source's pull: the next bytes (copied), or failed to cut the connection. */
void http_source_push(struct http_request *request, const void *data, size_t len, bool failed);

/* For http.c and the protocol callback only. Each write returns 0, or -1 to close the connection. */
struct http_request *http_request_create(struct http *http, struct lws *wsi);
int http_request_begin(struct http_request *request);
int http_request_body(struct http_request *request, const void *data, size_t len);
int http_request_body_end(struct http_request *request);
int http_reply_write(struct http_request *request);
void http_request_gone(struct http_request *request);

#endif
