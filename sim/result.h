/* SPDX-License-Identifier: Apache-2.0 */
/* What came out of a simulation. */
#ifndef ASSAY_SIM_RESULT_H
#define ASSAY_SIM_RESULT_H

#include <stdint.h>

#include "sim/load.h"
#include "sim/series.h"

#define RESULT_LABEL_MAX 256

/* From when a run might have started, for its part, until it did the first time. */
struct result_wait {
	uint64_t runs;
	int64_t mean_us, p50_us, p99_us, max_us;
};

struct result_org {
	char name[LOAD_NAME_MAX];
	int64_t weight;
	struct result_wait wait;
	double board_us; /* board time used */
	double fair_us;  /* what a max-min fair division of the board time used, slice by slice, had given it */
	double in_use[SERIES_SLICES]; /* boards, on average */
};

struct result_stream {
	char name[LOAD_NAME_MAX];
	struct result_wait wait;
};

struct result {
	char label[RESULT_LABEL_MAX];
	uint64_t boards, hosts;
	uint64_t jobs, runs;   /* submitted */
	uint64_t finished;     /* runs */
	uint64_t left;         /* runs that never got a board */
	char left_reason[128]; /* of one of them */
	uint64_t preempted, timed_out;
	uint64_t flashed, spared; /* runs with an image on a board that did not hold it; that did */
	int64_t makespan_us;      /* until the last run ended */
	double board_us;          /* board time used, with lost_us of it on runs that were broken off */
	double lost_us;
	double utilisation; /* board_us of all there was until makespan_us */
	double fairness;    /* Jain's index of board_us / fair_us of the organisations */
	struct result_org *orgs;
	size_t org_count;
	struct result_stream *streams;
	size_t stream_count;

	int64_t slice_us;
	size_t slices; /* that are used; the last one may be cut short by makespan_us */
	double in_use[SERIES_SLICES], waiting[SERIES_SLICES]; /* boards, runs; on average */
	double fairness_at[SERIES_SLICES];                    /* Jain's index; below 0: nobody wanted anything */

	/* of the machine it ran on */
	uint64_t decisions;
	int64_t plan_ns; /* in the plan, everything */
	int64_t decision_p50_ns, decision_p99_ns, decision_max_ns;
	int64_t elapsed_ns, processor_ns;
	int64_t memory_bytes; /* of the process, at most, so far */
};

void result_destroy(struct result *result);

#endif
