/* SPDX-License-Identifier: Apache-2.0 */
/* Submitting and cancelling jobs.
 *
 * Happy path: POST -> its images are in memory -> farm_submit -> durable -> the job is read back -> 201. Once the farm
 * has said "durable" the job exists, so a failing read-back still answers 201, with the number alone. */
#include <stdlib.h>
#include <string.h>

#include "daemon/http/routes.h"
#include "daemon/http/wish.h"

#define HTTP_MAX_PREPARED 32

static void on_read_back(void *context, struct answer *answer)
{
	struct http_wish *wish = (struct http_wish *)context;
	json_t *job = answer->err.code ? json_pack("{s:I}", "id", (json_int_t)wish->id) : json_incref(answer->json);

	http_reply_json(wish->request, wish->status, job ? json_pack("{s:o}", "job", job) : NULL);
	http_wish_destroy(wish);
}

static void wish_read_back(struct http_wish *wish)
{
	const struct archive *archive = wish->request->http->ports.archive;
	struct query query = {.kind = QUERY_JOB, .id = wish->id};

	archive->read(archive->context, &wish->request->who, &query, on_read_back, wish);
}

static void on_submitted(void *context, int64_t job, const struct err *err)
{
	struct http_wish *wish = (struct http_wish *)context;

	if (err) {
		http_wish_refuse(wish, err);
		return;
	}
	wish->id = job;
	http_reply_header(wish->request, "location:", HTTP_API "/jobs/%lld", (long long)job);
	wish_read_back(wish);
}

/* Fills the submission from the body, whose strings it borrows; the array of images is the caller's to free. */
static int read_submission(const json_t *body, struct submission *ret, struct err *err)
{
	const char *file = "job.yaml", *text = NULL;
	json_t *images = NULL, *sha256;
	const char *path;
	struct submission_image *list = NULL;
	size_t count = 0;
	static const char *const known[] = {"file", "text", "images", NULL};
	int rc = http_refuse_unknown(body, known, err);

	if (!rc)
		rc = json_read_text(body, "file", false, &file, err);
	if (!rc)
		rc = json_read_text(body, "text", true, &text, err);
	if (!rc)
		rc = json_read_object(body, "images", false, &images, err);
	if (rc)
		return rc;
	if (json_object_size(images) > 0) {
		list = (struct submission_image *)calloc(json_object_size(images), sizeof(*list));
		if (!list)
			return err_set(err, ERR_NOMEM, "out of memory");
	}
	json_object_foreach(images, path, sha256)
	{
		const char *hash = json_string_value(sha256);
		if (!hash || strlen(hash) != 64 || strspn(hash, "0123456789abcdef") != 64) {
			free(list);
			return err_set(err, ERR_INVALID,
				       "images.%.200s: expected the image's SHA-256 in lower-case hex", path);
		}
		list[count++] = (struct submission_image){.path = path, .sha256 = hash};
	}
	*ret = (struct submission){.file = file,
				   .text = text,
				   .len = json_string_length(json_object_get(body, "text")),
				   .images = list,
				   .image_count = count};
	return 0;
}

static void submit(struct http_request *request, const struct submission *submission)
{
	struct doc_problems problems;
	struct err err = {0};
	struct http_wish *wish = http_wish_create(request, wish_read_back);

	wish->status = 201;
	int rc = farm_submit(http_farm(request), &request->who, submission, on_submitted, wish, &problems, &err);
	http_wish_settle_document(wish, rc, &problems, &err);
}

/* A submission whose images are being taken apart. */
struct arrival {
	struct http_request *request;
	json_t *body; /* holds the submission's strings */
	struct submission submission;
	http_submission_fn *take;
};

static void arrival_destroy(struct arrival *arrival)
{
	free((void *)(uintptr_t)arrival->submission.images);
	json_decref(arrival->body);
	http_request_release(arrival->request);
	free(arrival);
}

static void on_prepared(void *context, const struct err *err)
{
	struct arrival *arrival = (struct arrival *)context;

	if (err)
		http_reply_err(arrival->request, err);
	else
		arrival->take(arrival->request, &arrival->submission);
	arrival_destroy(arrival);
}

/* The images it brings, and those its text names as sha256:…; the job file itself is the farm's to read. */
static size_t list_images(const struct submission *submission, const char **ret_sha256, char (*ret_named)[65],
			  size_t max)
{
	static const char mark[] = "sha256:";
	const char *at = submission->text;
	size_t count = 0, named = 0;

	while (count < max && count < submission->image_count) {
		ret_sha256[count] = submission->images[count].sha256;
		count++;
	}
	while (count < max && (at = strstr(at, mark)) != NULL) {
		at += sizeof(mark) - 1;
		if (strspn(at, "0123456789abcdef") != 64)
			continue;
		memcpy(ret_named[named], at, 64);
		ret_named[named][64] = '\0';
		ret_sha256[count++] = ret_named[named++];
	}
	return count;
}

static void arrival_submit(struct arrival *arrival)
{
	const struct http_ports *ports = &arrival->request->http->ports;
	const char *sha256[HTTP_MAX_PREPARED];
	char named[HTTP_MAX_PREPARED][65];
	size_t count = list_images(&arrival->submission, sha256, named, HTTP_MAX_PREPARED);

	if (ports->prepare_images(ports->context, sha256, count, on_prepared, arrival))
		on_prepared(arrival, NULL);
}

void http_take_submission(struct http_request *request, http_submission_fn *take)
{
	struct arrival *arrival = (struct arrival *)calloc(1, sizeof(*arrival));
	struct err err = {0};

	if (!arrival) {
		http_reply_error(request, 500, "out of memory");
		return;
	}
	arrival->request = http_request_hold(request);
	arrival->take = take;
	if (!http_body_json(request, &arrival->body)) {
		arrival_destroy(arrival);
	} else if (read_submission(arrival->body, &arrival->submission, &err)) {
		http_reply_error(request, 400, "%s", err.text);
		arrival_destroy(arrival);
	} else {
		arrival_submit(arrival);
	}
}

void route_job_post(struct http_request *request)
{
	http_take_submission(request, submit);
}

/* The farm knows no such open job: it is over, or never was. */
static void on_closed_job(void *context, struct answer *answer)
{
	struct http_wish *wish = (struct http_wish *)context;

	if (answer->err.code)
		http_reply_err(wish->request, &answer->err);
	else
		http_reply_error(wish->request, 409, "job %lld is finished already", (long long)wish->id);
	http_wish_destroy(wish);
}

static bool read_reason(struct http_request *request, json_t **ret_body, const char **ret_reason)
{
	static const char *const known[] = {"reason", NULL};
	struct err err = {0};

	if (request->body.len == 0)
		return true;
	if (!http_body_json(request, ret_body))
		return false;
	if (!http_refuse_unknown(*ret_body, known, &err) &&
	    !json_read_text(*ret_body, "reason", false, ret_reason, &err))
		return true;
	http_reply_error(request, 400, "%s", err.text);
	json_decref(*ret_body);
	return false;
}

void route_job_cancel(struct http_request *request)
{
	const struct archive *archive = request->http->ports.archive;
	struct err err = {0};
	json_t *body = NULL;
	const char *reason = "";
	int64_t job;

	if (!http_param_id(request, 0, &job) || !read_reason(request, &body, &reason))
		return;
	struct http_wish *wish = http_wish_create(request, wish_read_back);
	wish->id = job;
	int rc = farm_cancel_job(http_farm(request), &request->who, job, reason, http_wish_done, wish, &err);
	json_decref(body);
	if (rc == ERR_NOT_FOUND) {
		struct query query = {.kind = QUERY_JOB, .id = job};
		archive->read(archive->context, &request->who, &query, on_closed_job, wish);
	} else {
		http_wish_settle(wish, rc, &err);
	}
}
