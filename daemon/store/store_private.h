/* SPDX-License-Identifier: Apache-2.0 */
/* The inside of the store, shared by its own files. */
#ifndef ASSAY_STORE_STORE_PRIVATE_H
#define ASSAY_STORE_STORE_PRIVATE_H

#include <pthread.h>
#include <stdbool.h>

#include "core/base/list.h"
#include "daemon/store/db.h"
#include "daemon/store/store.h"
#include "daemon/store/workers.h"
#include "daemon/store/writer.h"

#define STORE_PATH_MAX   4096
#define STORE_IMAGES_MAX 64          /* images kept in memory */
#define STORE_IMAGES_MEM (64u << 20) /* and their bytes */

/* Something for the store's own thread; a member of what it is about. */
struct post {
	struct list link;
	void (*run)(struct post *post);
};

/* An answer that is owed. */
struct ask {
	struct store *store;
	struct list link; /* store.asks */
	on_answer_fn on_answer;
	void *context;
	struct answer answer;
	struct post post;
	/* a query */
	struct work work;
	struct principal who;
	struct query query;
};

struct cached_image {
	struct list link; /* store.images, the most recently used first */
	struct image image;
	size_t size_bytes;
};

struct store {
	struct store_options options;
	char dir[STORE_PATH_MAX];
	char database[STORE_PATH_MAX + 16];
	char console_dir[STORE_PATH_MAX + 16];
	char image_dir[STORE_PATH_MAX + 16];
	char artefact_dir[STORE_PATH_MAX + 16];
	int lock_fd;
	struct db db; /* this thread's own, read-only */
	struct writer *writer;
	struct workers *workers;
	struct archive archive;
	bool closing;

	struct list asks;
	struct list images; /* struct cached_image */
	size_t image_count, image_bytes;

	pthread_mutex_t lock; /* guards the following, which other threads fill */
	struct {
		struct work work;
		struct list closed; /* runs that wait for it */
		bool busy;          /* the work waits, or is under way */
	} compression;
	struct list posts;
	int64_t committed;
	bool committed_new;
	struct err trouble;
	bool trouble_new;
	struct change_refusal refusal;
	bool refusal_new;
};

/* store.c. From any thread: run is called in the store's thread, later. */
void store_post(struct store *store, struct post *post);
struct ask *ask_create(struct store *store, on_answer_fn on_answer, void *context);
/* In the store's thread: gives the answer and frees the ask. */
void ask_finish(struct ask *ask);
/* From any thread: ask_finish later. */
void ask_post(struct ask *ask);

/* dir.c: the state directory and its lock. */
int dir_prepare(struct store *store, const char *dir, struct err *err);
void dir_release(struct store *store);

/* image_upload.c */
int upload_begin(void *context, const struct principal *who, const char *name, struct image_upload **ret_upload,
		 struct err *err);
int upload_append(struct image_upload *upload, const void *data, size_t size_bytes, struct err *err);
void upload_finish(struct image_upload *upload, on_answer_fn on_answer, void *answer_context);
void upload_abort(struct image_upload *upload);

/* artefact_upload.c */
int artefact_begin(void *context, const struct principal *who, int64_t run, const char *name,
		   struct artefact_upload **ret_upload, struct err *err);
int artefact_append(struct artefact_upload *upload, const void *data, size_t size_bytes, struct err *err);
void artefact_finish(struct artefact_upload *upload, on_answer_fn on_answer, void *answer_context);
void artefact_abort(struct artefact_upload *upload);

/* compression.c. From any thread: the run's console is compressed, some time. */
void compression_init(struct store *store);
void compression_add(struct store *store, int64_t run, const char *sha256);

/* image_cache.c */
int image_load(const char *path, struct image *ret_image, struct err *err); /* reads and takes apart; any thread */
void image_cache_add(struct store *store, struct image *image);             /* takes its content over */
void image_cache_clear(struct store *store);

/* token.c */
void token_put(void *context, const struct token *token, on_answer_fn on_answer, void *answer_context);
void token_remove(void *context, const char *name, on_answer_fn on_answer, void *answer_context);

#endif
