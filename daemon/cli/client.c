/* SPDX-License-Identifier: Apache-2.0 */
/* HTTP through libcurl: one easy handle, kept open between requests. */
#include "daemon/cli/client.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <curl/curl.h>

#include "core/base/buf.h"
#include "core/base/json.h"

#define CONNECT_LIMIT_S 10
#define STALL_LIMIT_S   60 /* a transfer that moves nothing for this long is given up */

struct client {
	CURL *curl;
	const struct address *address;
	json_t *error; /* the last error answer, or NULL */
	bool patient;
	client_wait_fn on_wait; /* may be NULL */
	void *wait_context;
	int64_t begun_ms; /* the request under way */
	char curl_text[CURL_ERROR_SIZE];
};

/* One request and where its answer goes. */
struct exchange {
	struct client *client;
	const char *method;
	const char *path;
	const char *content_type; /* NULL: no body */
	const void *body;
	size_t body_bytes;
	FILE *upload; /* the body instead, upload_bytes of it */
	uint64_t upload_bytes;
	FILE *download; /* where a good answer's body goes; NULL: into answer */
	struct buf answer;
	int write_errno;
};

struct client *client_create(const struct address *address)
{
	struct client *client = calloc(1, sizeof *client);

	if (!client)
		return NULL;
	client->address = address;
	client->curl = curl_easy_init();
	if (!client->curl) {
		free(client);
		return NULL;
	}
	return client;
}

void client_destroy(struct client *client)
{
	if (!client)
		return;
	json_decref(client->error);
	curl_easy_cleanup(client->curl);
	free(client);
}

void client_be_patient(struct client *client, client_wait_fn on_wait, void *context)
{
	client->patient = true;
	client->on_wait = on_wait;
	client->wait_context = context;
}

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int on_progress(void *context, curl_off_t down_total, curl_off_t down, curl_off_t up_total, curl_off_t up)
{
	const struct client *client = context;

	(void)down_total, (void)down, (void)up_total, (void)up;
	client->on_wait(client->wait_context, now_ms() - client->begun_ms);
	return 0;
}

/* How long, and who is told meanwhile. */
static void set_patience(struct client *client)
{
	CURL *curl = client->curl;

	client->begun_ms = now_ms();
	curl_easy_setopt(curl, CURLOPT_TCP_KEEPALIVE, 1L);
	if (!client->patient) {
		curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
		curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, (long)STALL_LIMIT_S);
	} else if (client->on_wait) {
		curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
		curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, on_progress);
		curl_easy_setopt(curl, CURLOPT_XFERINFODATA, client);
	}
}

static size_t on_body(char *data, size_t size, size_t count, void *context)
{
	struct exchange *exchange = context;
	size_t len = size * count;
	long status = 0;

	curl_easy_getinfo(exchange->client->curl, CURLINFO_RESPONSE_CODE, &status);
	if (!exchange->download || status >= 300)
		return buf_append(&exchange->answer, data, len) ? 0 : len;
	if (fwrite(data, 1, len, exchange->download) != len) {
		exchange->write_errno = errno;
		return 0;
	}
	return len;
}

static size_t on_upload(char *data, size_t size, size_t count, void *context)
{
	struct exchange *exchange = context;
	size_t len = fread(data, 1, size * count, exchange->upload);

	return ferror(exchange->upload) ? CURL_READFUNC_ABORT : len;
}

/* libcurl rewinds the body when a kept connection turned out to be closed. */
static int on_rewind(void *context, curl_off_t offset, int origin)
{
	struct exchange *exchange = context;

	return fseeko(exchange->upload, offset, origin) ? CURL_SEEKFUNC_FAIL : CURL_SEEKFUNC_OK;
}

static struct curl_slist *request_headers(const struct exchange *exchange)
{
	char line[512];
	struct curl_slist *headers = NULL;

	snprintf(line, sizeof line, "Authorization: Bearer %s", exchange->client->address->token);
	headers = curl_slist_append(headers, line);
	snprintf(line, sizeof line, "Content-Type: %s", exchange->content_type ? exchange->content_type : "");
	headers = curl_slist_append(headers, line);
	return curl_slist_append(headers, "Expect:"); /* do not wait for "100 Continue" */
}

static void set_body(CURL *curl, const struct exchange *exchange)
{
	if (exchange->upload) {
		curl_easy_setopt(curl, CURLOPT_POST, 1L);
		curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)exchange->upload_bytes);
		curl_easy_setopt(curl, CURLOPT_READFUNCTION, on_upload);
		curl_easy_setopt(curl, CURLOPT_READDATA, exchange);
		curl_easy_setopt(curl, CURLOPT_SEEKFUNCTION, on_rewind);
		curl_easy_setopt(curl, CURLOPT_SEEKDATA, exchange);
	} else if (exchange->content_type) {
		curl_easy_setopt(curl, CURLOPT_POSTFIELDS, exchange->body);
		curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)exchange->body_bytes);
	}
	curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, exchange->method);
}

static CURLcode perform(struct exchange *exchange, const struct curl_slist *headers)
{
	struct client *client = exchange->client;
	CURL *curl = client->curl;
	char url[2048];

	snprintf(url, sizeof url, "%s/api/v1%s", client->address->url, exchange->path);
	curl_easy_reset(curl);
	client->curl_text[0] = '\0';
	curl_easy_setopt(curl, CURLOPT_URL, url);
	curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, client->curl_text);
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, exchange);
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_LIMIT_S);
	set_patience(client);
	curl_easy_setopt(curl, CURLOPT_USERAGENT, "assay/" ASSAY_VERSION);
	set_body(curl, exchange);
	return curl_easy_perform(curl);
}

static int transport_error(const struct exchange *exchange, CURLcode outcome, struct err *err)
{
	const struct client *client = exchange->client;
	const char *text = client->curl_text[0] ? client->curl_text : curl_easy_strerror(outcome);

	switch (outcome) {
	case CURLE_COULDNT_CONNECT:
	case CURLE_COULDNT_RESOLVE_HOST:
		return err_set(err, ERR_UNREACHABLE, "cannot reach assayd at %s: is it running? (%s)",
			       client->address->url, text);
	case CURLE_WRITE_ERROR:
		if (exchange->write_errno)
			return err_set_errno(err, exchange->write_errno, "cannot write the answer");
		return err_set(err, ERR_TOO_BIG, "the answer to %s is bigger than %u MiB", exchange->path,
			       CLIENT_MAX_ANSWER >> 20);
	case CURLE_ABORTED_BY_CALLBACK:
		return err_set(err, ERR_IO, "cannot read the file to send");
	case CURLE_OUT_OF_MEMORY:
		return err_set(err, ERR_NOMEM, "out of memory");
	default:
		return err_set(err, ERR_UNREACHABLE, "lost assayd at %s while asking for %s (%s)", client->address->url,
			       exchange->path, text);
	}
}

static enum err_code status_code(long status)
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
static int status_error(struct exchange *exchange, long status, struct err *err)
{
	struct client *client = exchange->client;
	const char *message = NULL;
	struct err ignored = {0};

	json_parse(buf_text(&exchange->answer), exchange->answer.len, CLIENT_MAX_ANSWER, &client->error, &ignored);
	message = json_string_value(json_object_get(json_object_get(client->error, "error"), "message"));
	if (message)
		return err_set(err, status_code(status), "%s", message);
	return err_set(err, status_code(status), "assayd answered %s %s with status %ld", exchange->method,
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
			       exchange->client->address->url, exchange->method, exchange->path);
	return 0;
}

static int exchange_run(struct exchange *exchange, json_t **ret_value, struct err *err)
{
	struct curl_slist *headers = request_headers(exchange);
	CURLcode outcome;
	long status = 0;
	int code;

	json_decref(exchange->client->error);
	exchange->client->error = NULL;
	buf_init(&exchange->answer, CLIENT_MAX_ANSWER);
	outcome = perform(exchange, headers);
	curl_easy_getinfo(exchange->client->curl, CURLINFO_RESPONSE_CODE, &status);
	if (outcome != CURLE_OK)
		code = transport_error(exchange, outcome, err);
	else if (status < 200 || status >= 300)
		code = status_error(exchange, status, err);
	else
		code = take_answer(exchange, ret_value, err);
	curl_slist_free_all(headers);
	buf_finish(&exchange->answer);
	return code;
}

int client_get(struct client *client, const char *path, json_t **ret_value, struct err *err)
{
	return exchange_run(&(struct exchange){.client = client, .method = "GET", .path = path}, ret_value, err);
}

int client_delete(struct client *client, const char *path, json_t **ret_value, struct err *err)
{
	return exchange_run(&(struct exchange){.client = client, .method = "DELETE", .path = path}, ret_value, err);
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
		code = exchange_run(&(struct exchange){.client = client,
						       .method = "POST",
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
	return exchange_run(&(struct exchange){.client = client,
					       .method = "PUT",
					       .path = path,
					       .content_type = content_type,
					       .body = text,
					       .body_bytes = len},
			    ret_value, err);
}

int client_upload(struct client *client, const char *path, FILE *file, uint64_t size_bytes, json_t **ret_value,
		  struct err *err)
{
	return exchange_run(&(struct exchange){.client = client,
					       .method = "POST",
					       .path = path,
					       .content_type = "application/octet-stream",
					       .upload = file,
					       .upload_bytes = size_bytes},
			    ret_value, err);
}

int client_download(struct client *client, const char *path, FILE *out, struct err *err)
{
	return exchange_run(&(struct exchange){.client = client, .method = "GET", .path = path, .download = out}, NULL,
			    err);
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
