/* SPDX-License-Identifier: Apache-2.0 */
/* A simulated bench: no probe, no tool, no firmware; a script says how long each step takes and what becomes of a run.
 * Everything above it is what works real boards: the board's life, steps, listening, judging, spool and link.
 *
 * Nothing it tells can be taken for a real board's: its type's name begins with "simulated", each step's text says so,
 * and so do the console and the run's identity record. */
#ifndef ASSAY_AGENTS_SIMULATE_BENCH_H
#define ASSAY_AGENTS_SIMULATE_BENCH_H

#include "agents/bench/bench.h"
#include "agents/simulate/script.h"

/* What bench_options.of_kind points to; outlives the benches. */
struct sim_rack {
	const struct sim_script *script;
	const struct board_config *boards; /* the rack's: a bench finds its number by its config's place in them */
	int64_t first;                     /* number of the first of them among all, from 1 */
};

extern const struct bench_kind bench_simulated;

#endif
