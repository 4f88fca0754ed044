/* SPDX-License-Identifier: Apache-2.0 */
/* How a random world is made. */
#include <stdlib.h>

#include "core/base/mem.h"
#include "tests/sim/plan/world.h"

#define SECOND INT64_C(1000000)

uint64_t dice_below(struct world *world, uint64_t below)
{
	world->dice = world->dice * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (world->dice >> 33) % below;
}

bool dice_chance(struct world *world, unsigned percent)
{
	return dice_below(world, 100) < percent;
}

bool world_is_rich(const struct world *world)
{
	return world->kind == WORLD_ROUGH || world->kind == WORLD_PROMISES;
}

/* --- Boards ---------------------------------------------------------------------------------------------------- */

static struct plan_traits random_traits(struct world *world, size_t most)
{
	struct plan_traits traits = {.count = 0};

	for (uint32_t id = 0; id < 4 && traits.count < most; id++)
		if (dice_chance(world, 50))
			traits.trait[traits.count++] = plan_trait((enum plan_trait_kind)(id % 3), id);
	return traits;
}

static void make_places(struct world *world)
{
	world->places = 1 + (int)dice_below(world, MAX_PLACES);
	world->hosts = 1 + (int)dice_below(world, (uint64_t)world->places);
	for (int i = 0; i < world->places; i++) {
		struct plan_place *place = &world->place[i];

		if (i >= world->hosts)
			place->parent = &world->place[dice_below(world, (uint64_t)world->hosts)];
		if (world_is_rich(world) && dice_chance(world, 50))
			place->tokens = 1 + (uint32_t)dice_below(world, 4);
		plan_place_add(world->plan, place);
	}
}

static void make_boards(struct world *world)
{
	world->boards = 1 + (int)dice_below(world, world->kind == WORLD_GANGS ? MAX_BOARDS : 12);
	for (int i = 0; i < world->boards; i++) {
		struct plan_board *board = &world->board[i].board;
		struct plan_org *owner = &world->org[dice_below(world, (uint64_t)world->orgs)].org;

		board->pool = &world->pool[dice_below(world, (uint64_t)world->pools)];
		board->place = &world->place[dice_below(world, (uint64_t)world->places)];
		board->owner = world_is_rich(world) && owner->has_boards && dice_chance(world, 20) ? owner : NULL;
		board->traits = random_traits(world, 4);
		if (plan_board_add(world->plan, board) != 0)
			law_broken(world, "a board is refused");
		plan_board_set_state(world->plan, board, PLAN_BOARD_READY);
	}
}

static void make_selectors(struct world *world)
{
	world->kinds = world->kind == WORLD_FULL ? 1 : 1 + (int)dice_below(world, MAX_KINDS);
	for (int p = 0; p < world->pools; p++) {
		for (int k = 0; k < world->kinds; k++) {
			world->selector[p][k].pool = &world->pool[p];
			if (k > 0)
				world->selector[p][k].traits = random_traits(world, 2);
		}
	}
}

/* --- People ---------------------------------------------------------------------------------------------------- */

static void make_people(struct world *world)
{
	world->orgs = 1 + (int)dice_below(world, MAX_ORGS);
	world->members = world->orgs + (int)dice_below(world, MAX_MEMBERS - (uint64_t)world->orgs + 1);
	for (int i = 0; i < world->orgs; i++) {
		struct plan_org *org = &world->org[i].org;

		org->weight = 50 + 50 * (uint32_t)dice_below(world, 4);
		org->has_boards = world_is_rich(world) && dice_chance(world, 30);
		if (world_is_rich(world) && dice_chance(world, 40))
			org->cap = 1 + (uint32_t)dice_below(world, 6);
		if (world_is_rich(world) && dice_chance(world, 30))
			org->guaranteed = 1 + (uint32_t)dice_below(world, 3);
		plan_org_add(world->plan, org);
	}
	for (int i = 0; i < world->members; i++) {
		int org = i < world->orgs ? i : (int)dice_below(world, (uint64_t)world->orgs);

		world->member[i] = (struct plan_member){.org = &world->org[org].org,
							.weight = 100 * (1 + (uint32_t)dice_below(world, 3))};
		plan_member_add(world->plan, &world->member[i]);
	}
}

/* --- Jobs ------------------------------------------------------------------------------------------------------ */

struct world_job *world_job_make(struct world *world, int member, int priority)
{
	struct world_job *job = mem_alloc(sizeof(*job));

	job->job.member = &world->member[member];
	job->job.priority = priority;
	job->job.order = ++world->order;
	job->from_us = INT64_MIN;
	job->claimed_us = -1;
	plan_job_add(world->plan, &job->job);
	list_append(&world->jobs, &job->link);
	world->job_count++;
	world->counts.jobs++;
	return job;
}

void world_ask_make(struct world *world, struct world_job *job, const struct plan_selector *selector, int64_t limit_us,
		    int runs)
{
	struct plan_ask *ask = &job->ask[job->asks];

	ask->job = &job->job;
	ask->limit_us = limit_us;
	ask->estimate_us = (int64_t)dice_below(world, (uint64_t)limit_us);
	ask->image = dice_below(world, 4);
	if (world_is_rich(world) && !world->is_closing && dice_chance(world, 20))
		ask->quota = &world->quota[dice_below(world, MAX_QUOTAS)];
	job->selector[job->asks] = *selector;
	if (plan_ask_add(world->plan, ask, selector) != 0)
		law_broken(world, "an ask is refused");
	for (int i = 0; i < runs; i++) {
		struct world_run *run = &job->run[job->runs++];

		run->job = job;
		run->ask = job->asks;
		run->run.order = i;
		if (dice_chance(world, 10))
			run->run.avoid = &world->board[dice_below(world, (uint64_t)world->boards)].board;
		world_run_wait(world, run);
	}
	job->asks++;
}

void world_job_drop(struct world *world, struct world_job *job)
{
	for (int i = 0; i < job->asks; i++)
		plan_ask_remove(world->plan, &job->ask[i]);
	plan_job_remove(world->plan, &job->job);
	list_remove(&job->link);
	world->job_count--;
	free(job);
}

/* So that the bound, which knows of all who ever asked, holds for what comes. */
static void make_anchors(struct world *world)
{
	for (int member = 0; member < world->members; member++)
		for (unsigned band = 0; band < PLAN_BANDS; band++)
			for (int p = 0; p < world->pools; p++)
				for (int k = 0; k < world->kinds; k++)
					world_ask_make(world, world_job_make(world, member, (int)band * 20),
						       &world->selector[p][k], world->limit_us, 0);
	world->job_count = 0;
}

struct world *world_create(uint64_t seed)
{
	struct world *world = mem_alloc(sizeof(*world));

	world->seed = seed;
	world->dice = seed * UINT64_C(0x9e3779b97f4a7c15) + 1;
	(void)dice_below(world, 2);
	world->kind = (enum world_kind)(seed % WORLD_KINDS);
	list_init(&world->jobs);
	world->is_shaky = world->kind == WORLD_FULL && seed / WORLD_KINDS % 2 == 1;
	world->limit_us = SECOND * (1 + (int64_t)dice_below(world, 100));
	world->config.age_us = world->limit_us * (1 + (int64_t)dice_below(world, 4)) / 2;
	world->config.window_us = world->limit_us * (int64_t)dice_below(world, 4) / 2;
	world->config.patience_us = world->limit_us * (int64_t)dice_below(world, 3) / 2;
	world->config.trust = 1 + (unsigned)dice_below(world, 4);
	world->plan = plan_create(&world->config);
	world->pools = world->kind == WORLD_FULL ? 1 : 1 + (int)dice_below(world, MAX_POOLS);
	for (int i = 0; i < world->pools; i++)
		plan_pool_add(world->plan, &world->pool[i]);
	for (int i = 0; i < MAX_QUOTAS; i++)
		plan_quota_init(&world->quota[i], 1 + (uint32_t)dice_below(world, 4));
	make_people(world);
	make_places(world);
	make_boards(world);
	make_selectors(world);
	if (world->kind == WORLD_CALM) {
		make_anchors(world);
		for (uint64_t i = dice_below(world, 8); i > 0; i--)
			world_reserve(world, 20 * world->limit_us);
	}
	return world;
}

void world_destroy(struct world *world)
{
	plan_destroy(world->plan);
	list_for_each_safe (link, &world->jobs)
		free(list_container(link, struct world_job, link));
	free(world);
}
