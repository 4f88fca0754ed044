/* SPDX-License-Identifier: Apache-2.0 */
/* OpenOCD's arguments for a board: the rack file's adapter, or a virtual board's, then the type's target files. */
#include <stdio.h>
#include <string.h>

#include "agents/bench/private.h"
#include "core/base/log.h"

#define ARGS_MAX 64

struct args {
	const char *arg[ARGS_MAX + 1];
	size_t count;
	char adapter[400];
	char work_area[48];
};

static void add(struct args *args, const char *first, const char *second)
{
	if (args->count + 2 > ARGS_MAX)
		return;
	args->arg[args->count++] = first;
	if (second)
		args->arg[args->count++] = second;
}

static void add_adapter(const struct bench *bench, struct args *args)
{
	const struct board_config *config = bench->options.config;

	if (bench->vboard) {
		snprintf(args->adapter, sizeof args->adapter,
			 "adapter driver st-link; st-link vid_pid 0x0483 0x374f; st-link backend tcp %u; "
			 "adapter serial {%s}; transport select dapdirect_swd",
			 vboard_probe_port(bench->vboard), config->name);
		add(args, "-c", args->adapter);
		return;
	}
	if (config->interface[0])
		add(args, "-f", config->interface);
	for (size_t i = 0; i < config->openocd_args.count; i++)
		add(args, config->openocd_args.arg[i], NULL);
}

static void add_target(const struct bench *bench, struct args *args)
{
	const struct board_config *config = bench->options.config;
	const struct board_type *type = bench->options.type;

	if (type->openocd_work_area_set) {
		snprintf(args->work_area, sizeof args->work_area, "set WORKAREASIZE 0x%x",
			 type->openocd_work_area_bytes);
		add(args, "-c", args->work_area);
	}
	for (size_t i = 0; i < config->openocd_files.count; i++)
		add(args, "-f", config->openocd_files.arg[i]);
	for (size_t i = 0; config->openocd_files.count == 0 && i < type->openocd_config_count; i++)
		add(args, "-f", type->openocd_config[i]);
}

static bool handle_core_notice(struct bench *bench, enum probe_notice notice, const char *text)
{
	log_info(bench->options.config->name, "openocd: %s", text);
	if (notice == PROBE_CORE_RESET)
		capture_reset_seen(&bench->capture);
	else if (notice == PROBE_CORE_HALTED)
		capture_stop(&bench->capture, CAPTURE_CRASHED);
	else
		return false;
	return true;
}

static void on_notice(void *context, enum probe_notice notice, const char *text)
{
	struct bench *bench = context;

	if (notice == PROBE_DIED && !bench->walking) {
		bench->events.on_tool_died(bench->events.context, CAUSE_PROBE, text);
		return;
	}
	if (bench->holding && notice == PROBE_DIED) {
		bench_hold_tool_died(bench, text);
		return;
	}
	if (handle_core_notice(bench, notice, text) || !bench->capturing)
		return;
	/* Dead tool, or a target that is gone: the first ends a run, the second only when the virtual board says that
	 * it is: firmware may switch its debug port off. */
	if (notice == PROBE_DIED || bench->vboard)
		bench_capture_doubt(bench, notice == PROBE_DIED, text);
}

int bench_make_probe(struct bench *bench, struct err *err)
{
	struct args args = {.count = 0};
	struct openocd_options options = {.name = bench->options.config->name,
					  .argv = args.arg,
					  .scripts_dir = bench->options.scripts_dir,
					  .directory = bench->dir,
					  .target = bench->options.type->openocd_target};
	struct probe_events events = {.context = bench, .on_notice = on_notice};

	add_adapter(bench, &args);
	add_target(bench, &args);
	return openocd_create(bench->loop, &options, &events, &bench->probe, err);
}

void bench_adopt_vboard(struct bench *bench)
{
	struct err err = {0};
	const char *console = vboard_console(bench->vboard);

	if (bench->probe)
		bench->probe->ops->destroy(bench->probe);
	bench->probe = NULL;
	if (bench_make_probe(bench, &err))
		log_error(bench->options.config->name, "%s", err.text);
	bench->console_config.kind = CONSOLE_SERIAL;
	if (strncmp(console, "tcp:", 4) == 0 &&
	    console_parse_address(console + 4, bench->console_config.host, sizeof bench->console_config.host,
				  &bench->console_config.port))
		bench->console_config.kind = CONSOLE_TCP;
	else
		snprintf(bench->console_config.device, sizeof bench->console_config.device, "%s", console);
}
