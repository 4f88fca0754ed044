/* SPDX-License-Identifier: Apache-2.0 */
/* The HTTP API under /api/v1 and the web pages. One thread, the main loop's. */
#ifndef ASSAY_HTTP_HTTP_H
#define ASSAY_HTTP_HTTP_H

#include <libwebsockets.h>

#include "core/base/buf.h"
#include "core/base/err.h"
#include "core/base/json.h"
#include "core/farm/archive.h"
#include "core/farm/farm.h"
#include "core/farm/principal.h"

#define HTTP_API "/api/v1"

struct http; /* private; create/destroy */

/* What HTTP needs besides the farm and what is kept. All functions are required. */
struct http_ports {
	void *context;
	struct farm *farm;
	const struct archive *archive;
	/* Whose token this is; false: nobody's. */
	bool (*authenticate)(void *context, const char *token, struct principal *ret_who);
	/* Whose token has this name; false: there is none. */
	bool (*token_of)(void *context, const char *name, struct principal *ret_who);
	/* Makes a token for who; the answer's json is {"name","org","role","token"}. Removes one by name. */
	void (*add_token)(void *context, const struct principal *who, on_answer_fn on_answer, void *answer_context);
	void (*remove_token)(void *context, const char *name, on_answer_fn on_answer, void *answer_context);
	/* Has images in memory before a job names them. Returns true when nothing is to be waited for, else on_prepared
	 * comes later. */
	bool (*prepare_images)(void *context, const char *const *sha256, size_t count,
			       void (*on_prepared)(void *prepared_context, const struct err *err),
			       void *prepared_context);
	/* A night's page, as QUERY_NIGHT gives it; a heap block. before: nights of its schedule, the newest first. */
	/* How much is kept, as store_prune tells; borrowed; NULL: not known yet. */
	const json_t *(*kept)(void *context);
	int (*night_page)(void *context, const json_t *night, const json_t *before, char **ret_html, size_t *ret_len,
			  struct err *err);
	/* What writes a report in a format. ERR_INVALID: there is no such. */
	int (*report)(void *context, const char *format, struct job_writer *ret_writer, struct err *err);
	const struct job_writer *sealer; /* seals a job; writes a summary */
	/* The archive of a job that was sealed, for reading; ERR_NOT_FOUND. */
	int (*evidence)(void *context, int64_t job, int *ret_fd, struct err *err);
	/* The farm's public keys, after having made a new one with rotate. The caller owns them. */
	int (*keys)(void *context, bool rotate, json_t **ret_keys, struct err *err);
	int client_timeout_s; /* how long a client may take to accept the next piece of an answer */
	const char *web_dir;  /* folder of the pages; NULL or missing: a page that says so */
	const char *boot;     /* random, new with every start of the daemon */
};

/* Returns 0 or ERR_NOMEM. */
int http_create(const struct http_ports *ports, struct http **ret_http, struct err *err);
/* After the web that serves it is gone; requests still waiting for the store must have been answered. Accepts NULL. */
void http_destroy(struct http *http);

/* The entry for the web's table of protocols; the first there. */
struct lws_protocols http_protocol(struct http *http);

#endif
