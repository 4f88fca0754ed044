/* SPDX-License-Identifier: Apache-2.0 */
/* What happens in a world: work comes, runs end, boards fail, people change their minds. */
#include "tests/sim/plan/world.h"

#define MAX_JOBS     60 /* at a time */
#define MAX_RESERVED 10 /* besides */

static struct world_run *run_of(struct plan_run *run)
{
	return list_container(run, struct world_run, run);
}

static struct world_board *board_of(struct plan_board *board)
{
	return list_container(board, struct world_board, board);
}

static struct world_org *org_of(const struct world_job *job)
{
	return list_container(job->job.member->org, struct world_org, org);
}

static struct world_job *job_of(struct list *link)
{
	return list_container(link, struct world_job, link);
}

static int64_t shorter_than(struct world *world, int64_t limit_us)
{
	return 1 + (int64_t)dice_below(world, (uint64_t)limit_us);
}

/* --- The book -------------------------------------------------------------------------------------------------- */

void world_run_wait(struct world *world, struct world_run *run)
{
	struct plan_ask *ask = &run->job->ask[run->ask];

	run->state = BOOK_WAITS;
	run->was_claimed = false;
	run->job->waiting++;
	world->counts.runs++;
	if (plan_run_add(world->plan, &run->run, ask, world->now_us) != 0)
		law_broken(world, "a run is refused");
	run->since_us = world->now_us;
	run->latest_us = PLAN_NEVER;
	if (world->kind == WORLD_CALM)
		run->latest_us = plan_eta(world->plan, &run->run, world->now_us).latest_us;
}

static void move_places(struct world *world, const struct plan_place *place, int by)
{
	for (; place; place = place->parent)
		world->place_used[place - world->place] += by;
}

/* A quota that was lifted is nobody's. */
static void move_quota(struct world *world, const struct world_run *run, int by)
{
	const struct plan_quota *quota = run->job->ask[run->ask].quota;

	if (quota)
		world->quota_used[quota - world->quota] += by;
}

static void book_start(struct world *world, struct world_run *run, struct world_board *board)
{
	if (run->state == BOOK_RESERVED)
		run->job->reserved--;
	else
		run->job->waiting--;
	run->state = BOOK_RUNS;
	run->board = board;
	run->started_us = world->now_us;
	run->end_us = world->now_us + shorter_than(world, run->job->ask[run->ask].limit_us);
	run->must_yield = false;
	run->job->running++;
	org_of(run->job)->running++;
	board->run = run;
	move_places(world, board->board.place, 1);
	move_quota(world, run, 1);
	world->counts.placed++;
}

static void book_end(struct world *world, struct world_run *run)
{
	org_of(run->job)->used_us += world->now_us - run->started_us;
	org_of(run->job)->running--;
	move_places(world, run->board->board.place, -1);
	move_quota(world, run, -1);
	run->board->run = NULL;
	run->board = NULL;
	run->job->running--;
	run->state = BOOK_ENDED;
}

static void drop_if_over(struct world *world, struct world_job *job)
{
	if (job->waiting == 0 && job->running == 0 && job->reserved == 0 && job->runs > 0)
		world_job_drop(world, job);
}

/* --- Decisions ------------------------------------------------------------------------------------------------- */

/* A gang that had its turn has boards for all that waits; what was pre-empted comes back later, as a gang of its own.
 */
static bool lacks_part(const struct world_job *job)
{
	for (int i = 0; i < job->runs; i++)
		if (job->run[i].state == BOOK_WAITS && (!job->job.is_preemptible || job->run[i].run.claim))
			return true;
	return false;
}

static void follow_gang(struct world *world, struct world_run *run)
{
	if (world->gang && world->gang != run->job)
		law_broken(world, "something comes between the runs of a gang");
	world->gang = run->job->job.is_gang && lacks_part(run->job) ? run->job : NULL;
	world->counts.gangs += run->job->job.is_gang && !world->gang;
}

static void on_place(struct world *world, struct world_run *run, struct world_board *board)
{
	law_place(world, run, board);
	book_start(world, run, board);
	follow_gang(world, run);
}

static void on_preempt(struct world *world, struct world_run *run)
{
	int64_t soon_us = world->now_us + shorter_than(world, world->limit_us / 10 + 1);

	law_preempt(world, run);
	run->must_yield = true;
	run->run.is_spared = dice_chance(world, 50);
	if (soon_us < run->end_us)
		run->end_us = soon_us;
	world->counts.preempted++;
}

void world_decide(struct world *world)
{
	struct plan_action action = plan_next(world->plan, world->now_us);

	for (; action.kind != PLAN_NOTHING; action = plan_next(world->plan, world->now_us)) {
		if (action.kind == PLAN_PLACE)
			on_place(world, run_of(action.run), board_of(action.board));
		else if (action.kind == PLAN_LATE)
			world_on_late(world, run_of(action.run));
		else
			on_preempt(world, run_of(action.run));
	}
	if (world->gang)
		law_broken(world, "a part of a gang has boards");
	law_quiet(world);
}

/* --- Runs end -------------------------------------------------------------------------------------------------- */

static void end_run(struct world *world, struct world_run *run)
{
	struct world_job *job = run->job;
	struct plan_board *board = &run->board->board;
	bool preempted = run->must_yield && dice_chance(world, 80);

	if (world->kind == WORLD_ROUGH && dice_chance(world, 5))
		plan_board_set_state(world->plan, board, PLAN_BOARD_BUSY);
	book_end(world, run);
	plan_run_end(world->plan, &run->run, world->now_us, !preempted);
	plan_board_set_image(world->plan, board, dice_below(world, 4));
	plan_board_set_wear(world->plan, board, board->wear + 1, dice_chance(world, 10), dice_chance(world, 5));
	if (!job->is_cancelled &&
	    (preempted || (world->kind != WORLD_CALM && !job->job.is_gang && dice_chance(world, 5))))
		world_run_wait(world, run);
	drop_if_over(world, job);
}

static struct world_run *next_to_end(struct world *world)
{
	struct world_run *next = NULL;

	for (int i = 0; i < world->boards; i++) {
		struct world_run *run = world->board[i].run;

		if (run && (!next || run->end_us < next->end_us))
			next = run;
	}
	return next;
}

/* --- Work comes ------------------------------------------------------------------------------------------------ */

static struct plan_selector random_selector(struct world *world)
{
	struct plan_selector selector;

	selector =
		world->selector[dice_below(world, (uint64_t)world->pools)][dice_below(world, (uint64_t)world->kinds)];
	if (world_is_rich(world) && dice_chance(world, 15)) {
		struct plan_board *board = &world->board[dice_below(world, (uint64_t)world->boards)].board;

		selector = (struct plan_selector){.pool = board->pool, .board = board};
	}
	return selector;
}

static void make_gang(struct world *world, struct world_job *job)
{
	int left = 2 + (int)dice_below(world, 4);

	job->job.is_gang = true;
	while (left > 0 && job->asks < MAX_ASKS) {
		struct plan_selector selector = random_selector(world);
		int runs = 1 + (int)dice_below(world, (uint64_t)left);

		world_ask_make(world, job, &selector, shorter_than(world, world->limit_us), runs);
		left -= runs;
	}
}

static void submit(struct world *world)
{
	bool rough = world_is_rich(world);
	int member = (int)dice_below(world, (uint64_t)world->members);
	int priority = dice_chance(world, 50) ? 90 : (int)dice_below(world, 101);
	struct world_job *job;

	if (world->kind == WORLD_CALM) /* the bound is for who comes later in a flow */
		priority -= priority % 20;
	if (world->kind == WORLD_FULL)
		return;
	if (world->kind != WORLD_CALM && world->job_count < MAX_JOBS + MAX_RESERVED && dice_chance(world, 10)) {
		world_reserve(world, 6 * world->limit_us);
		return;
	}
	if (world->job_count >= MAX_JOBS)
		return;
	job = world_job_make(world, member, priority);
	job->job.max_parallel = rough && dice_chance(world, 30) ? 1 + (uint32_t)dice_below(world, 3) : 0;
	job->job.is_preemptible = rough && dice_chance(world, 40);
	if ((rough && dice_chance(world, 15)) || (world->kind == WORLD_GANGS && dice_chance(world, 40))) {
		make_gang(world, job);
		return;
	}
	for (int asks = 1 + (int)dice_below(world, MAX_ASKS); asks > 0; asks--) {
		struct plan_selector selector = random_selector(world);

		world_ask_make(world, job, &selector, shorter_than(world, world->limit_us),
			       1 + (int)dice_below(world, 4));
	}
}

/* Everybody has work left. */
static void fill(struct world *world)
{
	for (int member = 0; member < world->members; member++) {
		int waiting = 0;

		list_for_each (link, &world->jobs)
			if (job_of(link)->job.member == &world->member[member])
				waiting += job_of(link)->waiting;
		if (waiting < world->boards)
			world_ask_make(world, world_job_make(world, member, 90), &world->selector[0][0],
				       world->limit_us, MAX_RUNS);
	}
}

/* --- Trouble --------------------------------------------------------------------------------------------------- */

static struct world_job *random_job(struct world *world)
{
	int skip;

	if (world->job_count == 0)
		return NULL;
	skip = (int)dice_below(world, (uint64_t)world->job_count);
	list_for_each (link, &world->jobs)
		if (skip-- == 0)
			return job_of(link);
	return NULL;
}

static void withdraw_some(struct world *world, struct world_job *job, bool all)
{
	for (int i = 0; i < job->runs; i++) {
		struct world_run *run = &job->run[i];

		if ((run->state != BOOK_WAITS && run->state != BOOK_RESERVED) || !(all || dice_chance(world, 30)))
			continue;
		plan_run_withdraw(world->plan, &run->run, world->now_us);
		job->waiting -= run->state == BOOK_WAITS;
		job->reserved -= run->state == BOOK_RESERVED;
		run->state = BOOK_ENDED;
	}
	job->is_cancelled = job->is_cancelled || all;
	drop_if_over(world, job);
}

static void change_window(struct world *world, struct world_job *job)
{
	int64_t from_us = world->now_us + (int64_t)dice_below(world, (uint64_t)(2 * world->limit_us)) - world->limit_us;
	int64_t closes_us = PLAN_NEVER;

	if (dice_chance(world, 20))
		from_us = PLAN_NEVER;
	else if (dice_chance(world, 20))
		closes_us = from_us + shorter_than(world, world->limit_us);
	job->from_us = from_us;
	plan_job_set_window(world->plan, &job->job, from_us, closes_us, world->now_us);
}

static void change_board(struct world *world)
{
	struct world_board *board = &world->board[dice_below(world, (uint64_t)world->boards)];
	enum plan_board_state state = PLAN_BOARD_READY;

	if (board->board.state == PLAN_BOARD_READY)
		state = (enum plan_board_state)(1 + dice_below(world, PLAN_BOARD_BUSY));
	plan_board_set_state(world->plan, &board->board, state);
}

/* It comes back as another. */
static void swap_board(struct world *world)
{
	struct world_board *board = &world->board[dice_below(world, (uint64_t)world->boards)];
	struct plan_pool *pool = &world->pool[dice_below(world, (uint64_t)world->pools)];
	struct plan_place *place = &world->place[dice_below(world, (uint64_t)world->places)];
	struct plan_traits traits = world->board[dice_below(world, (uint64_t)world->boards)].board.traits;
	struct plan_org *owner = board->board.owner;

	if (board->run) {
		move_places(world, board->board.place, -1);
		move_places(world, place, 1);
	}
	if (plan_board_change(world->plan, &board->board, pool, place, owner, &traits) != 0)
		law_broken(world, "a board may not change");
}

static void restart_job(struct world *world, struct world_job *job)
{
	int64_t closes_us = job->job.closes_us;

	plan_job_add(world->plan, &job->job);
	for (int i = 0; i < job->asks; i++)
		if (plan_ask_add(world->plan, &job->ask[i], &job->selector[i]) != 0)
			law_broken(world, "an ask is refused after a restart");
	for (int i = 0; i < job->runs; i++) {
		struct world_run *run = &job->run[i];
		struct plan_ask *ask = &job->ask[run->ask];

		if (run->state == BOOK_RUNS)
			plan_run_resume(world->plan, &run->run, ask, &run->board->board, run->started_us);
		else if (run->state == BOOK_RESERVED)
			world_reserve_again(world, run);
		else if (run->state == BOOK_WAITS && plan_run_add(world->plan, &run->run, ask, world->now_us) != 0)
			law_broken(world, "a run is refused after a restart");
		run->was_claimed = run->must_yield = false;
	}
	plan_job_set_window(world->plan, &job->job, job->from_us, closes_us, world->now_us);
}

struct debts {
	struct {
		const struct plan_pool *pool;
		const struct plan_org *org;
		const struct plan_member *member;
		struct plan_debt debt;
	} item[MAX_POOLS * (MAX_ORGS + MAX_MEMBERS)];
	size_t count;
};

static void note_debt(void *context, const struct plan_pool *pool, const struct plan_org *org,
		      const struct plan_member *member, const struct plan_debt *debt)
{
	struct debts *debts = context;

	debts->item[debts->count].pool = pool;
	debts->item[debts->count].org = org;
	debts->item[debts->count].member = member;
	debts->item[debts->count++].debt = *debt;
}

static void owe(struct world *world, const struct debts *debts)
{
	for (size_t i = 0; i < debts->count; i++) {
		const struct plan_member *member = debts->item[i].member;
		struct world_org *org =
			&world->org[list_container(debts->item[i].org, struct world_org, org) - world->org];

		plan_owe(world->plan, &world->pool[debts->item[i].pool - world->pool], &org->org,
			 member ? &world->member[member - world->member] : NULL, &debts->item[i].debt);
	}
}

/* The plan is lost, and made anew from the book. */
static void restart(struct world *world)
{
	struct debts debts = {.count = 0};

	plan_debts(world->plan, note_debt, &debts);
	plan_destroy(world->plan);
	world->plan = plan_create(&world->config);
	for (int i = 0; i < world->pools; i++)
		plan_pool_add(world->plan, &world->pool[i]);
	for (int i = 0; i < world->orgs; i++)
		plan_org_add(world->plan, &world->org[i].org);
	for (int i = 0; i < world->members; i++)
		plan_member_add(world->plan, &world->member[i]);
	for (int i = 0; i < world->places; i++)
		plan_place_add(world->plan, &world->place[i]);
	for (int i = 0; i < world->boards; i++) {
		enum plan_board_state state = world->board[i].board.state;

		if (plan_board_add(world->plan, &world->board[i].board) != 0)
			law_broken(world, "a board is refused after a restart");
		plan_board_set_state(world->plan, &world->board[i].board, state);
	}
	owe(world, &debts);
	for (int i = 0; i < MAX_QUOTAS; i++)
		plan_quota_init(&world->quota[i], world->quota[i].most);
	list_for_each (link, &world->jobs)
		restart_job(world, job_of(link));
	world->counts.restarts++;
}

static void change_org(struct world *world)
{
	struct plan_org *org = &world->org[dice_below(world, (uint64_t)world->orgs)].org;

	plan_org_change(world->plan, org, 50 + (uint32_t)dice_below(world, 200), (uint32_t)dice_below(world, 7),
			(uint32_t)dice_below(world, 3));
}

static void change_place(struct world *world)
{
	struct plan_place *place = &world->place[dice_below(world, (uint64_t)world->places)];

	if (dice_chance(world, 50))
		plan_place_set_draining(world->plan, place, !place->draining && dice_chance(world, 30));
	else
		plan_place_set_tokens(world->plan, place, (uint32_t)dice_below(world, 5));
}

static void change_quota(struct world *world)
{
	int i = (int)dice_below(world, MAX_QUOTAS);

	if (dice_chance(world, 80)) {
		plan_quota_set(world->plan, &world->quota[i], (uint32_t)dice_below(world, 5), world->now_us);
		return;
	}
	plan_quota_lift(world->plan, &world->quota[i], world->now_us);
	plan_quota_init(&world->quota[i], 1 + (uint32_t)dice_below(world, 4));
	world->quota_used[i] = 0;
}

static void trouble(struct world *world)
{
	struct world_job *job = random_job(world);

	switch (dice_below(world, 15)) {
	case 0:
		if (job && !job->is_cancelled)
			withdraw_some(world, job, dice_chance(world, 50));
		break;
	case 1:
		if (job)
			change_window(world, job);
		break;
	case 2:
		change_org(world);
		break;
	case 3:
		change_place(world);
		break;
	case 4:
		swap_board(world);
		break;
	case 5:
		if (dice_chance(world, 10))
			restart(world);
		break;
	case 6:
		change_quota(world);
		break;
	default:
		change_board(world);
	}
}

/* --- Time ------------------------------------------------------------------------------------------------------ */

/* To the next end of a run, time of a job, or something new, whichever comes first. */
static void step(struct world *world)
{
	int64_t next_us = world->now_us + (int64_t)dice_below(world, (uint64_t)(world->limit_us / world->boards + 2));
	int64_t wake_us = plan_next_wake(world->plan);
	struct world_run *ending = next_to_end(world);

	world->counts.steps++;
	if (ending && ending->end_us <= next_us && ending->end_us <= wake_us) {
		world->now_us = ending->end_us;
		end_run(world, ending);
	} else if (wake_us <= next_us) {
		world->now_us = wake_us > world->now_us ? wake_us : world->now_us;
	} else {
		world->now_us = next_us;
		if (world->kind == WORLD_ROUGH && dice_chance(world, 30))
			trouble(world);
		else if (world_is_rich(world) && dice_chance(world, 5))
			world_extend(world);
		else if (!world->is_closing)
			submit(world);
	}
	if (world->kind == WORLD_FULL && world->is_shaky && dice_chance(world, 10))
		restart(world);
	if (world->kind == WORLD_FULL && !world->is_closing)
		fill(world);
	world_decide(world);
}

/* Nothing new comes, all is well, and what waits must come to an end. */
static void close_down(struct world *world)
{
	world->is_closing = true;
	world_give_up_reserved(world);
	for (int i = 0; i < world->places; i++) {
		plan_place_set_draining(world->plan, &world->place[i], false);
		plan_place_set_tokens(world->plan, &world->place[i], 0);
	}
	for (int i = 0; i < world->orgs; i++)
		plan_org_change(world->plan, &world->org[i].org, 100, 0, 0);
	for (int i = 0; i < MAX_QUOTAS; i++) {
		plan_quota_lift(world->plan, &world->quota[i], world->now_us);
		world->quota_used[i] = 0;
	}
	list_for_each (link, &world->jobs)
		plan_job_set_window(world->plan, &job_of(link)->job, INT64_MIN, PLAN_NEVER, world->now_us);
	for (int i = 0; i < world->boards; i++)
		plan_board_set_state(world->plan, &world->board[i].board, PLAN_BOARD_READY);
	world_decide(world);
	for (struct world_run *run = next_to_end(world); run; run = next_to_end(world)) {
		world->now_us = run->end_us > world->now_us ? run->end_us : world->now_us;
		end_run(world, run);
		for (int i = 0; i < world->boards; i++)
			plan_board_set_state(world->plan, &world->board[i].board, PLAN_BOARD_READY);
		world_decide(world);
	}
}

void world_run_on(struct world *world, uint64_t steps)
{
	for (uint64_t i = 0; i < steps; i++)
		step(world);
	law_shares(world);
	close_down(world);
}
