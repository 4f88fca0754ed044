/* SPDX-License-Identifier: Apache-2.0 */
/* Pools and boards: what is free, and which image it holds. */
#include <stdlib.h>

#include "core/base/mem.h"
#include "core/plan/plan_private.h"

void plan_pool_add(struct plan *plan, struct plan_pool *pool)
{
	(void)plan;
	*pool = (struct plan_pool){0};
	list_init(&pool->classes);
	list_init(&pool->idle);
	list_init(&pool->boards);
	list_init(&pool->parties);
	list_init(&pool->short_gangs);
	list_init(&pool->dirty);
	list_init(&pool->dirty_link);
	plan_share_init(&pool->share, NULL, 1);
}

void plan_pool_remove(struct plan *plan, struct plan_pool *pool)
{
	plan_class_drop_idle(plan, pool);
	plan_party_forget_pool(plan, pool);
	list_remove(&pool->dirty_link);
}

/* --- Images ---------------------------------------------------------------------------------------------------- */

struct plan_image *plan_image_find(const struct plan *plan, uint64_t id)
{
	struct map_node *node = map_first(&plan->images, map_hash_int((int64_t)id));

	while (node && map_container(node, struct plan_image, node)->id != id)
		node = map_same(node);
	return node ? map_container(node, struct plan_image, node) : NULL;
}

static struct plan_image *image_hold(struct plan *plan, uint64_t id)
{
	struct plan_image *image = plan_image_find(plan, id);

	if (!image) {
		image = mem_alloc(sizeof(*image));
		image->id = id;
		list_init(&image->free);
		map_add(&plan->images, &image->node, map_hash_int((int64_t)id));
	}
	image->boards++;
	return image;
}

static void image_release(struct plan *plan, struct plan_image *image)
{
	if (--image->boards > 0)
		return;
	map_remove(&plan->images, &image->node);
	free(image);
}

void plan_image_free_all(struct plan *plan)
{
	for (struct map_node *node = map_next(&plan->images, NULL), *next; node; node = next) {
		next = map_next(&plan->images, node);
		free(map_container(node, struct plan_image, node));
	}
	map_finish(&plan->images);
}

void plan_board_set_image(struct plan *plan, struct plan_board *board, uint64_t image)
{
	struct plan_image *held = image ? image_hold(plan, image) : NULL;

	list_remove(&board->image_link);
	if (board->image)
		image_release(plan, board->image);
	board->image = held;
	if (held && board->at == PLAN_AT_FREE)
		list_append(&held->free, &board->image_link);
}

/* --- Boards ---------------------------------------------------------------------------------------------------- */

static bool can_yield(const struct plan_run *run)
{
	return run->ask->job->is_preemptible && !run->is_asked_to_yield && !run->is_spared;
}

static enum plan_board_at where(const struct plan_board *board)
{
	if (board->state != PLAN_BOARD_READY)
		return PLAN_AT_NOTHING;
	if (!board->run)
		return board->claim || plan_is_reserved(board) ? PLAN_AT_KEPT : PLAN_AT_FREE;
	if (board->claim || plan_is_reserved(board))
		return PLAN_AT_NOTHING;
	return can_yield(board->run) ? PLAN_AT_YIELD : PLAN_AT_NOTHING;
}

/* Neighbours in lists lie far apart in a large farm: they are fetched together. */
static void fetch_neighbours(const struct plan_board *board)
{
	list_for_each (link, &board->fits) {
		const struct plan_fit *fit = list_container(link, struct plan_fit, board_link);

		__builtin_prefetch(fit->at_link.prev);
		__builtin_prefetch(fit->at_link.next);
		__builtin_prefetch(fit->group);
	}
}

void plan_board_settle(struct plan *plan, struct plan_board *board)
{
	enum plan_board_at at = where(board);

	if (at == board->at)
		return;
	board->at = (uint8_t)at;
	fetch_neighbours(board);
	list_remove(&board->image_link);
	if (at == PLAN_AT_FREE && board->image)
		list_append(&board->image->free, &board->image_link);
	list_for_each (link, &board->fits)
		plan_fit_set_at(plan, list_container(link, struct plan_fit, board_link), at);
	if (at == PLAN_AT_FREE || at == PLAN_AT_KEPT)
		plan->claims_dirty = !list_empty(&plan->claims);
	if (plan->homeless > 0 || !list_empty(&board->reservations))
		plan->reserved_dirty = true;
}

int plan_board_add(struct plan *plan, struct plan_board *board)
{
	if (board->traits.count > PLAN_MAX_TRAITS)
		return ERR_TOO_BIG;
	board->state = PLAN_BOARD_OFFLINE;
	board->run = NULL;
	board->claim = NULL;
	board->image = NULL;
	board->asked_by_name = 0;
	board->at = PLAN_AT_NOTHING;
	list_init(&board->fits);
	list_init(&board->reservations);
	list_append(&board->place->boards, &board->place_link);
	list_init(&board->image_link);
	list_append(&board->pool->boards, &board->pool_link);
	board->pool->board_count++;
	plan_class_enlist(plan, board);
	return 0;
}

void plan_board_remove(struct plan *plan, struct plan_board *board)
{
	plan_board_set_state(plan, board, PLAN_BOARD_RETIRED);
	plan_reserved_leave(plan, board);
	plan_board_set_image(plan, board, 0);
	plan_class_delist(plan, board);
	list_remove(&board->pool_link);
	list_remove(&board->place_link);
	board->pool->board_count--;
}

void plan_board_set_state(struct plan *plan, struct plan_board *board, enum plan_board_state state)
{
	if ((board->state == PLAN_BOARD_READY) != (state == PLAN_BOARD_READY))
		list_for_each (link, &board->fits)
			plan_fit_count_ready(plan, list_container(link, struct plan_fit, board_link),
					     state == PLAN_BOARD_READY);
	board->state = state;
	if (board->claim && state != PLAN_BOARD_READY && state != PLAN_BOARD_BUSY)
		plan_claim_unassign(plan, board->claim);
	plan_board_settle(plan, board);
	if (state == PLAN_BOARD_READY)
		plan_short_gangs_retry(plan, board->pool);
}

void plan_board_set_wear(struct plan *plan, struct plan_board *board, uint32_t wear, bool is_worn, bool is_suspect)
{
	(void)plan;
	board->wear = wear;
	board->is_worn = is_worn;
	board->is_suspect = is_suspect;
}
