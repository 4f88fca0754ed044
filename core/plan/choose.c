/* SPDX-License-Identifier: Apache-2.0 */
/* Which of the free boards: a bounded look at those that hold the image and at those that are free longest. */
#include "core/plan/plan_private.h"

struct look {
	const struct plan_run *run;
	struct plan_board *best;
	unsigned best_merit;
};

#define MERIT_ALL 31u

/* What weighs, heaviest first; among equals the least worn, then the one seen first. */
static unsigned merit_of(const struct plan_run *run, const struct plan_board *board)
{
	unsigned merit = 0;

	merit |= board != run->avoid ? 16u : 0;
	merit |= !board->is_suspect ? 8u : 0;
	merit |= !board->is_worn ? 4u : 0;
	merit |= board->asked_by_name == 0 ? 2u : 0;
	merit |= run->ask->image == 0 || (board->image && board->image->id == run->ask->image) ? 1u : 0;
	return merit;
}

static void look_at(struct look *look, struct plan_board *board)
{
	unsigned merit = merit_of(look->run, board);

	if (look->best && (merit < look->best_merit || (merit == look->best_merit && board->wear >= look->best->wear)))
		return;
	look->best = board;
	look->best_merit = merit;
}

/* The image on a board saves more wear than there is between two boards: the first that has all will do. */
static void look_at_image(const struct plan *plan, struct look *look, const struct plan_class *class)
{
	const struct plan_image *image = plan_image_find(plan, look->run->ask->image);
	int seen = 0;

	if (!image)
		return;
	list_for_each (link, &image->free) {
		struct plan_board *board = list_container(link, struct plan_board, image_link);

		if (seen++ == PLAN_LOOK || look->best_merit == MERIT_ALL)
			return;
		if (plan_place_is_open(board->place) &&
		    plan_class_refuses(&class->selector, class->visible, board).reason == PLAN_WHY_NONE)
			look_at(look, board);
	}
}

/* Boards lie far apart in a large farm: they are fetched together, and looked at then. */
static void look_at_longest_free(struct look *look, const struct plan_class *class)
{
	struct plan_board *found[PLAN_LOOK];
	size_t count = 0;

	list_for_each (open, &class->open) {
		const struct plan_group *group = list_container(open, struct plan_group, open_link);

		list_for_each (link, &group->free) {
			if (count == PLAN_LOOK)
				break;
			found[count] = list_container(link, struct plan_fit, at_link)->board;
			__builtin_prefetch(&found[count++]->wear);
		}
		if (count == PLAN_LOOK)
			break;
	}
	for (size_t i = 0; i < count; i++)
		look_at(look, found[i]);
}

struct plan_board *plan_choose_board(const struct plan *plan, const struct plan_run *run)
{
	const struct plan_class *class = run->ask->class;
	struct look look = {.run = run};

	if (run->ask->image)
		look_at_image(plan, &look, class);
	if (look.best_merit < MERIT_ALL)
		look_at_longest_free(&look, class);
	return look.best;
}
