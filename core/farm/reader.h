/* SPDX-License-Identifier: Apache-2.0 */
/* What is kept of one job, read piece by piece: how something of any size (a report, a bundle of evidence) is written
 * about it in bounded memory. The store gives a reader to a writer in a worker's thread; all that it reads is one state
 * of the store, so that a second pass sees what the first did. */
#ifndef ASSAY_FARM_READER_H
#define ASSAY_FARM_READER_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "core/base/err.h"
#include "core/base/json.h"
#include "core/verdict/flake.h"
#include "core/verdict/measure.h"

#define READER_MAX_VALUES 50 /* of a measurement's history */

/* A row, borrowed for the call. Anything but 0 ends the reading, which then returns it. */
typedef int (*reader_row_fn)(void *context, const json_t *row, struct err *err);

/* A value that a measurement had before. */
struct reader_value {
	int64_t run;
	double value;
	bool accepted; /* it is in the baseline */
};

/* Each returns 0 or an error with err filled. Runs are those of the job. */
struct job_reader {
	void *context;
	/* As QUERY_JOB, with every run, but without steps and cases. The caller owns it. */
	int (*job)(void *context, json_t **ret_job, struct err *err);
	/* As in QUERY_RUN, in the order they came; the last word of each case. */
	int (*steps)(void *context, int64_t run, reader_row_fn on_row, void *row_context, struct err *err);
	int (*cases)(void *context, int64_t run, reader_row_fn on_row, void *row_context, struct err *err);
	/* Console bytes [from, from + size), as far as there are any. */
	int (*console)(void *context, int64_t run, uint64_t from, void *buffer, size_t size, size_t *ret_len,
		       struct err *err);
	/* The history of a case on the run's board type, the run itself included. */
	int (*flake)(void *context, int64_t run, const char *group, const char *name, struct flake *ret_flake,
		     struct err *err);
	/* What the case measured under that name and unit on the run's board type in the last READER_MAX_VALUES runs
	 * that have it, up to this run, oldest first; the values are room for so many. */
	int (*values)(void *context, int64_t run, const char *group, const char *name,
		      const struct measurement *measured, struct reader_value *values, size_t *ret_count,
		      struct err *err);
	/* The decoded fault and the backtrace of a run that left them behind, as text; NULL when it did not. A heap
	 * block, the caller's. */
	int (*post_mortem)(void *context, int64_t run, char **ret_text, struct err *err);
	/* For evidence. {"spec","suite": {"name","version","text","changed_at_us"} or null,"board_types":
	 * [...],"waivers":
	 * [...]}: what the job was about, as it is kept now. The caller owns it. */
	int (*records)(void *context, json_t **ret_records, struct err *err);
	/* {"asked","facts","identity"} of a run, each an object or null. The caller owns it. */
	int (*run_records)(void *context, int64_t run, json_t **ret_records, struct err *err);
	/* Measurements printed while no case was open, as measurement_to_json. */
	int (*loose)(void *context, int64_t run, reader_row_fn on_row, void *row_context, struct err *err);
	/* When the console's byte at offset came, or the last one stamped before it; 0: none is. */
	int (*console_time)(void *context, int64_t run, uint64_t offset, int64_t *ret_at_us, struct err *err);
	/* The run's artefacts as in QUERY_ARTEFACTS; the caller owns the list. And the bytes of one that is present, in
	 * a file open for reading, which the caller closes. */
	int (*artefacts)(void *context, int64_t run, json_t **ret_list, struct err *err);
	int (*artefact)(void *context, int64_t run, const char *name, int *ret_fd, struct err *err);
	/* The image's file, open for reading; the caller closes it. */
	int (*image)(void *context, const char *sha256, int *ret_fd, struct err *err);
};

/* Writes about a job; in a worker's thread. run: 0, or only of that one. context is shared by threads and not changed.
 * Errors of out are the caller's to see (ferror). */
typedef int (*job_write_fn)(const void *context, const struct job_reader *reader, int64_t run, FILE *out,
			    struct err *err);

struct job_writer {
	job_write_fn write;
	const void *context;      /* lives as long as the program */
	const char *content_type; /* likewise */
};

#endif
