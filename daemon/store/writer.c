/* SPDX-License-Identifier: Apache-2.0 */
/* The writer's thread. */
#include "daemon/store/writer.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "core/base/log.h"
#include "core/base/mem.h"
#include "daemon/store/apply.h"
#include "daemon/store/console.h"

#define BATCH_MAX      4096 /* changes in one transaction */
#define LAST_WAIT_MS   500  /* for whoever holds the database when the store closes */
#define WAL_PAGES      1000 /* in the log before it is brought into the file, when there is nothing else to do */
#define WAL_PAGES_MUST 8000 /* and when there is */

struct writer {
	struct writer_ports ports;
	struct writer_options options;
	pthread_t thread;
	bool started;

	pthread_mutex_t lock; /* guards the following */
	pthread_cond_t wake;
	struct list changes; /* struct change */
	struct list wishes;  /* struct wish */
	bool urgent;         /* somebody waits for one of them */
	bool stop;
	bool refused; /* a change was; none is taken until writer_rewind */

	/* the thread's own */
	struct db db;
	struct console_writer console;
	struct list batch; /* changes of the transaction that is tried */
	struct list batch_wishes;
	size_t batch_count;
	bool in_trouble;
};

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

static int apply_batch(struct writer *writer, const struct record **ret_failed, struct err *err)
{
	list_for_each (link, &writer->batch) {
		int rc = apply_change(&writer->db, &writer->console, list_container(link, const struct change, link),
				      ret_failed, err);

		if (rc)
			return rc;
	}
	list_for_each (link, &writer->batch_wishes) {
		struct wish *wish = list_container(link, struct wish, link);
		int rc = wish->apply(wish, &writer->db, err);

		if (rc)
			return rc;
	}
	return 0;
}

/* ret_failed: the record that failed, when it was one. */
static int try_commit(struct writer *writer, const struct record **ret_failed, struct err *err)
{
	int rc = db_exec(&writer->db, "BEGIN IMMEDIATE", err);

	if (rc)
		return rc;
	rc = apply_batch(writer, ret_failed, err);
	if (rc == 0)
		rc = console_sync(&writer->console, err);
	if (rc == 0)
		rc = db_check_place(&writer->db, err);
	if (rc == 0)
		rc = db_exec(&writer->db, "COMMIT", err);
	if (rc && !sqlite3_get_autocommit(writer->db.handle))
		(void)db_exec(&writer->db, "ROLLBACK", NULL);
	return rc;
}

static void close_consoles(struct writer *writer, const struct change *change)
{
	list_for_each (link, &change->records) {
		const struct record *record = list_container(link, const struct record, link);

		if (record->kind != RECORD_RUN || record->as.run->state != RUN_IS_FINISHED ||
		    record->as.run->console_bytes == 0)
			continue;
		console_close(&writer->console, record->as.run->id);
		writer->ports.on_run_closed(writer->ports.context, record->as.run->id, record->as.run->console_sha256);
	}
}

static void answer_wishes(struct writer *writer, const struct err *err)
{
	while (!list_empty(&writer->batch_wishes)) {
		struct wish *wish = list_container(writer->batch_wishes.next, struct wish, link);

		list_remove(&wish->link);
		wish->on_done(wish, err);
	}
}

static void batch_done(struct writer *writer)
{
	int64_t number = 0;

	if (writer->in_trouble) {
		writer->in_trouble = false;
		log_info("store", "commits work again");
		writer->ports.on_trouble(writer->ports.context, NULL);
	}
	while (!list_empty(&writer->batch)) {
		struct change *change = list_container(writer->batch.next, struct change, link);

		list_remove(&change->link);
		close_consoles(writer, change);
		number = change->number;
		change_destroy(change);
	}
	writer->batch_count = 0;
	if (number)
		writer->ports.on_committed(writer->ports.context, number);
	answer_wishes(writer, NULL);
}

/* Wishes are refused; with changes waiting the farm is told. */
static void batch_failed(struct writer *writer, const struct err *err)
{
	answer_wishes(writer, err);
	if (list_empty(&writer->batch))
		return;
	if (!writer->in_trouble)
		log_error("store", "cannot commit, will try again: %s", err->text);
	writer->in_trouble = true;
	writer->ports.on_trouble(writer->ports.context, err);
}

/* The database refuses what is in it: trying again will not help. */
static bool is_refused(int rc)
{
	return rc == ERR_INVALID || rc == ERR_TOO_BIG;
}

static void drop_changes(struct list *changes)
{
	while (!list_empty(changes)) {
		struct change *change = list_container(changes->next, struct change, link);

		list_remove(&change->link);
		change_destroy(change);
	}
}

/* The batch is the one bad change. */
static void change_refused(struct writer *writer, const struct record *failed, const struct err *err)
{
	const struct change *change = list_container(writer->batch.next, const struct change, link);
	struct change_refusal refusal = {.number = change->number};

	change_subject(change, failed, &refusal);
	(void)err_set(&refusal.err, ERR_CORRUPT, "%s cannot be stored: %s",
		      failed ? record_kind_name(failed->kind) : "it", err->text);
	log_error("store", "change %lld (job %lld, run %lld%s%s) is set aside, it can never be stored: %s",
		  (long long)refusal.number, (long long)refusal.job, (long long)refusal.run,
		  refusal.agent[0] ? ", agent " : "", refusal.agent, refusal.err.text);
	(void)pthread_mutex_lock(&writer->lock);
	writer->refused = true;
	(void)pthread_mutex_unlock(&writer->lock);
	drop_changes(&writer->batch);
	writer->batch_count = 0;
	writer->ports.on_refused(writer->ports.context, &refusal);
}

enum outcome { OUTCOME_COMMITTED, OUTCOME_REFUSED, OUTCOME_FAILED };

/* Commits the batch, which is one change or one wish. */
static enum outcome commit_one(struct writer *writer)
{
	const struct record *failed = NULL;
	struct err err = {0};
	int rc = try_commit(writer, &failed, &err);

	if (rc == 0) {
		batch_done(writer);
		return OUTCOME_COMMITTED;
	}
	if (!is_refused(rc)) {
		batch_failed(writer, &err);
		return OUTCOME_FAILED;
	}
	if (!list_empty(&writer->batch)) {
		change_refused(writer, failed, &err);
		return OUTCOME_REFUSED;
	}
	err.code = ERR_CORRUPT;
	log_error("store", "a token or an image can never be stored: %s", err.text);
	answer_wishes(writer, &err);
	return OUTCOME_REFUSED;
}

static void take_first(struct list *from, struct list *to)
{
	struct list *link = from->next;

	list_remove(link);
	list_append(to, link);
}

/* The database refused something of the batch: each alone, in order. */
static void commit_singly(struct writer *writer)
{
	enum outcome outcome = OUTCOME_COMMITTED;
	struct list changes, wishes;

	list_init(&changes);
	list_init(&wishes);
	list_move_all(&writer->batch, &changes);
	list_move_all(&writer->batch_wishes, &wishes);
	while (outcome == OUTCOME_COMMITTED && !list_empty(&changes)) {
		take_first(&changes, &writer->batch);
		writer->batch_count = 1;
		outcome = commit_one(writer);
	}
	if (outcome == OUTCOME_FAILED) { /* all that is left is tried again */
		list_for_each (link, &changes)
			writer->batch_count++;
		list_move_all(&changes, &writer->batch);
		list_move_all(&wishes, &writer->batch_wishes);
		return;
	}
	drop_changes(&changes);
	while (!list_empty(&wishes)) {
		take_first(&wishes, &writer->batch_wishes);
		(void)commit_one(writer);
	}
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

	for (;;) {
		bool last = take_batch(writer);
		const struct record *failed = NULL;
		struct err err = {0};
		int rc;

		if (list_empty(&writer->batch) && list_empty(&writer->batch_wishes)) {
			if (last)
				return NULL;
			continue;
		}
		if (last)
			(void)sqlite3_busy_timeout(writer->db.handle, LAST_WAIT_MS);
		rc = try_commit(writer, &failed, &err);
		if (rc == 0) {
			batch_done(writer);
			keep_log_short(writer);
		} else if (is_refused(rc)) {
			commit_singly(writer);
		} else {
			batch_failed(writer, &err);
		}
		if (rc && last)
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
	drop_changes(&writer->changes);
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
	answer_wishes(writer, &err);
	drop_changes(&writer->changes);
	drop_changes(&writer->batch);
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
