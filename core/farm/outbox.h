/* SPDX-License-Identifier: Apache-2.0 */
/* What waits for a commit: whatever the world hears once everything changed so far is durable. */
#ifndef ASSAY_FARM_OUTBOX_H
#define ASSAY_FARM_OUTBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/farm/farm_state.h"

struct board;
struct run;

/* outbox.c: what the world hears once everything changed so far is durable. */
void outbox_publish(struct farm *farm, const struct event_record *event);
void outbox_submitted(struct farm *farm, int64_t job, on_submitted_fn on_submitted, void *context);
void outbox_done(struct farm *farm, on_done_fn on_done, void *context);
void outbox_assign(struct farm *farm, struct run *run);
void outbox_extend(struct farm *farm, const struct run *run);
void outbox_cancel(struct farm *farm, const struct run *run, const char *reason);
void outbox_ack(struct farm *farm, const struct run *run, int64_t n);
void outbox_stale(struct farm *farm, const char *agent, int64_t run, int64_t fence);
void outbox_recover(struct farm *farm, const struct board *board, const char *reason);
void outbox_forget_job(struct farm *farm, int64_t job);
void outbox_committed_bytes(struct farm *farm, size_t size_bytes);
void outbox_flush(struct farm *farm);
/* Answers everyone who waits for a commit with err; jobs that were being submitted are cancelled. */
void outbox_refuse(struct farm *farm, const struct err *err);
/* Answers everyone who waits in the list: err those of the refused change, err_others the others. */
void outbox_finish(struct list *outputs, int64_t refused, const struct err *err, const struct err *err_others);

#endif
