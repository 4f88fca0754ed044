/* SPDX-License-Identifier: Apache-2.0 */
/* The rungs of the recovery ladder: what each does to a board that does not answer. The rows after it, attach and
 * identify, prove whether it helped.
 *
 * Happy path: OpenOCD is up -> the rung's operation -> done, with what was done in words. probe-restart: OpenOCD is
 * ended, attach starts another. usb-reset: OpenOCD is ended, the probe is reset by its USB port; a virtual one by its
 * board's process. power-cycle: OpenOCD is ended, then step_power.c.
 * Ways it fails: as every probe operation; the cause says which rung may still reach it. */
#include <stdio.h>
#include <stdlib.h>

#include "agents/bench/private.h"
#include "agents/driver/usb.h"

#define PROBE_RESET_MS 8000 /* of a virtual probe */

/* Begins what the rung asks of the probe. */
static int begin_operation(struct bench *bench, probe_done_fn done, struct err *err)
{
	struct probe *probe = bench->probe;

	switch (bench->rung) {
	case RUNG_LINE_RESET:
		return probe->ops->line_reset(probe, done, bench, err);
	case RUNG_TARGET_RESET:
		return probe->ops->target_reset(probe, bench->options.config->reset_line, done, bench, err);
	default:
		return probe->ops->under_reset(probe, done, bench, err);
	}
}

static void rung_done(struct bench *bench, const char *text)
{
	snprintf(bench->rung_text, sizeof bench->rung_text, "%s", text);
	bench_done(bench, CAUSE_NONE, "%s", text);
}

static void on_operated(void *context, const struct probe_result *result)
{
	struct bench *bench = context;

	if (!bench_current(bench, bench->probe_serial))
		return;
	if (result->err)
		bench_fail(bench, CAUSE_ATTACH, result->err, recovery_rung_name(bench->rung));
	else
		rung_done(bench, result->text);
}

static void on_started(void *context, const struct probe_result *result)
{
	struct bench *bench = context;
	struct err err = {0};

	if (!bench_current(bench, bench->probe_serial))
		return;
	if (result->err)
		bench_fail(bench, CAUSE_ATTACH, result->err, "OpenOCD does not come up");
	else
		bench_began(bench, begin_operation(bench, on_operated, &err), CAUSE_ATTACH, &err,
			    recovery_rung_name(bench->rung));
}

/* Contact under reset begins with the tool's own first contact. */
static int start_tool(struct bench *bench, struct err *err)
{
	if (bench->rung != RUNG_UNDER_RESET)
		return bench->probe->ops->start(bench->probe, on_started, bench, err);
	bench_end_tool(bench);
	return bench->probe->ops->start_under_reset(bench->probe, on_started, bench, err);
}

int step_rung_by_probe(void *context, uint64_t serial, struct step_result *refused)
{
	struct bench *bench = bench_enter(context, serial);
	struct err err = {0};

	if (!bench->probe)
		err_set(&err, ERR_CLOSED, "the virtual board has no probe yet");
	else if (start_tool(bench, &err) == 0)
		bench->probe_serial = serial;
	return err.code ? bench_refuse(bench, refused, CAUSE_PROBE, &err) : 0;
}

static int done_later(struct bench *bench, const char *text)
{
	snprintf(bench->rung_text, sizeof bench->rung_text, "%s", text);
	return bench_done_later(bench, CAUSE_NONE, "%s", text);
}

void bench_end_tool(struct bench *bench)
{
	if (bench->probe)
		bench->probe->ops->kill(bench->probe);
}

int step_rung_probe_restart(void *context, uint64_t serial, struct step_result *refused)
{
	struct bench *bench = bench_enter(context, serial);

	(void)refused;
	bench_end_tool(bench);
	return done_later(bench, "OpenOCD was replaced");
}

struct usb_work {
	struct bench_work work;
	char port[32];
	struct err err;
};

static void run_usb_reset(struct bench_work *work)
{
	struct usb_work *usb = (struct usb_work *)(void *)work;

	usb_reset(USB_SYSFS, USB_DEVFS, usb->port, &usb->err);
}

static void on_usb_reset(struct bench_work *work, struct bench *bench)
{
	struct usb_work *usb = (struct usb_work *)(void *)work;
	struct err err = usb->err;

	free(usb);
	if (bench && err.code)
		bench_done(bench, CAUSE_PROBE, "%s", err.text);
	else if (bench)
		rung_done(bench, "the probe was reset by its USB port");
}

static int begin_usb_reset(struct bench *bench, struct err *err)
{
	struct usb_work *usb = calloc(1, sizeof *usb);

	if (!usb)
		return err_set(err, ERR_NOMEM, "out of memory");
	usb->work.run = run_usb_reset;
	usb->work.done = on_usb_reset;
	snprintf(usb->port, sizeof usb->port, "%s", bench->options.config->probe_usb);
	if (bench_work_queue(bench, &usb->work, err)) {
		free(usb);
		return (int)err->code;
	}
	return 0;
}

static void on_virtual_reset(void *context, const struct err *err, const json_t *reply)
{
	struct bench *bench = context;

	(void)reply;
	if (!bench_current(bench, bench->later_serial))
		return;
	if (err)
		bench_done(bench, vboard_up(bench->vboard) ? CAUSE_PROBE : CAUSE_BOARD_LOST,
			   "the virtual probe is not reset: %s", err->text);
	else
		rung_done(bench, "the virtual probe was reset");
}

int step_rung_usb_reset(void *context, uint64_t serial, struct step_result *refused)
{
	struct bench *bench = bench_enter(context, serial);
	struct err err = {0};

	bench_end_tool(bench);
	bench->later_serial = serial;
	if (bench->vboard)
		vboard_request(bench->vboard, false, "probe reset", PROBE_RESET_MS, on_virtual_reset, bench, &err);
	else
		begin_usb_reset(bench, &err);
	return err.code ? bench_refuse(bench, refused, CAUSE_PROBE, &err) : 0;
}

void bench_means(const struct bench *bench, struct ladder_means *ret_means)
{
	const struct board_config *config = bench->options.config;

	*ret_means = (struct ladder_means){.loses_power = bench->power->ops->cuts};
	if (!config->reset_line)
		ret_means->absent[RUNG_UNDER_RESET] = "the rack file says of no reset line";
	if (!config->is_virtual && !config->probe_usb[0])
		ret_means->absent[RUNG_USB_RESET] = "the rack file names no USB port of its probe";
	if (!bench->power->ops->cuts)
		ret_means->absent[RUNG_POWER_CYCLE] = "its power cannot be switched";
}
