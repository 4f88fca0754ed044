/* SPDX-License-Identifier: Apache-2.0 */
/* How a job with its runs is shown, by `assay job` and at the end of `assay submit --wait`. */
#ifndef ASSAY_CLI_JOB_TABLE_H
#define ASSAY_CLI_JOB_TABLE_H

#include <jansson.h>

#include "daemon/cli/style.h"

/* Prints a heading line, the runs as a table and the verdict line. Returns 0 or ERR_NOMEM. */
int job_table_print(const struct style *style, const json_t *job);

/* "12 passed, 1 failed, 2 missing" of a run's counts: only what there is. Returns scratch. */
const char *job_table_counts(const json_t *counts, char *scratch, size_t size);

#endif
