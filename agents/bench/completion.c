/* SPDX-License-Identifier: Apache-2.0 */
/* How the calls of a walk are ended: at once, later, or with a failure whose cause is looked into. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agents/bench/private.h"
#include "core/base/json.h"
#include "core/base/log.h"

struct bench *bench_enter(void *context, uint64_t serial)
{
	struct bench *bench = context;

	bench->serial = serial;
	return bench;
}

bool bench_current(const struct bench *bench, uint64_t serial)
{
	return bench->walking && bench->serial != 0 && serial == bench->serial;
}

void bench_done(struct bench *bench, enum cause cause, const char *format, ...)
{
	struct step_result result = {.cause = cause};
	va_list args;

	va_start(args, format);
	vsnprintf(result.text, sizeof result.text, format, args);
	va_end(args);
	steps_done(&bench->steps, bench->serial, &result);
}

static void on_later(uv_idle_t *idle)
{
	struct bench *bench = idle->data;

	uv_idle_stop(idle);
	steps_done(&bench->steps, bench->later_serial, &bench->later_result);
}

int bench_done_later(struct bench *bench, enum cause cause, const char *format, ...)
{
	va_list args;

	bench->later_result.cause = cause;
	va_start(args, format);
	vsnprintf(bench->later_result.text, sizeof bench->later_result.text, format, args);
	va_end(args);
	bench->later_serial = bench->serial;
	uv_idle_start(&bench->later, on_later);
	return 0;
}

int bench_refuse(struct bench *bench, struct step_result *refused, enum cause cause, const struct err *err)
{
	refused->cause = cause;
	if (bench->vboard && !vboard_up(bench->vboard))
		refused->cause = CAUSE_BOARD_LOST;
	snprintf(refused->text, sizeof refused->text, "%.399s", err->text);
	return -1;
}

void bench_began(struct bench *bench, int rc, enum cause cause, const struct err *err, const char *what)
{
	if (rc == 0)
		bench->probe_serial = bench->serial;
	else
		bench_fail(bench, cause, err, what);
}

enum cause bench_board_trouble(const struct bench *bench, const struct err *err, const json_t *status, char *ret_why,
			       size_t size)
{
	const char *state = "", *reason = "";

	if (err) {
		snprintf(ret_why, size, "%s", err->text);
		return CAUSE_BOARD_LOST;
	}
	json_read_text(status, "state", false, &state, NULL);
	json_read_text(status, "reason", false, &reason, NULL);
	snprintf(ret_why, size, "%s%s%s", state, reason[0] ? ": " : "", reason);
	if (strcmp(state, "on") == 0)
		return CAUSE_NONE;
	if (strcmp(state, "off") == 0 && bench->options.config->power.kind == POWER_COMMAND)
		return CAUSE_POWER;
	return CAUSE_BOARD_LOST;
}

static void on_status(void *context, const struct err *err, const json_t *reply)
{
	struct bench *bench = context;
	enum cause trouble;
	char why[200];

	if (!bench_current(bench, bench->failing_serial))
		return;
	trouble = bench_board_trouble(bench, err, reply, why, sizeof why);
	/* A board that was never switched on is not lost. */
	if (trouble != CAUSE_NONE && bench->failing.cause != CAUSE_POWER)
		bench_done(bench, trouble, "%s (the virtual board is %s)", bench->failing.text, why);
	else
		bench_done(bench, bench->failing.cause, "%s", bench->failing.text);
}

/* What the probe's error says about whose fault it is. */
static enum cause cause_of(const struct err *err, enum cause cause)
{
	if (err && (err->code == ERR_CLOSED || err->code == ERR_TIMEOUT || err->code == ERR_PROTOCOL))
		return CAUSE_PROBE;
	return cause;
}

void bench_fail(struct bench *bench, enum cause cause, const struct err *err, const char *what)
{
	bench->failing.cause = cause_of(err, cause);
	snprintf(bench->failing.text, sizeof bench->failing.text, "%.100s%s%.290s", what, err ? ": " : "",
		 err ? err->text : "");
	bench->failing_serial = bench->serial;
	if (!bench->vboard) {
		bench_done(bench, bench->failing.cause, "%s", bench->failing.text);
	} else if (!vboard_up(bench->vboard)) {
		bench_done(bench, CAUSE_BOARD_LOST, "%s (the virtual board is gone)", bench->failing.text);
	} else if (vboard_request(bench->vboard, false, "status", VBOARD_STATUS_MS, on_status, bench, NULL)) {
		bench_done(bench, bench->failing.cause, "%s", bench->failing.text);
	}
}

static void on_work(uv_work_t *request)
{
	struct bench_work *work = request->data;

	work->run(work);
}

static void on_worked(uv_work_t *request, int status)
{
	struct bench_work *work = request->data;
	struct bench *bench = work->bench;

	(void)status;
	bench->works--;
	work->done(work, !bench->destroyed && bench_current(bench, work->serial) ? bench : NULL);
	bench_release(bench);
}

int bench_work_queue(struct bench *bench, struct bench_work *work, struct err *err)
{
	work->bench = bench;
	work->serial = bench->serial;
	work->request.data = work;
	if (uv_queue_work(bench->loop, &work->request, on_work, on_worked))
		return err_set(err, ERR_NOMEM, "the thread pool takes no work");
	bench->works++;
	bench->open_handles++;
	return 0;
}
