/* SPDX-License-Identifier: Apache-2.0 */
/* store_bench [COMMITS [DIR]]: how many commits a second the store makes when each waits for the one before, when they
 * come in a crowd, and how long one takes. */
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "core/base/log.h"
#include "core/base/mem.h"
#include "daemon/store/store.h"

struct bench {
	struct store *store;
	int wake[2];
	int64_t committed, next;
};

static void on_wake(void *context)
{
	struct bench *bench = context;

	if (write(bench->wake[1], "w", 1) != 1)
		exit(1);
}

static void on_committed(void *context, int64_t number)
{
	((struct bench *)context)->committed = number;
}

static void on_trouble(void *context, const struct err *err)
{
	(void)context;
	if (err) {
		(void)fprintf(stderr, "store_bench: %s\n", err->text);
		exit(1);
	}
}

static double now_s(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* As heavy as a submitted job of one run. */
static void commit_one(struct bench *bench)
{
	struct change *change = change_create();
	struct job_record *job = change_add(change, RECORD_JOB);
	struct run_record *run = change_add(change, RECORD_RUN);
	int64_t id = ++bench->next;

	change->number = id;
	job->id = id;
	mem_text_into(job->org, sizeof(job->org), ORG_DEFAULT);
	job->spec = mem_text("{\"name\":\"nightly\",\"runs\":[]}");
	run->id = id;
	run->job = id;
	run->attempt = 1;
	mem_text_into(run->org, sizeof(run->org), ORG_DEFAULT);
	for (int i = 0; i < 3; i++) {
		struct event_record *event = change_add(change, RECORD_EVENT);

		event->seq = 3 * id - 2 + i;
		event->job = id;
		mem_text_into(event->org, sizeof(event->org), ORG_DEFAULT);
		event->body =
			change_text(change, "{\"type\":\"job.submitted\",\"name\":\"nightly\",\"owner\":\"mary\"}");
	}
	store_commit(bench->store, change);
}

static void wait_for(struct bench *bench, int64_t number)
{
	while (bench->committed < number) {
		char bytes[256];

		if (read(bench->wake[0], bytes, sizeof(bytes)) < 0)
			exit(1);
		store_dispatch(bench->store);
	}
}

static int by_value(const void *a, const void *b)
{
	double first = *(const double *)a, second = *(const double *)b;

	return (first > second) - (first < second);
}

static double one_by_one(struct bench *bench, int64_t count, double *ret_median, double *ret_p99)
{
	double *took = mem_alloc_array((size_t)count, sizeof(*took)), begun = now_s(), all;

	for (int64_t i = 0; i < count; i++) {
		double at = now_s();

		commit_one(bench);
		wait_for(bench, bench->next);
		took[i] = now_s() - at;
	}
	all = now_s() - begun;
	qsort(took, (size_t)count, sizeof(*took), by_value);
	*ret_median = took[count / 2];
	*ret_p99 = took[count * 99 / 100];
	free(took);
	return (double)count / all;
}

static double in_a_crowd(struct bench *bench, int64_t count)
{
	double begun = now_s();

	for (int64_t i = 0; i < count; i++)
		commit_one(bench);
	wait_for(bench, bench->next);
	return (double)count / (now_s() - begun);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *where)
{
	(void)st;
	(void)type;
	(void)where;
	return remove(path);
}

int main(int argc, char **argv)
{
	int64_t count = argc > 1 ? strtoll(argv[1], NULL, 10) : 5000;
	char dir[256];
	struct bench bench = {0};
	struct store_options options = {
		.dir = dir, .context = &bench, .wake = on_wake, .on_committed = on_committed, .on_trouble = on_trouble};
	struct err err = {0};
	double single, crowd, median, p99;

	(void)snprintf(dir, sizeof(dir), "%s/store-bench-XXXXXX", argc > 2 ? argv[2] : "/tmp");
	log_set_level(LOG_LEVEL_WARN);
	if (!mkdtemp(dir) || pipe(bench.wake) || store_open(&options, &bench.store, &err)) {
		(void)fprintf(stderr, "store_bench: %s\n", err.text);
		return 1;
	}
	single = one_by_one(&bench, count, &median, &p99);
	crowd = in_a_crowd(&bench, 4 * count);
	store_close(bench.store);
	(void)nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	printf("one by one %.0f commits/s (median %.2f ms, p99 %.2f ms), in a crowd %.0f commits/s: ratio %.1f\n",
	       single, median * 1e3, p99 * 1e3, crowd, crowd / single);
	return 0;
}
