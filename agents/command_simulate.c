/* SPDX-License-Identifier: Apache-2.0 */
/* assay-agent --simulate: serves the farm with boards that do not exist. One agent a rack, all on one loop, each with
 * its own connection and its own part of the state directory.
 *
 * Happy path: the racks are made -> every agent is created and started -> they serve until a signal -> each stops its
 * boards -> the last one ends the loop.
 * Ways it fails: a bad script, a number that is none, a state directory another agent has -> said, exit 2; nothing was
 * dialled then. A rack that the script makes deaf or lets leave is the farm's to bear with. */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include <curl/curl.h>
#include <systemd/sd-daemon.h>

#include "agents/agent.h"
#include "agents/base/files.h"
#include "agents/commands.h"
#include "agents/simulated_racks.h"
#include "core/base/log.h"

#define STATE_DIR_BYTES 640

/* One rack at work. */
struct serving {
	struct simulation *simulation;
	struct agent *agent;
	uv_timer_t leaving; /* of a rack that leaves now and then */
	int64_t away_ms;
	char state_dir[STATE_DIR_BYTES];
};

struct simulation {
	uv_loop_t loop;
	uv_signal_t on_int, on_term;
	struct sim_script script;
	struct simulated_rack *racks;
	struct serving *serving;
	size_t count, stopped;
	bool stopping;
};

static int read_script(const char *file, struct sim_script *script, struct err *err)
{
	struct doc_problems *problems;
	struct buf words;
	char *text;
	size_t len;
	int rc;

	sim_script_init(script);
	if (!file[0])
		return 0;
	if (files_read(file, DOC_MAX_BYTES, &text, &len, err))
		return (int)err->code;
	problems = calloc(1, sizeof *problems);
	if (!problems) {
		free(text);
		return err_set(err, ERR_NOMEM, "out of memory");
	}
	doc_problems_init(problems, file);
	rc = sim_script_read(file, text, len, script, problems);
	if (rc) {
		buf_init(&words, 1u << 20);
		doc_problems_format(problems, &words);
		fputs(buf_text(&words), stderr);
		buf_finish(&words);
		err_set(err, ERR_INVALID, "%s is not a good script", file);
	}
	free(problems);
	free(text);
	return rc;
}

static int read_count(const char *text, int64_t *ret_count, struct err *err)
{
	char *end;
	long long count;

	errno = 0;
	count = strtoll(text, &end, 10);
	if (errno || end == text || *end || count < 1 || count > SIM_MAX_BOARDS)
		return err_set(err, ERR_INVALID, "--simulate is a number of boards, 1 to %d, not \"%s\"",
			       SIM_MAX_BOARDS, text);
	*ret_count = count;
	return 0;
}

static void on_stopped(void *context)
{
	struct serving *serving = context;

	if (++serving->simulation->stopped == serving->simulation->count)
		uv_stop(&serving->simulation->loop);
}

static void on_signal(uv_signal_t *signal, int number)
{
	struct simulation *simulation = signal->data;

	if (simulation->stopping)
		return;
	simulation->stopping = true;
	log_info("agent", "%s: ending", number == SIGINT ? "interrupted" : "told to stop");
	sd_notify(0, "STOPPING=1");
	for (size_t i = 0; i < simulation->count; i++)
		agent_stop(simulation->serving[i].agent);
}

static void on_leave(uv_timer_t *timer)
{
	struct serving *serving = timer->data;

	agent_leave(serving->agent, serving->away_ms);
}

static void plan_faults(struct serving *serving, size_t index)
{
	const struct sim_script *script = &serving->simulation->script;
	const struct sim_rack_special *special;

	for (size_t i = 0; i < script->rack_count; i++) {
		special = &script->rack[i];
		if (special->rack != (int64_t)index + 1)
			continue;
		if (special->fault == SIM_DEAF) {
			agent_ignore_farm(serving->agent);
		} else {
			serving->away_ms = special->for_ms;
			uv_timer_start(&serving->leaving, on_leave, (uint64_t)special->every_ms,
				       (uint64_t)special->every_ms);
		}
	}
}

static int create_agent(struct simulation *simulation, size_t index, const struct options *options, struct err *err)
{
	struct serving *serving = &simulation->serving[index];
	struct agent_options agent_options = {.rack = &simulation->racks[index].rack,
					      .state_dir = serving->state_dir,
					      .url = options->daemon,
					      .token_file = options->token_file,
					      .ca_file = options->ca_file[0] ? options->ca_file : NULL,
					      .vboard_program = options->vboard,
					      .kind = &bench_simulated,
					      .of_kind = &simulation->racks[index].sim};
	struct agent_events events = {.context = serving, .on_stopped = on_stopped};

	serving->simulation = simulation;
	snprintf(serving->state_dir, sizeof serving->state_dir, "%s/%s", options->state_dir,
		 simulation->racks[index].rack.name);
	if (agent_create(&simulation->loop, &agent_options, &events, &serving->agent, err))
		return (int)err->code;
	uv_timer_init(&simulation->loop, &serving->leaving);
	serving->leaving.data = serving;
	plan_faults(serving, index);
	return 0;
}

static void destroy_agents(struct simulation *simulation)
{
	for (size_t i = 0; i < simulation->count; i++) {
		if (!simulation->serving[i].agent)
			continue;
		uv_close((uv_handle_t *)&simulation->serving[i].leaving, NULL);
		agent_destroy(simulation->serving[i].agent);
	}
}

static void serve(struct simulation *simulation)
{
	uv_signal_init(&simulation->loop, &simulation->on_int);
	uv_signal_init(&simulation->loop, &simulation->on_term);
	simulation->on_int.data = simulation->on_term.data = simulation;
	uv_signal_start(&simulation->on_int, on_signal, SIGINT);
	uv_signal_start(&simulation->on_term, on_signal, SIGTERM);
	for (size_t i = 0; i < simulation->count; i++)
		agent_start(simulation->serving[i].agent);
	sd_notify(0, "READY=1");
	uv_run(&simulation->loop, UV_RUN_DEFAULT);
	uv_close((uv_handle_t *)&simulation->on_int, NULL);
	uv_close((uv_handle_t *)&simulation->on_term, NULL);
}

static int run(struct simulation *simulation, const struct options *options, struct err *err)
{
	int64_t boards = 0;
	int rc = read_count(options->simulate, &boards, err);

	if (rc == 0)
		rc = read_script(options->script, &simulation->script, err);
	if (rc == 0)
		rc = simulated_racks_create(&simulation->script, boards, &simulation->racks, &simulation->count, err);
	if (rc)
		return rc;
	simulation->serving = calloc(simulation->count, sizeof *simulation->serving);
	if (!simulation->serving)
		return err_set(err, ERR_NOMEM, "out of memory");
	for (size_t i = 0; i < simulation->count && rc == 0; i++)
		rc = create_agent(simulation, i, options, err);
	if (rc == 0) {
		log_info("agent", "assay-agent " ASSAY_VERSION ", %" PRId64 " simulated boards in %zu racks, farm %s",
			 boards, simulation->count, options->daemon);
		serve(simulation);
	}
	destroy_agents(simulation);
	return rc;
}

int command_simulate(const struct options *options)
{
	struct simulation *simulation = calloc(1, sizeof *simulation);
	struct err err = {0};
	int rc;

	if (!simulation || uv_loop_init(&simulation->loop)) {
		free(simulation);
		return EXIT_TROUBLE;
	}
	curl_global_init(CURL_GLOBAL_DEFAULT);
	rc = run(simulation, options, &err);
	if (rc)
		log_error("agent", "%s", err.text);
	uv_run(&simulation->loop, UV_RUN_DEFAULT);
	if (uv_loop_close(&simulation->loop))
		log_debug("agent", "the loop still had handles");
	curl_global_cleanup();
	simulated_racks_destroy(simulation->racks, simulation->count);
	free(simulation->serving);
	free(simulation);
	if (rc == 0)
		return EXIT_DONE;
	return err.code == ERR_INVALID || err.code == ERR_BUSY ? EXIT_BAD_INPUT : EXIT_TROUBLE;
}
