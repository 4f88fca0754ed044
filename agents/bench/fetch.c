/* SPDX-License-Identifier: Apache-2.0 */
/* Image files, cached by hash. */
#include "agents/bench/fetch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sodium.h>

#include "agents/base/files.h"
#include "core/base/buf.h"
#include "core/base/log.h"
#include "core/image/image.h"

#define PATH_BYTES 1024
#define URL_BYTES  1024
#define TOKEN_MAX  4096

static void hash_hex(const char *data, size_t len, char ret_hex[65])
{
	uint8_t hash[crypto_hash_sha256_BYTES];

	crypto_hash_sha256(hash, (const uint8_t *)data, len);
	sodium_bin2hex(ret_hex, 65, hash, sizeof hash);
}

static void make_path(const struct bench_images *images, const char *sha256, char *ret_path)
{
	snprintf(ret_path, PATH_BYTES, "%s/%s", images->dir, sha256);
}

static bool read_cached(const struct bench_images *images, const char *sha256, char **ret_data, size_t *ret_len)
{
	char path[PATH_BYTES], hex[65];

	make_path(images, sha256, path);
	if (files_read(path, IMAGE_MAX_BYTES, ret_data, ret_len, NULL))
		return false;
	hash_hex(*ret_data, *ret_len, hex);
	if (strcmp(hex, sha256) == 0)
		return true;
	unlink(path);
	free(*ret_data);
	return false;
}

static size_t on_bytes(char *data, size_t size, size_t count, void *context)
{
	return buf_append(context, data, size * count) ? 0 : size * count;
}

static int on_progress(void *context, curl_off_t total, curl_off_t now, curl_off_t up_total, curl_off_t up_now)
{
	(void)total;
	(void)now;
	(void)up_total;
	(void)up_now;
	return atomic_load((const atomic_bool *)context);
}

int fetch_set_farm(const struct bench_images *images, CURL *curl)
{
	if (curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https"))
		return -1;
	return images->ca_file && curl_easy_setopt(curl, CURLOPT_CAINFO, images->ca_file) ? -1 : 0;
}

static int set_up(CURL *curl, const char *url, struct curl_slist *headers, struct buf *body, const atomic_bool *cancel)
{
	return curl_easy_setopt(curl, CURLOPT_URL, url) || curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers) ||
	       curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L) || curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, 10L) ||
	       curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L) ||
	       curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, (long)FETCH_STALL_S) ||
	       curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_bytes) ||
	       curl_easy_setopt(curl, CURLOPT_WRITEDATA, body) || curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L) ||
	       curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, on_progress) ||
	       curl_easy_setopt(curl, CURLOPT_XFERINFODATA, (void *)(uintptr_t)cancel);
}

static int perform(CURL *curl, const char *url, struct err *err)
{
	CURLcode code = curl_easy_perform(curl);
	long status = 0;

	curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
	if (code == CURLE_ABORTED_BY_CALLBACK)
		return err_set(err, ERR_CANCELLED, "download cancelled");
	if (code == CURLE_WRITE_ERROR)
		return err_set(err, ERR_TOO_BIG, "the image is larger than %u bytes", IMAGE_MAX_BYTES);
	if (code != CURLE_OK)
		return err_set(err, ERR_UNREACHABLE, "cannot download the image from %s: %s", url,
			       curl_easy_strerror(code));
	if (status != 200)
		return err_set(err, status == 404 ? ERR_NOT_FOUND : ERR_UNREACHABLE,
			       "the farm answered %ld to the download of the image", status);
	return 0;
}

struct curl_slist *fetch_headers(const struct bench_images *images, struct err *err)
{
	char header[URL_BYTES], *token = NULL;
	struct curl_slist *headers;
	size_t len = 0;

	if (images->token_file && files_read(images->token_file, TOKEN_MAX, &token, &len, err))
		return NULL;
	snprintf(header, sizeof header, "Authorization: Bearer %.*s", token ? (int)strcspn(token, "\r\n") : 0,
		 token ? token : "");
	headers = curl_slist_append(NULL, header);
	sodium_memzero(header, sizeof header);
	if (token)
		sodium_memzero(token, len);
	free(token);
	if (!headers)
		err_set(err, ERR_NOMEM, "out of memory");
	return headers;
}

static int download(const struct bench_images *images, const char *sha256, const atomic_bool *cancel, struct buf *body,
		    struct err *err)
{
	char url[URL_BYTES];
	struct curl_slist *headers = fetch_headers(images, err);
	CURL *curl;
	int rc;

	if (!headers)
		return (int)err->code;
	curl = curl_easy_init();
	snprintf(url, sizeof url, "%s/api/v1/images/%s/content", images->url, sha256);
	if (!curl || fetch_set_farm(images, curl) || set_up(curl, url, headers, body, cancel))
		rc = err_set(err, ERR_NOMEM, "cannot set up the download of the image");
	else
		rc = perform(curl, url, err);
	curl_slist_free_all(headers);
	curl_easy_cleanup(curl);
	return rc;
}

static void keep(const struct bench_images *images, const char *sha256, const struct buf *body)
{
	char path[PATH_BYTES];
	struct err err = {0};

	make_path(images, sha256, path);
	if (files_write(path, body->data, body->len, &err))
		log_warn("images", "not cached: %s", err.text);
}

int fetch_image(const struct bench_images *images, const char *sha256, const atomic_bool *cancel, char **ret_data,
		size_t *ret_len, bool *ret_downloaded, struct err *err)
{
	struct buf body;
	char hex[65];
	int rc;

	*ret_downloaded = false;
	if (read_cached(images, sha256, ret_data, ret_len))
		return 0;
	if (!images->url)
		return err_set(err, ERR_NOT_FOUND, "image %s is not in the cache, and there is no farm to ask", sha256);
	buf_init(&body, IMAGE_MAX_BYTES);
	rc = download(images, sha256, cancel, &body, err);
	if (rc == 0) {
		hash_hex(buf_text(&body), body.len, hex);
		if (strcmp(hex, sha256) != 0)
			rc = err_set(err, ERR_CORRUPT, "the farm sent an image with hash %s instead of %s", hex,
				     sha256);
	}
	if (rc == 0) {
		keep(images, sha256, &body);
		*ret_len = body.len;
		*ret_data = buf_take(&body);
		*ret_downloaded = true;
		if (!*ret_data)
			rc = err_set(err, ERR_NOMEM, "no memory for the image");
	}
	buf_finish(&body);
	return rc;
}

int fetch_store(const struct bench_images *images, const char *data, size_t len, char ret_sha256[65], struct err *err)
{
	char path[PATH_BYTES], *cached;
	size_t cached_len;

	hash_hex(data, len, ret_sha256);
	if (read_cached(images, ret_sha256, &cached, &cached_len)) {
		free(cached);
		return 0;
	}
	make_path(images, ret_sha256, path);
	return files_write(path, data, len, err);
}
