/* SPDX-License-Identifier: Apache-2.0 */
/* Requests to the daemon and what its answers mean; how they get there is its transport's. */
#include "daemon/cli/client.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/json.h"
#include "daemon/cli/exchange.h"
#include "daemon/cli/plain_host.h"

struct client {
	const struct address *address;
	const struct transport_kind *kind;
	struct transport *transport; /* NULL before the first request */
	struct patience patience;
	json_t *error; /* the last error answer, or NULL */
};

struct client *client_create(const struct address *address)
{
	struct client *client = calloc(1, sizeof *client);

	if (!client)
		return NULL;
	client->address = address;
	client->kind = plain_host_may(address->url) ? &transport_plain : &transport_curl;
	return client;
}

void client_destroy(struct client *client)
{
	if (!client)
		return;
	json_decref(client->error);
	client->kind->destroy(client->transport);
	free(client);
}

void client_be_patient(struct client *client, client_wait_fn on_wait, void *context)
{
	client->patience = (struct patience){true, on_wait, context};
}

int exchange_take(struct exchange *exchange, int status, const void *data, size_t len)
{
	if (!exchange->download || status >= 300)
		return buf_append(&exchange->answer, data, len) ? -1 : 0;
	if (fwrite(data, 1, len, exchange->download) != len) {
		exchange->write_errno = errno;
		return -1;
	}
	return 0;
}

static int transport_error(const struct exchange *exchange, enum outcome outcome, struct err *err)
{
	const char *url = exchange->address->url;

	switch (outcome) {
	case OUTCOME_UNREACHABLE:
		return err_set(err, ERR_UNREACHABLE, "cannot reach assayd at %s: is it running? (%s)", url,
			       exchange->why);
	case OUTCOME_UNTRUSTED:
		return address_untrusted(exchange->address, exchange->why, err);
	case OUTCOME_NOT_TAKEN:
		if (exchange->write_errno)
			return err_set_errno(err, exchange->write_errno, "cannot write the answer");
		return err_set(err, ERR_TOO_BIG, "the answer to %s is bigger than %u MiB", exchange->path,
			       CLIENT_MAX_ANSWER >> 20);
	case OUTCOME_NOT_READ:
		return err_set(err, ERR_IO, "cannot read the file to send");
	case OUTCOME_NOMEM:
		return err_set(err, ERR_NOMEM, "out of memory");
	default:
		return err_set(err, ERR_UNREACHABLE, "lost assayd at %s while asking for %s (%s)", url, exchange->path,
			       exchange->why);
	}
}

static enum err_code status_code(int status)
{
	switch (status) {
	case 401:
	case 403:
		return ERR_DENIED;
	case 404:
		return ERR_NOT_FOUND;
	case 503:
		return ERR_BUSY;
	case 507:
		return ERR_NO_SPACE;
	default:
		return status >= 400 && status < 500 ? ERR_INVALID : ERR_PROTOCOL;
	}
}

/* Takes an error answer apart and keeps it, for its problems. */
static int status_error(struct client *client, struct exchange *exchange, struct err *err)
{
	int status = exchange->status;
	const char *message = NULL;
	struct err ignored = {0};

	json_parse(buf_text(&exchange->answer), exchange->answer.len, CLIENT_MAX_ANSWER, &client->error, &ignored);
	message = json_string_value(json_object_get(json_object_get(client->error, "error"), "message"));
	if (message)
		return err_set(err, status_code(status), "%s", message);
	return err_set(err, status_code(status), "assayd answered %s %s with status %d", exchange->method,
		       exchange->path, status);
}

static int take_answer(struct exchange *exchange, json_t **ret_value, struct err *err)
{
	if (!ret_value)
		return 0;
	if (!exchange->answer.len) {
		*ret_value = json_null();
		return 0;
	}
	if (json_parse(exchange->answer.data, exchange->answer.len, CLIENT_MAX_ANSWER, ret_value, err))
		return err_set(err, ERR_PROTOCOL, "what answers at %s is not assayd: %s %s gave no JSON",
			       exchange->address->url, exchange->method, exchange->path);
	return 0;
}

static int run(struct client *client, struct exchange *exchange, json_t **ret_value, struct err *err)
{
	enum outcome outcome;
	int code = 0;

	json_decref(client->error);
	client->error = NULL;
	if (!client->transport)
		code = client->kind->create(client->address, &client->transport, err);
	if (code)
		return code;
	exchange->address = client->address;
	exchange->patience = &client->patience;
	buf_init(&exchange->answer, CLIENT_MAX_ANSWER);
	outcome = client->kind->carry(client->transport, exchange);
	if (outcome != OUTCOME_ANSWERED)
		code = transport_error(exchange, outcome, err);
	else if (exchange->status < 200 || exchange->status >= 300)
		code = status_error(client, exchange, err);
	else
		code = take_answer(exchange, ret_value, err);
	buf_finish(&exchange->answer);
	return code;
}

int client_get(struct client *client, const char *path, json_t **ret_value, struct err *err)
{
	return run(client, &(struct exchange){.method = "GET", .path = path}, ret_value, err);
}

int client_delete(struct client *client, const char *path, json_t **ret_value, struct err *err)
{
	return run(client, &(struct exchange){.method = "DELETE", .path = path}, ret_value, err);
}

int client_post(struct client *client, const char *path, const json_t *body, json_t **ret_value, struct err *err)
{
	struct buf text;
	int code = 0;

	buf_init(&text, CLIENT_MAX_ANSWER);
	if (body)
		code = json_write(body, &text);
	if (code)
		err_set(err, (enum err_code)code, "cannot write the request");
	else
		code = run(client,
			   &(struct exchange){.method = "POST",
					      .path = path,
					      .content_type = "application/json",
					      .body = buf_text(&text),
					      .body_bytes = text.len},
			   ret_value, err);
	buf_finish(&text);
	return code;
}

int client_put_text(struct client *client, const char *path, const char *content_type, const char *text, size_t len,
		    json_t **ret_value, struct err *err)
{
	return run(
		client,
		&(struct exchange){
			.method = "PUT", .path = path, .content_type = content_type, .body = text, .body_bytes = len},
		ret_value, err);
}

int client_upload(struct client *client, const char *path, FILE *file, uint64_t size_bytes, json_t **ret_value,
		  struct err *err)
{
	return run(client,
		   &(struct exchange){.method = "POST",
				      .path = path,
				      .content_type = "application/octet-stream",
				      .upload = file,
				      .upload_bytes = size_bytes},
		   ret_value, err);
}

int client_download(struct client *client, const char *path, FILE *out, struct err *err)
{
	return run(client, &(struct exchange){.method = "GET", .path = path, .download = out}, NULL, err);
}

const json_t *client_problems(const struct client *client)
{
	return json_object_get(json_object_get(client->error, "error"), "problems");
}

bool client_append_escaped(char *path, size_t size, const char *text)
{
	static const char hex[] = "0123456789ABCDEF";
	size_t at = strlen(path);

	for (; *text; text++) {
		unsigned char byte = (unsigned char)*text;
		bool plain = (byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z') ||
			     (byte >= 'a' && byte <= 'z') || strchr("-._~", byte);

		if (at + 4 > size)
			return false;
		if (plain) {
			path[at++] = (char)byte;
		} else {
			path[at++] = '%';
			path[at++] = hex[byte >> 4];
			path[at++] = hex[byte & 15];
		}
		path[at] = '\0';
	}
	return true;
}
