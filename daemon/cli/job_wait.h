/* SPDX-License-Identifier: Apache-2.0 */
/* Seeing a job through to its end, for `submit --wait` and `watch job`. */
#ifndef ASSAY_CLI_JOB_WAIT_H
#define ASSAY_CLI_JOB_WAIT_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/cli/cli.h"

/* Shows the job's progress (on a terminal a block that is repainted, else a line an event; on stderr with --json)
 * until it has finished, then its table of verdicts, or with --json the job. Returns the exit status: that of the
 * verdict; CLI_DETACHED after an interrupt, which leaves the job alone; with cancel_on_interrupt the first interrupt
 * cancels the job and waits on. What goes wrong has been said. */
int job_wait(struct cli *cli, int64_t job, bool cancel_on_interrupt);

/* The same for one of several jobs: shows only how it goes, on stderr, and returns 0 once it has finished, however. */
int job_wait_through(struct cli *cli, int64_t job);

#endif
