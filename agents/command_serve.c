/* SPDX-License-Identifier: Apache-2.0 */
/* assay-agent: serves the farm until it is told to stop. */
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include <curl/curl.h>
#include <systemd/sd-daemon.h>

#include "agents/agent.h"
#include "agents/commands.h"
#include "agents/tools.h"
#include "core/base/log.h"

struct serve {
	uv_loop_t loop;
	uv_signal_t on_int, on_term;
	uv_timer_t watchdog;
	struct agent *agent;
};

static void on_stopped(void *context)
{
	struct serve *serve = context;

	uv_stop(&serve->loop);
}

static void on_signal(uv_signal_t *signal, int number)
{
	struct serve *serve = signal->data;

	log_info("agent", "%s: ending", number == SIGINT ? "interrupted" : "told to stop");
	sd_notify(0, "STOPPING=1");
	agent_stop(serve->agent);
}

static void on_watchdog(uv_timer_t *timer)
{
	(void)timer;
	sd_notify(0, "WATCHDOG=1");
}

static void start_handles(struct serve *serve)
{
	uint64_t watchdog_us = 0;

	uv_signal_init(&serve->loop, &serve->on_int);
	uv_signal_init(&serve->loop, &serve->on_term);
	uv_timer_init(&serve->loop, &serve->watchdog);
	serve->on_int.data = serve->on_term.data = serve;
	uv_signal_start(&serve->on_int, on_signal, SIGINT);
	uv_signal_start(&serve->on_term, on_signal, SIGTERM);
	if (sd_watchdog_enabled(0, &watchdog_us) > 0 && watchdog_us)
		uv_timer_start(&serve->watchdog, on_watchdog, 0, watchdog_us / 2000);
}

static void close_handles(struct serve *serve)
{
	uv_close((uv_handle_t *)&serve->on_int, NULL);
	uv_close((uv_handle_t *)&serve->on_term, NULL);
	uv_close((uv_handle_t *)&serve->watchdog, NULL);
}

static int serve_rack(struct serve *serve, const struct agent_options *options)
{
	struct agent_events events = {.context = serve, .on_stopped = on_stopped};
	struct err err = {0};

	if (agent_create(&serve->loop, options, &events, &serve->agent, &err)) {
		log_error("agent", "%s", err.text);
		return err.code == ERR_INVALID || err.code == ERR_BUSY ? EXIT_BAD_INPUT : EXIT_TROUBLE;
	}
	start_handles(serve);
	log_info("agent", "assay-agent " ASSAY_VERSION ", rack %s, %zu boards, farm %s", options->rack->name,
		 options->rack->board_count, options->url);
	tools_look(&serve->loop);
	agent_start(serve->agent);
	sd_notify(0, "READY=1");
	uv_run(&serve->loop, UV_RUN_DEFAULT);
	agent_destroy(serve->agent);
	tools_finish();
	close_handles(serve);
	return EXIT_DONE;
}

int command_serve(const struct options *options)
{
	struct rack *rack = command_load_rack(options->rack, options);
	struct agent_options agent_options = {.rack = rack,
					      .state_dir = options->state_dir,
					      .url = options->daemon,
					      .token_file = options->token_file,
					      .ca_file = options->ca_file[0] ? options->ca_file : NULL,
					      .scripts_dir = options->scripts_dir[0] ? options->scripts_dir : NULL,
					      .vboard_program = options->vboard,
					      .kind = &bench_real};
	struct serve *serve;
	int status = EXIT_TROUBLE;

	if (!rack)
		return EXIT_BAD_INPUT;
	serve = calloc(1, sizeof *serve);
	if (serve && uv_loop_init(&serve->loop) == 0) {
		curl_global_init(CURL_GLOBAL_DEFAULT);
		status = serve_rack(serve, &agent_options);
		uv_run(&serve->loop, UV_RUN_DEFAULT);
		if (uv_loop_close(&serve->loop))
			log_debug("agent", "the loop still had handles");
		curl_global_cleanup();
	}
	free(serve);
	rack_destroy(rack);
	return status;
}
