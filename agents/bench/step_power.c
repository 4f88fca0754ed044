/* SPDX-License-Identifier: Apache-2.0 */
/* power-on and its undo. When nobody knows whether the board has power (the agent has just started), it is taken away
 * first: every run begins cold. A virtual board whose supply is a command of the rack file must run before it is
 * switched; with its own supply that goes by itself. */
#include <stdio.h>

#include "agents/bench/private.h"

#define OFF_MS 1000 /* of a power cycle that is to help: what holds charge is empty then */

static void on_switched_on(void *context, const struct err *err, const char *text)
{
	struct bench *bench = context;

	if (!bench_current(bench, bench->power_serial))
		return;
	if (err) {
		bench_fail(bench, CAUSE_POWER, err, "cannot switch the board on");
		return;
	}
	bench->power_unknown = false;
	bench->powered = true;
	bench_done(bench, CAUSE_NONE, "%s", text);
}

static void on_switched_off_first(void *context, const struct err *err, const char *text)
{
	struct bench *bench = context;
	struct err refused = {0};

	(void)text;
	if (!bench_current(bench, bench->power_serial))
		return;
	if (err)
		bench_fail(bench, CAUSE_POWER, err, "cannot switch the board off before the first run");
	else if (bench->power->ops->set(bench->power, true, on_switched_on, bench, &refused))
		bench_fail(bench, CAUSE_POWER, &refused, "cannot switch the board on");
}

static int begin_switching(struct bench *bench, struct err *err)
{
	bool off_first = bench->power_unknown && bench->power->ops->cuts;

	return bench->power->ops->set(bench->power, !off_first, off_first ? on_switched_off_first : on_switched_on,
				      bench, err);
}

static void on_board_started(void *context, const struct err *err, const json_t *reply)
{
	struct bench *bench = context;
	struct err refused = {0};

	(void)reply;
	if (!bench_current(bench, bench->power_serial))
		return;
	if (err)
		bench_done(bench, CAUSE_BOARD_LOST, "the virtual board does not start: %s", err->text);
	else if (begin_switching(bench, &refused))
		bench_fail(bench, CAUSE_POWER, &refused, "cannot switch the board on");
}

/* Returns an error, and nothing is called. */
static int begin_on(struct bench *bench, struct err *err)
{
	if (bench->vboard && bench->options.config->power.kind != POWER_VIRTUAL && !vboard_up(bench->vboard))
		return vboard_request(bench->vboard, true, "status", VBOARD_STATUS_MS, on_board_started, bench, err);
	return begin_switching(bench, err);
}

int step_power_on(void *context, uint64_t serial, struct step_result *refused)
{
	struct bench *bench = bench_enter(context, serial);
	struct err err = {0};

	bench->power_serial = serial;
	return begin_on(bench, &err) ? bench_refuse(bench, refused, CAUSE_POWER, &err) : 0;
}

static void on_switched_off(void *context, const struct err *err, const char *text)
{
	struct bench *bench = context;

	if (!bench_current(bench, bench->power_serial))
		return;
	bench->power_unknown = err != NULL;
	bench->powered = false;
	if (err)
		bench_done(bench, CAUSE_POWER, "cannot switch the board off: %s", err->text);
	else
		bench_done(bench, CAUSE_NONE, "%s", text);
}

int step_power_off(void *context, uint64_t serial, struct step_result *refused)
{
	struct bench *bench = bench_enter(context, serial);
	struct err err = {0};

	bench->power_serial = serial;
	if (bench->power->ops->set(bench->power, false, on_switched_off, bench, &err))
		return bench_refuse(bench, refused, CAUSE_POWER, &err);
	return 0;
}

int step_power_keep(void *context, uint64_t serial, struct step_result *refused)
{
	struct bench *bench = context;

	if (!bench->powered)
		return step_power_on(context, serial, refused);
	bench_enter(context, serial);
	return bench_done_later(bench, CAUSE_NONE, "it has power");
}

int step_power_rest(void *context, uint64_t serial, struct step_result *refused)
{
	struct bench *bench = context;

	if (steps_outcome(&bench->steps)->first.cause == CAUSE_NONE)
		return step_power_off(context, serial, refused);
	bench_enter(context, serial);
	return bench_done_later(bench, CAUSE_NONE, "left on for what is tried next");
}

static void on_off_long_enough(uv_timer_t *timer)
{
	struct bench *bench = timer->data;
	struct err err = {0};

	if (bench_current(bench, bench->power_serial) && begin_on(bench, &err))
		bench_fail(bench, CAUSE_POWER, &err, "cannot switch the board on");
}

/* One that cannot be switched off is switched on all the same: its supply may be what is gone. */
static void on_cycle_off(void *context, const struct err *err, const char *text)
{
	struct bench *bench = context;

	(void)text;
	if (!bench_current(bench, bench->power_serial))
		return;
	bench->powered = false;
	bench->power_unknown = err != NULL;
	snprintf(bench->rung_text, sizeof bench->rung_text, "without power for %d ms", err ? 0 : OFF_MS);
	uv_timer_start(&bench->quiet_timer, on_off_long_enough, OFF_MS, 0);
}

int step_rung_power_cycle(void *context, uint64_t serial, struct step_result *refused)
{
	struct bench *bench = bench_enter(context, serial);
	struct err err = {0};

	bench_end_tool(bench);
	bench->power_serial = serial;
	if (bench->power->ops->set(bench->power, false, on_cycle_off, bench, &err))
		return bench_refuse(bench, refused, CAUSE_POWER, &err);
	return 0;
}

void step_power_kill(void *context, uint64_t serial)
{
	struct bench *bench = context;

	(void)serial;
	bench->power->ops->kill(bench->power);
}
