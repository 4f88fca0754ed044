/* SPDX-License-Identifier: Apache-2.0 */
/* attach and its undo: OpenOCD up, the debug port brought up anew, the core stopped: on a real board by a reset, before
 * its first instruction.
 *
 * Happy path: OpenOCD is warm -> attach -> stopped at the vector; on a virtual board, stopped anywhere.
 * Ways it fails: OpenOCD cannot be started -> probe. The warm one does not find the target again, or died -> it is
 * replaced once, and the step says so. The fresh one does not find it either -> attach. */
#include <stdio.h>

#include "agents/bench/private.h"
#include "core/base/log.h"

static void begin_start(struct bench *bench);

/* A reset later starts the run on a virtual board: it costs little there. On a real one that is spared where nothing
 * has to be flashed, and firmware that would switch the debug port off is kept from it. */
static bool wants_vector(const struct bench *bench)
{
	return !bench->vboard;
}

static void on_attached(void *context, const struct probe_result *result)
{
	struct bench *bench = context;

	if (!bench_current(bench, bench->probe_serial))
		return;
	if (result->err && !bench->restarted && (!bench->vboard || vboard_up(bench->vboard))) {
		bench->restarted = true;
		log_warn(bench->options.config->name, "attach: %s; replacing OpenOCD", result->err->text);
		bench->probe->ops->kill(bench->probe);
		begin_start(bench);
		return;
	}
	if (result->err) {
		bench_fail(bench, CAUSE_ATTACH, result->err, "no contact with the target");
		return;
	}
	bench->core_at_vector = wants_vector(bench);
	bench_done(bench, CAUSE_NONE, "%s%s", result->text,
		   bench->restarted && !bench->recovering ? "; OpenOCD had to be replaced" : "");
}

static void on_started(void *context, const struct probe_result *result)
{
	struct bench *bench = context;
	struct err err = {0};

	if (!bench_current(bench, bench->probe_serial))
		return;
	if (result->err && result->err->code == ERR_CLOSED && !bench->restarted) {
		/* The warm one died just now. */
		bench->restarted = true;
		begin_start(bench);
		return;
	}
	if (result->err) {
		bench_fail(bench, CAUSE_ATTACH, result->err, "OpenOCD does not come up");
		return;
	}
	bench_began(bench, bench->probe->ops->attach(bench->probe, wants_vector(bench), on_attached, bench, &err),
		    CAUSE_ATTACH, &err, "attach");
}

static void begin_start(struct bench *bench)
{
	struct err err = {0};

	bench_began(bench, bench->probe->ops->start(bench->probe, on_started, bench, &err), CAUSE_PROBE, &err,
		    "cannot start OpenOCD");
}

int step_attach(void *context, uint64_t serial, struct step_result *refused)
{
	struct bench *bench = bench_enter(context, serial);
	struct err err = {0};

	bench->restarted = bench->recovering; /* the ladder has a rung for that */
	if (bench->probe)
		bench->probe->ops->want_gdb(bench->probe, bench->job.hold_ms > 0);
	if (!bench->probe)
		err_set(&err, ERR_CLOSED, "the virtual board has no probe yet");
	else if (bench->probe->ops->start(bench->probe, on_started, bench, &err) == 0)
		bench->probe_serial = serial;
	return err.code ? bench_refuse(bench, refused, CAUSE_PROBE, &err) : 0;
}

static void on_detached(void *context, const struct probe_result *result)
{
	struct bench *bench = context;

	if (!bench_current(bench, bench->probe_serial))
		return;
	/* What it could not leave in order goes with its power, or with its process. */
	if (result->err)
		bench->probe->ops->kill(bench->probe);
	bench_done(bench, CAUSE_NONE, "%s", result->err ? result->err->text : "");
}

int step_detach(void *context, uint64_t serial, struct step_result *refused)
{
	struct bench *bench = bench_enter(context, serial);
	struct err err = {0};

	(void)refused;
	if (!bench->probe || !bench->probe->ops->running(bench->probe))
		return bench_done_later(bench, CAUSE_NONE, "OpenOCD is down");
	if (bench->job.hold_ms > 0) {
		/* Nobody knows what a person has left in it; the target's power goes next. */
		bench->probe->ops->kill(bench->probe);
		return bench_done_later(bench, CAUSE_NONE, "OpenOCD ended");
	}
	if (bench->probe->ops->detach(bench->probe, on_detached, bench, &err)) {
		bench->probe->ops->kill(bench->probe);
		return bench_done_later(bench, CAUSE_NONE, "%s", err.text);
	}
	bench->probe_serial = serial;
	return 0;
}

void step_probe_kill(void *context, uint64_t serial)
{
	struct bench *bench = context;

	(void)serial;
	if (bench->probe)
		bench->probe->ops->kill(bench->probe);
}
