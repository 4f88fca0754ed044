/* SPDX-License-Identifier: Apache-2.0 */
/* People's leases in memory. */
#ifndef ASSAY_FARM_STATE_HOLD_H
#define ASSAY_FARM_STATE_HOLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/list.h"
#include "core/farm/farm_state.h"
#include "core/spec/spec.h"

struct job;
struct run;

/* A person's lease: what a job of kind lease has beside its run. */
struct hold {
	struct hold_record record;
	struct job *job;
	struct list link; /* farm.holds */
	int64_t client;   /* who attached before the last hand-over, or restart, had another */
	unsigned clients; /* that are attached */
	int64_t alone_us; /* monotonic; since when there is none */
	int64_t end_us;   /* monotonic; when a granted one is over, whatever becomes of the clock that people read */
};

/* hold_asks.c: whether it can be promised; 0 or ERR_EXISTS. */
int hold_check(struct farm *farm, const struct run_spec *spec, const struct hold_record *hold, struct err *err);
/* hold.c */
void hold_add(struct farm *farm, struct job *job, const struct hold_record *record);
void hold_keep(struct farm *farm, const struct hold *hold);
void hold_destroy(struct hold *hold);
struct hold *hold_find(const struct farm *farm, int64_t job); /* open ones */
struct run *hold_run(const struct hold *hold);                /* its last attempt */
void hold_late(struct farm *farm, const struct run *run);     /* its time has come, but there is no board */
void hold_granted(struct farm *farm, struct run *run);        /* its agent says so */
void hold_over(struct farm *farm, struct hold *hold);         /* its job is finished */
void holds_cut(struct farm *farm, const char *text);          /* no client knows where it stands any more */
int64_t hold_left_ms(const struct farm *farm, const struct hold *hold);
int64_t hold_until_us(const struct farm *farm,
		      const struct hold *hold); /* of a granted one, by people's clock as it is now */
int64_t hold_limit_us(const struct farm *farm, const struct run *run); /* monotonic; when it must have ended */
void holds_tick(struct farm *farm);
int64_t holds_due_us(const struct farm *farm);

#endif
