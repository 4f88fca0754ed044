/* SPDX-License-Identifier: Apache-2.0 */
/* capture: listens until the end rule is met (agents/bench/capture.h), then drains the console.
 *
 * Happy path: over(complete) -> drained -> done.
 * Ends that judge decides on are successes of this step too: silence, limit, reboot, crash, a lost console. Failures:
 * the probe died -> probe; the virtual board is gone -> board-lost; a silent end on a virtual board is believed only
 * when the board says that it is alive. A complete run on a virtual board ends once the board was asked whether it has
 * been reset meanwhile. Cancel -> cancelled. What the firmware asks for meanwhile is done in ask.c. */
#include <inttypes.h>

#include "agents/base/clock.h"
#include "agents/bench/private.h"
#include "core/base/json.h"

static const char *end_words(enum capture_end end)
{
	switch (end) {
	case CAPTURE_OPEN:
		break;
	case CAPTURE_COMPLETE:
		return "complete";
	case CAPTURE_SILENCE:
		return "the console fell silent";
	case CAPTURE_LIMIT:
		return "the limit came";
	case CAPTURE_REBOOT:
		return "the board started again";
	case CAPTURE_CRASHED:
		return "the core stopped";
	case CAPTURE_LOST:
		return "the console went away";
	case CAPTURE_CANCELLED:
		return "cancelled";
	}
	return "open";
}

static void finish(struct bench *bench)
{
	struct capture *capture = &bench->capture;
	double took_s = (double)(clock_monotonic_us() - capture->begun_us) / 1e6;

	bench->capturing = false;
	if (bench->console)
		console_read_now(bench->console);
	capture_close(capture);
	bench_done(bench, capture->end == CAPTURE_CANCELLED ? CAUSE_CANCELLED : CAUSE_NONE,
		   capture->unheard ? "%s: %" PRIu64 " bytes in %.3f s, %" PRIu64 " more were not listened to"
				    : "%s: %" PRIu64 " bytes in %.3f s",
		   end_words(capture->end), capture->bytes, took_s, capture->unheard);
}

/* No more is listened to. */
static void leave(struct bench *bench)
{
	bench->capturing = false;
	if (bench->console)
		console_read_now(bench->console);
	capture_close(&bench->capture);
}

static void fail_lost(struct bench *bench, const char *why)
{
	leave(bench);
	bench_done(bench, CAUSE_BOARD_LOST, "the virtual board died while it was listened to: %s", why);
}

void bench_capture_fail(struct bench *bench, enum cause cause, const struct err *err, const char *what)
{
	leave(bench);
	bench_fail(bench, cause, err, what);
}

static void fail_probe(struct bench *bench, const char *what)
{
	bench_capture_fail(bench, CAUSE_PROBE, NULL, what);
}

/* What the virtual board could not keep for us while we did not read: a console with a hole is no evidence. */
static void count_lost(struct bench *bench, const json_t *reply)
{
	int64_t lost = 0;

	if (json_read_int(reply, "console_dropped", false, 0, INT64_MAX, &lost, NULL) == 0 && lost > bench->lost_before)
		capture_bytes_lost(&bench->capture, (uint64_t)(lost - bench->lost_before));
}

/* The virtual board's word: at an end that may be a death, or when the probe lost the target. */
static void on_status(void *context, const struct err *err, const json_t *reply)
{
	struct bench *bench = context;
	int64_t resets = 0;
	char why[200];

	if (!bench->capturing)
		return;
	if (!err && bench->capture.end != CAPTURE_OPEN)
		count_lost(bench, reply);
	if (bench->capture.end == CAPTURE_COMPLETE) {
		if (!err && json_read_int(reply, "resets_since_start", false, 0, UINT32_MAX, &resets, NULL) == 0)
			capture_resets_counted(&bench->capture, (uint32_t)resets);
		finish(bench);
		return;
	}
	if (bench_board_trouble(bench, err, reply, why, sizeof why) != CAUSE_NONE)
		fail_lost(bench, why);
	else if (bench->capture.end != CAPTURE_OPEN)
		finish(bench);
}

static void ask_status(struct bench *bench)
{
	if (!vboard_up(bench->vboard))
		fail_lost(bench, "its process is gone");
	else if (!vboard_busy(bench->vboard) &&
		 vboard_request(bench->vboard, false, "status", VBOARD_STATUS_MS, on_status, bench, NULL))
		fail_lost(bench, "it cannot be asked");
}

void bench_capture_over(struct bench *bench)
{
	bool complete = bench->capture.end == CAPTURE_COMPLETE;

	if (!bench_ask_ends(bench))
		return;
	if (bench->capture.end == CAPTURE_CANCELLED || !bench->vboard || (complete && !vboard_up(bench->vboard)))
		finish(bench);
	else
		ask_status(bench);
}

void bench_capture_doubt(struct bench *bench, bool probe_died, const char *text)
{
	if (bench->ask.busy) /* its operation fails, or has taken the power away itself */
		return;
	if (probe_died)
		fail_probe(bench, text);
	else
		ask_status(bench);
}

static void on_ended_before(uv_timer_t *timer)
{
	struct bench *bench = timer->data;

	if (bench->capturing && bench->capture.end != CAPTURE_OPEN)
		bench_capture_over(bench);
	else if (bench->capturing && !bench->probe->ops->running(bench->probe))
		fail_probe(bench, "OpenOCD died");
	else if (bench->capturing)
		bench_ask_begin(bench);
}

int step_capture(void *context, uint64_t serial, struct step_result *refused)
{
	struct bench *bench = bench_enter(context, serial);

	(void)refused;
	bench->capturing = true;
	/* It listens since before reset was released: it may be over already, or the probe gone. */
	uv_timer_start(&bench->quiet_timer, on_ended_before, 0, 0);
	return 0;
}

void step_capture_abort(void *context, uint64_t serial)
{
	struct bench *bench = context;

	(void)serial;
	capture_stop(&bench->capture, CAPTURE_CANCELLED);
}
