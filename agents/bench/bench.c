/* SPDX-License-Identifier: Apache-2.0 */
/* The bench: its parts put together, and its walks begun and ended. */
#include "agents/bench/bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agents/base/clock.h"
#include "agents/bench/private.h"
#include "core/base/log.h"

/* How long a complete run's console must be quiet when the job does not say. A board on a line needs time to start
 * again and say so. A virtual board is asked whether it was reset, and its line keeps nothing back. */
#define SETTLE_MS         150
#define SETTLE_VIRTUAL_MS 30

static int64_t port_now_us(void *context)
{
	(void)context;
	return clock_monotonic_us();
}

static void on_steps_timer(uv_timer_t *timer)
{
	struct bench *bench = timer->data;

	steps_tick(&bench->steps);
}

static void port_set_timer(void *context, int64_t due_us)
{
	struct bench *bench = context;
	int64_t wait_us = due_us - clock_monotonic_us();

	if (due_us < 0) {
		uv_timer_stop(&bench->steps_timer);
		return;
	}
	uv_update_time(bench->loop);
	uv_timer_start(&bench->steps_timer, on_steps_timer, wait_us > 0 ? (uint64_t)(wait_us + 999) / 1000 : 0, 0);
}

static void port_begun(void *context, size_t row, enum step_phase phase, const char *name)
{
	struct bench *bench = context;

	bench->events.on_step_begun(bench->events.context, row, phase, name);
}

static void port_ended(void *context, size_t row, enum step_phase phase, const char *name,
		       const struct step_result *result, int64_t took_us)
{
	struct bench *bench = context;
	struct step_result told = *result;

	told.flash =
		bench->flash_written && phase == STEP_FORWARD && strcmp(name, "flash") == 0 ? &bench->flashed : NULL;
	bench->serial = 0; /* nothing is under way */
	bench->capturing = bench->holding = false;
	uv_timer_stop(&bench->hold_timer);
	bench->events.on_step_ended(bench->events.context, row, phase, name, &told, took_us);
}

static void fill_outcome(struct bench *bench, struct bench_outcome *outcome)
{
	const struct steps_outcome *walk = steps_outcome(&bench->steps);

	*outcome = (struct bench_outcome){.cause = walk->first.cause,
					  .text = walk->first.text,
					  .counts = bench->judgement,
					  .cases_total = bench->cases_total,
					  .console_bytes = bench->capture.bytes,
					  .console_dropped = bench->capture.dropped,
					  .core = bench->has_core ? bench->core_text : NULL,
					  .teardown_failed = walk->teardown_failed,
					  .lost = walk->lost};
	outcome->facts = bench->judged ? &bench->capture.facts : NULL;
	outcome->identity = bench->identity;
	capture_hash(&bench->capture, outcome->console_sha256);
	if (bench->capture.collector)
		outcome->measurements =
			collector_loose_measurements(bench->capture.collector, &outcome->measurement_count);
	if (walk->first.cause == CAUSE_NONE && bench->held) {
		outcome->cause = CAUSE_LEASE_ENDED;
		outcome->text = bench->held_text;
	}
	if (walk->first.cause == CAUSE_NONE && bench->judged) {
		outcome->cause = bench->judgement.cause;
		outcome->text = bench->judgement.text;
	}
}

/* Work on the thread pool that a step did not wait for may still look at the image. */
static void drop_image(struct bench *bench)
{
	if (!bench->has_image || bench->works)
		return;
	image_finish(&bench->image);
	bench->has_image = false;
}

static void port_all_done(void *context)
{
	struct bench *bench = context;
	struct bench_outcome outcome;
	bool helped = bench->recovering;

	bench->walking = bench->recovering = false;
	bench_drop_snapshot(bench);
	/* A walk that ended between reset's release and the capture row still listens: what was heard is told, and
	 * nothing looks at the run's requirements any more, which its owner is about to free. */
	capture_close(&bench->capture);
	fill_outcome(bench, &outcome);
	if (helped && outcome.cause == CAUSE_NONE)
		outcome.text = bench->rung_text;
	bench->events.on_ended(bench->events.context, &outcome);
	if (!bench->walking && !bench->destroyed)
		drop_image(bench);
}

static size_t find_row(const struct bench *bench, size_t row_count,
		       int (*start)(void *context, uint64_t serial, struct step_result *refused))
{
	size_t row = 0;

	while (row < row_count && bench->rows[row].start != start)
		row++;
	return row;
}

static int begin_walk(struct bench *bench, size_t row_count, struct err *err)
{
	struct steps_ports ports = {.context = bench,
				    .now_us = port_now_us,
				    .set_timer = port_set_timer,
				    .begun = port_begun,
				    .ended = port_ended,
				    .all_done = port_all_done};

	/* A step that never came back may still have its operation under way: it must not be mixed up with a new one's.
	 */
	if (bench->works) {
		bench->recovering = false;
		return err_set(err, ERR_BUSY, "the board's last step has not come back yet");
	}
	drop_image(bench);
	bench->walking = true;
	bench->flash_equal = bench->chip_erased = bench->flash_written = bench->core_at_vector = bench->restarted =
		false;
	bench->judged = bench->has_core = bench->core_faulted = bench->case_failed = false;
	bench_drop_snapshot(bench);
	bench->core_text[0] = '\0';
	bench->cases_total = 0;
	bench->holding = bench->held = false;
	bench->tools = 0;
	uv_timer_stop(&bench->ask_timer);
	bench->ask = (struct bench_ask){.row = find_row(bench, row_count, step_capture)};
	bench->judgement = (struct run_judgement){.cause = CAUSE_NONE};
	json_decref(bench->identity);
	bench->identity = NULL;
	capture_reset(&bench->capture);
	steps_init(&bench->steps, bench->rows, row_count, bench, &ports);
	steps_begin(&bench->steps);
	return 0;
}

int bench_run(struct bench *bench, const struct bench_job *job, struct err *err)
{
	if (bench->walking)
		return err_set(err, ERR_BUSY, "the board is at work");
	bench->job = *job;
	if (job->hold_ms > 0)
		return begin_walk(bench,
				  bench_table_hold(bench->rows, job->image_sha256[0] != 0, job->image_size_bytes), err);
	bench->end = *job->end;
	bench->job.end = &bench->end;
	if (bench->end.settle_ms == END_SETTLE_BY_BOARD)
		bench->end.settle_ms = bench->vboard ? SETTLE_VIRTUAL_MS : SETTLE_MS;
	return begin_walk(bench, bench_table_run(bench->rows, &bench->end, job->image_size_bytes), err);
}

int bench_recover(struct bench *bench, enum recovery_rung rung, struct err *err)
{
	if (bench->walking)
		return err_set(err, ERR_BUSY, "the board is at work");
	bench->job.hold_ms = 0;
	bench->rung = rung;
	bench->recovering = true;
	bench->rung_text[0] = '\0';
	return begin_walk(bench, bench_table_recover(bench->rows, rung), err);
}

int bench_power_off(struct bench *bench, struct err *err)
{
	if (bench->walking)
		return err_set(err, ERR_BUSY, "the board is at work");
	bench->job.hold_ms = 0;
	return begin_walk(bench, bench_table_power_off(bench->rows), err);
}

void bench_cancel(struct bench *bench)
{
	if (bench->walking)
		steps_cancel(&bench->steps);
}

const char *bench_unique_id(const struct bench *bench)
{
	return bench->unique_id;
}

static void on_chunk(void *context, uint64_t offset, const uint8_t *data, size_t size_bytes, int64_t at_us)
{
	struct bench *bench = context;

	bench->events.on_console(bench->events.context, offset, data, size_bytes, at_us);
}

static void on_case(void *context, const struct case_result *result)
{
	struct bench *bench = context;

	bench->cases_total++;
	bench->case_failed |= (result->verdict == CASE_FAIL || result->verdict == CASE_ERROR) &&
			      result->standing != STANDING_WAIVED && result->standing != STANDING_EXPECTED;
	bench->events.on_case(bench->events.context, result);
}

static void on_ask(void *context, enum parse_ask ask, uint32_t ask_ms)
{
	bench_ask(context, ask, ask_ms);
}

static void on_capture_over(void *context, enum capture_end end)
{
	struct bench *bench = context;

	(void)end;
	if (bench->capturing)
		bench_capture_over(bench);
}

static void on_vboard_up(void *context)
{
	bench_adopt_vboard(context);
}

/* The board is gone with everything on it: whatever waits for the probe need not wait. */
static void on_vboard_down(void *context, const char *text)
{
	struct bench *bench = context;

	bench->powered = false;
	if (bench->probe)
		bench->probe->ops->kill(bench->probe);
	if (bench->holding)
		bench_hold_board_lost(bench, text);
	else if (bench->walking)
		capture_stop(&bench->capture, CAPTURE_LOST);
	else
		bench->events.on_tool_died(bench->events.context, CAUSE_BOARD_LOST, text);
}

static int make_vboard(struct bench *bench, struct err *err)
{
	const struct board_config *config = bench->options.config;
	struct vboard_options options = {.name = config->name,
					 .program = bench->options.vboard_program,
					 .dir = bench->dir,
					 .chip = config->chip,
					 .nic = config->nic,
					 .serial = config->name};
	struct vboard_events events = {.context = bench, .on_up = on_vboard_up, .on_down = on_vboard_down};

	return vboard_create(bench->loop, &options, &events, &bench->vboard, err);
}

void bench_release(struct bench *bench)
{
	if (--bench->open_handles > 0)
		return;
	drop_image(bench);
	json_decref(bench->identity);
	free(bench);
}

static void on_closed(uv_handle_t *handle)
{
	bench_release(handle->data);
}

void bench_destroy(struct bench *bench)
{
	if (!bench || bench->destroyed)
		return;
	bench->destroyed = true;
	bench_drop_snapshot(bench);
	vboard_destroy(bench->vboard); /* before power, which has requests with it */
	if (bench->probe)
		bench->probe->ops->destroy(bench->probe);
	if (bench->power)
		bench->power->ops->destroy(bench->power);
	console_close(bench->console);
	capture_finish(&bench->capture, on_closed, bench);
	uv_close((uv_handle_t *)&bench->steps_timer, on_closed);
	uv_close((uv_handle_t *)&bench->quiet_timer, on_closed);
	uv_close((uv_handle_t *)&bench->ask_timer, on_closed);
	uv_close((uv_handle_t *)&bench->hold_timer, on_closed);
	uv_close((uv_handle_t *)&bench->later, on_closed);
}

int bench_create(uv_loop_t *loop, const struct bench_options *options, const struct bench_events *events,
		 struct bench **ret_bench, struct err *err)
{
	struct bench *bench = calloc(1, sizeof *bench);
	struct capture_events capture_events = {.context = bench,
						.on_chunk = on_chunk,
						.on_case = on_case,
						.on_over = on_capture_over,
						.on_ask = on_ask};
	int rc = 0;

	if (!bench)
		return err_set(err, ERR_NOMEM, "out of memory");
	bench->loop = loop;
	bench->options = *options;
	bench->events = *events;
	bench->console_config = options->config->console;
	/* Only what this rack switches on can bring a device with it. */
	bench->console_config.comes_late = options->config->power.kind == POWER_COMMAND;
	bench->power_unknown = true;
	snprintf(bench->dir, sizeof bench->dir, "%s", options->dir);
	if (bench->console_config.baud == 0)
		bench->console_config.baud = options->type->baud;
	uv_timer_init(loop, &bench->steps_timer);
	uv_idle_init(loop, &bench->later);
	uv_timer_init(loop, &bench->quiet_timer);
	uv_timer_init(loop, &bench->ask_timer);
	uv_timer_init(loop, &bench->hold_timer);
	bench->steps_timer.data = bench->later.data = bench->quiet_timer.data = bench;
	bench->ask_timer.data = bench->hold_timer.data = bench;
	capture_init(&bench->capture, loop, &capture_events);
	bench->open_handles = 5 + bench->capture.open_handles;
	if (options->config->is_virtual)
		rc = make_vboard(bench, err);
	else
		rc = bench_make_probe(bench, err);
	if (rc == 0) {
		bench->power = power_create(loop, options->config->name, &options->config->power, bench->vboard);
		if (!bench->power)
			rc = err_set(err, ERR_NOMEM, "out of memory");
	}
	if (rc) {
		bench_destroy(bench);
		return rc;
	}
	*ret_bench = bench;
	return 0;
}

const struct bench_kind bench_real = {.create = bench_create,
				      .run = bench_run,
				      .recover = bench_recover,
				      .means = bench_means,
				      .power_off = bench_power_off,
				      .cancel = bench_cancel,
				      .unique_id = bench_unique_id,
				      .holding = bench_holding,
				      .hold_for = bench_hold_for,
				      .end_hold = bench_end_hold,
				      .gdb_port = bench_gdb_port,
				      .write_console = bench_write_console,
				      .destroy = bench_destroy};
