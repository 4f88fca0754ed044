/* SPDX-License-Identifier: Apache-2.0 */
/* Chance for simulated boards. */
#include "agents/simulate/random.h"

#include <assert.h>
#include <math.h>

#define TWO_PI 6.283185307179586

/* SplitMix64 (Steele, Lea, Flood 2014): any seed will do, also 0. */
static uint64_t next(struct sim_random *random)
{
	uint64_t z = random->state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

void sim_random_init(struct sim_random *random, uint64_t seed, uint64_t stream)
{
	random->state = seed;
	random->state = next(random) ^ stream;
	next(random);
}

double sim_random_unit(struct sim_random *random)
{
	return (double)(next(random) >> 11) * 0x1p-53;
}

size_t sim_random_pick(struct sim_random *random, const uint32_t *shares, size_t count)
{
	uint64_t sum = 0, at;
	size_t i = 0;

	for (size_t k = 0; k < count; k++)
		sum += shares[k];
	assert(sum > 0);
	for (at = next(random) % sum; at >= shares[i]; i++)
		at -= shares[i];
	return i;
}

/* By Box and Muller; 1 - unit is never 0. */
static double normal(struct sim_random *random)
{
	double radius = sqrt(-2 * log(1 - sim_random_unit(random)));

	return radius * cos(TWO_PI * sim_random_unit(random));
}

int64_t sim_delay_ms(const struct sim_delay *delay, struct sim_random *random)
{
	double ms = (double)delay->ms;

	switch (delay->kind) {
	case SIM_FIXED:
		return delay->ms;
	case SIM_UNIFORM:
		ms += sim_random_unit(random) * (double)(delay->most_ms - delay->ms + 1);
		break;
	case SIM_LOGNORMAL:
		ms *= exp(delay->sigma * normal(random));
		break;
	}
	return ms < (double)delay->most_ms ? (int64_t)ms : delay->most_ms;
}
