/* SPDX-License-Identifier: Apache-2.0 */
/* reset: the core at its first instruction, the console listened to, then released.
 *
 * Happy path: stopped at the vector since attach (nothing was written since) -> what the console still held is dropped
 * -> capture begins -> release.
 * A virtual board: it stands anywhere -> the console is dropped -> capture begins -> reset, and it runs from there.
 * Otherwise: flash or RAM was written -> reset again, so that the core takes SP and PC from what is there now; an image
 * without a vector table where the core looks for it -> SP, PC and VTOR are set by hand. A serial adapter keeps bytes
 * back for some milliseconds: on a real line capture begins only once it is quiet. */
#include "agents/bench/private.h"
#include "core/base/json.h"

#define QUIET_MS       20  /* more than a serial adapter's latency */
#define QUIET_LIMIT_MS 500 /* a line that never gets quiet */

static void on_released(void *context, const struct probe_result *result)
{
	struct bench *bench = context;

	if (!bench_current(bench, bench->probe_serial))
		return;
	if (result->err)
		bench_fail(bench, CAUSE_RESET, result->err, "cannot let the core run");
	else
		bench_done(bench, CAUSE_NONE, "%s",
			   bench->vectors_set ? "released at the image's own vectors" : "released");
}

/* What happened to the core before the probe could watch it. */
static void on_reset_run(void *context, const struct probe_result *result)
{
	struct bench *bench = context;

	if (!bench_current(bench, bench->probe_serial))
		return;
	if (result->err || result->word_count != 2) {
		bench_fail(bench, CAUSE_RESET, result->err, "cannot reset the core and let it run");
		return;
	}
	for (uint32_t i = 0; i < result->words[1]; i++)
		capture_reset_seen(&bench->capture);
	if (result->words[0])
		capture_stop(&bench->capture, CAPTURE_CRASHED);
	bench_done(bench, CAUSE_NONE, "released by a reset");
}

static void listen_and_release(struct bench *bench)
{
	const struct probe_ops *ops = bench->probe->ops;
	struct err err = {0};

	if (bench->console_lost) {
		bench_fail(bench, CAUSE_CONSOLE_LOST, NULL, "the console went away before reset was released");
		return;
	}
	if (capture_begin(&bench->capture, bench->job.require, bench->job.end, bench->image.build_id,
			  BENCH_MAX_CONSOLE_BYTES, &err)) {
		bench_done(bench, CAUSE_INTERNAL, "%s", err.text);
		return;
	}
	collector_hold_to(bench->capture.collector, bench->job.waivers, bench->job.limits);
	bench_began(bench,
		    bench->core_at_vector ? ops->release(bench->probe, on_released, bench, &err)
					  : ops->reset_run(bench->probe, on_reset_run, bench, &err),
		    CAUSE_RESET, &err, "cannot let the core run");
}

static void on_status(void *context, const struct err *err, const json_t *reply)
{
	struct bench *bench = context;

	if (!bench_current(bench, bench->later_serial))
		return;
	bench->lost_before = 0;
	if (!err)
		json_read_int(reply, "console_dropped", false, 0, INT64_MAX, &bench->lost_before, NULL);
	listen_and_release(bench);
}

/* A virtual board tells what its console lost since it lives: what it lost until now is not this run's. */
static void release(struct bench *bench)
{
	bench->later_serial = bench->serial;
	if (!bench->vboard || vboard_request(bench->vboard, false, "status", VBOARD_STATUS_MS, on_status, bench, NULL))
		listen_and_release(bench);
}

static void on_quiet_timer(uv_timer_t *timer)
{
	struct bench *bench = timer->data;

	if (!bench_current(bench, bench->later_serial))
		return;
	bench->quiet_tries++;
	if (bench->console_heard && bench->quiet_tries * QUIET_MS < QUIET_LIMIT_MS) {
		bench->console_heard = false;
		uv_timer_start(timer, on_quiet_timer, QUIET_MS, 0);
		return;
	}
	release(bench);
}

/* The core is stopped: what the console says now is from before. */
static void drain_then_release(struct bench *bench)
{
	console_read_now(bench->console);
	if (bench->vboard || bench->console_config.kind != CONSOLE_SERIAL) {
		release(bench);
		return;
	}
	bench->later_serial = bench->serial;
	bench->quiet_tries = 0;
	bench->console_heard = false;
	uv_timer_start(&bench->quiet_timer, on_quiet_timer, QUIET_MS, 0);
}

static void on_core_set(void *context, const struct probe_result *result)
{
	struct bench *bench = context;

	if (!bench_current(bench, bench->probe_serial))
		return;
	if (result->err) {
		bench_fail(bench, CAUSE_RESET, result->err, "cannot set the core's registers");
		return;
	}
	drain_then_release(bench);
}

static uint32_t word_at(const uint8_t *data)
{
	return (uint32_t)data[0] | (uint32_t)data[1] << 8 | (uint32_t)data[2] << 16 | (uint32_t)data[3] << 24;
}

/* Whether the core finds the image's vector table by itself at reset. */
static bool has_vectors(const struct bench *bench)
{
	uint32_t at = bench->options.type->vectors_address;

	for (size_t i = 0; i < bench->image.segment_count; i++) {
		const struct image_segment *segment = &bench->image.segment[i];

		if (at >= segment->address && at - segment->address < segment->size_bytes)
			return true;
	}
	return false;
}

/* Starts an image that lies elsewhere, by its own vector table at the start of its first segment. */
static void set_core(struct bench *bench)
{
	const struct image_segment *first = &bench->image.segment[0];
	struct err err = {0};
	uint32_t pc;

	if (first->size_bytes < 8) {
		bench_done(bench, CAUSE_RESET, "the image has no vector table: its first segment has %u bytes",
			   first->size_bytes);
		return;
	}
	bench->vectors_set = true;
	pc = bench->image.entry ? bench->image.entry : word_at(first->data + 4);
	bench_began(bench,
		    bench->probe->ops->set_core(bench->probe, word_at(first->data), pc & ~1u, first->address,
						on_core_set, bench, &err),
		    CAUSE_RESET, &err, "cannot set the core's registers");
}

static void prepare(struct bench *bench)
{
	bench->core_at_vector = true;
	if (has_vectors(bench))
		drain_then_release(bench);
	else
		set_core(bench);
}

static void on_reset(void *context, const struct probe_result *result)
{
	struct bench *bench = context;

	if (!bench_current(bench, bench->probe_serial))
		return;
	if (result->err)
		bench_fail(bench, CAUSE_RESET, result->err, "cannot reset the core");
	else
		prepare(bench);
}

static void on_begin(uv_timer_t *timer)
{
	struct bench *bench = timer->data;

	if (!bench_current(bench, bench->later_serial))
		return;
	if (bench->core_at_vector)
		prepare(bench);
	else
		drain_then_release(bench);
}

int step_reset(void *context, uint64_t serial, struct step_result *refused)
{
	struct bench *bench = bench_enter(context, serial);
	struct err err = {0};

	bench->vectors_set = false;
	if (bench->core_at_vector || (bench->vboard && has_vectors(bench))) {
		bench->later_serial = serial;
		uv_timer_start(&bench->quiet_timer, on_begin, 0, 0);
		return 0;
	}
	if (bench->probe->ops->reset_halt(bench->probe, on_reset, bench, &err))
		return bench_refuse(bench, refused, CAUSE_RESET, &err);
	bench->probe_serial = serial;
	return 0;
}
