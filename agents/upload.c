/* SPDX-License-Identifier: Apache-2.0 */
/* One file at a time, by libcurl on the thread pool. */
#include "agents/upload.h"

#include <errno.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <curl/curl.h>

#include "agents/bench/fetch.h"
#include "core/base/log.h"

#define PATH_BYTES 1200
#define URL_BYTES  1024

struct upload {
	uv_loop_t *loop;
	struct spool *spool;
	const struct bench_images *farm;
	uv_timer_t timer;
	uv_work_t request;
	bool working, destroyed, timer_closed;
	uint64_t again_ms;
	atomic_bool cancel;
	/* of the file under way */
	int64_t run;
	char path[PATH_BYTES];
	char name[ARTEFACT_NAME_MAX];
	long status; /* HTTP; 0: there was none */
	char trouble[CURL_ERROR_SIZE];
};

static size_t on_bytes(char *data, size_t size, size_t count, void *context)
{
	(void)data;
	(void)context;
	return size * count; /* the status says it all */
}

static int on_progress(void *context, curl_off_t total, curl_off_t now, curl_off_t up_total, curl_off_t up_now)
{
	const struct upload *upload = context;

	(void)total;
	(void)now;
	(void)up_total;
	(void)up_now;
	return atomic_load(&upload->cancel);
}

static int set_up(CURL *curl, const char *url, struct curl_slist *headers, FILE *file, curl_off_t size,
		  struct upload *upload)
{
	return curl_easy_setopt(curl, CURLOPT_URL, url) || curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers) ||
	       curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L) || curl_easy_setopt(curl, CURLOPT_READDATA, file) ||
	       curl_easy_setopt(curl, CURLOPT_INFILESIZE_LARGE, size) || curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L) ||
	       curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, 10L) ||
	       curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L) ||
	       curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, (long)FETCH_STALL_S) ||
	       curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, upload->trouble) ||
	       curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_bytes) ||
	       curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L) ||
	       curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, on_progress) ||
	       curl_easy_setopt(curl, CURLOPT_XFERINFODATA, upload);
}

static void put_file(struct upload *upload, FILE *file, curl_off_t size)
{
	char url[URL_BYTES];
	struct err err = {0};
	struct curl_slist *headers = fetch_headers(upload->farm, &err), *more;
	CURL *curl = curl_easy_init();

	/* The farm takes it anyway: nobody asks before. */
	more = headers ? curl_slist_append(headers, "Expect:") : NULL;
	snprintf(url, sizeof url, "%s/api/v1/runs/%" PRId64 "/artefacts/%s", upload->farm->url, upload->run,
		 upload->name);
	if (more && curl && fetch_set_farm(upload->farm, curl) == 0 &&
	    set_up(curl, url, headers, file, size, upload) == 0) {
		if (curl_easy_perform(curl) == CURLE_OK)
			curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &upload->status);
	} else {
		snprintf(upload->trouble, sizeof upload->trouble, "%.200s",
			 err.text[0] ? err.text : "cannot set up the upload");
	}
	curl_slist_free_all(headers);
	curl_easy_cleanup(curl);
}

static void on_work(uv_work_t *request)
{
	struct upload *upload = request->data;
	FILE *file = fopen(upload->path, "re");
	struct stat about;

	upload->status = 0;
	upload->trouble[0] = '\0';
	if (file && fstat(fileno(file), &about) == 0)
		put_file(upload, file, about.st_size);
	else
		snprintf(upload->trouble, sizeof upload->trouble, "cannot read %.200s", upload->path);
	if (file)
		fclose(file);
}

static void look(struct upload *upload);

static void on_again(uv_timer_t *timer)
{
	look(timer->data);
}

/* Whether the farm will never say anything else. */
static bool is_final(long status)
{
	return status >= 400 && status < 500 && status != 401 && status != 403 && status != 408 && status != 429;
}

static void on_worked(uv_work_t *request, int status)
{
	struct upload *upload = request->data;
	bool done = upload->status == 200;

	(void)status;
	upload->working = false;
	if (upload->destroyed)
		return;
	if (done)
		log_debug("upload", "run %" PRId64 ": the farm has %s", upload->run, upload->name);
	else if (is_final(upload->status))
		log_warn("upload", "run %" PRId64 ": the farm does not take %s (status %ld); dropped", upload->run,
			 upload->name, upload->status);
	else if (upload->again_ms == 0)
		log_warn("upload", "run %" PRId64 ": %s is not sent yet: status %ld %s", upload->run, upload->name,
			 upload->status, upload->trouble);
	if (done || is_final(upload->status)) {
		if (unlink(upload->path) && errno != ENOENT)
			log_warn("upload", "cannot remove %s", upload->path);
		upload->again_ms = 0;
		look(upload);
		return;
	}
	upload->again_ms = upload->again_ms ? upload->again_ms * 2 : UPLOAD_AGAIN_MS;
	if (upload->again_ms > UPLOAD_AGAIN_MAX_MS)
		upload->again_ms = UPLOAD_AGAIN_MAX_MS;
	uv_timer_start(&upload->timer, on_again, upload->again_ms, 0);
}

static struct spool_run *next_settled(const struct upload *upload)
{
	list_for_each (link, spool_runs(upload->spool)) {
		struct spool_run *run = list_container(link, struct spool_run, link);

		if (run->settled)
			return run;
	}
	return NULL;
}

static void look(struct upload *upload)
{
	struct spool_run *run;

	while (!upload->working && (run = next_settled(upload))) {
		if (!spool_first_file(run, upload->path, sizeof upload->path, upload->name)) {
			spool_delete(run);
			continue;
		}
		upload->run = run->run;
		upload->request.data = upload;
		if (uv_queue_work(upload->loop, &upload->request, on_work, on_worked)) {
			uv_timer_start(&upload->timer, on_again, UPLOAD_AGAIN_MAX_MS, 0);
			return;
		}
		upload->working = true;
	}
}

int upload_create(uv_loop_t *loop, struct spool *spool, const struct bench_images *farm, struct upload **ret_upload,
		  struct err *err)
{
	struct upload *upload = calloc(1, sizeof *upload);

	if (!upload)
		return err_set(err, ERR_NOMEM, "out of memory");
	upload->loop = loop;
	upload->spool = spool;
	upload->farm = farm;
	uv_timer_init(loop, &upload->timer);
	upload->timer.data = upload;
	*ret_upload = upload;
	return 0;
}

void upload_wake(struct upload *upload)
{
	if (!uv_is_active((const uv_handle_t *)&upload->timer))
		look(upload);
}

bool upload_is_idle(const struct upload *upload)
{
	return !upload->working && !next_settled(upload);
}

static void on_timer_closed(uv_handle_t *handle)
{
	struct upload *upload = handle->data;

	upload->timer_closed = true;
}

void upload_destroy(struct upload *upload)
{
	if (!upload)
		return;
	upload->destroyed = true;
	atomic_store(&upload->cancel, true);
	uv_close((uv_handle_t *)&upload->timer, on_timer_closed);
	while (upload->working || !upload->timer_closed)
		uv_run(upload->loop, UV_RUN_ONCE);
	free(upload);
}
