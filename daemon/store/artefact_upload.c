/* SPDX-License-Identifier: Apache-2.0 */
/* An artefact's bytes on their way in.
 *
 * Happy path: begin (a file of its own) -> append …, hashed as it comes -> finish -> a worker holds size and hash
 * against what the run's agent told of it, syncs the file and gives it its final name -> the writer notes that it is
 * present -> answered. Ways it fails: a write fails (the caller aborts); it is another's run, nobody told of it, or it
 * is something else (the file goes); the row cannot be committed (the file stays: it is whole, and the agent sends it
 * again). */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sodium.h>

#include "core/base/json.h"
#include "core/base/mem.h"
#include "core/farm/artefact.h"
#include "daemon/store/query.h"
#include "daemon/store/store_private.h"

struct artefact_upload {
	struct store *store;
	struct principal who;
	int64_t run;
	char name[ARTEFACT_NAME_MAX];
	char path[STORE_PATH_MAX + 96];
	int fd;
	uint64_t size_bytes;
	crypto_hash_sha256_state hash;
	char sha256[SHA256_HEX];
	struct ask *ask;
	struct work work;
	struct post post;
	struct wish wish;
};

int artefact_begin(void *context, const struct principal *who, int64_t run, const char *name,
		   struct artefact_upload **ret_upload, struct err *err)
{
	struct store *store = context;
	struct artefact_upload *upload = mem_alloc(sizeof(*upload));

	upload->store = store;
	upload->who = *who;
	upload->run = run;
	mem_text_into(upload->name, sizeof(upload->name), name);
	crypto_hash_sha256_init(&upload->hash);
	(void)snprintf(upload->path, sizeof(upload->path), "%s/.upload-XXXXXX", store->artefact_dir);
	upload->fd = mkostemp(upload->path, O_CLOEXEC); /* 0600 */
	if (upload->fd < 0) {
		int rc = err_set_errno(err, errno, "cannot write into %s", store->artefact_dir);

		free(upload);
		return rc;
	}
	*ret_upload = upload;
	return 0;
}

int artefact_append(struct artefact_upload *upload, const void *data, size_t size_bytes, struct err *err)
{
	const char *bytes = data;

	upload->size_bytes += size_bytes;
	if (upload->size_bytes > ARTEFACT_MAX_BYTES)
		return err_set(err, ERR_TOO_BIG, "an artefact may have at most %u bytes", ARTEFACT_MAX_BYTES);
	crypto_hash_sha256_update(&upload->hash, data, size_bytes);
	while (size_bytes > 0) {
		ssize_t done = write(upload->fd, bytes, size_bytes);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return err_set_errno(err, errno, "cannot write the artefact");
		bytes += done;
		size_bytes -= (size_t)done;
	}
	return 0;
}

static void upload_destroy(struct artefact_upload *upload)
{
	if (upload->fd >= 0)
		close(upload->fd);
	free(upload);
}

void artefact_abort(struct artefact_upload *upload)
{
	if (!upload)
		return;
	(void)unlink(upload->path);
	upload_destroy(upload);
}

/* --- in the writer's thread --- */

static int apply_present(struct wish *wish, struct db *db, struct err *err)
{
	const struct artefact_upload *upload = list_container(wish, struct artefact_upload, wish);

	return db_run(db, err, "UPDATE artefact SET present = 1 WHERE run = ? AND name = ? AND sha256 = ?", "itt",
		      upload->run, upload->name, upload->sha256);
}

static void on_present_answered(struct post *post)
{
	struct artefact_upload *upload = list_container(post, struct artefact_upload, post);

	json_object_set_new(upload->ask->answer.json, "present", json_true());
	ask_finish(upload->ask);
	upload_destroy(upload);
}

static void on_present_done(struct wish *wish, const struct err *err)
{
	struct artefact_upload *upload = list_container(wish, struct artefact_upload, wish);

	if (err)
		upload->ask->answer.err = *err;
	upload->post.run = on_present_answered;
	store_post(upload->store, &upload->post);
}

/* --- in a worker's thread --- */

/* A rack brings what runs of its own organisation's agents left behind, as it speaks for those only; nothing else that
 * an agent may see is its to write. */
static int may_bring(const struct artefact_upload *upload, struct db *db, struct err *err)
{
	sqlite3_stmt *row = db_statement(
		db, "SELECT 1 FROM run JOIN agent ON agent.name = run.agent WHERE run.id = ? AND agent.org = ?", err);
	bool found = false;
	int rc = row ? db_bind(row, "it", upload->run, upload->who.org) : (int)err->code;

	if (rc == 0)
		rc = db_step(db, row, &found, err);
	if (row)
		sqlite3_reset(row);
	if (rc == 0 && !found)
		rc = err_set(err, ERR_NOT_FOUND, "none of your agents has had run %lld", (long long)upload->run);
	return rc;
}

/* What was told of it, as the answer's json. */
static int find_told(const struct artefact_upload *upload, struct db *db, struct answer *answer)
{
	struct query_place place = {.db = db};
	json_t *all = json_array(), *one;
	size_t i;
	int rc = may_bring(upload, db, &answer->err);

	if (rc == 0)
		rc = query_list_artefacts(&place, upload->run, &all, &answer->err);
	json_array_foreach(all, i, one)
	{
		if (strcmp(json_string_value(json_object_get(one, "name")), upload->name) == 0)
			answer->json = json_incref(one);
	}
	json_decref(all);
	if (rc == 0 && !answer->json)
		rc = err_set(&answer->err, ERR_NOT_FOUND, "nobody told of an artefact %s of run %lld", upload->name,
			     (long long)upload->run);
	return rc;
}

static int check_told(const struct artefact_upload *upload, struct answer *answer)
{
	const char *sha256 = json_string_value(json_object_get(answer->json, "sha256"));

	if (strcmp(sha256, upload->sha256) == 0 &&
	    (uint64_t)json_integer_value(json_object_get(answer->json, "size")) == upload->size_bytes)
		return 0;
	return err_set(&answer->err, ERR_INVALID, "%s of run %lld has SHA-256 %s, expected %s", upload->name,
		       (long long)upload->run, upload->sha256, sha256);
}

/* Under its final name, for good. Equal bytes may have been there first: then they are equal. */
static int settle_file(struct artefact_upload *upload, struct err *err)
{
	char final[STORE_PATH_MAX + 96];
	int dir, rc = 0;

	(void)snprintf(final, sizeof(final), "%s/%s", upload->store->artefact_dir, upload->sha256);
	if (fsync(upload->fd) != 0 || rename(upload->path, final) != 0)
		return err_set_errno(err, errno, "cannot keep the artefact");
	dir = open(upload->store->artefact_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0 || fsync(dir) != 0)
		rc = err_set_errno(err, errno, "cannot keep the artefact");
	if (dir >= 0)
		close(dir);
	return rc;
}

static void on_settled(struct post *post)
{
	struct artefact_upload *upload = list_container(post, struct artefact_upload, post);

	if (upload->store->closing && !upload->ask->answer.err.code)
		(void)err_set(&upload->ask->answer.err, ERR_CANCELLED, "the store is closing");
	if (upload->ask->answer.err.code) {
		ask_finish(upload->ask);
		artefact_abort(upload);
		return;
	}
	upload->wish.apply = apply_present;
	upload->wish.on_done = on_present_done;
	list_init(&upload->wish.link);
	writer_wish(upload->store->writer, &upload->wish);
}

static void settle(struct work *work, struct db *db)
{
	struct artefact_upload *upload = list_container(work, struct artefact_upload, work);
	struct answer *answer = &upload->ask->answer;
	int rc = db ? 0 : err_set(&answer->err, ERR_CANCELLED, "the store is closing");

	if (rc == 0)
		rc = find_told(upload, db, answer);
	if (rc == 0)
		rc = check_told(upload, answer);
	if (rc == 0)
		(void)settle_file(upload, &answer->err);
	upload->post.run = on_settled;
	store_post(upload->store, &upload->post);
}

void artefact_finish(struct artefact_upload *upload, on_answer_fn on_answer, void *answer_context)
{
	uint8_t hash[crypto_hash_sha256_BYTES];

	crypto_hash_sha256_final(&upload->hash, hash);
	sodium_bin2hex(upload->sha256, sizeof(upload->sha256), hash, sizeof(hash));
	upload->ask = ask_create(upload->store, on_answer, answer_context);
	upload->work.run = settle;
	list_init(&upload->work.link);
	if (upload->store->closing) {
		upload->post.run = on_settled;
		store_post(upload->store, &upload->post);
	} else {
		(void)workers_put(upload->store->workers, &upload->work, true);
	}
}
