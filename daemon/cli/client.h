/* SPDX-License-Identifier: Apache-2.0 */
/* The daemon's HTTP API as a command uses it: one request at a time, waited for.
 *
 * Every function returns 0 for a 2xx answer, or an error whose code says what kind of thing went wrong:
 *   ERR_UNREACHABLE  nobody answers at that address
 *   ERR_DENIED       401, 403: the token is wrong or may not do this
 *   ERR_NOT_FOUND    404
 *   ERR_INVALID      400, 405, 409, 413, 415, 422: the input is at fault; client_problems may name lines
 *   ERR_NO_SPACE     507
 *   ERR_BUSY         503: the farm is degraded or going down
 *   ERR_PROTOCOL     an answer that makes no sense; ERR_TOO_BIG; ERR_NOMEM; ERR_IO */
#ifndef ASSAY_CLI_CLIENT_H
#define ASSAY_CLI_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <jansson.h>

#include "core/base/err.h"
#include "daemon/cli/address.h"

#define CLIENT_MAX_ANSWER (64u << 20)

struct client; /* private; create/destroy */

/* address is borrowed for the client's life. NULL when memory runs out. */
struct client *client_create(const struct address *address);
void client_destroy(struct client *client);

/* About every second while a request is under way. */
typedef void (*client_wait_fn)(void *context, int64_t waited_ms);

/* From now on a request is waited for as long as the daemon works on it; before, one that moves nothing for a minute is
 * given up. A machine that is gone is noticed all the same, later. on_wait may be NULL. */
void client_be_patient(struct client *client, client_wait_fn on_wait, void *context);

/* path begins behind /api/v1, as "/jobs/3". The caller owns *ret_value. With body NULL, POST sends an empty one. */
int client_get(struct client *client, const char *path, json_t **ret_value, struct err *err);
int client_post(struct client *client, const char *path, const json_t *body, json_t **ret_value, struct err *err);
int client_put_text(struct client *client, const char *path, const char *content_type, const char *text, size_t len,
		    json_t **ret_value, struct err *err);
int client_delete(struct client *client, const char *path, json_t **ret_value, struct err *err);

/* Sends a file as the body, from its beginning; size_bytes of it. */
int client_upload(struct client *client, const char *path, FILE *file, uint64_t size_bytes, json_t **ret_value,
		  struct err *err);

/* Writes the answer's body to out as it comes, of any size. A failure to write is ERR_IO or ERR_NO_SPACE. */
int client_download(struct client *client, const char *path, FILE *out, struct err *err);

/* What the daemon found wrong in the last request: the "problems" of its error answer, an array, or NULL. Borrowed
 * until the next request. */
const json_t *client_problems(const struct client *client);

/* Appends text to a path or query, percent-encoded; false when it does not fit. */
bool client_append_escaped(char *path, size_t size, const char *text);

#endif
