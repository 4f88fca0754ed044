/* SPDX-License-Identifier: Apache-2.0 */
/* The plan: priority, then first come. */
#include "core/farm/plan.h"

#include <stdio.h>
#include <string.h>

static struct plan_run *run_of(struct list *link)
{
	return list_container(link, struct plan_run, link);
}

static struct plan_board *board_of(struct list *link)
{
	return list_container(link, struct plan_board, link);
}

static void queue_init(struct plan_queue *queue)
{
	memset(queue, 0, sizeof(*queue));
	for (int i = 0; i <= PLAN_PRIORITY_MAX; i++)
		list_init(&queue->level[i]);
}

void plan_pool_init(struct plan_pool *pool)
{
	queue_init(&pool->waiting);
	list_init(&pool->free);
	pool->pinned = 0;
}

void plan_board_init(struct plan_board *board, struct plan_pool *pool)
{
	list_init(&board->link);
	board->pool = pool;
	queue_init(&board->waiting);
}

void plan_board_move(struct plan_board *board, struct plan_pool *pool)
{
	if (board->pool == pool)
		return;
	board->pool->pinned -= board->waiting.count;
	pool->pinned += board->waiting.count;
	board->pool = pool;
	for (struct plan_run *run = plan_queue_first(&board->waiting); run;
	     run = plan_queue_after(&board->waiting, run))
		run->pool = pool;
}

void plan_board_set_free(struct plan_board *board, bool is_free)
{
	if (is_free == plan_board_is_free(board))
		return;
	if (is_free)
		list_append(&board->pool->free, &board->link);
	else
		list_remove(&board->link);
}

bool plan_board_is_free(const struct plan_board *board)
{
	return !list_empty(&board->link);
}

/* New runs come with the largest order and go to the end; further attempts keep the order of their job and find their
 * place near the head. */
static void queue_insert(struct plan_queue *queue, struct plan_run *run)
{
	struct list *level = &queue->level[run->priority];
	struct list *at = level;

	if (!list_empty(level) && run_of(level->prev)->order > run->order) {
		at = level->next;
		while (run_of(at)->order <= run->order)
			at = at->next;
	}
	list_insert_before(at, &run->link);
	queue->filled[run->priority / 64] |= UINT64_C(1) << (run->priority % 64);
	queue->count++;
}

void plan_run_wait(struct plan_run *run, struct plan_pool *pool, struct plan_board *board)
{
	run->pool = pool;
	run->queue = board ? &board->waiting : &pool->waiting;
	if (board)
		pool->pinned++;
	queue_insert(run->queue, run);
}

void plan_run_leave(struct plan_run *run)
{
	struct plan_queue *queue = run->queue;

	if (!queue)
		return;
	list_remove(&run->link);
	queue->count--;
	if (list_empty(&queue->level[run->priority]))
		queue->filled[run->priority / 64] &= ~(UINT64_C(1) << (run->priority % 64));
	if (queue != &run->pool->waiting)
		run->pool->pinned--;
	run->queue = NULL;
}

/* The most urgent level at or below limit that holds something; -1: none. */
static int top_level(const struct plan_queue *queue, int limit)
{
	for (int word = 1; word >= 0; word--) {
		uint64_t bits = queue->filled[word];
		int room = limit - 64 * word;

		if (room < 0)
			continue;
		if (room < 63)
			bits &= (UINT64_C(1) << (room + 1)) - 1;
		if (bits)
			return 64 * word + 63 - __builtin_clzll(bits);
	}
	return -1;
}

static struct plan_run *level_first(const struct plan_queue *queue, int limit)
{
	int top = top_level(queue, limit);

	return top < 0 ? NULL : run_of(queue->level[top].next);
}

struct plan_run *plan_queue_first(const struct plan_queue *queue)
{
	return level_first(queue, PLAN_PRIORITY_MAX);
}

struct plan_run *plan_queue_after(const struct plan_queue *queue, const struct plan_run *run)
{
	if (run->link.next != &queue->level[run->priority])
		return run_of(run->link.next);
	return level_first(queue, run->priority - 1);
}

bool plan_before(const struct plan_run *a, const struct plan_run *b)
{
	if (a->priority != b->priority)
		return a->priority > b->priority;
	return a->order < b->order;
}

/* The free board for a run that takes any: not the one to avoid, and rather one nobody waits for by name; the longest
 * free among equals. */
static struct plan_board *choose_board(const struct plan_pool *pool, const struct plan_run *run)
{
	struct plan_board *best = NULL;
	int best_rank = -1;

	list_for_each (link, &pool->free) {
		struct plan_board *board = board_of(link);
		int rank = (board != run->avoid ? 2 : 0) + (board->waiting.count == 0 ? 1 : 0);

		if (rank > best_rank) {
			best = board;
			best_rank = rank;
		}
		if (rank == 3)
			break;
	}
	return best;
}

bool plan_next(const struct plan_pool *pool, struct plan_run **ret_run, struct plan_board **ret_board)
{
	struct plan_run *best = plan_queue_first(&pool->waiting);
	struct plan_board *where = NULL;

	if (list_empty(&pool->free) || (!best && pool->pinned == 0))
		return false;
	if (pool->pinned > 0) {
		list_for_each (link, &pool->free) {
			struct plan_run *pinned = plan_queue_first(&board_of(link)->waiting);

			if (pinned && (!best || plan_before(pinned, best))) {
				best = pinned;
				where = board_of(link);
			}
		}
	}
	if (!best)
		return false;
	*ret_run = best;
	*ret_board = where ? where : choose_board(pool, best);
	return true;
}

void plan_reason(const struct plan_census *census, const char *name, bool pinned, const char *degraded, char *ret_text,
		 size_t size)
{
	const struct {
		size_t count;
		const char *word;
	} part[] = {{census->running, "running"},
		    {census->recovering, "recovering"},
		    {census->quarantined, "quarantined"},
		    {census->offline, "offline"}};
	size_t used;

	if (degraded) {
		(void)snprintf(ret_text, size, "nothing is given out: %s", degraded);
		return;
	}
	used = (size_t)snprintf(ret_text, size, pinned ? "for board %s" : "for a board of type %s", name);
	if (census->idle + census->running + census->recovering + census->quarantined + census->offline == 0) {
		if (used < size)
			(void)snprintf(ret_text + used, size - used, ": the farm has none");
		return;
	}
	for (size_t i = 0, listed = 0; i < sizeof(part) / sizeof(part[0]) && used < size; i++) {
		if (part[i].count == 0)
			continue;
		if (pinned)
			used += (size_t)snprintf(ret_text + used, size - used, ": %s", part[i].word);
		else
			used += (size_t)snprintf(ret_text + used, size - used, "%s %zu %s", listed ? "," : ":",
						 part[i].count, part[i].word);
		listed++;
	}
}
