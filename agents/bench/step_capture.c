/* SPDX-License-Identifier: Apache-2.0 */
/* capture: listens until the end rule is met (agents/bench/capture.h), then drains the console.
 *
 * Happy path: over(complete) -> drained -> done.
 * Ends that judge decides on are successes of this step too: silence, limit, reboot, crash, a lost console. Failures:
 * the probe died -> probe; the virtual board is gone -> board-lost; a silent end on a virtual board is believed only
 * when the board says that it is alive. Cancel -> cancelled. */
#include <inttypes.h>

#include "agents/base/clock.h"
#include "agents/bench/private.h"
#include "core/base/json.h"

#define STATUS_LIMIT_MS 2000

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

	if (bench->console)
		console_read_now(bench->console);
	capture_close(capture);
	bench_done(bench, capture->end == CAPTURE_CANCELLED ? CAUSE_CANCELLED : CAUSE_NONE,
		   "%s: %" PRIu64 " bytes in %.3f s", end_words(capture->end), capture->bytes, took_s);
}

static void fail(struct bench *bench, enum cause cause, const struct err *err, const char *what)
{
	bench->capturing = false;
	if (bench->console)
		console_read_now(bench->console);
	capture_close(&bench->capture);
	bench_fail(bench, cause, err, what);
}

/* Whether the board's own account says that it is dead. */
static bool says_dead(const struct err *err, const json_t *reply)
{
	const char *reason = NULL;

	if (err)
		return true;
	json_read_text(reply, "dead", false, &reason, NULL);
	return reason && reason[0];
}

static void on_status_at_end(void *context, const struct err *err, const json_t *reply)
{
	struct bench *bench = context;

	if (!bench->capturing)
		return;
	if (says_dead(err, reply))
		fail(bench, CAUSE_BOARD_LOST, err, "the virtual board died while it was listened to");
	else
		finish(bench);
}

void bench_capture_over(struct bench *bench)
{
	if (bench->capture.end == CAPTURE_COMPLETE || bench->capture.end == CAPTURE_CANCELLED || !bench->vboard) {
		finish(bench);
		return;
	}
	if (!vboard_up(bench->vboard) ||
	    vboard_request(bench->vboard, false, "status", STATUS_LIMIT_MS, on_status_at_end, bench, NULL))
		fail(bench, CAUSE_BOARD_LOST, NULL, "the virtual board died while it was listened to");
}

static void on_status_in_doubt(void *context, const struct err *err, const json_t *reply)
{
	struct bench *bench = context;

	if (bench->capturing && bench->capture.end == CAPTURE_OPEN && says_dead(err, reply))
		fail(bench, CAUSE_BOARD_LOST, err, "the virtual board died while it was listened to");
}

void bench_capture_doubt(struct bench *bench, bool probe_died, const char *text)
{
	if (probe_died)
		fail(bench, CAUSE_PROBE, NULL, text);
	else if (!vboard_busy(bench->vboard))
		(void)vboard_request(bench->vboard, false, "status", STATUS_LIMIT_MS, on_status_in_doubt, bench, NULL);
}

static void on_ended_before(uv_timer_t *timer)
{
	struct bench *bench = timer->data;

	if (bench->capturing && bench->capture.end != CAPTURE_OPEN)
		bench_capture_over(bench);
	else if (bench->capturing && !bench->probe->ops->running(bench->probe))
		fail(bench, CAUSE_PROBE, NULL, "OpenOCD died");
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
