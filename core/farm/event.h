/* SPDX-License-Identifier: Apache-2.0 */
/* Telling of what happens: each call adds one event to the open change and to the outbox. */
#ifndef ASSAY_FARM_EVENT_H
#define ASSAY_FARM_EVENT_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/json.h"
#include "core/farm/farm_state.h"

struct agent;
struct board;
struct hold;
struct job;
struct run;
struct suite_entry;

/* event.c: each adds one event to the open change and to the outbox. body is taken over. */
void event_append(struct farm *farm, enum event_type type, const char *org, const struct job *job,
		  const struct run *run, const char *board, json_t *body);
void event_job(struct farm *farm, enum event_type type, const struct job *job);
void event_run(struct farm *farm, enum event_type type, const struct run *run);
void event_step(struct farm *farm, enum event_type type, const struct run *run, const struct step_record *step,
		int64_t rack_at_us);
void event_hold(struct farm *farm, enum event_type type, const struct hold *hold, const char *text);
void event_case(struct farm *farm, const struct run *run, const struct case_record *result,
		const struct measurement *measurements, size_t measurement_count, int64_t rack_at_us);
void event_recovery_begun(struct farm *farm, const struct board *board, const struct agent_recovery *said);
void event_recovery_rung(struct farm *farm, const struct board *board, const struct agent_recovery *said,
			 const struct ladder_try *entry);
/* helper: the rung that helped, or NULL. */
void event_recovery_ended(struct farm *farm, const struct board *board, const struct agent_recovery *said,
			  const struct ladder_try *helper);
void event_board(struct farm *farm, const struct board *board);
void event_board_hold(struct farm *farm, enum event_type type, const struct board *board, const char *by,
		      const char *why);
void event_worn(struct farm *farm, const struct board *board, uint32_t endurance);
void event_agent(struct farm *farm, enum event_type type, const struct agent *agent);
void event_suite(struct farm *farm, const struct suite_entry *suite);

#endif
