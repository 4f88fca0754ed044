/* SPDX-License-Identifier: Apache-2.0 */
/* The share of a core that telling viewers may take, kept by waiting. */
#include "daemon/live/pace.h"

void pace_looked(struct pace *pace, int64_t now_ms, int64_t spent_us, size_t turns)
{
	int64_t wait_ms = (spent_us - pace->spent_us) * 100 / PACE_SHARE_PERCENT / 1000;

	int64_t most_ms = PACE_MAX_MS / (int64_t)turns;

	wait_ms = wait_ms < most_ms ? wait_ms : most_ms;
	pace->wait_ms = wait_ms > PACE_MIN_MS ? wait_ms : PACE_MIN_MS;
	pace->looked_ms = now_ms;
	pace->spent_us = spent_us;
}

uint64_t pace_left_ms(const struct pace *pace, int64_t now_ms)
{
	int64_t left_ms = pace->looked_ms + pace->wait_ms - now_ms;

	return left_ms > 0 ? (uint64_t)left_ms : 0;
}
