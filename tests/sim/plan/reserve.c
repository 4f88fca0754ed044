/* SPDX-License-Identifier: Apache-2.0 */
/* Boards from a time on, in a random world. */
#include "tests/sim/plan/world.h"

static struct world_job *job_of(struct list *link)
{
	return list_container(link, struct world_job, link);
}

void world_reserve(struct world *world, int64_t within_us)
{
	int member = (int)dice_below(world, (uint64_t)world->members);
	struct world_job *job = world_job_make(world, member, (int)dice_below(world, 101));
	struct world_run *run = &job->run[0];
	const struct plan_selector *selector =
		&world->selector[dice_below(world, (uint64_t)world->pools)][dice_below(world, (uint64_t)world->kinds)];
	int64_t earliest_us = -1;

	world_ask_make(world, job, selector, 1 + (int64_t)dice_below(world, (uint64_t)world->limit_us), 0);
	job->runs = 1;
	run->job = job;
	run->state = BOOK_RESERVED;
	run->latest_us = PLAN_NEVER;
	run->from_us = world->now_us + (int64_t)dice_below(world, (uint64_t)within_us);
	if (plan_reserve(world->plan, &run->run, &job->ask[0], run->from_us, world->now_us, &earliest_us) == 0) {
		job->reserved++;
		world->counts.promised++;
		return;
	}
	world->counts.refused++;
	if (earliest_us < run->from_us)
		law_broken(world, "a board could be had earlier than when it was asked for");
	if (earliest_us == run->from_us)
		law_broken(world, "a board that could be had is not promised");
	run->state = BOOK_ENDED;
	world_job_drop(world, job);
}

void world_reserve_again(struct world *world, struct world_run *run)
{
	plan_reserve_resume(world->plan, &run->run, &run->job->ask[run->ask], run->from_us, world->now_us);
}

void world_on_late(struct world *world, struct world_run *run)
{
	if (run->state != BOOK_RESERVED)
		law_broken(world, "a run is late that has no time");
	if (world->kind != WORLD_ROUGH)
		law_broken(world, "a promise is broken though all boards are there");
	if (run->from_us > world->now_us)
		law_broken(world, "a run is late before its time");
	run->is_late = true;
	world->counts.late++;
}

void world_extend(struct world *world)
{
	struct world_run *run = world->board[dice_below(world, (uint64_t)world->boards)].run;
	int64_t limit_us, latest_us = 0;

	if (!run || run->must_yield)
		return;
	limit_us = world->now_us - run->started_us + 1 + (int64_t)dice_below(world, (uint64_t)(2 * world->limit_us));
	if (plan_run_extend(world->plan, &run->run, limit_us, world->now_us, &latest_us) != 0) {
		if (latest_us >= run->started_us + limit_us)
			law_broken(world, "a run is refused time that nobody else needs");
		return;
	}
	run->end_us =
		world->now_us + (int64_t)dice_below(world, (uint64_t)(run->started_us + limit_us - world->now_us + 1));
	world->counts.extended++;
}

void world_give_up_reserved(struct world *world)
{
	list_for_each_safe (link, &world->jobs) {
		struct world_job *job = job_of(link);

		if (job->reserved == 0)
			continue;
		plan_run_withdraw(world->plan, &job->run[0].run, world->now_us);
		job->run[0].state = BOOK_ENDED;
		job->reserved = 0;
		world_job_drop(world, job);
	}
}
