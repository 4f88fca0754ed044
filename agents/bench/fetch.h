/* SPDX-License-Identifier: Apache-2.0 */
/* Gets an image file: from the cache, or from the farm into the cache. Blocking: for the thread pool. */
#ifndef ASSAY_AGENTS_BENCH_FETCH_H
#define ASSAY_AGENTS_BENCH_FETCH_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <curl/curl.h>

#include "agents/bench/bench.h"
#include "core/base/err.h"

#define FETCH_STALL_S 20 /* a download that brings nothing for so long is given up */

/* Returns 0 and the file's content (free() it), whose hash has been checked, and whether it was downloaded; or
 * ERR_NOT_FOUND, ERR_UNREACHABLE, ERR_CORRUPT, ERR_CANCELLED (cancel became true), ERR_NO_SPACE … A cached file with
 * the wrong content is removed and fetched again; a full disk only costs the cache entry. */
int fetch_image(const struct bench_images *images, const char *sha256, const atomic_bool *cancel, char **ret_data,
		size_t *ret_len, bool *ret_downloaded, struct err *err);
/* "Authorization: Bearer …" as a list of headers to begin with; NULL when there is no token to be had. */
struct curl_slist *fetch_headers(const struct bench_images *images, struct err *err);
/* Whom to speak with, and how: http or https, by the authorities the farm is trusted by. -1 when out of memory. */
int fetch_set_farm(const struct bench_images *images, CURL *curl);
/* Puts a file's bytes into the cache under their hash. */
int fetch_store(const struct bench_images *images, const char *data, size_t len, char ret_sha256[65], struct err *err);

#endif
