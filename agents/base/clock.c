/* SPDX-License-Identifier: Apache-2.0 */
/* The rack's clock. */
#include "agents/base/clock.h"

#include <stdbool.h>
#include <time.h>

static int64_t read_us(clockid_t id)
{
	struct timespec now;

	clock_gettime(id, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int64_t clock_monotonic_us(void)
{
	return read_us(CLOCK_MONOTONIC);
}

int64_t clock_rack_us(void)
{
	static bool known;
	static int64_t offset_us;

	if (!known) {
		offset_us = read_us(CLOCK_REALTIME) - clock_monotonic_us();
		known = true;
	}
	return clock_monotonic_us() + offset_us;
}
