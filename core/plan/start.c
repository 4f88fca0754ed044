/* SPDX-License-Identifier: Apache-2.0 */
/* A run has a board, and has it no longer: who is charged, and who may go on. */
#include "core/plan/plan_private.h"

/* At least a part of the limit: whoever starts many at once with estimates that are too small is charged enough. */
static int64_t cost_of(const struct plan *plan, const struct plan_ask *ask)
{
	int64_t least = ask->limit_us / (int64_t)plan->config.trust;

	return ask->estimate_us > least ? ask->estimate_us : least;
}

static void charge(struct plan *plan, struct plan_run *run, const struct run_start *start)
{
	struct share *flow = &run->ask->flow->share, *member = flow->parent, *org = member->parent;
	int64_t window_us = plan->config.window_us;

	run->charged_us = cost_of(plan, run->ask);
	run->level = (uint8_t)start->level;
	share_charge(flow, start->level, run->charged_us, start->in_turn, window_us);
	share_charge(member, start->level, run->charged_us, start->in_turn, window_us);
	share_charge(org, start->level, run->charged_us, start->in_turn && !start->by_guarantee, window_us);
}

void run_start(struct plan *plan, struct plan_run *run, struct plan_board *board, struct run_start start)
{
	struct plan_job *job = run->ask->job;

	run->board = board;
	run->started_us = start.now_us;
	run->ask->running++;
	job->running++;
	job->member->org->in_use++;
	charge(plan, run, &start);
	board->run = run;
	board_settle(plan, board);
	place_take(plan, board->place);
}

static void correct(struct plan_run *run, int64_t now_us)
{
	int64_t used_us = run->is_asked_to_yield ? 0 : now_us - run->started_us;

	for (struct share *share = &run->ask->flow->share; share->parent; share = share->parent)
		share_correct(share, run->level, used_us - run->charged_us);
}

void plan_run_end(struct plan *plan, struct plan_run *run, int64_t now_us)
{
	struct plan_board *board = run->board;
	struct plan_job *job = run->ask->job;
	struct plan_org *org = job->member->org;
	bool was_at_cap = org_is_at_cap(org);

	correct(run, now_us);
	run->board = NULL;
	run->ask->running--;
	job->running--;
	org->in_use--;
	place_give_back(plan, board->place);
	board->run = NULL;
	board_settle(plan, board);
	if (!job_is_at_limit(job))
		job_unpark(plan, job, now_us);
	if (was_at_cap && !org_is_at_cap(org))
		org_resume(plan, org);
}
