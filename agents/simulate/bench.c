/* SPDX-License-Identifier: Apache-2.0 */
/* The simulated bench: its walks begun and ended. */
#include "agents/simulate/bench.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "agents/base/clock.h"
#include "agents/simulate/private.h"

#define PRINT_MAX_BYTES (SIM_MAX_FLOOD + (8u << 20)) /* a flood, and as many cases as a job may name */

/* The kind's struct bench is struct sim_bench (agents/bench/bench.h). */
static struct sim_bench *sim_of(struct bench *bench)
{
	return (struct sim_bench *)(void *)bench;
}

static int64_t port_now_us(void *context)
{
	(void)context;
	return clock_monotonic_us();
}

static void on_steps_timer(uv_timer_t *timer)
{
	struct sim_bench *sim = timer->data;

	steps_tick(&sim->steps);
}

static void port_set_timer(void *context, int64_t due_us)
{
	struct sim_bench *sim = context;
	int64_t wait_us = due_us - clock_monotonic_us();

	if (due_us < 0)
		uv_timer_stop(&sim->steps_timer);
	else
		uv_timer_start(&sim->steps_timer, on_steps_timer, wait_us > 0 ? (uint64_t)(wait_us + 999) / 1000 : 0,
			       0);
}

static void port_begun(void *context, size_t row, enum step_phase phase, const char *name)
{
	struct sim_bench *sim = context;

	sim->events.on_step_begun(sim->events.context, row, phase, name);
}

static void port_ended(void *context, size_t row, enum step_phase phase, const char *name,
		       const struct step_result *result, int64_t took_us)
{
	struct sim_bench *sim = context;

	sim->events.on_step_ended(sim->events.context, row, phase, name, result, took_us);
}

static struct bench_outcome outcome_of(struct sim_bench *sim)
{
	const struct steps_outcome *walk = steps_outcome(&sim->steps);
	struct bench_outcome outcome = {.cause = walk->first.cause,
					.text = walk->first.text,
					.counts = sim->judgement,
					.cases_total = sim->cases_total,
					.console_bytes = sim->capture.bytes,
					.console_dropped = sim->capture.dropped,
					.facts = sim->judged ? &sim->capture.facts : NULL,
					.identity = sim->identity,
					.teardown_failed = walk->teardown_failed,
					.lost = walk->lost};

	capture_hash(&sim->capture, outcome.console_sha256);
	if (sim->capture.collector)
		outcome.measurements = collector_loose_measurements(sim->capture.collector, &outcome.measurement_count);
	if (walk->first.cause == CAUSE_NONE && sim->held) {
		outcome.cause = CAUSE_LEASE_ENDED;
		outcome.text = sim->held_text;
	}
	if (walk->first.cause == CAUSE_NONE && sim->judged) {
		outcome.cause = sim->judgement.cause;
		outcome.text = sim->judgement.text;
	}
	return outcome;
}

static void port_all_done(void *context)
{
	struct sim_bench *sim = context;
	struct bench_outcome outcome;

	sim->walking = false;
	capture_close(&sim->capture);
	outcome = outcome_of(sim);
	sim->events.on_ended(sim->events.context, &outcome);
	if (sim->walking || sim->destroyed)
		return;
	/* Of ten thousand boards few are at work: what a run needs is not kept between runs. */
	capture_reset(&sim->capture);
	buf_finish(&sim->first);
	buf_finish(&sim->rest);
}

static int begin_walk(struct sim_bench *sim, size_t row_count)
{
	static const struct steps_ports ports = {.now_us = port_now_us,
						 .set_timer = port_set_timer,
						 .begun = port_begun,
						 .ended = port_ended,
						 .all_done = port_all_done};
	struct steps_ports own = ports;

	own.context = sim;
	sim->walking = true;
	sim->judged = sim->vanished = sim->capturing = sim->holding = sim->held = false;
	sim->cases_total = 0;
	sim->judgement = (struct run_judgement){.cause = CAUSE_NONE};
	json_decref(sim->identity);
	sim->identity = NULL;
	capture_reset(&sim->capture);
	steps_init(&sim->steps, sim->rows, row_count, sim, &own);
	steps_begin(&sim->steps);
	return 0;
}

static void choose_next(struct sim_bench *sim)
{
	sim->next = (enum sim_outcome)sim_random_pick(&sim->random, sim->shares, SIM_OUTCOME_COUNT);
}

static int sim_run(struct bench *bench, const struct bench_job *job, struct err *err)
{
	struct sim_bench *sim = sim_of(bench);

	if (sim->walking)
		return err_set(err, ERR_BUSY, "the board is at work");
	sim->job = *job;
	if (job->hold_ms > 0) {
		sim->outcome = SIM_PASS;
		return begin_walk(sim, sim_rows_hold(sim->rows));
	}
	sim->end = *job->end;
	if (sim->end.settle_ms == END_SETTLE_BY_BOARD)
		sim->end.settle_ms = 0; /* it does not contradict itself */
	sim->outcome = sim->next;
	choose_next(sim);
	return begin_walk(sim, sim_rows_run(sim->rows));
}

/* What is not there needs no means: each rung is the proof alone, and a power cycle takes its time. */
static int sim_recover(struct bench *bench, enum recovery_rung rung, struct err *err)
{
	struct sim_bench *sim = sim_of(bench);

	if (sim->walking)
		return err_set(err, ERR_BUSY, "the board is at work");
	sim->outcome = SIM_PASS;
	return begin_walk(sim, sim_rows_recover(sim->rows, rung));
}

static void sim_means(const struct bench *bench, struct ladder_means *ret_means)
{
	(void)bench;
	*ret_means = (struct ladder_means){.loses_power = true};
}

static int sim_power_off(struct bench *bench, struct err *err)
{
	struct sim_bench *sim = sim_of(bench);

	if (sim->walking)
		return err_set(err, ERR_BUSY, "the board is at work");
	sim->outcome = SIM_PASS;
	return begin_walk(sim, sim_rows_power_off(sim->rows));
}

static void sim_cancel(struct bench *bench)
{
	if (sim_of(bench)->walking)
		steps_cancel(&sim_of(bench)->steps);
}

static const char *sim_unique_id(const struct bench *bench)
{
	return ((const struct sim_bench *)(const void *)bench)->unique_id;
}

static bool sim_refuses(struct bench *bench)
{
	struct sim_bench *sim = sim_of(bench);

	if (sim->next != SIM_REJECT)
		return false;
	choose_next(sim);
	return true;
}

static void on_chunk(void *context, uint64_t offset, const uint8_t *data, size_t size_bytes, int64_t at_us)
{
	struct sim_bench *sim = context;

	sim->events.on_console(sim->events.context, offset, data, size_bytes, at_us);
}

static void on_case(void *context, const struct case_result *result)
{
	struct sim_bench *sim = context;

	sim->cases_total++;
	sim->events.on_case(sim->events.context, result);
}

static void on_over(void *context, enum capture_end end)
{
	(void)end;
	sim_capture_over(context);
}

/* It prints no requests: there is nothing to carry out. */
static void on_ask(void *context, enum parse_ask ask, uint32_t ask_ms)
{
	struct sim_bench *sim = context;

	(void)ask;
	(void)ask_ms;
	capture_answered(&sim->capture, false);
}

static void on_closed(uv_handle_t *handle)
{
	struct sim_bench *sim = handle->data;

	if (--sim->open_handles > 0)
		return;
	json_decref(sim->identity);
	buf_finish(&sim->first);
	buf_finish(&sim->rest);
	free(sim);
}

static void sim_destroy(struct bench *bench)
{
	struct sim_bench *sim = sim_of(bench);

	if (!sim || sim->destroyed)
		return;
	sim->destroyed = true;
	capture_finish(&sim->capture, on_closed, sim);
	uv_close((uv_handle_t *)&sim->steps_timer, on_closed);
	uv_close((uv_handle_t *)&sim->delay, on_closed);
	uv_close((uv_handle_t *)&sim->hold, on_closed);
}

static int sim_create(uv_loop_t *loop, const struct bench_options *options, const struct bench_events *events,
		      struct bench **ret_bench, struct err *err)
{
	const struct sim_rack *rack = options->of_kind;
	int64_t number = rack->first + (options->config - rack->boards);
	struct sim_bench *sim = calloc(1, sizeof *sim);
	struct capture_events capture_events = {
		.context = sim, .on_chunk = on_chunk, .on_case = on_case, .on_over = on_over, .on_ask = on_ask};

	if (!sim)
		return err_set(err, ERR_NOMEM, "out of memory");
	sim->loop = loop;
	sim->script = rack->script;
	sim->config = options->config;
	sim->events = *events;
	sim->shares = sim_script_shares(sim->script, number);
	sim_random_init(&sim->random, (uint64_t)sim->script->seed, (uint64_t)number);
	snprintf(sim->unique_id, sizeof sim->unique_id, "%016" PRIx64, (uint64_t)number);
	choose_next(sim);
	buf_init(&sim->first, PRINT_MAX_BYTES);
	buf_init(&sim->rest, PRINT_MAX_BYTES);
	uv_timer_init(loop, &sim->steps_timer);
	uv_timer_init(loop, &sim->delay);
	uv_timer_init(loop, &sim->hold);
	sim->steps_timer.data = sim->delay.data = sim->hold.data = sim;
	capture_init(&sim->capture, loop, &capture_events);
	sim->open_handles = 3 + sim->capture.open_handles;
	*ret_bench = (struct bench *)(void *)sim;
	return 0;
}

const struct bench_kind bench_simulated = {.create = sim_create,
					   .run = sim_run,
					   .recover = sim_recover,
					   .means = sim_means,
					   .power_off = sim_power_off,
					   .cancel = sim_cancel,
					   .unique_id = sim_unique_id,
					   .holding = sim_holding,
					   .hold_for = sim_hold_for,
					   .end_hold = sim_end_hold,
					   .write_console = sim_write_console,
					   .refuses = sim_refuses,
					   .destroy = sim_destroy};
