/* SPDX-License-Identifier: Apache-2.0 */
/* HTTP through libcurl, loaded when it is needed: one easy handle, kept open between requests. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <curl/curl.h>

#include "daemon/cli/exchange.h"
#include "daemon/cli/library.h"

#define CURL_CALLS(X)                                                                                                  \
	X(global_init)                                                                                                 \
	X(global_cleanup)                                                                                              \
	X(slist_append)                                                                                                \
	X(slist_free_all)                                                                                              \
	X(easy_init)                                                                                                   \
	X(easy_cleanup)                                                                                                \
	X(easy_reset)                                                                                                  \
	X(easy_setopt)                                                                                                 \
	X(easy_getinfo)                                                                                                \
	X(easy_perform)                                                                                                \
	X(easy_strerror)

struct curl_calls {
#define X(name) __typeof__(curl_##name) *name;
	CURL_CALLS(X)
#undef X
};

static const struct library_function functions[] = {
#define X(name) {"curl_" #name, offsetof(struct curl_calls, name)},
	CURL_CALLS(X)
#undef X
};

struct transport {
	struct curl_calls calls;
	CURL *curl;
	struct exchange *exchange; /* the one under way */
	int64_t begun_ms;
	char curl_text[CURL_ERROR_SIZE];
};

static void curl_destroy(struct transport *transport)
{
	if (!transport)
		return;
	if (transport->curl)
		transport->calls.easy_cleanup(transport->curl);
	if (transport->calls.global_cleanup)
		transport->calls.global_cleanup();
	free(transport);
}

static int curl_create(const struct address *address, struct transport **ret_transport, struct err *err)
{
	struct transport *transport = calloc(1, sizeof *transport);
	char purpose[sizeof address->url + 32];
	int code;

	if (!transport)
		return err_set(err, ERR_NOMEM, "out of memory");
	snprintf(purpose, sizeof purpose, "%s needs libcurl", address->url);
	code = library_load(ASSAY_LIBCURL, purpose, functions, sizeof functions / sizeof functions[0],
			    &transport->calls, err);
	if (code) {
		free(transport);
		return code;
	}
	transport->calls.global_init(CURL_GLOBAL_DEFAULT);
	transport->curl = transport->calls.easy_init();
	if (!transport->curl) {
		curl_destroy(transport);
		return err_set(err, ERR_NOMEM, "out of memory");
	}
	*ret_transport = transport;
	return 0;
}

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int on_progress(void *context, curl_off_t down_total, curl_off_t down, curl_off_t up_total, curl_off_t up)
{
	const struct transport *transport = context;
	const struct patience *patience = transport->exchange->patience;

	(void)down_total, (void)down, (void)up_total, (void)up;
	patience->on_wait(patience->context, now_ms() - transport->begun_ms);
	return 0;
}

/* How long, and who is told meanwhile. */
static void set_patience(struct transport *transport)
{
	const struct patience *patience = transport->exchange->patience;
	CURL *curl = transport->curl;

	transport->begun_ms = now_ms();
	transport->calls.easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_LIMIT_MS);
	transport->calls.easy_setopt(curl, CURLOPT_TCP_KEEPALIVE, 1L);
	if (!patience->endless) {
		transport->calls.easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
		transport->calls.easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, STALL_LIMIT_MS / 1000L);
	} else if (patience->on_wait) {
		transport->calls.easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
		transport->calls.easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, on_progress);
		transport->calls.easy_setopt(curl, CURLOPT_XFERINFODATA, transport);
	}
}

static int status_of(const struct transport *transport)
{
	long status = 0;

	transport->calls.easy_getinfo(transport->curl, CURLINFO_RESPONSE_CODE, &status);
	return (int)status;
}

static size_t on_body(char *data, size_t size, size_t count, void *context)
{
	struct transport *transport = context;
	size_t len = size * count;

	return exchange_take(transport->exchange, status_of(transport), data, len) ? 0 : len;
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

static struct curl_slist *request_headers(const struct transport *transport, const struct exchange *exchange)
{
	const struct curl_calls *calls = &transport->calls;
	char line[sizeof exchange->address->token + EXCHANGE_MAX_TEXT];
	struct curl_slist *headers = NULL;

	snprintf(line, sizeof line, "Authorization: Bearer %s", exchange->address->token);
	headers = calls->slist_append(headers, line);
	snprintf(line, sizeof line, "Content-Type: %s", exchange->content_type ? exchange->content_type : "");
	headers = calls->slist_append(headers, line);
	return calls->slist_append(headers, "Expect:"); /* do not wait for "100 Continue" */
}

static void set_body(struct transport *transport, struct exchange *exchange)
{
	__typeof__(curl_easy_setopt) *set = transport->calls.easy_setopt;
	CURL *curl = transport->curl;

	if (exchange->upload) {
		set(curl, CURLOPT_POST, 1L);
		set(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)exchange->upload_bytes);
		set(curl, CURLOPT_READFUNCTION, on_upload);
		set(curl, CURLOPT_READDATA, exchange);
		set(curl, CURLOPT_SEEKFUNCTION, on_rewind);
		set(curl, CURLOPT_SEEKDATA, exchange);
	} else if (exchange->content_type) {
		set(curl, CURLOPT_POSTFIELDS, exchange->body);
		set(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)exchange->body_bytes);
	}
	set(curl, CURLOPT_CUSTOMREQUEST, exchange->method);
}

static enum outcome outcome_of(CURLcode code)
{
	switch (code) {
	case CURLE_OK:
		return OUTCOME_ANSWERED;
	case CURLE_COULDNT_CONNECT:
	case CURLE_COULDNT_RESOLVE_HOST:
	case CURLE_SSL_CONNECT_ERROR:
		return OUTCOME_UNREACHABLE;
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CACERT_BADFILE:
		return OUTCOME_UNTRUSTED;
	case CURLE_WRITE_ERROR:
		return OUTCOME_NOT_TAKEN;
	case CURLE_ABORTED_BY_CALLBACK:
		return OUTCOME_NOT_READ;
	case CURLE_OUT_OF_MEMORY:
		return OUTCOME_NOMEM;
	default:
		return OUTCOME_LOST;
	}
}

static enum outcome curl_carry(struct transport *transport, struct exchange *exchange)
{
	const struct curl_calls *calls = &transport->calls;
	CURL *curl = transport->curl;
	struct curl_slist *headers = request_headers(transport, exchange);
	char url[2048];
	CURLcode code;

	transport->exchange = exchange;
	transport->curl_text[0] = '\0';
	snprintf(url, sizeof url, "%s/api/v1%s", exchange->address->url, exchange->path);
	calls->easy_reset(curl);
	calls->easy_setopt(curl, CURLOPT_URL, url);
	calls->easy_setopt(curl, CURLOPT_ERRORBUFFER, transport->curl_text);
	calls->easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
	calls->easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_body);
	calls->easy_setopt(curl, CURLOPT_WRITEDATA, transport);
	calls->easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	calls->easy_setopt(curl, CURLOPT_USERAGENT, "assay/" ASSAY_VERSION);
	if (exchange->address->ca_file[0])
		calls->easy_setopt(curl, CURLOPT_CAINFO, exchange->address->ca_file);
	set_patience(transport);
	set_body(transport, exchange);
	code = calls->easy_perform(curl);
	exchange->status = status_of(transport);
	snprintf(exchange->why, sizeof exchange->why, "%s",
		 transport->curl_text[0] ? transport->curl_text : calls->easy_strerror(code));
	calls->slist_free_all(headers);
	return outcome_of(code);
}

const struct transport_kind transport_curl = {curl_create, curl_carry, curl_destroy};
