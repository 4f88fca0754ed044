/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers that look random and are the same for the same seed. */
#ifndef ASSAY_SIM_DRAW_H
#define ASSAY_SIM_DRAW_H

#include <stdint.h>

#include "sim/load.h"

struct draw {
	uint64_t state;
};

/* Draws of different names have nothing to do with each other: a stream that changes does not change the others. */
void draw_init(struct draw *draw, int64_t seed, const char *name);
uint64_t draw_next(struct draw *draw);
uint64_t draw_below(struct draw *draw, uint64_t bound); /* 0 to bound - 1 */
int64_t draw_exponential(struct draw *draw, int64_t mean);
/* At least 1. */
int64_t draw_takes(struct draw *draw, const struct load_takes *takes);

#endif
