/* SPDX-License-Identifier: Apache-2.0 */
/* A run has a board, and has it no longer: who is charged, and who may go on. */
#include "core/plan/plan_private.h"

/* At least a part of the limit: whoever starts many at once with estimates that are too small is charged enough. */
static int64_t cost_of(const struct plan *plan, const struct plan_ask *ask)
{
	int64_t least = ask->limit_us / (int64_t)plan->config.trust;

	return ask->estimate_us > least ? ask->estimate_us : least;
}

void plan_run_charge(const struct plan *plan, struct plan_run *run, unsigned level, enum run_turn turn)
{
	const struct plan_flow *flow = run->ask->flow;
	struct share *leaf = &run->ask->flow->share, *member = leaf->parent, *org = member->parent;
	struct share_cost cost = {.cost_us = cost_of(plan, run->ask), .window_us = plan->config.window_us};

	run->charged_us = cost.cost_us;
	run->level = (uint8_t)level;
	cost.turn = turn == RUN_ALONG ? SHARE_ALONG : turn == RUN_OUT_OF_TURN ? SHARE_OUT_OF_TURN : SHARE_IN_TURN;
	cost.served_at = plan_share_place(leaf, level).start;
	plan_share_charge(leaf, level, &cost);
	cost.served_at = plan_share_place_within(member, level, flow->member_reserve).start;
	plan_share_charge(member, level, &cost);
	cost.served_at = plan_share_place_within(org, level, flow->org_reserve).start;
	if (turn == RUN_BY_GUARANTEE)
		cost.turn = SHARE_OUT_OF_TURN;
	plan_share_charge(org, level, &cost);
}

void plan_run_charge_again(const struct plan *plan, struct plan_run *run)
{
	const struct share_cost cost = {
		.cost_us = cost_of(plan, run->ask), .window_us = plan->config.window_us, .turn = SHARE_OUT_OF_TURN};

	run->charged_us = cost.cost_us;
	run->level = (uint8_t)run->ask->flow->band;
	for (struct share *share = &run->ask->flow->share; share->parent; share = share->parent)
		if (share == &run->ask->flow->share || !list_container(share, struct plan_party, share)->is_restored)
			plan_share_charge(share, run->level, &cost);
}

/* What was charged was not what was used. */
static void correct(struct plan_run *run, int64_t used_us)
{
	for (struct share *share = &run->ask->flow->share; share->parent; share = share->parent)
		plan_share_correct(share, run->level, used_us - run->charged_us);
	run->charged_us = 0;
}

void plan_run_refund(struct plan_run *run)
{
	correct(run, 0);
}

void plan_run_start(struct plan *plan, struct plan_run *run, struct plan_board *board, int64_t now_us)
{
	struct plan_job *job = run->ask->job;

	run->board = board;
	run->started_us = now_us;
	run->limit_us = run->ask->limit_us;
	run->ask->running++;
	plan_ask_count_in(run->ask);
	job->running++;
	job->member->org->in_use++;
	plan_place_take(plan, board->place);
	if (board->claim)
		plan_place_keep(plan, board->place, false);
	board->run = run;
	plan_board_settle(plan, board);
}

static void free_board(struct plan *plan, struct plan_board *board)
{
	if (board->claim)
		plan_place_keep(plan, board->place, true);
	plan_place_give_back(plan, board->place);
	board->run = NULL;
	plan_board_settle(plan, board);
}

void plan_run_end(struct plan *plan, struct plan_run *run, int64_t now_us, bool is_charged)
{
	struct plan_board *board = run->board;
	struct plan_job *job = run->ask->job;
	struct plan_org *org = job->member->org;
	bool was_full = org->saver || plan_org_lacks_room(org, org->reserved + 1);

	correct(run, is_charged ? now_us - run->started_us : 0);
	run->board = NULL;
	run->is_asked_to_yield = false;
	run->ask->running--;
	job->running--;
	org->in_use--;
	free_board(plan, board);
	plan_ask_count_out(plan, run->ask, now_us);
	if (!plan_job_is_at_limit(job))
		plan_job_unpark(plan, job, now_us);
	if (was_full)
		plan_org_resume(plan, org);
}
