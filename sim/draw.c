/* SPDX-License-Identifier: Apache-2.0 */
/* SplitMix64 (G. L. Steele, D. Lea, C. H. Flood, OOPSLA 2014) and the distributions on it. */
#include "sim/draw.h"

#include <math.h>

#include "core/base/map.h"

#define TWO_PI 6.283185307179586

void draw_init(struct draw *draw, int64_t seed, const char *name)
{
	draw->state = map_hash_int(seed) ^ map_hash_text(name);
}

uint64_t draw_next(struct draw *draw)
{
	uint64_t z = draw->state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

uint64_t draw_below(struct draw *draw, uint64_t bound)
{
	return draw_next(draw) % bound;
}

/* Above 0, at most 1. */
static double draw_part(struct draw *draw)
{
	return ((double)(draw_next(draw) >> 11) + 1) / 9007199254740992.0;
}

int64_t draw_exponential(struct draw *draw, int64_t mean)
{
	return (int64_t)(-log(draw_part(draw)) * (double)mean);
}

static double draw_normal(struct draw *draw)
{
	double radius = sqrt(-2 * log(draw_part(draw)));

	return radius * cos(TWO_PI * draw_part(draw));
}

int64_t draw_takes(struct draw *draw, const struct load_takes *takes)
{
	int64_t us = takes->a_us;

	if (takes->shape == TAKES_UNIFORM)
		us += (int64_t)draw_below(draw, (uint64_t)(takes->b_us - takes->a_us) + 1);
	else if (takes->shape == TAKES_LOGNORMAL)
		us = (int64_t)((double)us * exp(takes->sigma * draw_normal(draw)));
	else if (takes->shape == TAKES_EXPONENTIAL)
		us = draw_exponential(draw, us);
	return us > 0 ? us : 1;
}
