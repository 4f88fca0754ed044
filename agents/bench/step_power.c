/* SPDX-License-Identifier: Apache-2.0 */
/* power-on and its undo. When nobody knows whether the board has power (the agent has just started), it is taken away
 * first: every run begins cold. A virtual board whose supply is a command of the rack file must run before it is
 * switched; with its own supply that goes by itself. */
#include "agents/bench/private.h"

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

int step_power_on(void *context, uint64_t serial, struct step_result *refused)
{
	struct bench *bench = bench_enter(context, serial);
	struct err err = {0};
	int rc;

	bench->power_serial = serial;
	if (bench->vboard && bench->options.config->power.kind != POWER_VIRTUAL && !vboard_up(bench->vboard))
		rc = vboard_request(bench->vboard, true, "status", VBOARD_STATUS_MS, on_board_started, bench, &err);
	else
		rc = begin_switching(bench, &err);
	return rc ? bench_refuse(bench, refused, CAUSE_POWER, &err) : 0;
}

static void on_switched_off(void *context, const struct err *err, const char *text)
{
	struct bench *bench = context;

	if (!bench_current(bench, bench->power_serial))
		return;
	bench->power_unknown = err != NULL;
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

void step_power_kill(void *context, uint64_t serial)
{
	struct bench *bench = context;

	(void)serial;
	bench->power->ops->kill(bench->power);
}
