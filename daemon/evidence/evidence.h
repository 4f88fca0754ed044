/* SPDX-License-Identifier: Apache-2.0 */
/* Sealing a job: what is kept of it, as one archive with a signed manifest (docs/evidence.md). Kept under one folder as
 * job-<id>.tar. Also the farm's keys, in the folder beside it. */
#ifndef ASSAY_EVIDENCE_EVIDENCE_H
#define ASSAY_EVIDENCE_EVIDENCE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/err.h"
#include "core/farm/reader.h"

#define EVIDENCE_MAX_REPORTS 8
#define EVIDENCE_DIR_MAX     4096

/* One report of the job to put in: reports/<name>. */
struct evidence_report {
	const char *name;
	const struct job_writer *writer;
};

/* In the caller's memory; nothing changes after evidence_init, so any thread may use it. */
struct evidence {
	char dir[EVIDENCE_DIR_MAX + 16];      /* <state>/evidence */
	char keys_dir[EVIDENCE_DIR_MAX + 16]; /* <state>/keys */
	char farm[40];
	int64_t (*unix_us)(void);
	struct evidence_report reports[EVIDENCE_MAX_REPORTS];
	size_t report_count;
	struct job_writer writer; /* of this evidence: evidence_seal as a job_writer */
};

/* Makes the folders and the first key; removes what a program that was killed while sealing has left. reports may be
 * NULL. */
int evidence_init(struct evidence *evidence, const char *state_dir, const char *farm, int64_t (*unix_us)(void),
		  const struct evidence_report *reports, size_t report_count, struct err *err);

/* A job_write_fn: context is the evidence, run must be 0. Writes job-<id>.tar, durable and whole or not at all, in
 * place of one that is there, and a summary to out: {"job","key","created_at_us","bytes","files","manifest_sha256"}.
 * ERR_STALE: the job is not finished. */
int evidence_seal(const void *context, const struct job_reader *reader, int64_t run, FILE *out, struct err *err);

/* The sealed archive of a job, for reading. ERR_NOT_FOUND: it has not been sealed. */
int evidence_open(const struct evidence *evidence, int64_t job, int *ret_fd, struct err *err);

#endif
