/* SPDX-License-Identifier: Apache-2.0 */
/* Time taken on the machine's clock, and a histogram of it with slots that grow. */
#include "sim/stopwatch.h"

#include <time.h>

int64_t stopwatch_now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

void stopwatch_start(struct stopwatch *watch)
{
	watch->begun_ns = stopwatch_now_ns();
}

int64_t stopwatch_stop(struct stopwatch *watch)
{
	int64_t took_ns = stopwatch_now_ns() - watch->begun_ns;

	watch->total_ns += took_ns;
	return took_ns;
}

/* Below 16 each number has its own slot; above, sixteen slots share what lies between two powers of two. */
static unsigned slot_of(uint64_t ns)
{
	unsigned shift = 0;

	while (ns >> shift >= 2 * STOPWATCH_STEPS)
		shift++;
	return shift * STOPWATCH_STEPS + (unsigned)(ns >> shift);
}

static int64_t top_of(unsigned slot)
{
	unsigned shift = slot < 2 * STOPWATCH_STEPS ? 0 : slot / STOPWATCH_STEPS - 1;

	return ((int64_t)(slot - shift * STOPWATCH_STEPS + 1) << shift) - 1;
}

void stopwatch_decision(struct stopwatch *watch, int64_t took_ns)
{
	watch->decisions++;
	watch->slot[slot_of((uint64_t)took_ns)]++;
	if (took_ns > watch->longest_ns)
		watch->longest_ns = took_ns;
}

int64_t stopwatch_percentile_ns(const struct stopwatch *watch, unsigned percent)
{
	uint64_t wanted = (watch->decisions * percent + 99) / 100, seen = 0;

	for (unsigned slot = 0; slot < STOPWATCH_SLOTS && wanted > 0; slot++) {
		seen += watch->slot[slot];
		if (seen >= wanted)
			return top_of(slot);
	}
	return 0;
}
