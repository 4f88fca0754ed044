/* SPDX-License-Identifier: Apache-2.0 */
/* The steps of a simulated run. Each waits as long as the script says, then is done; a cancel ends the wait. */
#include <stdio.h>
#include <string.h>

#include "agents/base/clock.h"
#include "agents/simulate/print.h"
#include "agents/simulate/private.h"

#define OFF_MS 1000 /* of a power cycle */

/* The script decides how long a step takes, and a lease how long a hold. */
#define ROW_LIMIT_MS ((int64_t)400 * SIM_DELAY_MAX_MS)

static void finish(struct sim_bench *sim, enum cause cause, const char *text)
{
	struct step_result result = {.cause = cause};

	uv_timer_stop(&sim->delay);
	snprintf(result.text, sizeof result.text, "%s", text);
	steps_done(&sim->steps, sim->serial, &result);
}

static void on_delay_over(uv_timer_t *timer)
{
	struct sim_bench *sim = timer->data;

	steps_done(&sim->steps, sim->serial, &sim->result);
}

static void wait_ms(struct sim_bench *sim, int64_t delay_ms, uv_timer_cb on_over)
{
	uv_timer_start(&sim->delay, on_over, (uint64_t)delay_ms, 0);
}

/* Begins a call that ends with cause and text once the step's time is over. */
static int begin(struct sim_bench *sim, uint64_t serial, enum sim_step step, enum cause cause, const char *text)
{
	sim->serial = serial;
	sim->result.cause = cause;
	snprintf(sim->result.text, sizeof sim->result.text, "%s", text);
	wait_ms(sim, sim_delay_ms(&sim->script->step[step], &sim->random), on_delay_over);
	return 0;
}

static void abort_call(void *context, uint64_t serial)
{
	struct sim_bench *sim = context;

	(void)serial;
	finish(sim, CAUSE_CANCELLED, "cancelled");
}

static int power_on(void *context, uint64_t serial, struct step_result *refused)
{
	(void)refused;
	return begin(context, serial, SIM_POWER_ON, CAUSE_NONE, "simulated");
}

static int power_cycle(void *context, uint64_t serial, struct step_result *refused)
{
	struct sim_bench *sim = context;

	(void)refused;
	sim->serial = serial;
	sim->result.cause = CAUSE_NONE;
	snprintf(sim->result.text, sizeof sim->result.text, "simulated");
	wait_ms(sim, OFF_MS, on_delay_over);
	return 0;
}

static int console_open(void *context, uint64_t serial, struct step_result *refused)
{
	(void)refused;
	return begin(context, serial, SIM_CONSOLE_OPEN, CAUSE_NONE, "simulated");
}

static int attach(void *context, uint64_t serial, struct step_result *refused)
{
	struct sim_bench *sim = context;

	(void)refused;
	if (sim->outcome == SIM_HANG) {
		sim->serial = serial;
		return 0;
	}
	if (clock_monotonic_us() < sim->gone_until_us)
		return begin(sim, serial, SIM_ATTACH, CAUSE_ATTACH, "simulated: the board is gone, as the script says");
	if (sim->outcome == SIM_PROBE)
		return begin(sim, serial, SIM_ATTACH, CAUSE_PROBE,
			     "simulated: the probe does not answer, as the script says");
	return begin(sim, serial, SIM_ATTACH, CAUSE_NONE, "simulated: there is no probe");
}

static int identify(void *context, uint64_t serial, struct step_result *refused)
{
	struct sim_bench *sim = context;

	(void)refused;
	json_decref(sim->identity);
	sim->identity = json_pack("{s:b,s:s,s:{s:s}}", "simulated", 1, "unique_id", sim->unique_id, "probe", "serial",
				  "simulated");
	return begin(sim, serial, SIM_IDENTIFY, CAUSE_NONE, "simulated: there is no chip");
}

static int flash(void *context, uint64_t serial, struct step_result *refused)
{
	(void)refused;
	return begin(context, serial, SIM_FLASH, CAUSE_NONE, "simulated: nothing was written");
}

static int verify(void *context, uint64_t serial, struct step_result *refused)
{
	(void)refused;
	return begin(context, serial, SIM_VERIFY, CAUSE_NONE, "simulated: nothing was read");
}

static int reset(void *context, uint64_t serial, struct step_result *refused)
{
	(void)refused;
	return begin(context, serial, SIM_RESET, CAUSE_NONE, "simulated: no firmware runs");
}

static void print(struct sim_bench *sim, const struct buf *text)
{
	if (text->len)
		capture_data(&sim->capture, (const uint8_t *)text->data, text->len, clock_rack_us());
}

static void on_print_rest(uv_timer_t *timer)
{
	struct sim_bench *sim = timer->data;

	if (sim->outcome == SIM_REBOOT)
		capture_reset_seen(&sim->capture);
	if (sim->outcome == SIM_VANISH) {
		sim->vanished = true;
		sim->gone_until_us = clock_monotonic_us() + 1000 * sim->script->away_ms;
		capture_stop(&sim->capture, CAPTURE_LOST);
		return;
	}
	print(sim, &sim->rest);
}

static void on_print_first(uv_timer_t *timer)
{
	struct sim_bench *sim = timer->data;

	/* The clock is asked first: what is printed now may end the capture, and with it the run. */
	wait_ms(sim, sim_delay_ms(&sim->script->step[SIM_CAPTURE], &sim->random), on_print_rest);
	print(sim, &sim->first);
}

static int begin_capture(struct sim_bench *sim, struct err *err)
{
	buf_reset(&sim->first);
	buf_reset(&sim->rest);
	if (sim_print(sim->job.require, sim->script, sim->outcome, sim->config->name, &sim->first, &sim->rest))
		return err_set(err, ERR_NOMEM, "no room for what the board should print");
	if (capture_begin(&sim->capture, sim->job.require, &sim->end, "", BENCH_MAX_CONSOLE_BYTES, err))
		return (int)err->code;
	collector_hold_to(sim->capture.collector, sim->job.waivers, sim->job.limits);
	return 0;
}

static int capture(void *context, uint64_t serial, struct step_result *refused)
{
	struct sim_bench *sim = context;
	struct err err = {0};

	if (begin_capture(sim, &err)) {
		refused->cause = CAUSE_INTERNAL;
		snprintf(refused->text, sizeof refused->text, "%.399s", err.text);
		return -1;
	}
	sim->serial = serial;
	sim->capturing = true;
	wait_ms(sim, 0, on_print_first);
	return 0;
}

static void capture_abort(void *context, uint64_t serial)
{
	struct sim_bench *sim = context;

	(void)serial;
	capture_stop(&sim->capture, CAPTURE_CANCELLED);
}

void sim_capture_over(struct sim_bench *sim)
{
	char text[80];

	if (!sim->capturing)
		return;
	sim->capturing = false;
	capture_close(&sim->capture);
	snprintf(text, sizeof text, "simulated: %llu bytes", (unsigned long long)sim->capture.bytes);
	if (sim->vanished)
		finish(sim, CAUSE_BOARD_LOST, "simulated: the board is gone, as the script says");
	else
		finish(sim, sim->capture.end == CAPTURE_CANCELLED ? CAUSE_CANCELLED : CAUSE_NONE, text);
}

static int judge(void *context, uint64_t serial, struct step_result *refused)
{
	struct sim_bench *sim = context;
	struct judge_facts facts = {.capture = sim->capture.end,
				    .console_bytes = sim->capture.bytes,
				    .console_dropped = sim->capture.dropped,
				    .probe_resets = sim->capture.probe_resets};

	(void)refused;
	capture_close(&sim->capture);
	collector_judge(sim->capture.collector, &facts, &sim->judgement);
	sim->capture.facts.judge = facts;
	sim->judged = true;
	return begin(sim, serial, SIM_JUDGE, sim->judgement.cause, sim->judgement.text);
}

/* An undo takes no time, but not none: it is done in a later turn of the loop. */
static int undo(void *context, uint64_t serial, struct step_result *refused)
{
	struct sim_bench *sim = context;

	(void)refused;
	sim->serial = serial;
	sim->result.cause = CAUSE_NONE;
	snprintf(sim->result.text, sizeof sim->result.text, "simulated");
	wait_ms(sim, 0, on_delay_over);
	return 0;
}

static const struct step_row run_rows[] = {
	{.name = "power-on", .start = power_on, .undo = undo, .undo_name = "power-off"},
	{.name = "console-open", .start = console_open, .undo = undo, .undo_name = "console-close"},
	{.name = "attach", .start = attach, .undo = undo, .undo_name = "detach"},
	{.name = "identify", .start = identify},
	{.name = "flash", .start = flash},
	{.name = "verify", .start = verify},
	{.name = "reset", .start = reset},
	{.name = "capture", .start = capture, .abort = capture_abort},
	{.name = "judge", .start = judge, .always = true, .needs_row = "capture"},
};

static const struct step_row hold_rows[] = {
	{.name = "power-on", .start = power_on, .undo = undo, .undo_name = "power-off"},
	{.name = "console-open", .start = console_open, .undo = undo, .undo_name = "console-close"},
	{.name = "attach", .start = attach, .undo = undo, .undo_name = "detach"},
	{.name = "identify", .start = identify},
	{.name = "flash", .start = flash},
	{.name = "verify", .start = verify},
	{.name = "hold", .start = sim_hold, .abort = sim_hold_abort},
};

static const struct step_row recover_rows[] = {
	{.name = "power-on", .start = power_on, .undo = undo, .undo_name = "power-off"},
	{.name = "attach", .start = attach, .undo = undo, .undo_name = "detach"},
	{.name = "identify", .start = identify},
};

static const struct step_row power_off_rows[] = {{.name = "power-off", .start = undo}};

static size_t copy_rows(struct step_row *rows, const struct step_row *from, size_t count)
{
	memcpy(rows, from, count * sizeof *rows);
	for (size_t i = 0; i < count; i++) {
		rows[i].limit_ms = ROW_LIMIT_MS;
		if (!rows[i].abort && !rows[i].always)
			rows[i].abort = abort_call;
	}
	return count;
}

size_t sim_rows_run(struct step_row *rows)
{
	return copy_rows(rows, run_rows, sizeof run_rows / sizeof run_rows[0]);
}

size_t sim_rows_hold(struct step_row *rows)
{
	return copy_rows(rows, hold_rows, sizeof hold_rows / sizeof hold_rows[0]);
}

size_t sim_rows_recover(struct step_row *rows, enum recovery_rung rung)
{
	size_t count = copy_rows(rows, recover_rows, sizeof recover_rows / sizeof recover_rows[0]);

	if (rung == RUNG_POWER_CYCLE)
		rows[0].start = power_cycle;
	return count;
}

size_t sim_rows_power_off(struct step_row *rows)
{
	return copy_rows(rows, power_off_rows, sizeof power_off_rows / sizeof power_off_rows[0]);
}
