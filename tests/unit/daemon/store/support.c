/* SPDX-License-Identifier: Apache-2.0 */
/* Support of the store's tests. */
#include "tests/unit/daemon/store/support.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <sqlite3.h>

#include "core/base/mem.h"

#define WAIT_S 300

const struct principal admin = {.org = "default", .name = "admin", .role = ROLE_ADMIN};
const struct principal member = {.org = "default", .name = "mary", .role = ROLE_MEMBER};
const struct principal stranger = {.org = "elsewhere", .name = "bob", .role = ROLE_MEMBER};
const struct principal viewer = {.org = "default", .name = "vera", .role = ROLE_VIEWER};

static void on_wake(void *context)
{
	struct fixture *f = context;

	(void)pthread_mutex_lock(&f->lock);
	f->wake = true;
	(void)pthread_cond_signal(&f->woken);
	(void)pthread_mutex_unlock(&f->lock);
}

static void on_committed(void *context, int64_t number)
{
	((struct fixture *)context)->committed = number;
}

static void on_trouble(void *context, const struct err *err)
{
	struct fixture *f = context;

	f->trouble = err ? *err : (struct err){0};
	f->troubles++;
}

static void on_refused(void *context, const struct change_refusal *refusal)
{
	struct fixture *f = context;

	f->refusal = *refusal;
	f->refusals++;
}

void fixture_init(struct fixture *f)
{
	pthread_condattr_t attributes;

	memset(f, 0, sizeof(*f));
	(void)snprintf(f->dir, sizeof(f->dir), "%s/assay-store-XXXXXX", getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp");
	assert_non_null(mkdtemp(f->dir));
	(void)pthread_mutex_init(&f->lock, NULL);
	(void)pthread_condattr_init(&attributes);
	(void)pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC); /* which nobody sets */
	(void)pthread_cond_init(&f->woken, &attributes);
	(void)pthread_condattr_destroy(&attributes);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *where)
{
	(void)st;
	(void)type;
	(void)where;
	return remove(path);
}

void fixture_finish(struct fixture *f)
{
	fixture_close(f);
	(void)nftw(f->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	(void)pthread_cond_destroy(&f->woken);
	(void)pthread_mutex_destroy(&f->lock);
}

int fixture_open(struct fixture *f, struct err *err)
{
	struct store_options options = {.dir = f->dir,
					.context = f,
					.wake = on_wake,
					.on_committed = on_committed,
					.on_trouble = on_trouble,
					.on_refused = on_refused,
					.retry_ms = 20};

	f->committed = 0;
	return store_open(&options, &f->store, err);
}

void fixture_must_open(struct fixture *f)
{
	struct err err = {0};

	if (fixture_open(f, &err))
		fail_msg("store_open: %s", err.text);
}

void fixture_close(struct fixture *f)
{
	store_close(f->store);
	f->store = NULL;
}

void fixture_wait(struct fixture *f, bool (*done)(void *context), void *context)
{
	struct timespec until;

	(void)clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += WAIT_S;
	while (!done(context)) {
		(void)pthread_mutex_lock(&f->lock);
		while (!f->wake) {
			if (pthread_cond_timedwait(&f->woken, &f->lock, &until)) {
				(void)pthread_mutex_unlock(&f->lock);
				fail_msg("waited in vain");
			}
		}
		f->wake = false;
		(void)pthread_mutex_unlock(&f->lock);
		store_dispatch(f->store);
	}
}

struct awaited {
	struct fixture *f;
	int64_t number;
};

static bool is_committed(void *context)
{
	struct awaited *awaited = context;

	return awaited->f->committed >= awaited->number;
}

void fixture_wait_committed(struct fixture *f, int64_t number)
{
	struct awaited awaited = {f, number};

	fixture_wait(f, is_committed, &awaited);
}

void on_kept(void *context, struct answer *answer)
{
	struct kept_answer *kept = context;

	kept->came = true;
	kept->answer = *answer;
	answer->json = NULL;
	answer->bytes = NULL;
	answer->fd = -1;
}

bool is_kept(void *context)
{
	return ((struct kept_answer *)context)->came;
}

void kept_finish(struct kept_answer *kept)
{
	json_decref(kept->answer.json);
	free(kept->answer.bytes);
	if (kept->came && kept->answer.fd >= 0)
		close(kept->answer.fd);
	memset(kept, 0, sizeof(*kept));
}

void ask_and_wait(struct fixture *f, const struct principal *who, const struct query *query, struct kept_answer *kept)
{
	const struct archive *archive = store_archive(f->store);

	memset(kept, 0, sizeof(*kept));
	archive->read(archive->context, who, query, on_kept, kept);
	assert_false(kept->came);
	fixture_wait(f, is_kept, kept);
}

struct change *change_of_job(int64_t number, int64_t job, const char *org, int64_t seq)
{
	struct change *change = change_create();
	struct job_record *record = change_add(change, RECORD_JOB);

	change->number = number;
	record->id = job;
	mem_text_into(record->org, sizeof(record->org), org);
	mem_text_into(record->owner, sizeof(record->owner), "mary");
	mem_text_into(record->name, sizeof(record->name), "nightly");
	record->priority = 50;
	record->submitted_at_us = 1000;
	record->spec = mem_text("{\"name\":\"nightly\"}");
	add_event(change, seq, org, job, 0, "");
	return change;
}

struct run_record *add_run(struct change *change, int64_t run, int64_t job, const char *org, enum run_state state,
			   uint64_t console_bytes)
{
	struct run_record *record = change_add(change, RECORD_RUN);

	record->id = run;
	record->job = job;
	mem_text_into(record->org, sizeof(record->org), org);
	record->attempt = 1;
	record->index = (uint32_t)run;
	mem_text_into(record->board_type, sizeof(record->board_type), "microbit");
	record->state = state;
	record->console_bytes = console_bytes;
	if (state == RUN_IS_FINISHED) {
		record->verdict = RUN_PASSED;
		record->cause = CAUSE_ALL_REQUIRED_SEEN;
	}
	return record;
}

void add_console(struct change *change, int64_t run, uint64_t offset, const void *data, size_t size)
{
	struct console_record *record = change_add(change, RECORD_CONSOLE);

	record->run = run;
	record->offset = offset;
	record->at_us = 1000000 + (int64_t)offset;
	record->data = change_copy(change, data, size);
	record->size_bytes = size;
}

void add_event(struct change *change, int64_t seq, const char *org, int64_t job, int64_t run, const char *board)
{
	struct event_record *record = change_add(change, RECORD_EVENT);
	char body[128];

	record->seq = seq;
	record->at_us = seq;
	record->type = EVENT_JOB_SUBMITTED;
	mem_text_into(record->org, sizeof(record->org), org);
	record->job = job;
	record->run = run;
	mem_text_into(record->board, sizeof(record->board), board);
	(void)snprintf(body, sizeof(body), "{\"seq\":%lld}", (long long)seq);
	record->body = change_text(change, body);
}

static sqlite3 *open_database(const struct fixture *f)
{
	char path[300];
	sqlite3 *db;

	(void)snprintf(path, sizeof(path), "%s/assay.db", f->dir);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	(void)sqlite3_busy_timeout(db, 5000);
	return db;
}

void sql_text(const struct fixture *f, const char *sql, char *text, size_t size)
{
	sqlite3 *db = open_database(f);
	sqlite3_stmt *row;

	assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &row, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(row), SQLITE_ROW);
	mem_text_into(text, size, (const char *)sqlite3_column_text(row, 0));
	(void)sqlite3_finalize(row);
	(void)sqlite3_close(db);
}

int64_t sql_int(const struct fixture *f, const char *sql)
{
	char text[64];

	sql_text(f, sql, text, sizeof(text));
	return strtoll(text, NULL, 10);
}

void sql_run(const struct fixture *f, const char *sql)
{
	sqlite3 *db = open_database(f);
	char *message = NULL;

	if (sqlite3_exec(db, sql, NULL, NULL, &message) != SQLITE_OK)
		fail_msg("%s: %s", sql, message);
	(void)sqlite3_close(db);
}

void sql_refused(const struct fixture *f, const char *sql, const char *why)
{
	sqlite3 *db = open_database(f);
	char *message = NULL;

	assert_int_not_equal(sqlite3_exec(db, sql, NULL, NULL, &message), SQLITE_OK);
	assert_non_null(strstr(message, why));
	sqlite3_free(message);
	(void)sqlite3_close(db);
}

int fixture_setup(void **state)
{
	struct fixture *f = mem_alloc(sizeof(*f));

	fixture_init(f);
	fixture_must_open(f);
	*state = f;
	return 0;
}

int fixture_teardown(void **state)
{
	fixture_finish(*state);
	free(*state);
	return 0;
}
