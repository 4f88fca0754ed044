/* SPDX-License-Identifier: Apache-2.0 */
/* Takes down what happens in a simulation, and sums it up. */
#ifndef ASSAY_SIM_MEASURE_H
#define ASSAY_SIM_MEASURE_H

#include <stdint.h>

#include "sim/result.h"
#include "sim/series.h"

struct waits {
	int64_t *us;
	size_t count, capacity;
};

/* An organisation's work on boards of one type. */
struct measure_party {
	struct series in_use, waiting;
};

struct measure {
	struct slices slices;
	size_t org_count, pool_count, stream_count;
	struct measure_party **party; /* org_count times pool_count; NULL: nothing yet */
	struct waits *org_waits, *stream_waits;
	double lost_us;
};

void measure_init(struct measure *measure, int64_t horizon_us, size_t orgs, size_t pools, size_t streams);
void measure_finish(struct measure *measure);

/* So many more runs wait, or fewer. */
void measure_waiting(struct measure *measure, size_t org, size_t pool, int64_t now_us, int64_t difference);
void measure_in_use(struct measure *measure, size_t org, size_t pool, int64_t now_us, int64_t difference);
void measure_start(struct measure *measure, size_t org, size_t stream, int64_t waited_us);

/* Fills board_us, lost_us, utilisation, fairness, waits and slices; names, weights, counts and makespan_us are there.
 */
void measure_result(struct measure *measure, struct result *result);

#endif
