/* SPDX-License-Identifier: Apache-2.0 */
/* What only evidence needs of a job: its records as they are kept, and the files of consoles and images. */
#ifndef ASSAY_STORE_QUERY_EVIDENCE_H
#define ASSAY_STORE_QUERY_EVIDENCE_H

#include "core/farm/reader.h"
#include "daemon/store/console.h"
#include "daemon/store/query.h"

/* The stamps of the console that was asked about last. */
struct evidence_times {
	int64_t run; /* 0: none yet */
	struct console_time *item;
	size_t count;
};

void evidence_times_finish(struct evidence_times *times);

/* As the members of struct job_reader say. */
int evidence_records(const struct query_place *place, int64_t job, json_t **ret_records, struct err *err);
int evidence_run_records(const struct query_place *place, int64_t run, json_t **ret_records, struct err *err);
int evidence_loose(const struct query_place *place, int64_t run, reader_row_fn on_row, void *context, struct err *err);
int evidence_console_time(const struct query_place *place, struct evidence_times *times, int64_t run, uint64_t offset,
			  int64_t *ret_at_us, struct err *err);
int evidence_artefact(const struct query_place *place, const struct principal *who, int64_t run, const char *name,
		      int *ret_fd, struct err *err);
int evidence_image(const struct query_place *place, const char *sha256, int *ret_fd, struct err *err);

#endif
