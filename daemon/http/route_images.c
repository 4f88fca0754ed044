/* SPDX-License-Identifier: Apache-2.0 */
/* Images: uploaded piece by piece into the store's file, read back by their hash. */
#include <stdlib.h>
#include <string.h>

#include "daemon/http/routes.h"
#include "daemon/http/source.h"
#include "daemon/loop/room.h"

struct image_sink {
	struct http_sink base;
	const struct archive *archive;
	struct image_upload *upload;
};

static int image_sink_write(struct http_sink *base, const void *data, size_t len, struct err *err)
{
	struct image_sink *sink = (struct image_sink *)base;

	return sink->archive->upload_append(sink->upload, data, len, err);
}

static void image_sink_destroy(struct http_sink *base)
{
	struct image_sink *sink = (struct image_sink *)base;

	sink->archive->upload_abort(sink->upload);
	free(sink);
}

/* A file name is shown to people and put into reports: no folders, no control characters. */
static bool name_good(const char *name)
{
	size_t len = strlen(name);

	for (size_t i = 0; i < len; i++)
		if ((unsigned char)name[i] < 0x20 || name[i] == '/' || name[i] == 0x7f)
			return false;
	return len > 0 && len < 256;
}

void route_image_post_begin(struct http_request *request)
{
	const struct archive *archive = request->http->ports.archive;
	const char *name = http_query(request, "name");
	struct err err = {0};

	if (name && !name_good(name)) {
		http_reply_error(request, 400, "name: expected a file name of at most 255 bytes, without a folder");
		return;
	}
	/* Each has a file open. What is left then is for what must be kept. */
	if (room_next(lws_get_socket_fd(request->wsi)) >= room_end(ROOM_AGENTS)) {
		http_reply_error(request, 503, "too many uploads at once");
		return;
	}
	struct image_sink *sink = (struct image_sink *)calloc(1, sizeof(*sink));
	if (!sink) {
		http_reply_error(request, 500, "out of memory");
		return;
	}
	sink->base.write = image_sink_write;
	sink->base.destroy = image_sink_destroy;
	sink->archive = archive;
	if (archive->upload_begin(archive->context, &request->who, name ? name : "image", &sink->upload, &err)) {
		free(sink);
		http_reply_err(request, &err);
		return;
	}
	request->sink = &sink->base;
}

static void on_image_kept(void *context, struct answer *answer)
{
	struct http_request *request = (struct http_request *)context;

	if (answer->err.code) {
		http_reply_err(request, &answer->err);
	} else {
		bool created = json_is_true(json_object_get(answer->json, "created"));
		http_reply_json(request, created ? 201 : 200, answer->json);
		answer->json = NULL;
	}
	http_request_release(request);
}

void route_image_post(struct http_request *request)
{
	struct image_sink *sink = (struct image_sink *)request->sink;
	struct image_upload *upload = sink->upload;

	sink->upload = NULL; /* finish takes it over */
	sink->archive->upload_finish(upload, on_image_kept, http_request_hold(request));
}

static bool hash_good(struct http_request *request)
{
	const char *hash = request->param[0];

	if (strlen(hash) == 64 && strspn(hash, "0123456789abcdef") == 64)
		return true;
	http_reply_error(request, 404, "\"%.80s\" is no SHA-256 in lower-case hex", hash);
	return false;
}

static void image_query(struct http_request *request, enum query_kind kind, struct query *ret)
{
	*ret = (struct query){.kind = kind};
	memcpy(ret->name, request->param[0], 65);
}

void route_image(struct http_request *request)
{
	struct query query;

	if (!hash_good(request))
		return;
	image_query(request, QUERY_IMAGE, &query);
	route_read(request, &query);
}

static void on_image_content(void *context, struct answer *answer)
{
	struct http_request *request = (struct http_request *)context;

	if (answer->err.code) {
		http_reply_err(request, &answer->err);
	} else {
		http_reply_header(request, "etag:", "\"%s\"", request->param[0]);
		http_reply_header(request, "cache-control:", "private, max-age=31536000, immutable");
		http_reply_file(request, "application/octet-stream", answer->fd);
		answer->fd = -1;
	}
	http_request_release(request);
}

void route_image_content(struct http_request *request)
{
	const struct archive *archive = request->http->ports.archive;
	struct query query;

	if (!hash_good(request))
		return;
	image_query(request, QUERY_IMAGE_CONTENT, &query);
	archive->read(archive->context, &request->who, &query, on_image_content, http_request_hold(request));
}
