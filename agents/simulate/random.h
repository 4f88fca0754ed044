/* SPDX-License-Identifier: Apache-2.0 */
/* Chance for simulated boards: the same seed gives the same course of events on every machine. */
#ifndef ASSAY_AGENTS_SIMULATE_RANDOM_H
#define ASSAY_AGENTS_SIMULATE_RANDOM_H

#include <stddef.h>
#include <stdint.h>

/* Not for secrets. In the caller's memory. */
struct sim_random {
	uint64_t state;
};

/* stream: the boards of one seed have one each. */
void sim_random_init(struct sim_random *random, uint64_t seed, uint64_t stream);
/* In [0, 1). */
double sim_random_unit(struct sim_random *random);
/* An index, by shares; some share is not 0. */
size_t sim_random_pick(struct sim_random *random, const uint32_t *shares, size_t count);

/* How long something takes. */
enum sim_delay_kind { SIM_FIXED, SIM_UNIFORM, SIM_LOGNORMAL };

struct sim_delay {
	enum sim_delay_kind kind;
	int64_t ms;      /* SIM_FIXED; the least of SIM_UNIFORM; the median of SIM_LOGNORMAL */
	int64_t most_ms; /* never more; unused by SIM_FIXED */
	double sigma;    /* SIM_LOGNORMAL: of the logarithm */
};

int64_t sim_delay_ms(const struct sim_delay *delay, struct sim_random *random);

#endif
