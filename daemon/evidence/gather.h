/* SPDX-License-Identifier: Apache-2.0 */
/* Which files a job's evidence has, and what stands in them. */
#ifndef ASSAY_EVIDENCE_GATHER_H
#define ASSAY_EVIDENCE_GATHER_H

#include "daemon/evidence/bundle.h"
#include "daemon/evidence/evidence.h"

/* Everything of the job; fills in the manifest's job and runs. ERR_STALE: it is not finished. */
int gather_job(struct bundle *bundle, const struct job_reader *reader, const struct evidence_report *reports,
	       size_t report_count, struct err *err);

/* gather_run.c: the files of one run, as it stands in the job's list. */
void gather_run(struct bundle *bundle, const struct job_reader *reader, const json_t *run);

#endif
