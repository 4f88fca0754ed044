/* SPDX-License-Identifier: Apache-2.0 */
/* The workers' queue and threads. */
#include "daemon/store/workers.h"

#include <pthread.h>
#include <stdlib.h>

#include "core/base/mem.h"

struct worker {
	struct workers *workers;
	pthread_t thread;
	bool started;
	struct db db;
};

struct workers {
	pthread_mutex_t lock; /* guards the following */
	pthread_cond_t wake;
	struct list waiting; /* struct work */
	size_t waiting_count;
	bool stop;

	int count;
	struct worker worker[WORKERS_MAX_THREADS];
};

static struct work *take(struct workers *workers, bool *ret_stop)
{
	struct work *work = NULL;

	(void)pthread_mutex_lock(&workers->lock);
	while (list_empty(&workers->waiting) && !workers->stop)
		(void)pthread_cond_wait(&workers->wake, &workers->lock);
	if (!list_empty(&workers->waiting)) {
		work = list_container(workers->waiting.next, struct work, link);
		list_remove(&work->link);
		workers->waiting_count--;
	}
	*ret_stop = workers->stop;
	(void)pthread_mutex_unlock(&workers->lock);
	return work;
}

static void *run_worker(void *context)
{
	struct worker *worker = context;
	struct work *work;
	bool stop;

	(void)pthread_setname_np(pthread_self(), "assay-reader");
	while ((work = take(worker->workers, &stop)))
		work->run(work, stop ? NULL : &worker->db);
	return NULL;
}

static int start(struct worker *worker, const char *database, struct err *err)
{
	int rc = db_open(&worker->db, database, true, err);

	if (rc)
		return rc;
	rc = pthread_create(&worker->thread, NULL, run_worker, worker);
	if (rc)
		return err_set_errno(err, rc, "cannot start a reader of the store");
	worker->started = true;
	return 0;
}

int workers_create(const char *database, int thread_count, struct workers **ret_workers, struct err *err)
{
	struct workers *workers = mem_alloc(sizeof(*workers));

	list_init(&workers->waiting);
	(void)pthread_mutex_init(&workers->lock, NULL);
	(void)pthread_cond_init(&workers->wake, NULL);
	for (int i = 0; i < thread_count && i < WORKERS_MAX_THREADS; i++) {
		int rc;

		workers->worker[i].workers = workers;
		workers->count++;
		rc = start(&workers->worker[i], database, err);
		if (rc) {
			workers_destroy(workers);
			return rc;
		}
	}
	*ret_workers = workers;
	return 0;
}

void workers_destroy(struct workers *workers)
{
	if (!workers)
		return;
	(void)pthread_mutex_lock(&workers->lock);
	workers->stop = true;
	(void)pthread_cond_broadcast(&workers->wake);
	(void)pthread_mutex_unlock(&workers->lock);
	for (int i = 0; i < workers->count; i++) {
		if (workers->worker[i].started)
			sqlite3_interrupt(workers->worker[i].db.handle);
	}
	for (int i = 0; i < workers->count; i++) {
		if (workers->worker[i].started)
			(void)pthread_join(workers->worker[i].thread, NULL);
		db_close(&workers->worker[i].db);
	}
	(void)pthread_cond_destroy(&workers->wake);
	(void)pthread_mutex_destroy(&workers->lock);
	free(workers);
}

bool workers_put(struct workers *workers, struct work *work, bool must)
{
	bool room;

	(void)pthread_mutex_lock(&workers->lock);
	room = must || workers->waiting_count < WORKERS_MAX_WAITING;
	if (room) {
		list_append(&workers->waiting, &work->link);
		workers->waiting_count++;
		(void)pthread_cond_signal(&workers->wake);
	}
	(void)pthread_mutex_unlock(&workers->lock);
	return room;
}
