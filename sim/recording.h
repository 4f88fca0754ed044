/* SPDX-License-Identifier: Apache-2.0 */
/* What a real farm did: jobs as the farm tells them (`assay job N --json`, `GET /api/v1/jobs/N`), one after the other.
 */
#ifndef ASSAY_SIM_RECORDING_H
#define ASSAY_SIM_RECORDING_H

#include <stdint.h>

#include "core/base/err.h"
#include "sim/load.h"

#define RECORDING_MAX_RUNS 10000000

struct recorded_run {
	size_t job;
	size_t type;      /* in types */
	int64_t wanted;   /* the how manieth board of its type was asked for by name; below 0: none */
	int64_t at_us;    /* since the first one */
	int64_t takes_us; /* from when it had its board until it ended */
	uint64_t image;
};

struct recorded_job {
	size_t org;    /* in the load */
	size_t member; /* of the organisation */
	int priority;
};

struct recorded_type {
	char name[LOAD_NAME_MAX];
	double sum_us;
	int64_t runs, longest_us;
	bool has_names; /* its boards are those that the recording names, in the order of their first naming */
};

struct recording {
	struct recorded_run *runs; /* by time */
	size_t run_count;
	struct recorded_job *jobs;
	size_t job_count;
	struct recorded_type *types;
	size_t type_count;
	uint64_t skipped; /* runs that have not ended or never had a board */
};

/* Reads a file of JSON values: jobs with their runs, or arrays of such. Organisations and board types that the load
 * does not know are put into it: with weight 100, and with as many boards as the recording names. Returns 0 and the
 * recording, or an error with its story. */
int recording_read(const char *path, struct load *load, struct recording **ret_recording, struct err *err);
void recording_destroy(struct recording *recording);

#endif
