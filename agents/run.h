/* SPDX-License-Identifier: Apache-2.0 */
/* One run on this rack: what the farm asked for, and the numbered messages that tell how it goes. What happens on the
 * bench is turned into messages here, one after the other into the spool; the link sends them from there. */
#ifndef ASSAY_AGENTS_RUN_H
#define ASSAY_AGENTS_RUN_H

#include <stdbool.h>

#include "agents/bench/bench.h"
#include "agents/spool.h"
#include "core/wire/message.h"

struct run;

/* Told after each message that was appended: the link has something to send. */
typedef void (*run_on_message_fn)(void *context, struct run *run);

/* Copies what it needs of assign. When the spool takes nothing the run is there all the same, and run_trouble says so.
 * NULL with err set when there is no memory or the run exists. */
struct run *run_create(struct spool *spool, const struct wire_assign *assign, run_on_message_fn on_message,
		       void *context, struct err *err);
/* The spool keeps the messages. Accepts NULL. */
void run_destroy(struct run *run);

struct spool_run *run_spool(struct run *run);
int64_t run_number(const struct run *run);
int64_t run_fence(const struct run *run);
/* For bench_run; valid as long as the run. */
struct bench_job run_job(const struct run *run);
/* "" or why its messages cannot be kept on disk: the run must be ended for it. */
const char *run_trouble(const struct run *run);

/* The bench's events. */
void run_step_begun(struct run *run, size_t row, enum step_phase phase, const char *name);
void run_step_ended(struct run *run, size_t row, enum step_phase phase, const char *name,
		    const struct step_result *result, int64_t took_us);
void run_console(struct run *run, uint64_t offset, const uint8_t *data, size_t size_bytes, int64_t at_us);
void run_case(struct run *run, const struct case_result *result);
void run_artefact(struct run *run, const struct bench_artefact *artefact);
/* The last message. */
void run_ended(struct run *run, const struct bench_outcome *outcome);

/* Appends run.ended for a run of an agent's earlier life. */
int run_end_abandoned(struct spool_run *spooled, struct err *err);

#endif
