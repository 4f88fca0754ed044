/* SPDX-License-Identifier: Apache-2.0 */
/* hold: a person has the board. Its console is recorded, its gdb server can be reached, what he types is written to it.
 *
 * Happy path: the console is recorded -> the board is reset, runs, and is watched for a debugger -> the time is over,
 * or he gives it back (a cancel is that), or whoever owns the bench ends it: all of them end the row well. Ways it
 * fails: the virtual board dies -> board-lost. OpenOCD dies, by what he did or by itself -> a new one attaches where
 * the core stands, BENCH_MAX_TOOLS times; his debugger has to connect again -> then, or when that fails, probe. A reset
 * that fails is only told: he may be here to repair just that. The console goes away: he still has the debugger. What
 * he leaves behind is not undone piece by piece: OpenOCD is ended, the power taken away, the board proven anew. */
#include <inttypes.h>
#include <stdio.h>

#include "agents/bench/private.h"
#include "core/base/log.h"

bool bench_holding(const struct bench *bench)
{
	return bench->holding;
}

static void end_well(struct bench *bench, const char *why)
{
	bench->held = true;
	snprintf(bench->held_text, sizeof bench->held_text, "%s", why);
	capture_close(&bench->capture);
	bench_done(bench, CAUSE_LEASE_ENDED, "%s", why);
}

void bench_end_hold(struct bench *bench, const char *why)
{
	if (bench->holding)
		end_well(bench, why);
}

static void on_hold_over(uv_timer_t *timer)
{
	bench_end_hold(timer->data, "its time is over");
}

void bench_hold_for(struct bench *bench, int64_t hold_ms)
{
	bench->job.hold_ms = hold_ms;
	if (!bench->holding)
		return;
	uv_update_time(bench->loop);
	uv_timer_start(&bench->hold_timer, on_hold_over, (uint64_t)hold_ms, 0);
}

uint16_t bench_gdb_port(const struct bench *bench)
{
	return bench->holding && bench->probe ? bench->probe->ops->gdb_port(bench->probe) : 0;
}

size_t bench_write_console(struct bench *bench, const uint8_t *data, size_t size_bytes)
{
	return bench->holding ? console_write(bench->console, data, size_bytes) : 0;
}

static void fail(struct bench *bench, enum cause cause, const struct err *err, const char *what)
{
	bench->holding = false;
	uv_timer_stop(&bench->hold_timer);
	capture_close(&bench->capture);
	bench_fail(bench, cause, err, what);
}

void bench_hold_board_lost(struct bench *bench, const char *text)
{
	fail(bench, CAUSE_BOARD_LOST, NULL, text);
}

static void on_handed_over(void *context, const struct probe_result *result)
{
	struct bench *bench = context;

	if (!bench_current(bench, bench->probe_serial) || !bench->holding)
		return;
	if (result->err && result->err->code != ERR_IO)
		bench_hold_tool_died(bench, result->err->text);
	else
		log_info(bench->options.config->name, "held for %" PRId64 " s, gdb server on port %u%s%s",
			 bench->job.hold_ms / 1000, bench_gdb_port(bench), result->err || result->text[0] ? ": " : "",
			 result->err ? result->err->text : result->text);
}

static void hand_over(struct bench *bench, bool reset)
{
	struct err err = {0};

	if (bench->probe->ops->hand_over(bench->probe, reset, on_handed_over, bench, &err))
		fail(bench, CAUSE_PROBE, &err, "cannot leave the board to a debugger");
	else
		bench->probe_serial = bench->serial;
}

static void on_attached(void *context, const struct probe_result *result)
{
	struct bench *bench = context;

	if (!bench_current(bench, bench->probe_serial) || !bench->holding)
		return;
	if (result->err)
		fail(bench, CAUSE_ATTACH, result->err, "no contact with the target any more");
	else
		hand_over(bench, false);
}

static void on_started(void *context, const struct probe_result *result)
{
	struct bench *bench = context;
	struct err err = {0};

	if (!bench_current(bench, bench->probe_serial) || !bench->holding)
		return;
	if (result->err)
		fail(bench, CAUSE_PROBE, result->err, "OpenOCD does not come up again");
	else if (bench->probe->ops->attach(bench->probe, false, on_attached, bench, &err))
		fail(bench, CAUSE_PROBE, &err, "no contact with the target any more");
}

void bench_hold_tool_died(struct bench *bench, const char *text)
{
	struct err err = {0};

	log_warn(bench->options.config->name, "held: %s; a new OpenOCD is started", text);
	if (++bench->tools > BENCH_MAX_TOOLS) {
		fail(bench, CAUSE_PROBE, NULL, "OpenOCD died again and again");
		return;
	}
	bench->probe_serial = bench->serial;
	if (bench->probe->ops->start(bench->probe, on_started, bench, &err))
		fail(bench, CAUSE_PROBE, &err, "OpenOCD does not start again");
}

static void on_begin(uv_timer_t *timer)
{
	struct bench *bench = timer->data;

	if (!bench_current(bench, bench->later_serial))
		return;
	bench_hold_for(bench, bench->job.hold_ms);
	hand_over(bench, true);
}

int step_hold(void *context, uint64_t serial, struct step_result *refused)
{
	struct bench *bench = bench_enter(context, serial);

	(void)refused;
	/* What the console still holds of what ran before is not the person's. */
	console_read_now(bench->console);
	capture_record(&bench->capture, BENCH_MAX_HELD_BYTES);
	bench->holding = true;
	bench->later_serial = serial;
	uv_timer_start(&bench->hold_timer, on_begin, 0, 0);
	return 0;
}

void step_hold_abort(void *context, uint64_t serial)
{
	(void)serial;
	bench_end_hold(context, "given back");
}
