/* SPDX-License-Identifier: Apache-2.0 */
/* Sums of a step function over slices of time. */
#include "sim/series.h"

void slices_init(struct slices *slices, int64_t expected_us)
{
	slices->slice_us = expected_us / (SERIES_SLICES / 2) + 1;
}

void slices_reach(struct slices *slices, int64_t now_us)
{
	while (now_us > slices->slice_us * SERIES_SLICES)
		slices->slice_us *= 2;
}

void series_init(struct series *series, const struct slices *slices)
{
	*series = (struct series){.slices = slices, .slice_us = slices->slice_us};
}

static void halve(struct series *series)
{
	for (int i = 0; i < SERIES_SLICES / 2; i++)
		series->sum[i] = series->sum[2 * i] + series->sum[2 * i + 1];
	for (int i = SERIES_SLICES / 2; i < SERIES_SLICES; i++)
		series->sum[i] = 0;
	series->slice_us *= 2;
}

void series_reach(struct series *series, int64_t now_us)
{
	while (series->slice_us < series->slices->slice_us)
		halve(series);
	while (series->now_us < now_us) {
		int64_t slice = series->now_us / series->slice_us;
		int64_t until_us = (slice + 1) * series->slice_us;

		if (until_us > now_us)
			until_us = now_us;
		series->sum[slice] += (double)series->value * (double)(until_us - series->now_us);
		series->now_us = until_us;
	}
}

void series_change(struct series *series, int64_t now_us, int64_t difference)
{
	series_reach(series, now_us);
	series->value += difference;
}

double series_total(const struct series *series)
{
	double total = 0;

	for (int i = 0; i < SERIES_SLICES; i++)
		total += series->sum[i];
	return total;
}
