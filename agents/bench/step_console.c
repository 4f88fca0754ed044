/* SPDX-License-Identifier: Apache-2.0 */
/* console-open and its undo: open after power-on, since an adapter on the board comes with its power, and before reset
 * is released. What comes before that is not the run's and is dropped by the capture. */
#include "agents/bench/private.h"

static void on_opened(void *context, const struct err *err)
{
	struct bench *bench = context;
	const struct console_config *config = &bench->console_config;

	if (err)
		bench_fail(bench, CAUSE_CONSOLE_LOST, err, "no console");
	else if (config->kind == CONSOLE_SERIAL)
		bench_done(bench, CAUSE_NONE, "%s at %u baud", config->device, config->baud);
	else if (config->kind == CONSOLE_TCP)
		bench_done(bench, CAUSE_NONE, "%s:%u", config->host, config->port);
	else
		bench_done(bench, CAUSE_NONE, "the board has no console");
}

static void on_data(void *context, const uint8_t *data, size_t size_bytes, int64_t at_us)
{
	struct bench *bench = context;

	bench->console_heard = true;
	capture_data(&bench->capture, data, size_bytes, at_us);
}

static void on_lost(void *context, const struct err *err)
{
	struct bench *bench = context;

	(void)err;
	bench->console_lost = true;
	capture_stop(&bench->capture, CAPTURE_LOST);
}

static void on_room(void *context)
{
	struct bench *bench = context;

	if (bench->events.on_console_room)
		bench->events.on_console_room(bench->events.context);
}

int step_console_open(void *context, uint64_t serial, struct step_result *refused)
{
	struct bench *bench = bench_enter(context, serial);
	struct console_events events = {
		.context = bench, .on_opened = on_opened, .on_data = on_data, .on_lost = on_lost, .on_room = on_room};
	struct err err = {0};

	bench->console_lost = false;
	if (console_open(bench->loop, &bench->console_config, &events, &bench->console, &err))
		return bench_refuse(bench, refused, CAUSE_CONSOLE_LOST, &err);
	return 0;
}

int step_console_close(void *context, uint64_t serial, struct step_result *refused)
{
	struct bench *bench = bench_enter(context, serial);

	(void)refused;
	console_close(bench->console);
	bench->console = NULL;
	return bench_done_later(bench, CAUSE_NONE, "closed");
}

/* A device that never appears: stops trying. */
void step_console_kill(void *context, uint64_t serial)
{
	struct bench *bench = context;

	(void)serial;
	console_close(bench->console);
	bench->console = NULL;
	bench_done(bench, CAUSE_CONSOLE_LOST, "%s is not there", bench->console_config.device);
}
