/* SPDX-License-Identifier: Apache-2.0 */
/* A real store in a directory of its own, and ways to wait for what it answers. */
#ifndef ASSAY_TESTS_STORE_SUPPORT_H
#define ASSAY_TESTS_STORE_SUPPORT_H

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/store/store.h"

struct fixture {
	char dir[256];
	struct store *store;
	pthread_mutex_t lock;
	pthread_cond_t woken;
	bool wake;
	int64_t committed;
	struct err trouble;
	unsigned troubles; /* times it was told */
	struct change_refusal refusal;
	unsigned refusals;
};

extern const struct principal admin, member, stranger, viewer;

/* A new directory, not opened yet. */
void fixture_init(struct fixture *f);
/* Closes, and removes the directory. */
void fixture_finish(struct fixture *f);
/* Of a test: its state is a fixture with an open store. */
int fixture_setup(void **state);
int fixture_teardown(void **state);
int fixture_open(struct fixture *f, struct err *err);
void fixture_must_open(struct fixture *f);
void fixture_close(struct fixture *f);
/* Dispatches until done(context), for up to a minute. */
void fixture_wait(struct fixture *f, bool (*done)(void *context), void *context);
void fixture_wait_committed(struct fixture *f, int64_t number);

/* An answer, kept. */
struct kept_answer {
	bool came;
	struct answer answer;
};
void on_kept(void *context, struct answer *answer);
bool is_kept(void *context);
void kept_finish(struct kept_answer *kept);
/* Asks and waits. */
void ask_and_wait(struct fixture *f, const struct principal *who, const struct query *query, struct kept_answer *kept);

/* Changes to commit. */
struct change *change_of_job(int64_t number, int64_t job, const char *org, int64_t seq);
struct run_record *add_run(struct change *change, int64_t run, int64_t job, const char *org, enum run_state state,
			   uint64_t console_bytes);
void add_console(struct change *change, int64_t run, uint64_t offset, const void *data, size_t size);
void add_event(struct change *change, int64_t seq, const char *org, int64_t job, int64_t run, const char *board);

/* A column of one row, by a connection of its own. */
int64_t sql_int(const struct fixture *f, const char *sql);
void sql_run(const struct fixture *f, const char *sql);
/* The database must not take it, and say why. */
void sql_refused(const struct fixture *f, const char *sql, const char *why);
void sql_text(const struct fixture *f, const char *sql, char *text, size_t size);

#endif
