/* SPDX-License-Identifier: Apache-2.0 */
/* The store's life, and what goes between its own thread and the others. */
#include "daemon/store/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <sodium.h>

#include "core/base/log.h"
#include "core/base/mem.h"
#include "daemon/store/console.h"
#include "daemon/store/migrate.h"
#include "daemon/store/query.h"
#include "daemon/store/store_private.h"

/* --- from other threads --- */

void store_post(struct store *store, struct post *post)
{
	(void)pthread_mutex_lock(&store->lock);
	list_append(&store->posts, &post->link);
	(void)pthread_mutex_unlock(&store->lock);
	store->options.wake(store->options.context);
}

static void on_committed(void *context, int64_t number)
{
	struct store *store = context;

	(void)pthread_mutex_lock(&store->lock);
	store->committed = number;
	store->committed_new = true;
	(void)pthread_mutex_unlock(&store->lock);
	store->options.wake(store->options.context);
}

static void on_trouble(void *context, const struct err *err)
{
	struct store *store = context;

	(void)pthread_mutex_lock(&store->lock);
	store->trouble = err ? *err : (struct err){0};
	store->trouble_new = true;
	(void)pthread_mutex_unlock(&store->lock);
	store->options.wake(store->options.context);
}

static void on_refused(void *context, const struct change_refusal *refusal)
{
	struct store *store = context;

	(void)pthread_mutex_lock(&store->lock);
	store->refusal = *refusal;
	store->refusal_new = true;
	(void)pthread_mutex_unlock(&store->lock);
	store->options.wake(store->options.context);
}

static void on_run_closed(void *context, int64_t run, const char *sha256)
{
	compression_add(context, run, sha256);
}

/* --- answers --- */

struct ask *ask_create(struct store *store, on_answer_fn on_answer, void *context)
{
	struct ask *ask = mem_alloc(sizeof(*ask));

	ask->store = store;
	ask->on_answer = on_answer;
	ask->context = context;
	ask->answer.fd = -1;
	list_init(&ask->post.link);
	list_init(&ask->work.link);
	list_append(&store->asks, &ask->link);
	return ask;
}

void ask_finish(struct ask *ask)
{
	struct answer *answer = &ask->answer;

	list_remove(&ask->link);
	list_remove(&ask->post.link);
	if (answer->err.code) {
		json_decref(answer->json);
		answer->json = NULL;
	}
	ask->on_answer(ask->context, answer);
	json_decref(answer->json);
	free(answer->bytes);
	if (answer->fd >= 0)
		close(answer->fd);
	free(ask);
}

static void on_ask_posted(struct post *post)
{
	ask_finish(list_container(post, struct ask, post));
}

void ask_post(struct ask *ask)
{
	ask->post.run = on_ask_posted;
	store_post(ask->store, &ask->post);
}

static void run_query(struct work *work, struct db *db)
{
	struct ask *ask = list_container(work, struct ask, work);
	struct query_place place = {db, ask->store->console_dir, ask->store->image_dir, ask->store->artefact_dir};

	if (db)
		query_answer(&place, &ask->who, &ask->query, &ask->answer);
	else
		(void)err_set(&ask->answer.err, ERR_CANCELLED, "the store is closing");
	ask_post(ask);
}

static void archive_read(void *context, const struct principal *who, const struct query *query, on_answer_fn on_answer,
			 void *answer_context)
{
	struct store *store = context;
	struct ask *ask = ask_create(store, on_answer, answer_context);

	ask->who = *who;
	ask->query = *query;
	ask->work.run = run_query;
	if (store->closing) {
		(void)err_set(&ask->answer.err, ERR_CANCELLED, "the store is closing");
		ask_post(ask);
	} else if (!workers_put(store->workers, &ask->work, false)) {
		(void)err_set(&ask->answer.err, ERR_BUSY, "too many questions at once");
		ask_post(ask);
	}
}

/* --- the store's own thread --- */

static void tell_trouble(struct store *store)
{
	struct err err;
	bool tell;

	(void)pthread_mutex_lock(&store->lock);
	tell = store->trouble_new;
	store->trouble_new = false;
	err = store->trouble;
	(void)pthread_mutex_unlock(&store->lock);
	if (tell)
		store->options.on_trouble(store->options.context, err.code ? &err : NULL);
}

/* What is durable is told before what was refused. */
static void tell_committed(struct store *store)
{
	struct change_refusal refusal = {0};
	int64_t number;
	bool tell, tell_refused;

	(void)pthread_mutex_lock(&store->lock);
	tell = store->committed_new;
	store->committed_new = false;
	number = store->committed;
	tell_refused = store->refusal_new;
	store->refusal_new = false;
	if (tell_refused)
		refusal = store->refusal;
	(void)pthread_mutex_unlock(&store->lock);
	if (tell)
		store->options.on_committed(store->options.context, number);
	if (tell_refused)
		store->options.on_refused(store->options.context, &refusal);
}

static void run_posts(struct store *store)
{
	struct list posts;

	list_init(&posts);
	(void)pthread_mutex_lock(&store->lock);
	while (!list_empty(&store->posts)) {
		struct list *link = store->posts.next;

		list_remove(link);
		list_append(&posts, link);
	}
	(void)pthread_mutex_unlock(&store->lock);
	while (!list_empty(&posts)) {
		struct post *post = list_container(posts.next, struct post, link);

		list_remove(&post->link);
		post->run(post);
	}
}

void store_dispatch(struct store *store)
{
	tell_trouble(store);
	tell_committed(store);
	run_posts(store);
}

void store_commit(struct store *store, struct change *change)
{
	writer_put(store->writer, change);
}

void store_rewind(struct store *store)
{
	writer_rewind(store->writer);
}

const struct archive *store_archive(struct store *store)
{
	return &store->archive;
}

/* --- opening --- */

static int make_farm_id(struct db *db, struct err *err)
{
	unsigned char bytes[8];
	char hex[2 * sizeof(bytes) + 1];

	randombytes_buf(bytes, sizeof(bytes));
	sodium_bin2hex(hex, sizeof(hex), bytes, sizeof(bytes));
	return db_run(db, err, "INSERT INTO meta (key, value) VALUES ('farm_id', ?) ON CONFLICT DO NOTHING", "t", hex);
}

/* Brings the file forward and gives a new farm its id, before any thread is there. */
static int prepare_database(struct store *store, struct err *err)
{
	struct db db;
	int rc = db_open(&db, store->database, false, err);

	if (rc == 0)
		rc = migrate(&db, store->database, err);
	if (rc == 0)
		rc = make_farm_id(&db, err);
	db_close(&db);
	return rc;
}

static int start_threads(struct store *store, struct err *err)
{
	const struct store_options *options = &store->options;
	struct writer_options writer = {store->database, store->console_dir,
					options->lazy_ms > 0 ? options->lazy_ms : 20,
					options->retry_ms > 0 ? options->retry_ms : 500};
	struct writer_ports ports = {store, on_committed, on_trouble, on_refused, on_run_closed};
	/* the writer first: its connection makes the files that read-only ones need */
	int rc = writer_create(&writer, &ports, &store->writer, err);

	if (rc == 0)
		rc = workers_create(store->database, options->readers > 0 ? options->readers : 2, &store->workers, err);
	return rc;
}

/* Consoles whose run ended, but which were not compressed any more before the last end. */
static int compress_leftovers(struct store *store, struct err *err)
{
	int64_t *runs;
	size_t count;
	int rc = console_list_raw(store->console_dir, &runs, &count, err);

	if (rc)
		return rc;
	for (size_t i = 0; rc == 0 && i < count; i++) {
		sqlite3_stmt *row = db_statement(
			&store->db, "SELECT console_sha256 FROM run WHERE id = ? AND state = 'finished'", err);
		bool finished = false;

		rc = row ? db_bind(row, "i", runs[i]) : ERR_CORRUPT;
		if (rc == 0)
			rc = db_step(&store->db, row, &finished, err);
		if (rc == 0 && finished)
			on_run_closed(store, runs[i], db_text(row, 0));
		if (row)
			sqlite3_reset(row);
	}
	free(runs);
	return rc;
}

static struct store *store_alloc(const struct store_options *options)
{
	struct store *store = mem_alloc(sizeof(*store));

	store->options = *options;
	store->lock_fd = -1;
	list_init(&store->posts);
	list_init(&store->images);
	list_init(&store->asks);
	compression_init(store);
	(void)pthread_mutex_init(&store->lock, NULL);
	store->archive = (struct archive){.context = store,
					  .read = archive_read,
					  .upload_begin = upload_begin,
					  .upload_append = upload_append,
					  .upload_finish = upload_finish,
					  .upload_abort = upload_abort,
					  .artefact_begin = artefact_begin,
					  .artefact_append = artefact_append,
					  .artefact_finish = artefact_finish,
					  .artefact_abort = artefact_abort,
					  .put_token = token_put,
					  .remove_token = token_remove};
	return store;
}

int store_open(const struct store_options *options, struct store **ret_store, struct err *err)
{
	struct store *store = store_alloc(options);
	int rc;

	json_object_seed(0); /* before threads use it */
	rc = sodium_init() < 0 ? err_set(err, ERR_IO, "libsodium does not start") : 0;
	if (rc == 0)
		rc = dir_prepare(store, options->dir, err);
	if (rc == 0)
		rc = prepare_database(store, err);
	if (rc == 0)
		rc = start_threads(store, err);
	if (rc == 0)
		rc = db_open(&store->db, store->database, true, err);
	if (rc == 0)
		rc = compress_leftovers(store, err);
	if (rc) {
		store_close(store);
		return rc;
	}
	*ret_store = store;
	return 0;
}

/* What the threads left behind; they are gone. An answer may ask on, so this ends only when nothing is owed. */
static void answer_rest(struct store *store)
{
	run_posts(store);
	while (!list_empty(&store->asks)) {
		struct ask *ask = list_container(store->asks.next, struct ask, link);

		(void)err_set(&ask->answer.err, ERR_CANCELLED, "the store is closing");
		ask_finish(ask);
	}
}

/* For what goes by the clock: up to when the farm was there. An end that is not orderly leaves none, and one that
 * cannot be noted changes nothing. */
static void note_end(struct store *store)
{
	struct timespec now;
	char value[24];

	(void)clock_gettime(CLOCK_REALTIME, &now);
	(void)snprintf(value, sizeof(value), "%lld", (long long)now.tv_sec * 1000000 + now.tv_nsec / 1000);
	(void)db_run(&store->db, NULL,
		     "INSERT INTO meta (key, value) VALUES ('stopped_at_us', ?)"
		     " ON CONFLICT (key) DO UPDATE SET value = excluded.value",
		     "t", value);
}

void store_close(struct store *store)
{
	if (!store)
		return;
	store->closing = true;
	writer_stop(store->writer);
	note_end(store);
	workers_destroy(store->workers);
	answer_rest(store);
	image_cache_clear(store);
	db_close(&store->db);
	writer_destroy(store->writer); /* the last connection, so that assay.db alone is the farm */
	dir_release(store);
	(void)pthread_mutex_destroy(&store->lock);
	free(store);
}
