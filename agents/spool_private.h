/* SPDX-License-Identifier: Apache-2.0 */
/* What spool.c and spool_load.c share. */
#ifndef ASSAY_AGENTS_SPOOL_PRIVATE_H
#define ASSAY_AGENTS_SPOOL_PRIVATE_H

#include "agents/spool.h"

#define SPOOL_PATH_BYTES 1024

struct spool {
	struct list runs;
	struct list waiting;
	char dir[SPOOL_PATH_BYTES - 40];
};

void spool_make_path(const struct spool *spool, int64_t run, char *ret_path, size_t size);
/* <dir>/<run>.files */
void spool_make_files_path(const struct spool *spool, int64_t run, char *ret_path, size_t size);
/* Removes a run's files, whatever is there. */
void spool_remove_files(const struct spool *spool, int64_t run);
struct spool_run *spool_run_new(struct spool *spool, int64_t number);
void spool_run_free(struct spool_run *run);
/* Counts one more message, which begins at offset. */
int spool_note_offset(struct spool_run *run, uint64_t offset);

#endif
