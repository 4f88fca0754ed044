/* SPDX-License-Identifier: Apache-2.0 */
/* Sends the files that settled runs left in the spool to the farm, one after the other, and forgets each run with its
 * last one.
 *
 * Happy path: a run is settled -> upload_wake -> PUT, on the thread pool -> the farm has it -> the file goes -> the
 * next
 * -> none left: the run goes.
 * Ways it fails: no connection, a farm in trouble -> again after UPLOAD_AGAIN_MS, doubled up to UPLOAD_AGAIN_MAX_MS;
 * the farm does not know of the file, or says that it is something else -> logged, the file goes. Runs and verdicts
 * never wait for it. */
#ifndef ASSAY_AGENTS_UPLOAD_H
#define ASSAY_AGENTS_UPLOAD_H

#include <uv.h>

#include "agents/bench/bench.h"
#include "agents/spool.h"

#define UPLOAD_AGAIN_MS     200
#define UPLOAD_AGAIN_MAX_MS 30000

struct upload;

/* farm: its url and token_file; both structs outlive the upload. */
int upload_create(uv_loop_t *loop, struct spool *spool, const struct bench_images *farm, struct upload **ret_upload,
		  struct err *err);
/* Something is settled, or the farm is there again. */
void upload_wake(struct upload *upload);
/* Whether nothing is left to send. */
bool upload_is_idle(const struct upload *upload);
/* Breaks off what is under way and runs the loop until it is over; what was not sent stays in the spool. Accepts
 * NULL. */
void upload_destroy(struct upload *upload);

#endif
