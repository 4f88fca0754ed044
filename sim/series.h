/* SPDX-License-Identifier: Apache-2.0 */
/* A number that changes over time (boards in use, runs that wait), summed up in slices of time of equal length. */
#ifndef ASSAY_SIM_SERIES_H
#define ASSAY_SIM_SERIES_H

#include <stddef.h>
#include <stdint.h>

#define SERIES_SLICES 240 /* at most */

/* What all series of one simulation share: how long a slice is. When time goes beyond the last slice, slices become
 * twice as long. */
struct slices {
	int64_t slice_us;
};

struct series {
	const struct slices *slices;
	int64_t slice_us; /* that sum is in; follows slices */
	int64_t now_us;
	int64_t value;
	double sum[SERIES_SLICES]; /* of value times microseconds */
};

/* For a time that is about as long; it need not be. */
void slices_init(struct slices *slices, int64_t expected_us);
/* Before a series is changed at that time. */
void slices_reach(struct slices *slices, int64_t now_us);

void series_init(struct series *series, const struct slices *slices);
/* The value changes at now_us, which never goes back. */
void series_change(struct series *series, int64_t now_us, int64_t difference);
/* Sums up to now_us. */
void series_reach(struct series *series, int64_t now_us);
double series_total(const struct series *series);

#endif
