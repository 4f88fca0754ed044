/* SPDX-License-Identifier: Apache-2.0 */
/* What the firmware asks for while it is listened to (schema/target.h): a reset, or its power taken away.
 *
 * Happy path: ask -> the capture row is under way -> reset: stopped at the vector, released; power: not watched any
 * more, (cut: the time it asked for), off, the time without power, on, watched again -> told as a step of its own ->
 * listening goes on. Ways it fails: the probe or the supply refuses or dies -> the capture row ends with that cause;
 * the run ends meanwhile (limit, cancel, console lost) -> what is under way is waited for, what would come next is left
 * out. A board whose debug port does not come back is listened to without being watched. One request at a time: a board
 * that is up again while its debug port is still looked for may ask for the next thing, which waits; a third one is not
 * done. */
#include <inttypes.h>
#include <stdio.h>

#include "agents/base/clock.h"
#include "agents/bench/private.h"
#include "core/base/log.h"

/* How long a cut lasts; a virtual supply has no charge to lose. */
#define CUT_OFF_MS         1000
#define CUT_OFF_VIRTUAL_MS 20

static const char *const ask_names[] = {
	[PARSE_ASK_RESET] = "ask-reset",
	[PARSE_ASK_POWER_CYCLE] = "ask-power-cycle",
	[PARSE_ASK_POWER_CUT] = "ask-power-cut",
	[PARSE_ASK_SELF_RESET] = "ask-self-reset",
};

/* The row under way is capture. */
static void tell(struct bench *bench, enum parse_ask kind, const char *text)
{
	struct step_result result = {.cause = CAUSE_NONE};
	int64_t took_us = kind == PARSE_ASK_SELF_RESET ? 0 : clock_monotonic_us() - bench->ask.begun_us;

	snprintf(result.text, sizeof result.text, "%s", text);
	bench->events.on_step_ended(bench->events.context, bench->ask.row, STEP_FORWARD, ask_names[kind], &result,
				    took_us);
}

/* Between two operations. True: the run is over, and nothing more is done. */
static bool given_up(struct bench *bench)
{
	if (!bench->ask.busy || !bench_current(bench, bench->ask.serial))
		return true;
	if (bench->capture.end == CAPTURE_OPEN)
		return false;
	bench->ask.busy = false;
	bench_capture_over(bench);
	return true;
}

static void fail(struct bench *bench, enum cause cause, const struct err *err, const char *what)
{
	bench->ask.busy = false;
	bench_capture_fail(bench, cause, err, what);
}

static void answered(struct bench *bench, const char *text)
{
	bench->ask.busy = false;
	tell(bench, bench->ask.kind, text);
	capture_answered(&bench->capture, bench->ask.pending);
	bench_ask_begin(bench);
}

static void on_released(void *context, const struct probe_result *result)
{
	struct bench *bench = context;

	if (given_up(bench))
		return;
	if (result->err)
		fail(bench, CAUSE_RESET, result->err, "cannot let the core run after the reset that was asked for");
	else
		answered(bench, "reset");
}

static void on_halted(void *context, const struct probe_result *result)
{
	struct bench *bench = context;
	struct err err = {0};

	if (given_up(bench))
		return;
	if (result->err) {
		fail(bench, CAUSE_RESET, result->err, "cannot reset the core, which was asked for");
		return;
	}
	capture_count_anew(&bench->capture);
	if (bench->probe->ops->release(bench->probe, on_released, bench, &err))
		fail(bench, CAUSE_RESET, &err, "cannot let the core run after the reset that was asked for");
}

static void on_watched(void *context, const struct probe_result *result)
{
	struct bench *bench = context;

	if (given_up(bench))
		return;
	if (result->err)
		log_info(bench->options.config->name, "not watched after its power came back: %s", result->err->text);
	answered(bench, bench->ask.text);
}

static void on_power_came(void *context, const struct err *err, const char *text)
{
	struct bench *bench = context;
	struct err refused = {0};

	snprintf(bench->ask.text, sizeof bench->ask.text, "power off and on again: %.100s", text ? text : "");
	if (given_up(bench))
		return;
	if (err)
		fail(bench, CAUSE_POWER, err, "cannot switch the board on again");
	else if (bench->probe->ops->watch(bench->probe, on_watched, bench, &refused))
		answered(bench, bench->ask.text);
}

static void on_without_power(uv_timer_t *timer)
{
	struct bench *bench = timer->data;
	struct err err = {0};

	if (given_up(bench))
		return;
	if (bench->power->ops->set(bench->power, true, on_power_came, bench, &err))
		fail(bench, CAUSE_POWER, &err, "cannot switch the board on again");
}

static void on_power_gone(void *context, const struct err *err, const char *text)
{
	struct bench *bench = context;
	uint32_t off_ms = bench->vboard ? CUT_OFF_VIRTUAL_MS : CUT_OFF_MS;

	(void)text;
	if (given_up(bench))
		return;
	if (err) {
		fail(bench, CAUSE_POWER, err, "cannot switch the board off, which was asked for");
		return;
	}
	capture_count_anew(&bench->capture);
	if (bench->ask.kind == PARSE_ASK_POWER_CYCLE)
		off_ms = bench->ask.ms;
	uv_update_time(bench->loop);
	uv_timer_start(&bench->ask_timer, on_without_power, off_ms, 0);
}

static void on_off_due(uv_timer_t *timer)
{
	struct bench *bench = timer->data;
	struct err err = {0};

	if (given_up(bench))
		return;
	if (bench->power->ops->set(bench->power, false, on_power_gone, bench, &err))
		fail(bench, CAUSE_POWER, &err, "cannot switch the board off, which was asked for");
}

static void on_unwatched(void *context, const struct probe_result *result)
{
	struct bench *bench = context;
	int64_t left_ms = bench->ask.begun_us / 1000 + bench->ask.ms - clock_monotonic_us() / 1000;

	if (given_up(bench))
		return;
	if (result->err) {
		fail(bench, CAUSE_PROBE, result->err, "the probe cannot leave the core alone");
		return;
	}
	if (bench->ask.kind == PARSE_ASK_POWER_CYCLE || left_ms < 0)
		left_ms = 0;
	uv_update_time(bench->loop);
	uv_timer_start(&bench->ask_timer, on_off_due, (uint64_t)left_ms, 0);
}

static void on_begin(uv_timer_t *timer)
{
	struct bench *bench = timer->data;
	struct err err = {0};
	int rc;

	if (given_up(bench))
		return;
	if (bench->ask.kind == PARSE_ASK_RESET) {
		rc = bench->probe->ops->reset_halt(bench->probe, on_halted, bench, &err);
	} else if (!bench->power->ops->cuts) {
		rc = err_set(&err, ERR_INVALID, "the rack file names no supply that can be switched");
	} else {
		rc = bench->probe->ops->unwatch(bench->probe, on_unwatched, bench, &err);
	}
	if (rc)
		fail(bench, bench->ask.kind == PARSE_ASK_RESET ? CAUSE_RESET : CAUSE_POWER, &err,
		     "cannot do what the firmware asked for");
}

void bench_ask_begin(struct bench *bench)
{
	struct bench_ask *ask = &bench->ask;

	if (!ask->pending || ask->busy)
		return;
	ask->pending = false;
	ask->busy = true;
	ask->kind = ask->next_kind;
	ask->ms = ask->next_ms;
	ask->begun_us = ask->next_us;
	ask->serial = bench->serial;
	uv_timer_start(&bench->ask_timer, on_begin, 0, 0);
}

void bench_ask(struct bench *bench, enum parse_ask kind, uint32_t ask_ms)
{
	if (kind == PARSE_ASK_SELF_RESET) {
		tell(bench, kind, "the firmware resets itself");
		return;
	}
	if (bench->ask.pending) {
		log_warn(bench->options.config->name, "%s: the request before is not done yet", ask_names[kind]);
		return;
	}
	bench->ask.pending = true;
	bench->ask.next_kind = kind;
	bench->ask.next_ms = ask_ms;
	bench->ask.next_us = clock_monotonic_us();
	if (bench->capturing)
		bench_ask_begin(bench);
}

bool bench_ask_ends(struct bench *bench)
{
	bench->ask.pending = false;
	if (bench->ask.busy && uv_is_active((uv_handle_t *)&bench->ask_timer)) {
		uv_timer_stop(&bench->ask_timer);
		bench->ask.busy = false;
	}
	return !bench->ask.busy;
}
