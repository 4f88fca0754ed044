/* SPDX-License-Identifier: Apache-2.0 */
/* Who runs where: a pure decision over what waits and which boards are free. The more urgent first, then the one that
 * came first; a run that lost a board elsewhere goes to another one if there is a choice.
 *
 * A pool is all boards of one type, with the runs that wait for any of them; a board has the runs that wait for just
 * it. The elements are embedded in the caller's own. */
#ifndef ASSAY_FARM_PLAN_H
#define ASSAY_FARM_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/list.h"

#define PLAN_PRIORITY_MAX 100

/* Runs that wait, best first. */
struct plan_queue {
	struct list level[PLAN_PRIORITY_MAX + 1]; /* struct plan_run.link, by order */
	uint64_t filled[2];                       /* bit p: level[p] is not empty */
	size_t count;
};

struct plan_pool {
	struct plan_queue waiting; /* for any board of the pool */
	struct list free;          /* struct plan_board.link, the longest free first */
	size_t pinned;             /* runs that wait for one board of the pool */
};

struct plan_board {
	struct list link; /* in pool->free, or in no list */
	struct plan_pool *pool;
	struct plan_queue waiting; /* for this board only */
};

struct plan_run {
	struct list link;
	int priority;                   /* 0..PLAN_PRIORITY_MAX */
	int64_t order;                  /* who came first: the smaller */
	const struct plan_board *avoid; /* rather not there; NULL: no matter */
	struct plan_queue *queue;       /* where it waits, NULL when it does not */
	struct plan_pool *pool;
};

void plan_pool_init(struct plan_pool *pool);
/* The board is in pool, not free, with nothing waiting for it. */
void plan_board_init(struct plan_board *board, struct plan_pool *pool);
/* The board, not free, goes over to another pool, with what waits for it. */
void plan_board_move(struct plan_board *board, struct plan_pool *pool);
void plan_board_set_free(struct plan_board *board, bool is_free);
bool plan_board_is_free(const struct plan_board *board);

/* priority, order and avoid are set by the caller. board NULL: any of the pool. */
void plan_run_wait(struct plan_run *run, struct plan_pool *pool, struct plan_board *board);
/* Out of the queue; nothing happens when it is in none. */
void plan_run_leave(struct plan_run *run);

/* The next placement in the pool; false when there is none. The caller takes both out (plan_run_leave,
 * plan_board_set_free) before it asks again. */
bool plan_next(const struct plan_pool *pool, struct plan_run **ret_run, struct plan_board **ret_board);

/* The best that waits, and the one behind run in its queue; NULL at the end. */
struct plan_run *plan_queue_first(const struct plan_queue *queue);
struct plan_run *plan_queue_after(const struct plan_queue *queue, const struct plan_run *run);
/* Whether a goes before b. */
bool plan_before(const struct plan_run *a, const struct plan_run *b);

/* How the boards a run could have are now. */
struct plan_census {
	size_t idle, running, recovering, quarantined, offline;
};

/* Why a run waits, in words: "for a board of type x: 2 running, 1 quarantined". name is the type's or the board's. */
void plan_reason(const struct plan_census *census, const char *name, bool pinned, const char *degraded, char *ret_text,
		 size_t size);

#endif
