/* SPDX-License-Identifier: Apache-2.0 */
/* Runs worlds: farm_sim [WORLDS [STEPS [SEED]]]. Each has its own seed, printed when something does not hold.
 * Under a sanitizer a world takes three times as long: mutants.py runs the many, and here they are few. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "core/base/log.h"
#include "tests/sim/farm/sim.h"

static double now_s(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void add(struct sim_counts *sum, const struct sim_counts *counts)
{
	const uint64_t *from = (const uint64_t *)counts;
	uint64_t *to = (uint64_t *)sum;

	for (size_t i = 0; i < sizeof(*sum) / sizeof(uint64_t); i++)
		to[i] += from[i];
}

static void no_log(void *context, enum log_level level, const char *object, const char *text)
{
	(void)context;
	(void)level;
	(void)object;
	(void)text;
}

int main(int argc, char **argv)
{
	uint64_t worlds = argc > 1 ? strtoull(argv[1], NULL, 10) : 12;
	uint64_t steps = argc > 2 ? strtoull(argv[2], NULL, 10) : 8000;
	uint64_t seed = argc > 3 ? strtoull(argv[3], NULL, 10) : 1;
	struct sim_counts sum = {0};
	double begun = now_s(), took;

	log_set_sink(no_log, NULL);
	for (uint64_t i = 0; i < worlds; i++) {
		struct world *world = world_create(seed + i);

		world_run(world, steps);
		add(&sum, &world->counts);
		world_destroy(world);
	}
	took = now_s() - begun;
	printf("%" PRIu64 " worlds: %" PRIu64 " steps, %" PRIu64 " jobs, %" PRIu64 " runs (%" PRIu64
	       " further attempts), %" PRIu64 " events; %" PRIu64 " crashes (%" PRIu64 " compared), %" PRIu64
	       " refusals by the store, %" PRIu64 " troubles, %" PRIu64 " leases (%" PRIu64 " reserved, %" PRIu64
	       " granted, %" PRIu64 " handed over), %" PRIu64 " agents lost, %" PRIu64 " restarted, %" PRIu64
	       " with amnesia, %" PRIu64 " cancels, %" PRIu64 " boards for gangs, %" PRIu64 " pre-emptions, %" PRIu64
	       " drains, %" PRIu64 " caps, %" PRIu64 " submits refused, %" PRIu64 " health checks, %" PRIu64
	       " images held, %" PRIu64 " known to do well; %.0f runs/s\n",
	       worlds, sum.steps, sum.jobs, sum.runs, sum.retries, sum.events, sum.crashes, sum.compared, sum.refusals,
	       sum.troubles, sum.leases, sum.reserved, sum.grants, sum.hand_overs, sum.agent_losses, sum.agent_restarts,
	       sum.amnesias, sum.cancels, sum.gangs, sum.preemptions, sum.drains, sum.caps, sum.submits_refused,
	       sum.checks, sum.held, sum.tried, (double)sum.runs / took);
	return 0;
}
