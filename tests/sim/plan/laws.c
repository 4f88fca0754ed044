/* SPDX-License-Identifier: Apache-2.0 */
/* What must hold, by the world's own book. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/plan/plan_private.h"
#include "tests/sim/plan/world.h"

void law_broken(const struct world *world, const char *format, ...)
{
	va_list args;

	(void)fprintf(stderr, "world %" PRIu64 " (kind %d), step %" PRIu64 ", %" PRId64 " us: ", world->seed,
		      (int)world->kind, world->counts.steps, world->now_us);
	va_start(args, format);
	(void)vfprintf(stderr, format, args);
	va_end(args);
	(void)fputc('\n', stderr);
	exit(1);
}

static const struct world_org *org_of(const struct world_job *job)
{
	return list_container(job->job.member->org, struct world_org, org);
}

static bool has_trait(const struct plan_traits *traits, uint32_t trait)
{
	for (size_t i = 0; i < traits->count; i++)
		if (traits->trait[i] == trait)
			return true;
	return false;
}

bool board_fits(const struct world_run *run, const struct world_board *board)
{
	const struct plan_selector *selector = &run->job->selector[run->ask];

	if (board->board.pool != selector->pool || (selector->board && selector->board != &board->board))
		return false;
	if (board->board.owner && board->board.owner != run->job->job.member->org)
		return false;
	for (size_t i = 0; i < selector->traits.count; i++)
		if (!has_trait(&board->board.traits, selector->traits.trait[i]))
			return false;
	return true;
}

static bool place_has_token(const struct world *world, const struct plan_place *place)
{
	for (; place; place = place->parent) {
		int used = world->place_used[place - world->place];

		if (place->draining || (place->tokens > 0 && used >= (int)place->tokens))
			return false;
	}
	return true;
}

static bool job_may_go(const struct world *world, const struct world_job *job)
{
	if (job->from_us > world->now_us || world->now_us >= job->job.closes_us)
		return false;
	return job->job.is_gang || job->job.max_parallel == 0 || job->running < (int)job->job.max_parallel;
}

/* False: as many boards as its quota has, are taken. */
static bool quota_has_room(const struct world *world, const struct world_run *run)
{
	const struct plan_quota *quota = run->job->ask[run->ask].quota;

	return !quota || run->job->job.is_gang || world->quota_used[quota - world->quota] < (int)quota->most;
}

/* --- A placement ----------------------------------------------------------------------------------------------- */

/* Nobody below its guarantee who could have had the board waits in a band that is no lower. */
static void law_guarantee(const struct world *world, const struct world_run *placed, const struct world_board *board)
{
	const struct plan_org *org = placed->job->job.member->org;

	if (placed->state == BOOK_RESERVED || org->in_use + org->kept - 1 < org->guaranteed ||
	    placed->job->job.is_gang || placed->was_claimed || board->board.claim || plan_is_reserved(&board->board))
		return;
	list_for_each (link, &world->jobs) {
		const struct world_job *job = list_container(link, struct world_job, link);
		const struct plan_org *other = job->job.member->org;

		if (other->cap > 0 && other->reserved > 0)
			continue;
		if (other == org || other->in_use + other->kept >= other->guaranteed || other->saver || other->gang)
			continue;
		if (other->cap > 0 && other->in_use + other->kept >= other->cap)
			continue;
		if (job->waiting == 0 || job->job.is_gang || plan_band(job->job.priority) < placed->run.level ||
		    !job_may_go(world, job))
			continue;
		for (int i = 0; i < job->runs; i++)
			if (job->run[i].state == BOOK_WAITS && !job->run[i].run.claim &&
			    !plan_ask_is_at_quota(job->run[i].run.ask) && board_fits(&job->run[i], board) &&
			    job->run[i].run.ask->flow->asks.first == &job->run[i].run.ask->node)
				law_broken(world, "a board goes to one above its guarantee before one below");
	}
}

static void law_bound(struct world *world, const struct world_run *run)
{
	double part;

	if (run->latest_us == PLAN_NEVER)
		return;
	part = (double)(world->now_us - run->since_us) / (double)(run->latest_us - run->since_us);
	if (part > world->counts.tightest)
		world->counts.tightest = part;
	if (part > 1)
		law_broken(world, "a run starts %" PRId64 " us later than the bound says",
			   world->now_us - run->latest_us);
}

void law_place(struct world *world, const struct world_run *run, const struct world_board *board)
{
	const struct world_org *org = org_of(run->job);

	if (board->run)
		law_broken(world, "a board is given twice");
	if (run->state != BOOK_WAITS && run->state != BOOK_RESERVED)
		law_broken(world, "a run that does not wait is placed");
	if (run->state == BOOK_RESERVED && !run->is_late && run->from_us != world->now_us)
		law_broken(world, "a promise is kept %" PRId64 " us late", world->now_us - run->from_us);
	if (board->board.state != PLAN_BOARD_READY)
		law_broken(world, "a board that is not ready is given");
	if (!board_fits(run, board))
		law_broken(world, "a board that does not fit is given");
	if (!place_has_token(world, board->board.place))
		law_broken(world, "a place has more placements than it bears");
	if (org->org.cap > 0 && org->running + 1 > (int)org->org.cap && !world->gang)
		law_broken(world, "an organisation has more than its cap");
	if (!job_may_go(world, run->job) && !world_is_rich(world))
		law_broken(world, "a job goes on that may not");
	if (run->state != BOOK_RESERVED && !quota_has_room(world, run))
		law_broken(world, "a quota has more boards than it may");
	law_guarantee(world, run, board);
	law_bound(world, run);
	if (world->kind == WORLD_GANGS && run->job->job.is_gang && run->job->claimed_us >= 0 &&
	    world->now_us > run->job->claimed_us + world->limit_us)
		law_broken(world, "a gang begins later than a limit after its boards are kept");
}

void law_preempt(const struct world *world, const struct world_run *run)
{
	if (run->state != BOOK_RUNS || !run->job->job.is_preemptible || run->must_yield)
		law_broken(world, "a run is asked to yield that need not");
}

/* --- When all is said ------------------------------------------------------------------------------------------ */

static void law_counts(const struct world *world)
{
	int waiting = 0;

	for (int i = 0; i < world->orgs; i++)
		if ((int)world->org[i].org.in_use != world->org[i].running)
			law_broken(world, "the boards of an organisation are miscounted");
	for (int i = 0; i < world->places; i++)
		if ((int)world->place[i].in_use != world->place_used[i] || world->place[i].trial != 0)
			law_broken(world, "the tokens of a place are miscounted");
	for (int i = 0; i < MAX_QUOTAS; i++)
		if ((int)world->quota[i].in_use < world->quota_used[i])
			law_broken(world, "the boards of a quota are miscounted");
	for (int i = 0; i < world->boards; i++)
		if (world->board[i].board.run != (world->board[i].run ? &world->board[i].run->run : NULL))
			law_broken(world, "a board has another run than it should");
	list_for_each (link, &world->jobs) {
		const struct world_job *job = list_container(link, struct world_job, link);

		if ((int)job->job.waiting > job->waiting || (int)job->job.running != job->running)
			law_broken(world, "the runs of a job are miscounted");
		waiting += job->waiting;
	}
	(void)waiting;
}

/* How many boards a class has in service. */
static void law_service(const struct world *world)
{
	for (const struct map_node *node = map_next(&world->plan->classes, NULL); node;
	     node = map_next(&world->plan->classes, node)) {
		const struct plan_class *class = list_container(node, struct plan_class, node);
		size_t served = 0;

		list_for_each (link, &class->fits) {
			const struct plan_board *board = list_container(link, struct plan_fit, class_link)->board;

			served += board->state == PLAN_BOARD_READY && !plan_place_is_draining(board->place);
		}
		if (served != class->served)
			law_broken(world, "the boards of a class in service are miscounted");
	}
}

/* A claim keeps all of its boards or none. */
static void law_claims(struct world *world)
{
	uint32_t kept[MAX_PLACES] = {0};

	for (int i = 0; i < world->boards; i++) {
		const struct plan_board *board = &world->board[i].board;

		if (board->claim && !board->claim->is_assigned)
			law_broken(world, "a board is kept for what cannot begin");
		for (const struct plan_place *place = board->claim && !board->run ? board->place : NULL; place;
		     place = place->parent)
			kept[place - world->place]++;
	}
	for (int i = 0; i < world->places; i++)
		if (world->place[i].kept != kept[i])
			law_broken(world, "the kept tokens of a place are miscounted");
	list_for_each (link, &world->plan->claims) {
		const struct plan_claim *claim = list_container(link, struct plan_claim, link);
		struct world_job *job = list_container(claim->job, struct world_job, job);

		if (job->claimed_us < 0 && claim->is_assigned)
			job->claimed_us = world->now_us;
		for (size_t i = 0; i < claim->count; i++)
			list_container(claim->part[i].run, struct world_run, run)->was_claimed = true;
	}
}

/* The run could have the board, by all that the book knows. */
static bool could_have(const struct world *world, const struct world_run *run, const struct world_board *board)
{
	const struct plan_org *org = run->job->job.member->org;

	if (board->run || board->board.at == PLAN_AT_KEPT || board->board.state != PLAN_BOARD_READY)
		return false;
	if (org->cap > 0 && org->reserved > 0)
		return false;
	if (!board_fits(run, board) || plan_place_room(board->board.place) == 0)
		return false;
	if (org->saver || (org->cap > 0 && org->in_use + org->kept >= org->cap))
		return false;
	/* what is kept for one that pre-empts is taken too */
	return job_may_go(world, run->job) && !plan_ask_is_at_quota(run->run.ask);
}

/* The flow of the run waits behind a gang of the same member. */
static bool is_behind_gang(const struct world_run *run)
{
	const struct rank_node *first = plan_rank_first(&run->run.ask->flow->asks);

	return first && rank_container(first, struct plan_ask, node)->job->is_gang;
}

/* No board idles that a run waits for. */
static void law_no_idling(const struct world *world)
{
	list_for_each (link, &world->jobs) {
		const struct world_job *job = list_container(link, struct world_job, link);

		if (job->waiting == 0 || job->job.is_gang)
			continue;
		for (int i = 0; i < job->runs; i++) {
			if (job->run[i].state != BOOK_WAITS || job->run[i].run.claim || is_behind_gang(&job->run[i]))
				continue;
			for (int k = 0; k < world->boards; k++)
				if (could_have(world, &job->run[i], &world->board[k]))
					law_broken(world, "a board idles while a run waits for it");
		}
	}
}

/* What is explained is so. */
static void law_reasons(struct world *world)
{
	list_for_each (link, &world->jobs) {
		const struct world_job *job = list_container(link, struct world_job, link);
		const struct world_run *run = &job->run[world->counts.steps % MAX_RUNS];
		const struct world_board *board = &world->board[world->counts.steps % (uint64_t)world->boards];
		struct plan_explanation why;

		if (run->state != BOOK_WAITS)
			continue;
		why = plan_explain(world->plan, &run->run, &board->board, world->now_us);
		world->counts.explained++;
		if (why.reason == PLAN_WHY_NONE)
			law_broken(world, "a run waits for nothing");
		if ((why.reason <= PLAN_WHY_SITE) == board_fits(run, board))
			law_broken(world, "%s is no reason", plan_reason_word(why.reason));
		if (why.reason == PLAN_WHY_QUOTA) {
			world->counts.limited++;
			if (run->run.ask->quota->in_use < run->run.ask->quota->most)
				law_broken(world, "a quota with room is a reason");
		}
		if ((why.reason == PLAN_WHY_RUNNING) && !board->run)
			law_broken(world, "a board is said to have a run");
	}
}

/* Whoever still waits when there is nothing left to do is a gang that never had enough boards. */
static void law_end(const struct world *world)
{
	for (int i = 0; i < world->boards; i++)
		if (world->board[i].run)
			return;
	list_for_each (link, &world->jobs) {
		const struct world_job *job = list_container(link, struct world_job, link);

		for (int i = 0; i < job->runs && !job->job.is_gang; i++)
			for (int k = 0; k < world->boards; k++)
				if (job->run[i].state == BOOK_WAITS && !is_behind_gang(&job->run[i]) &&
				    board_fits(&job->run[i], &world->board[k]))
					law_broken(world, "a run is forgotten");
	}
}

void law_quiet(struct world *world)
{
	law_counts(world);
	law_service(world);
	law_claims(world);
	law_no_idling(world);
	law_reasons(world);
	if (world->is_closing)
		law_end(world);
}

/* --- Shares ---------------------------------------------------------------------------------------------------- */

/* Jain's index of board time by weight, among organisations that always had work waiting. */
void law_shares(struct world *world)
{
	double sum = 0, squares = 0, slack = 0, index;

	if (world->kind != WORLD_FULL)
		return;
	for (int i = 0; i < world->orgs; i++) {
		double used = (double)world->org[i].used_us / world->org[i].org.weight;

		sum += used;
		squares += used * used;
		slack += (double)world->limit_us * (world->boards + 1) / world->org[i].org.weight;
	}
	index = sum * sum / (world->orgs * squares);
	if (sum < 20 * slack)
		return;
	if (index < world->counts.least_fair || world->counts.least_fair == 0)
		world->counts.least_fair = index;
	if (index < 0.98)
		law_broken(world, "board time is divided unfairly: %.3f", index);
}
