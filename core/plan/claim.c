/* SPDX-License-Identifier: Apache-2.0 */
/* Claims: what had its turn and waits for certain boards. A claim is assigned when there is a board for each of its
 * parts, free or with a run that ends by its limit; these boards are kept from then on, so the claim begins at the
 * latest when the last of those limits is over. A part moves over to a board that is free earlier. When all boards are
 * free the runs start, one a call of plan_next, and nothing else can come between.
 *
 * What can go wrong: a kept board is lost, and the claim looks for others (a run that pre-empts goes back into its
 * flow); a run is withdrawn, or the job's window is over, and the others wait again; there are not enough boards in
 * service, and the gang is put aside until there is one more, or a host or hub bears one more. A claim that finds none
 * because earlier ones keep them bars later ones from its pools, so it is not starved. */
#include <stdlib.h>

#include "core/base/mem.h"
#include "core/plan/plan_private.h"

static struct plan_claim *claim_of(struct list *link)
{
	return list_container(link, struct plan_claim, link);
}

static struct plan_org *org_of(const struct plan_claim *claim)
{
	return claim->job->member->org;
}

/* --- Keeping boards -------------------------------------------------------------------------------------------- */

static void keep(struct plan *plan, struct plan_claim *claim, struct plan_board *board)
{
	board->claim = claim;
	if (!board->run)
		plan_place_keep(plan, board->place, true);
	plan_board_settle(plan, board);
}

static void let_go(struct plan *plan, struct plan_board *board)
{
	board->claim = NULL;
	if (!board->run)
		plan_place_keep(plan, board->place, false);
	plan_board_settle(plan, board);
}

static void let_all_go(struct plan *plan, struct plan_claim *claim)
{
	for (size_t i = claim->started; i < claim->count; i++) {
		struct plan_board *board = claim->part[i].board;

		claim->part[i].board = NULL;
		if (board && board->claim == claim)
			let_go(plan, board);
	}
	claim->is_assigned = false;
	plan->claims_dirty = true;
}

void plan_claim_unassign(struct plan *plan, struct plan_claim *claim)
{
	let_all_go(plan, claim);
}

void plan_claim_leave_place(struct plan *plan, const struct plan_place *place)
{
	list_for_each (link, &plan->claims) {
		struct plan_claim *claim = claim_of(link);

		for (size_t i = claim->started; claim->is_assigned && i < claim->count; i++) {
			const struct plan_place *at = claim->part[i].board->place;

			if (at == place || at->parent == place)
				let_all_go(plan, claim);
		}
	}
}

int64_t plan_claim_until_us(const struct plan_claim *claim)
{
	int64_t until_us = INT64_MIN;

	for (size_t i = claim->started; i < claim->count; i++) {
		const struct plan_run *run = claim->part[i].board ? claim->part[i].board->run : NULL;

		if (run && plan_run_until_us(run) > until_us)
			until_us = plan_run_until_us(run);
	}
	return until_us;
}

/* --- Making and ending ----------------------------------------------------------------------------------------- */

static struct plan_claim *claim_make(struct plan *plan, struct plan_job *job, bool is_gang)
{
	struct plan_claim *claim = mem_alloc(sizeof(*claim));

	claim->job = job;
	claim->is_gang = is_gang;
	if (is_gang)
		org_of(claim)->gang = claim;
	list_append(&plan->claims, &claim->link);
	plan->claims_dirty = true;
	return claim;
}

static void add_part(struct plan *plan, struct plan_claim *claim, struct plan_run *run, int64_t now_us)
{
	claim->part[claim->count++] = (struct claim_part){.run = run};
	run->claim = claim;
	plan_run_dequeue(plan, run, now_us);
	org_of(claim)->kept++;
	plan_ask_count_in(run->ask);
}

void plan_claim_gang(struct plan *plan, struct plan_ask *lead, unsigned level, enum run_turn turn, int64_t now_us)
{
	struct plan_job *job = lead->job;
	struct plan_claim *claim = claim_make(plan, job, true);
	struct plan_flow *flow = lead->flow;

	list_for_each (link, &job->asks) {
		struct plan_ask *ask = list_container(link, struct plan_ask, job_link);

		while (!list_empty(&ask->runs)) {
			struct plan_run *run = list_container(ask->runs.next, struct plan_run, link);

			plan_run_charge(plan, run, level, claim->count == 0 ? turn : RUN_ALONG);
			add_part(plan, claim, run, now_us);
		}
	}
	plan_org_save_no_more(plan, job->member->org);
	plan_flow_served(plan, flow, now_us);
}

void plan_claim_board(struct plan *plan, struct plan_run *run, struct plan_board *board, unsigned level,
		      enum run_turn turn, int64_t now_us)
{
	struct plan_claim *claim = claim_make(plan, run->ask->job, false);

	plan_run_charge(plan, run, level, turn);
	add_part(plan, claim, run, now_us);
	claim->part[0].board = board;
	claim->is_assigned = true;
	keep(plan, claim, board);
	plan_flow_served(plan, run->ask->flow, now_us);
}

/* No run of it is left without a board. */
static void claim_drop(struct plan *plan, struct plan_claim *claim)
{
	struct plan_org *org = org_of(claim);

	if (org->gang == claim)
		org->gang = NULL;
	plan_org_resume(plan, org);
	list_remove(&claim->link);
	plan->claims_dirty = true;
	free(claim);
}

void plan_claim_disband(struct plan *plan, struct plan_claim *claim, int64_t now_us)
{
	let_all_go(plan, claim);
	for (size_t i = claim->started; i < claim->count; i++) {
		struct plan_run *run = claim->part[i].run;

		plan_run_refund(run);
		run->claim = NULL;
		org_of(claim)->kept--;
		plan_ask_count_out(plan, run->ask, now_us);
		plan_run_enqueue(plan, run, now_us);
	}
	claim_drop(plan, claim);
}

void plan_claim_free_all(struct plan *plan)
{
	list_for_each_safe (link, &plan->claims)
		free(claim_of(link));
}

/* --- Going on -------------------------------------------------------------------------------------------------- */

static void bar(const struct plan_claim *claim, bool is_barred)
{
	for (size_t i = claim->started; i < claim->count; i++)
		claim->part[i].run->ask->class->selector.pool->is_barred = is_barred;
}

static bool is_barred(const struct plan_claim *claim)
{
	for (size_t i = claim->started; i < claim->count; i++)
		if (claim->part[i].run->ask->class->selector.pool->is_barred)
			return true;
	return false;
}

/* The pool of the first part whose class has not enough boards; that of the first part when places are too full. */
/* NULL: each class has as many boards as it needs, but not all of them together. */
static struct plan_pool *lacking_pool(const struct plan_claim *claim)
{
	for (size_t i = claim->started; i < claim->count; i++) {
		const struct plan_class *class = claim->part[i].run->ask->class;
		size_t wanted = 0;

		for (size_t k = claim->started; k < claim->count; k++)
			wanted += claim->part[k].run->ask->class == class;
		if (class->served < wanted)
			return class->selector.pool;
	}
	return NULL;
}

static void shelve(struct plan *plan, struct plan_claim *claim, int64_t now_us)
{
	struct plan_job *job = claim->job;
	struct plan_pool *pool = lacking_pool(claim);

	plan_claim_disband(plan, claim, now_us);
	if (plan_rank_node_is_in(&plan_gang_lead(job)->node))
		plan_gang_shelve(plan, job, pool);
}

/* False: there are not enough boards, and the claim is no more. */
static bool assign(struct plan *plan, struct plan_claim *claim, int64_t now_us)
{
	struct claim_part *part = claim->part + claim->started;
	size_t count = claim->count - claim->started;

	if (is_barred(claim))
		return true;
	if (plan_match_parts(part, count, false)) {
		claim->is_assigned = true;
		for (size_t i = 0; i < count; i++)
			keep(plan, claim, part[i].board);
	} else if (plan_match_parts(part, count, true)) {
		bar(claim, true);
	} else {
		shelve(plan, claim, now_us);
		return false;
	}
	return true;
}

/* A part whose board has a run moves over to one that is free. */
static void hasten(struct plan *plan, struct plan_claim *claim)
{
	for (size_t i = claim->started; i < claim->count; i++) {
		struct claim_part *part = &claim->part[i];
		const struct plan_class *class = part->run->ask->class;
		struct plan_board *old = part->board;
		const struct plan_group *group;

		if (!old->run || list_empty(&class->open))
			continue;
		group = list_container(class->open.next, struct plan_group, open_link);
		part->board = list_container(group->free.next, struct plan_fit, at_link)->board;
		keep(plan, claim, part->board);
		let_go(plan, old);
	}
}

static bool can_start(const struct plan_claim *claim)
{
	if (!claim->is_assigned)
		return false;
	for (size_t i = claim->started; i < claim->count; i++)
		if (claim->part[i].board->at != PLAN_AT_KEPT)
			return false;
	return true;
}

static struct plan_action start_next(struct plan *plan, struct plan_claim *claim, int64_t now_us)
{
	struct claim_part *part = &claim->part[claim->started++];
	struct plan_action action = {.kind = PLAN_PLACE, .run = part->run, .board = part->board};

	part->run->claim = NULL;
	org_of(claim)->kept--;
	plan_run_start(plan, part->run, part->board, now_us);
	plan_ask_count_out(plan, part->run->ask, now_us); /* as one that waits */
	part->board->claim = NULL;
	plan_board_settle(plan, part->board);
	if (claim->started == claim->count)
		claim_drop(plan, claim);
	return action;
}

static bool is_over_quota(const struct plan_ask *ask)
{
	return ask->quota && ask->quota->in_use > ask->quota->most;
}

/* A run whose board is lost waits for any other; a cap or quota that was lowered, and a window that is over, hold for
 * what has not begun. */
static bool has_to_go(const struct plan_claim *claim, int64_t now_us)
{
	const struct plan_job *job = claim->job;

	if (claim->started == 0 && (job->held_until_us > now_us || now_us >= job->closes_us))
		return true;
	if (!claim->is_gang)
		return !claim->is_assigned || plan_org_lacks_room(org_of(claim), 0) ||
		       is_over_quota(claim->part[0].run->ask);
	return claim->started == 0 && plan_org_lacks_room(org_of(claim), 0);
}

bool plan_claim_next(struct plan *plan, int64_t now_us, struct plan_action *ret_action)
{
	if (!plan->claims_dirty)
		return false;
	list_for_each (link, &plan->claims)
		bar(claim_of(link), false);
	list_for_each_safe (link, &plan->claims) {
		struct plan_claim *claim = claim_of(link);

		if (has_to_go(claim, now_us)) {
			plan_claim_disband(plan, claim, now_us);
			continue;
		}
		if (claim->is_assigned)
			hasten(plan, claim);
		else if (!assign(plan, claim, now_us))
			continue;
		if (can_start(claim)) {
			*ret_action = start_next(plan, claim, now_us);
			return true;
		}
	}
	plan->claims_dirty = false;
	return false;
}
