/* SPDX-License-Identifier: Apache-2.0 */
/* The writer's thread and its queue. */
#include "daemon/store/writer_private.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "core/base/mem.h"

#define BATCH_MAX      4096 /* changes in one transaction */
#define LAST_WAIT_MS   500  /* for whoever holds the database when the store closes */
#define WAL_PAGES      1000 /* in the log before it is brought into the file, when there is nothing else to do */
#define WAL_PAGES_MUST 8000 /* and when there is */

static void deadline(struct timespec *ret_time, int64_t ms)
{
	(void)clock_gettime(CLOCK_MONOTONIC, ret_time);
	ret_time->tv_sec += ms / 1000;
	ret_time->tv_nsec += (ms % 1000) * 1000000;
	if (ret_time->tv_nsec >= 1000000000) {
		ret_time->tv_sec++;
		ret_time->tv_nsec -= 1000000000;
	}
}

/* Waits until there is reason to try, and takes what waits into the batch. Returns whether the writer is to end
 * when nothing waits any more. */
static bool take_batch(struct writer *writer)
{
	struct timespec until;
	bool stop;

	(void)pthread_mutex_lock(&writer->lock);
	if (writer->in_trouble) {
		/* new changes do not hurry a retry, so that a full disk is not hammered */
		deadline(&until, writer->options.retry_ms);
		while (!writer->stop && list_empty(&writer->wishes) &&
		       pthread_cond_timedwait(&writer->wake, &writer->lock, &until) != ETIMEDOUT)
			;
	} else {
		while (!writer->stop && (list_empty(&writer->changes) || writer->refused) &&
		       list_empty(&writer->wishes))
			(void)pthread_cond_wait(&writer->wake, &writer->lock);
		deadline(&until, writer->options.lazy_ms);
		while (!writer->stop && !writer->urgent &&
		       pthread_cond_timedwait(&writer->wake, &writer->lock, &until) != ETIMEDOUT)
			;
	}
	while (!writer->refused && !list_empty(&writer->changes) && writer->batch_count < BATCH_MAX) {
		struct list *link = writer->changes.next;

		list_remove(link);
		list_append(&writer->batch, link);
		writer->batch_count++;
	}
	while (!list_empty(&writer->wishes)) {
		struct list *link = writer->wishes.next;

		list_remove(link);
		list_append(&writer->batch_wishes, link);
	}
	writer->urgent = !writer->refused && !list_empty(&writer->changes);
	stop = writer->stop;
	(void)pthread_mutex_unlock(&writer->lock);
	return stop;
}

/* Between commits, so that nobody waits for it while there is a choice. */
static void keep_log_short(struct writer *writer)
{
	bool idle;

	if (writer->db.wal_pages < WAL_PAGES)
		return;
	(void)pthread_mutex_lock(&writer->lock);
	idle = list_empty(&writer->changes) && list_empty(&writer->wishes);
	(void)pthread_mutex_unlock(&writer->lock);
	if (idle || writer->db.wal_pages >= WAL_PAGES_MUST)
		db_checkpoint(&writer->db);
}

static void *run_writer(void *context)
{
	struct writer *writer = context;

	(void)pthread_setname_np(pthread_self(), "assay-writer");
	for (;;) {
		bool last = take_batch(writer), good;

		if (list_empty(&writer->batch) && list_empty(&writer->batch_wishes)) {
			if (last)
				return NULL;
			continue;
		}
		if (last)
			(void)sqlite3_busy_timeout(writer->db.handle, LAST_WAIT_MS);
		good = writer_commit(writer);
		if (good)
			keep_log_short(writer);
		else if (last)
			return NULL;
	}
}

static void put(struct writer *writer, struct list *queue, struct list *link, bool urgent)
{
	(void)pthread_mutex_lock(&writer->lock);
	list_append(queue, link);
	writer->urgent |= urgent;
	(void)pthread_cond_signal(&writer->wake);
	(void)pthread_mutex_unlock(&writer->lock);
}

void writer_put(struct writer *writer, struct change *change)
{
	put(writer, &writer->changes, &change->link, !change->lazy);
}

void writer_wish(struct writer *writer, struct wish *wish)
{
	put(writer, &writer->wishes, &wish->link, true);
}

void writer_rewind(struct writer *writer)
{
	(void)pthread_mutex_lock(&writer->lock);
	writer_drop_changes(&writer->changes);
	writer->refused = false;
	(void)pthread_mutex_unlock(&writer->lock);
}

static void init_sync(struct writer *writer)
{
	pthread_condattr_t attributes;

	(void)pthread_condattr_init(&attributes);
	(void)pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	(void)pthread_cond_init(&writer->wake, &attributes);
	(void)pthread_condattr_destroy(&attributes);
	(void)pthread_mutex_init(&writer->lock, NULL);
}

int writer_create(const struct writer_options *options, const struct writer_ports *ports, struct writer **ret_writer,
		  struct err *err)
{
	struct writer *writer = mem_alloc(sizeof(*writer));
	int rc;

	writer->options = *options;
	writer->ports = *ports;
	list_init(&writer->changes);
	list_init(&writer->wishes);
	list_init(&writer->batch);
	list_init(&writer->batch_wishes);
	console_writer_init(&writer->console, options->console_dir);
	init_sync(writer);
	rc = db_open(&writer->db, options->database, false, err);
	if (rc == 0) {
		rc = pthread_create(&writer->thread, NULL, run_writer, writer);
		rc = rc ? err_set_errno(err, rc, "cannot start the store's writer") : 0;
	}
	if (rc) {
		writer_destroy(writer);
		return rc;
	}
	writer->started = true;
	*ret_writer = writer;
	return 0;
}

/* Everything that could not be written any more. */
static void drop_rest(struct writer *writer)
{
	struct err err;

	(void)err_set(&err, ERR_CANCELLED, "the store is closing");
	list_move_all(&writer->wishes, &writer->batch_wishes);
	writer_answer_wishes(writer, &err);
	writer_drop_changes(&writer->changes);
	writer_drop_changes(&writer->batch);
}

void writer_stop(struct writer *writer)
{
	if (!writer || !writer->started)
		return;
	(void)pthread_mutex_lock(&writer->lock);
	writer->stop = true;
	(void)pthread_cond_signal(&writer->wake);
	(void)pthread_mutex_unlock(&writer->lock);
	(void)pthread_join(writer->thread, NULL);
	writer->started = false;
	drop_rest(writer);
}

void writer_destroy(struct writer *writer)
{
	if (!writer)
		return;
	writer_stop(writer);
	console_writer_finish(&writer->console);
	db_close(&writer->db);
	(void)pthread_cond_destroy(&writer->wake);
	(void)pthread_mutex_destroy(&writer->lock);
	free(writer);
}
