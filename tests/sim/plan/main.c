/* SPDX-License-Identifier: Apache-2.0 */
/* Runs worlds: plan_sim [WORLDS [STEPS [SEED]]]. Each has its own seed, printed when a law is broken. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "tests/sim/plan/world.h"

static double now_s(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void add(struct world_counts *sum, const struct world_counts *counts)
{
	sum->steps += counts->steps;
	sum->jobs += counts->jobs;
	sum->runs += counts->runs;
	sum->placed += counts->placed;
	sum->preempted += counts->preempted;
	sum->gangs += counts->gangs;
	sum->explained += counts->explained;
	sum->restarts += counts->restarts;
	sum->promised += counts->promised;
	sum->refused += counts->refused;
	sum->late += counts->late;
	sum->extended += counts->extended;
	if (counts->tightest > sum->tightest)
		sum->tightest = counts->tightest;
	if (counts->least_fair > 0 && (sum->least_fair == 0 || counts->least_fair < sum->least_fair))
		sum->least_fair = counts->least_fair;
}

int main(int argc, char **argv)
{
	uint64_t worlds = argc > 1 ? strtoull(argv[1], NULL, 10) : 400;
	uint64_t steps = argc > 2 ? strtoull(argv[2], NULL, 10) : 1000;
	uint64_t seed = argc > 3 ? strtoull(argv[3], NULL, 10) : 1;
	struct world_counts sum = {0};
	double begun = now_s(), took;

	for (uint64_t i = 0; i < worlds; i++) {
		struct world *world = world_create(seed + i);

		world_run_on(world, world->kind == WORLD_FULL ? 4 * steps : steps); /* shares are seen after a while */
		add(&sum, &world->counts);
		world_destroy(world);
	}
	took = now_s() - begun;
	printf("%" PRIu64 " worlds: %" PRIu64 " steps, %" PRIu64 " jobs, %" PRIu64 " runs waited, %" PRIu64
	       " placed, %" PRIu64 " asked to yield, %" PRIu64 " gangs begun, %" PRIu64 " reasons, %" PRIu64
	       " restarts, %" PRIu64 " boards promised, %" PRIu64 " not, %" PRIu64 " late, %" PRIu64
	       " runs extended; least fair %.4f, %.1f %% of a bound used; %.0f worlds/s, %.0f placements/s\n",
	       worlds, sum.steps, sum.jobs, sum.runs, sum.placed, sum.preempted, sum.gangs, sum.explained, sum.restarts,
	       sum.promised, sum.refused, sum.late, sum.extended, sum.least_fair, 100 * sum.tightest,
	       (double)worlds / took, (double)sum.placed / took);
	return 0;
}
