/* SPDX-License-Identifier: Apache-2.0 */
/* How long the plan takes, call by call. */
#ifndef ASSAY_SIM_STOPWATCH_H
#define ASSAY_SIM_STOPWATCH_H

#include <stdint.h>

#define STOPWATCH_STEPS 16 /* to each doubling */
#define STOPWATCH_SLOTS (64 * STOPWATCH_STEPS)

struct stopwatch {
	int64_t begun_ns;
	int64_t total_ns;
	uint64_t decisions;
	int64_t longest_ns;
	uint64_t slot[STOPWATCH_SLOTS]; /* decisions by how long they took */
};

int64_t stopwatch_now_ns(void);
void stopwatch_start(struct stopwatch *watch);
/* Returns what was added to the total. */
int64_t stopwatch_stop(struct stopwatch *watch);
void stopwatch_decision(struct stopwatch *watch, int64_t took_ns);
/* So many percent took no longer, to within a sixteenth; 0 without decisions. */
int64_t stopwatch_percentile_ns(const struct stopwatch *watch, unsigned percent);

#endif
