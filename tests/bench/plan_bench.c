/* SPDX-License-Identifier: Apache-2.0 */
/* What a decision of the plan costs: by boards, by the length of the queue, when all boards are busy and when most
 * idle. Build it in the release preset; plan_bench [DECISIONS]. Prints nanoseconds of processor time for each. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "core/base/mem.h"
#include "core/plan/plan.h"

#define ORGS    20
#define MEMBERS 5  /* of each */
#define HOST    50 /* boards of one */
#define SECOND  INT64_C(1000000)

struct work {
	struct plan_job job;
	struct plan_ask ask;
	struct plan_run run;
};

struct farm {
	struct plan *plan;
	struct plan_pool pool;
	struct plan_org org[ORGS];
	struct plan_member member[ORGS * MEMBERS];
	struct plan_place *host;
	struct plan_board *board;
	struct work *work;
	size_t boards, works;
	int64_t now_us, order;
	uint64_t dice;
};

static uint64_t dice(struct farm *farm, uint64_t below)
{
	farm->dice ^= farm->dice << 13;
	farm->dice ^= farm->dice >> 7;
	farm->dice ^= farm->dice << 17;
	return (farm->dice >> 11) % below;
}

static double now_ns(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

/* --- The farm -------------------------------------------------------------------------------------------------- */

static void make_people(struct farm *farm)
{
	for (int i = 0; i < ORGS; i++) {
		farm->org[i].weight = 100;
		plan_org_add(farm->plan, &farm->org[i]);
	}
	for (int i = 0; i < ORGS * MEMBERS; i++) {
		farm->member[i] = (struct plan_member){.org = &farm->org[i % ORGS], .weight = 100};
		plan_member_add(farm->plan, &farm->member[i]);
	}
}

static void make_boards(struct farm *farm)
{
	farm->host = mem_alloc_array(farm->boards / HOST + 1, sizeof(*farm->host));
	farm->board = mem_alloc_array(farm->boards, sizeof(*farm->board));
	for (size_t i = 0; i < farm->boards; i++) {
		struct plan_board *board = &farm->board[i];

		if (i % HOST == 0)
			plan_place_add(farm->plan, &farm->host[i / HOST]);
		board->pool = &farm->pool;
		board->place = &farm->host[i / HOST];
		for (uint32_t tag = 0; tag < 3; tag++)
			if (i >> tag & 1)
				board->traits.trait[board->traits.count++] = plan_trait(PLAN_TRAIT_TAG, tag);
		(void)plan_board_add(farm->plan, board);
		plan_board_set_image(farm->plan, board, 1 + dice(farm, 100));
		plan_board_set_state(farm->plan, board, PLAN_BOARD_READY);
	}
}

/* Half of it takes any board, the rest one with a tag. */
static void submit(struct farm *farm, struct work *work)
{
	struct plan_selector selector = {.pool = &farm->pool};
	uint32_t tag = (uint32_t)dice(farm, 6);

	if (tag < 3)
		selector.traits = (struct plan_traits){.trait = {plan_trait(PLAN_TRAIT_TAG, tag)}, .count = 1};
	work->job = (struct plan_job){.member = &farm->member[dice(farm, ORGS * MEMBERS)],
				      .priority = (int)dice(farm, 3) * 25,
				      .order = ++farm->order};
	work->ask = (struct plan_ask){.job = &work->job,
				      .estimate_us = (int64_t)(1 + dice(farm, 60)) * SECOND,
				      .limit_us = 120 * SECOND,
				      .image = 1 + dice(farm, 100)};
	plan_job_add(farm->plan, &work->job);
	(void)plan_ask_add(farm->plan, &work->ask, &selector);
	(void)plan_run_add(farm->plan, &work->run, &work->ask, farm->now_us);
}

static void take_away(struct farm *farm, struct work *work)
{
	plan_ask_remove(farm->plan, &work->ask);
	plan_job_remove(farm->plan, &work->job);
}

static struct work *work_of(struct plan_run *run)
{
	return list_container(run, struct work, run);
}

static struct farm *farm_create(size_t boards, size_t works)
{
	const struct plan_config config = PLAN_CONFIG_DEFAULT;
	struct farm *farm = mem_alloc(sizeof(*farm));

	farm->dice = 88172645463325252u;
	farm->boards = boards;
	farm->works = works;
	farm->plan = plan_create(&config);
	plan_pool_add(farm->plan, &farm->pool);
	make_people(farm);
	make_boards(farm);
	farm->work = mem_alloc_array(works, sizeof(*farm->work));
	return farm;
}

static void farm_destroy(struct farm *farm)
{
	plan_destroy(farm->plan);
	free(farm->work);
	free(farm->board);
	free(farm->host);
	free(farm);
}

/* --- Measuring ------------------------------------------------------------------------------------------------- */

struct samples {
	double *ns;
	size_t count;
};

struct cost {
	struct samples submit, decide, end;
};

static struct cost cost_of(size_t decisions)
{
	return (struct cost){{mem_alloc_array(decisions, sizeof(double)), 0},
			     {mem_alloc_array(decisions, sizeof(double)), 0},
			     {mem_alloc_array(decisions, sizeof(double)), 0}};
}

static void add(struct samples *samples, double ns)
{
	samples->ns[samples->count++] = ns;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double part(const struct samples *samples, size_t hundredths)
{
	qsort(samples->ns, samples->count, sizeof(double), compare);
	return samples->count ? samples->ns[samples->count * hundredths / 100] : 0;
}

static double since(double *begin_ns)
{
	double begun = *begin_ns;

	*begin_ns = now_ns();
	return *begin_ns - begun;
}

/* All boards are busy and `queue` runs wait; one ends, another begins, a new one comes. */
static struct cost measure_busy(size_t boards, size_t queue, size_t decisions)
{
	struct farm *farm = farm_create(boards, boards + queue);
	struct cost cost = cost_of(decisions);

	for (size_t i = 0; i < farm->works; i++)
		submit(farm, &farm->work[i]);
	while (plan_next(farm->plan, farm->now_us).kind != PLAN_NOTHING)
		continue;
	for (size_t i = 0; i < decisions; i++) {
		struct plan_run *run = farm->board[dice(farm, boards)].run;
		double clock_ns;

		if (!run)
			continue;
		farm->now_us += 60 * SECOND / (int64_t)boards;
		clock_ns = now_ns();
		plan_run_end(farm->plan, run, farm->now_us, true);
		add(&cost.end, since(&clock_ns));
		while (plan_next(farm->plan, farm->now_us).kind != PLAN_NOTHING)
			continue;
		add(&cost.decide, since(&clock_ns));
		take_away(farm, work_of(run));
		submit(farm, work_of(run));
		add(&cost.submit, since(&clock_ns));
	}
	farm_destroy(farm);
	return cost;
}

/* Nine boards of ten idle; a run comes, begins at once, and another ends. */
static struct cost measure_idle(size_t boards, size_t decisions)
{
	size_t running = boards / 10, at = 0;
	struct farm *farm = farm_create(boards, running);
	struct cost cost = cost_of(decisions);

	for (size_t i = 0; i < running; i++)
		submit(farm, &farm->work[i]);
	while (plan_next(farm->plan, farm->now_us).kind != PLAN_NOTHING)
		continue;
	for (size_t i = 0; i < decisions; i++, at = (at + 1) % running) {
		struct work *work = &farm->work[at];
		double clock_ns = now_ns();

		farm->now_us += SECOND;
		if (work->run.board)
			plan_run_end(farm->plan, &work->run, farm->now_us, true);
		add(&cost.end, since(&clock_ns));
		take_away(farm, work);
		submit(farm, work);
		add(&cost.submit, since(&clock_ns));
		while (plan_next(farm->plan, farm->now_us).kind != PLAN_NOTHING)
			continue;
		add(&cost.decide, since(&clock_ns));
	}
	farm_destroy(farm);
	return cost;
}

static void print(const char *what, size_t boards, size_t queue, struct cost cost)
{
	double decide_ns = part(&cost.decide, 50);

	printf("%-5s %7zu boards, queue %8zu: decide %6.0f ns (p99 %6.0f), end %5.0f (%6.0f), submit %5.0f (%6.0f); "
	       "%8.0f decisions/s\n",
	       what, boards, queue, decide_ns, part(&cost.decide, 99), part(&cost.end, 50), part(&cost.end, 99),
	       part(&cost.submit, 50), part(&cost.submit, 99), 1e9 / decide_ns);
	(void)fflush(stdout);
	free(cost.decide.ns);
	free(cost.end.ns);
	free(cost.submit.ns);
}

int main(int argc, char **argv)
{
	static const size_t boards[] = {100, 1000, 10000, 100000}, queue[] = {10, 1000, 1000000};
	size_t decisions = argc > 1 ? strtoull(argv[1], NULL, 10) : 200000;

	for (size_t q = 0; q < sizeof(queue) / sizeof(queue[0]); q++)
		for (size_t b = 0; b < sizeof(boards) / sizeof(boards[0]); b++)
			print("busy", boards[b], queue[q], measure_busy(boards[b], queue[q], decisions));
	for (size_t b = 0; b < sizeof(boards) / sizeof(boards[0]); b++)
		print("idle", boards[b], 0, measure_idle(boards[b], decisions));
	return 0;
}
