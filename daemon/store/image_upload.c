/* SPDX-License-Identifier: Apache-2.0 */
/* An image on its way in.
 *
 * Happy path: begin (a file of its own) -> append … -> finish -> a worker syncs it, takes it apart and gives it its
 * final name -> back here -> the writer keeps its row -> answered.
 * Ways it fails: a write fails (the caller aborts); the image is no image, or for no target (the file goes, answered
 * with why); the row cannot be committed (the file stays: it is whole, and the next upload of it finds it there). */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "core/base/json.h"
#include "core/base/mem.h"
#include "daemon/store/store_private.h"

struct image_upload {
	struct store *store;
	struct principal who;
	char name[256];
	char path[STORE_PATH_MAX + 96];
	int fd;
	uint64_t size_bytes;
	struct ask *ask;
	struct work work;
	struct post post;
	struct wish wish;
	struct image image;
	char *body; /* the image as JSON */
	bool created;
	int64_t now_us;
};

/* The store's own folder is not there: nothing that the caller asked for is missing. */
static int folder_failed(struct err *err, int failed, const char *doing, const char *folder)
{
	if (failed == ENOENT)
		return err_set(err, ERR_IO, "%s %s: the folder is gone", doing, folder);
	return err_set_errno(err, failed, "%s %s", doing, folder);
}

int upload_begin(void *context, const struct principal *who, const char *name, struct image_upload **ret_upload,
		 struct err *err)
{
	struct store *store = context;
	struct image_upload *upload = mem_alloc(sizeof(*upload));

	upload->store = store;
	upload->who = *who;
	mem_text_into(upload->name, sizeof(upload->name), name);
	(void)snprintf(upload->path, sizeof(upload->path), "%s/.upload-XXXXXX", store->image_dir);
	upload->fd = mkostemp(upload->path, O_CLOEXEC); /* 0600 */
	if (upload->fd < 0) {
		int rc = folder_failed(err, errno, "cannot write into", store->image_dir);

		free(upload);
		return rc;
	}
	*ret_upload = upload;
	return 0;
}

int upload_append(struct image_upload *upload, const void *data, size_t size_bytes, struct err *err)
{
	const char *bytes = data;

	upload->size_bytes += size_bytes;
	if (upload->size_bytes > IMAGE_MAX_BYTES)
		return err_set(err, ERR_TOO_BIG, "an image may have at most %u bytes", IMAGE_MAX_BYTES);
	while (size_bytes > 0) {
		ssize_t done = write(upload->fd, bytes, size_bytes);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return err_set_errno(err, errno, "cannot write the image");
		bytes += done;
		size_bytes -= (size_t)done;
	}
	return 0;
}

static void upload_destroy(struct image_upload *upload)
{
	if (upload->fd >= 0)
		close(upload->fd);
	image_finish(&upload->image);
	free(upload->body);
	free(upload);
}

void upload_abort(struct image_upload *upload)
{
	if (!upload)
		return;
	(void)unlink(upload->path);
	upload_destroy(upload);
}

/* --- in the writer's thread --- */

static int apply_row(struct wish *wish, struct db *db, struct err *err)
{
	struct image_upload *upload = list_container(wish, struct image_upload, wish);
	int rc = db_run(db, err, "INSERT INTO organisation (name, created_at_us) VALUES (?, ?) ON CONFLICT DO NOTHING",
			"ti", upload->who.org, upload->now_us);

	if (rc)
		return rc;
	rc = db_run(db, err,
		    "INSERT INTO image (sha256, org, name, size_bytes, body, owner, created_at_us)"
		    " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
		    "tttitti", upload->image.sha256, upload->who.org, upload->name, (int64_t)upload->image.file_bytes,
		    upload->body, upload->who.name, upload->now_us);

	upload->created = rc == 0 && sqlite3_changes(db->handle) > 0;
	return rc;
}

static void on_row_answered(struct post *post)
{
	struct image_upload *upload = list_container(post, struct image_upload, post);
	struct answer *answer = &upload->ask->answer;

	if (!answer->err.code) {
		answer->json = image_to_json(&upload->image);
		json_put(&answer->json, "name", json_text(upload->name, sizeof(upload->name)));
		json_put(&answer->json, "created", json_boolean(upload->created));
		image_cache_add(upload->store, &upload->image);
	}
	ask_finish(upload->ask);
	upload_destroy(upload);
}

static void on_row_done(struct wish *wish, const struct err *err)
{
	struct image_upload *upload = list_container(wish, struct image_upload, wish);

	if (err)
		upload->ask->answer.err = *err;
	upload->post.run = on_row_answered;
	store_post(upload->store, &upload->post);
}

/* --- in a worker's thread --- */

/* Under its final name, for good. Another upload of the same bytes may have been there first: then it is equal. */
static int settle_file(struct image_upload *upload, struct err *err)
{
	char final[STORE_PATH_MAX + 96];
	int dir, rc = 0;

	(void)snprintf(final, sizeof(final), "%s/%s", upload->store->image_dir, upload->image.sha256);
	if (rename(upload->path, final) != 0)
		return folder_failed(err, errno, "cannot keep the image in", upload->store->image_dir);
	dir = open(upload->store->image_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0 || fsync(dir) != 0)
		rc = folder_failed(err, errno, "cannot keep the image in", upload->store->image_dir);
	if (dir >= 0)
		close(dir);
	return rc;
}

static void on_image_settled(struct post *post)
{
	struct image_upload *upload = list_container(post, struct image_upload, post);

	if (upload->store->closing && !upload->ask->answer.err.code)
		(void)err_set(&upload->ask->answer.err, ERR_CANCELLED, "the store is closing");
	if (upload->ask->answer.err.code) {
		ask_finish(upload->ask);
		upload_abort(upload);
		return;
	}
	upload->wish.apply = apply_row;
	upload->wish.on_done = on_row_done;
	list_init(&upload->wish.link);
	writer_wish(upload->store->writer, &upload->wish);
}

static void take_apart(struct work *work, struct db *db)
{
	struct image_upload *upload = list_container(work, struct image_upload, work);
	struct err *err = &upload->ask->answer.err;
	json_t *body;
	int rc = db ? 0 : err_set(err, ERR_CANCELLED, "the store is closing");

	if (rc == 0 && fsync(upload->fd) != 0)
		rc = err_set_errno(err, errno, "cannot keep the image");
	if (rc == 0)
		rc = image_load(upload->path, &upload->image, err);
	if (rc == 0)
		rc = settle_file(upload, err);
	if (rc == 0) {
		body = image_to_json(&upload->image);
		upload->body = body ? json_dumps(body, JSON_COMPACT) : NULL;
		json_decref(body);
		if (!upload->body)
			(void)err_set(err, ERR_NOMEM, "out of memory");
	}
	upload->post.run = on_image_settled;
	store_post(upload->store, &upload->post);
}

void upload_finish(struct image_upload *upload, on_answer_fn on_answer, void *answer_context)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_REALTIME, &now);
	upload->now_us = (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
	upload->ask = ask_create(upload->store, on_answer, answer_context);
	upload->work.run = take_apart;
	list_init(&upload->work.link);
	if (upload->store->closing) {
		upload->post.run = on_image_settled;
		store_post(upload->store, &upload->post);
	} else {
		(void)workers_put(upload->store->workers, &upload->work, true);
	}
}
