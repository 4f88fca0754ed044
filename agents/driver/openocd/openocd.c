/* SPDX-License-Identifier: Apache-2.0 */
/* A probe that is OpenOCD: started, kept warm, watched and killed. Its operations are in operations.c. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agents/base/clock.h"
#include "agents/driver/openocd/private.h"
#include "core/base/log.h"

void openocd_finish(struct openocd *openocd, const struct probe_result *result)
{
	probe_done_fn done = openocd->done;

	openocd->done = NULL;
	if (done)
		done(openocd->done_context, result);
}

void openocd_finish_err(struct openocd *openocd, const struct err *err)
{
	struct probe_result result = {.err = err, .text = ""};

	openocd_finish(openocd, &result);
}

int openocd_begin(struct openocd *openocd, probe_done_fn done, void *context, struct err *err)
{
	if (openocd->done)
		return err_set(err, ERR_BUSY, "the probe has an operation under way");
	openocd->done = done;
	openocd->done_context = context;
	openocd->wants_words = false;
	return 0;
}

static void drop_process(struct openocd *openocd)
{
	process_destroy(openocd->process);
	openocd->process = NULL;
	openocd->up = false;
}

static void on_up(void *context, const struct err *err)
{
	struct openocd *openocd = context;
	struct probe_result result = {0};
	char text[80];

	if (err) {
		log_warn(openocd->name, "%s", err->text);
		drop_process(openocd);
		openocd_finish_err(openocd, err);
		return;
	}
	openocd->up = true;
	snprintf(text, sizeof text, "OpenOCD started in %" PRId64 " ms",
		 (clock_monotonic_us() - openocd->start_us) / 1000);
	log_info(openocd->name, "%s, pid %d", text, process_pid(openocd->process));
	result.text = text;
	openocd_finish(openocd, &result);
}

static void on_down(void *context, const struct err *err)
{
	struct openocd *openocd = context;
	struct err copy = *err;

	log_warn(openocd->name, "%s", copy.text);
	openocd->watched = false;
	drop_process(openocd);
	if (openocd->done)
		openocd_finish_err(openocd, &copy);
	else
		openocd->events.on_notice(openocd->events.context, PROBE_DIED, copy.text);
}

static void notice(struct openocd *openocd, enum probe_notice kind, const char *text)
{
	/* What OpenOCD says while it does something for us is about that, not about the firmware. */
	if (openocd->watched && !openocd->done)
		openocd->events.on_notice(openocd->events.context, kind, text);
}

static void on_line(void *context, const char *line)
{
	struct openocd *openocd = context;

	if (strstr(line, "external reset detected"))
		notice(openocd, PROBE_CORE_RESET, line);
	else if (strstr(line, "clearing lockup"))
		notice(openocd, PROBE_CORE_HALTED, "the core locked up");
	else if (strstr(line, "Polling target") && strstr(line, "failed"))
		notice(openocd, PROBE_NO_TARGET, line);
}

static void on_tcl_notice(void *context, const char *text)
{
	struct openocd *openocd = context;

	if (strstr(text, "target_event event halted"))
		notice(openocd, PROBE_CORE_HALTED, "the core stopped by itself");
}

static void on_warm(uv_idle_t *idle)
{
	struct openocd *openocd = idle->data;
	struct probe_result result = {.text = "OpenOCD warm"};

	uv_idle_stop(idle);
	if (openocd->up)
		openocd_finish(openocd, &result);
	else if (!openocd->process)
		openocd_finish_err(openocd, &(struct err){.code = ERR_CLOSED, .text = "OpenOCD died"});
}

static int start_with(struct probe *probe, const char *init, probe_done_fn done, void *context, struct err *err)
{
	struct openocd *openocd = openocd_of(probe);
	struct openocd_options options = {.name = openocd->name,
					  .argv = (const char *const *)openocd->argv,
					  .scripts_dir = openocd->scripts_dir[0] ? openocd->scripts_dir : NULL,
					  .directory = openocd->directory[0] ? openocd->directory : NULL,
					  .target = openocd->target,
					  .gdb = openocd->gdb};
	struct process_events events = {
		.context = openocd, .on_up = on_up, .on_down = on_down, .on_line = on_line, .on_notice = on_tcl_notice};
	int rc = openocd_begin(openocd, done, context, err);

	if (rc)
		return rc;
	if (openocd->up) {
		uv_idle_start(&openocd->later, on_warm);
		return 0;
	}
	openocd->start_us = clock_monotonic_us();
	rc = process_start(openocd->loop, &options, init, &events, &openocd->process, err);
	if (rc)
		openocd->done = NULL;
	return rc;
}

static int do_start(struct probe *probe, probe_done_fn done, void *context, struct err *err)
{
	return start_with(probe, "init", done, context, err);
}

static int do_start_under_reset(struct probe *probe, probe_done_fn done, void *context, struct err *err)
{
	return start_with(probe, "assay_init_under_reset", done, context, err);
}

static bool do_running(const struct probe *probe)
{
	return ((const struct openocd *)(const void *)probe)->up;
}

static void do_kill(struct probe *probe)
{
	struct openocd *openocd = openocd_of(probe);

	if (!openocd->process)
		return;
	/* With an operation under way its end is the news; else there is nobody to tell, and the next start is a fresh
	 * one at once. */
	if (openocd->done)
		process_kill(openocd->process);
	else
		drop_process(openocd);
}

static void do_want_gdb(struct probe *probe, bool wanted)
{
	if (openocd_of(probe)->gdb == wanted)
		return;
	openocd_of(probe)->gdb = wanted;
	do_kill(probe);
}

static uint16_t do_gdb_port(const struct probe *probe)
{
	const struct openocd *openocd = (const struct openocd *)(const void *)probe;

	return openocd->up ? process_gdb_port(openocd->process) : 0;
}

static void on_closed(uv_handle_t *handle)
{
	struct openocd *openocd = handle->data;

	for (size_t i = 0; openocd->argv[i]; i++)
		free(openocd->argv[i]);
	free(openocd);
}

static void do_destroy(struct probe *probe)
{
	struct openocd *openocd = openocd_of(probe);

	if (openocd->destroyed)
		return;
	openocd->destroyed = true;
	openocd->done = NULL;
	drop_process(openocd);
	uv_close((uv_handle_t *)&openocd->later, on_closed);
}

static const struct probe_ops openocd_ops = {
	.start = do_start,
	.start_under_reset = do_start_under_reset,
	.attach = openocd_attach,
	.dpidr = openocd_dpidr,
	.read_words = openocd_read_words,
	.read_file = openocd_read_file,
	.write_flash = openocd_write_flash,
	.sectors = openocd_sectors,
	.erase_chip = openocd_erase_chip,
	.load = openocd_load,
	.reset_halt = openocd_reset_halt,
	.line_reset = openocd_line_reset,
	.target_reset = openocd_target_reset,
	.under_reset = openocd_under_reset,
	.set_core = openocd_set_core,
	.release = openocd_release,
	.unwatch = openocd_unwatch,
	.watch = openocd_watch,
	.reset_run = openocd_reset_run,
	.snapshot = openocd_snapshot,
	.registers = openocd_registers,
	.detach = openocd_detach,
	.hand_over = openocd_hand_over,
	.want_gdb = do_want_gdb,
	.gdb_port = do_gdb_port,
	.running = do_running,
	.kill = do_kill,
	.destroy = do_destroy,
};

int openocd_create(uv_loop_t *loop, const struct openocd_options *options, const struct probe_events *events,
		   struct probe **ret_probe, struct err *err)
{
	struct openocd *openocd = calloc(1, sizeof *openocd);

	if (!openocd)
		return err_set(err, ERR_NOMEM, "out of memory");
	openocd->probe.ops = &openocd_ops;
	openocd->loop = loop;
	openocd->events = *events;
	snprintf(openocd->name, sizeof openocd->name, "%s", options->name);
	snprintf(openocd->target, sizeof openocd->target, "%s", options->target);
	snprintf(openocd->scripts_dir, sizeof openocd->scripts_dir, "%s",
		 options->scripts_dir ? options->scripts_dir : "");
	snprintf(openocd->directory, sizeof openocd->directory, "%s", options->directory ? options->directory : "");
	uv_idle_init(loop, &openocd->later);
	openocd->later.data = openocd;
	for (size_t i = 0; options->argv[i] && i < OPENOCD_ARGS_MAX; i++) {
		openocd->argv[i] = strdup(options->argv[i]);
		if (!openocd->argv[i]) {
			do_destroy(&openocd->probe);
			return err_set(err, ERR_NOMEM, "out of memory");
		}
	}
	*ret_probe = &openocd->probe;
	return 0;
}
