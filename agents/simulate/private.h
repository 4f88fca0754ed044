/* SPDX-License-Identifier: Apache-2.0 */
/* What bench.c and steps.c of a simulated bench share. */
#ifndef ASSAY_AGENTS_SIMULATE_PRIVATE_H
#define ASSAY_AGENTS_SIMULATE_PRIVATE_H

#include "agents/bench/capture.h"
#include "agents/simulate/bench.h"
#include "core/base/buf.h"
#include "core/base/json.h"

struct sim_bench {
	uv_loop_t *loop;
	const struct sim_script *script;
	const struct board_config *config;
	struct bench_events events;
	struct sim_random random;
	const uint32_t *shares;
	enum sim_outcome next; /* of the next run */
	char unique_id[17];
	int open_handles;
	bool destroyed;

	/* The walk. */
	struct step_row rows[SIM_STEP_COUNT];
	struct steps steps;
	uv_timer_t steps_timer; /* the engine's */
	uv_timer_t delay;       /* until the call under way is over */
	uv_timer_t hold;        /* until a hold is */
	uint64_t serial;        /* of that call */
	struct step_result result;
	bool walking;
	int64_t gone_until_us; /* the board does not answer before, on the monotonic clock */

	/* The run. */
	enum sim_outcome outcome;
	struct bench_job job; /* its end is end */
	struct end_rule end;
	struct buf first, rest; /* what it prints */
	struct capture capture;
	bool capturing; /* the capture row is under way */
	bool vanished;
	struct run_judgement judgement;
	bool judged;
	size_t cases_total;
	json_t *identity;
	bool holding, held;
	char held_text[160];
};

/* The tables. Return the number of rows. */
size_t sim_rows_run(struct step_row *rows);
size_t sim_rows_hold(struct step_row *rows);
size_t sim_rows_recover(struct step_row *rows, enum recovery_rung rung);
size_t sim_rows_power_off(struct step_row *rows);

/* hold.c: see bench.h. */
int sim_hold(void *context, uint64_t serial, struct step_result *refused);
void sim_hold_abort(void *context, uint64_t serial);
bool sim_holding(const struct bench *bench);
void sim_hold_for(struct bench *bench, int64_t hold_ms);
void sim_end_hold(struct bench *bench, const char *why);
size_t sim_write_console(struct bench *bench, const uint8_t *data, size_t size_bytes);

/* The capture has come to its end. */
void sim_capture_over(struct sim_bench *sim);

#endif
