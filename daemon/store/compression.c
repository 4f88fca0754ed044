/* SPDX-License-Identifier: Apache-2.0 */
/* Runs that were closed wait here to have their consoles checked, and compressed where they are files: one worker at a
 * time takes all that wait, up to a maximum, so that many share their trips to the disk; queries come in between. */
#include <stdlib.h>
#include <string.h>

#include "core/base/log.h"
#include "core/base/mem.h"
#include "daemon/store/console_short.h"
#include "daemon/store/store_private.h"

#define AT_ONCE 256

struct closed_run {
	struct list link; /* compression.closed */
	int64_t run;
	char sha256[SHA256_HEX]; /* what it should be, or "" */
};

static void tell(const struct console_closed *closed, const char *expected)
{
	if (closed->err.code)
		log_warn("store", "console of run %lld stays as it is: %s", (long long)closed->run, closed->err.text);
	else if (closed->found[0] && expected[0] && strcmp(closed->found, expected) != 0)
		log_warn("store", "console of run %lld is not what its agent read: SHA-256 %s, not %s",
			 (long long)closed->run, closed->found, expected);
}

/* Moves up to AT_ONCE to taken. Returns how many; with 0 the next run_closed puts the work again. */
static size_t take(struct store *store, struct list *taken)
{
	size_t count = 0;

	(void)pthread_mutex_lock(&store->lock);
	while (count < AT_ONCE && !list_empty(&store->compression.closed)) {
		struct list *link = store->compression.closed.next;

		list_remove(link);
		list_append(taken, link);
		count++;
	}
	store->compression.busy = count > 0;
	(void)pthread_mutex_unlock(&store->lock);
	return count;
}

/* One in the database stays there. Returns whether it is. */
static bool check_short(struct db *db, const struct closed_run *of)
{
	struct console_closed closed = {.run = of->run};

	if (console_short_sha256(db, of->run, closed.found, &closed.err) == 0 && closed.found[0] == '\0')
		return false;
	tell(&closed, of->sha256);
	return true;
}

static void compress(struct store *store, struct db *db, const struct list *taken, size_t count)
{
	struct console_closed *closed = mem_alloc_array(count, sizeof(*closed));
	const struct closed_run **of = mem_alloc_array(count, sizeof(*of));
	size_t files = 0;

	list_for_each (link, taken) {
		of[files] = list_container(link, const struct closed_run, link);
		closed[files].run = of[files]->run;
		files += !check_short(db, of[files]);
	}
	console_compress_all(store->console_dir, closed, files);
	for (size_t i = 0; i < files; i++)
		tell(&closed[i], of[i]->sha256);
	free(closed);
	free(of);
}

static void drop(struct list *taken)
{
	while (!list_empty(taken)) {
		struct closed_run *closed = list_container(taken->next, struct closed_run, link);

		list_remove(&closed->link);
		free(closed);
	}
}

/* Without db it is too late: the next start finds the raw files. */
static void on_work(struct work *work, struct db *db)
{
	struct store *store = list_container(work, struct store, compression.work);
	struct list taken;
	size_t count;

	list_init(&taken);
	count = take(store, &taken);
	if (count == 0)
		return;
	if (db)
		compress(store, db, &taken, count);
	else
		log_debug("store", "%zu consoles are compressed at the next start", count);
	drop(&taken);
	(void)workers_put(store->workers, work, true);
}

void compression_init(struct store *store)
{
	list_init(&store->compression.closed);
	list_init(&store->compression.work.link);
	store->compression.work.run = on_work;
}

void compression_add(struct store *store, int64_t run, const char *sha256)
{
	struct closed_run *closed = mem_alloc(sizeof(*closed));
	bool idle;

	list_init(&closed->link);
	closed->run = run;
	mem_text_into(closed->sha256, sizeof(closed->sha256), sha256);
	(void)pthread_mutex_lock(&store->lock);
	list_append(&store->compression.closed, &closed->link);
	idle = !store->compression.busy;
	store->compression.busy = true;
	(void)pthread_mutex_unlock(&store->lock);
	if (idle)
		(void)workers_put(store->workers, &store->compression.work, true);
}
