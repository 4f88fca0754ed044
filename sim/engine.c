/* SPDX-License-Identifier: Apache-2.0 */
/* The simulation's loop: what happens next happens, then the plan decides. */
#include "sim/engine.h"

#include <stdlib.h>
#include <sys/resource.h>

#include "core/base/mem.h"
#include "sim/sim.h"

#define RECORDED_NAME "recorded"

/* Windows open at least so often: when nothing happened for longer, nothing more will. */
#define IDLE_US (INT64_C(15) * 24 * 3600 * 1000000)

static void happen(struct sim *sim, struct event *event)
{
	switch ((enum sim_event)event->kind) {
	case EVENT_ARRIVAL:
		source_on_arrival(sim, event_container(event, struct sim_source, event));
		break;
	case EVENT_RECORDED:
		recorded_on_arrival(sim);
		break;
	case EVENT_RUN_ENDS:
		run_on_end(sim, event_container(event, struct sim_run, event));
		break;
	case EVENT_RUN_YIELDS:
		run_on_yield(sim, event_container(event, struct sim_run, event));
		break;
	case EVENT_WINDOW:
		job_on_window(sim, event_container(event, struct sim_job, event));
		break;
	case EVENT_WAKE:
		break;
	}
}

static void decide(struct sim *sim)
{
	struct plan *plan = sim->world.plan;
	struct plan_action action;
	int64_t wake_us;

	for (;;) {
		struct sim_run *run;
		int64_t took_ns;

		stopwatch_start(&sim->watch);
		action = plan_next(plan, sim->now_us);
		took_ns = stopwatch_stop(&sim->watch);
		if (action.kind == PLAN_NOTHING)
			break;
		stopwatch_decision(&sim->watch, took_ns);
		run = list_container(action.run, struct sim_run, run);
		if (action.kind == PLAN_PLACE)
			run_place(sim, run, list_container(action.board, struct world_board, board));
		else
			run_ask_to_yield(sim, run);
	}
	wake_us = plan_next_wake(plan);
	if (wake_us != PLAN_NEVER)
		timeline_set(&sim->timeline, &sim->wake, wake_us > sim->now_us ? wake_us : sim->now_us + 1);
	else
		timeline_clear(&sim->timeline, &sim->wake);
}

static bool is_idle(const struct sim *sim, int64_t at_us)
{
	return at_us > sim->load->horizon_us && sim->running == 0 && at_us - sim->last_us > IDLE_US;
}

static void run_to_the_end(struct sim *sim)
{
	struct event *event;

	while ((event = timeline_first(&sim->timeline)) != NULL && !is_idle(sim, event->at_us)) {
		sim->now_us = event->at_us;
		while (event && event->at_us == sim->now_us) {
			timeline_clear(&sim->timeline, event);
			happen(sim, event);
			event = timeline_first(&sim->timeline);
		}
		decide(sim);
	}
}

/* --- Before and after ------------------------------------------------------------------------------------------ */

static struct result *result_create(const struct load *load, bool is_recorded, const char *label)
{
	struct result *result = mem_alloc(sizeof(*result));

	mem_text_into(result->label, sizeof(result->label), label);
	result->org_count = load->org_count;
	result->orgs = mem_alloc_array(load->org_count + 1, sizeof(*result->orgs));
	for (size_t i = 0; i < load->org_count; i++) {
		mem_text_into(result->orgs[i].name, sizeof(result->orgs[i].name), load->orgs[i].name);
		result->orgs[i].weight = load->orgs[i].weight;
	}
	result->stream_count = load->stream_count + is_recorded;
	result->streams = mem_alloc_array(result->stream_count + 1, sizeof(*result->streams));
	for (size_t i = 0; i < result->stream_count; i++)
		mem_text_into(result->streams[i].name, sizeof(result->streams[i].name),
			      i < load->stream_count ? load->streams[i].name : RECORDED_NAME);
	return result;
}

void result_destroy(struct result *result)
{
	if (!result)
		return;
	free(result->orgs);
	free(result->streams);
	free(result);
}

static void begin(struct sim *sim)
{
	const struct load *load = sim->load;

	list_init(&sim->jobs);
	timeline_init(&sim->timeline);
	world_init(&sim->world, load);
	measure_init(&sim->measure, load->horizon_us, load->org_count, sim->world.pool_count,
		     sim->result->stream_count);
	sim->wake.kind = EVENT_WAKE;
	sim->sources = mem_alloc_array(load->stream_count + 1, sizeof(*sim->sources));
	for (size_t i = 0; i < load->stream_count; i++)
		source_init(sim, &sim->sources[i], &load->streams[i]);
	recorded_init(sim);
}

/* What never got a board, and why one of it did not. */
static void count_left(struct sim *sim)
{
	list_for_each (link, &sim->jobs) {
		const struct sim_job *job = list_container(link, struct sim_job, link);

		for (size_t i = 0; i < job->run_count; i++) {
			const struct plan_run *run = &job->runs[i].run;

			if (!job->runs[i].is_waiting)
				continue;
			if (sim->result->left++ == 0)
				mem_text_into(
					sim->result->left_reason, sizeof(sim->result->left_reason),
					plan_reason_text(plan_explain(sim->world.plan, run, NULL, sim->now_us).reason));
		}
	}
}

static int64_t processor_ns(void)
{
	struct rusage usage;

	if (getrusage(RUSAGE_SELF, &usage))
		return 0;
	return ((int64_t)usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000000 +
	       ((int64_t)usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1000;
}

static void sum_up(struct sim *sim)
{
	struct result *result = sim->result;
	struct rusage usage;

	count_left(sim);
	result->boards = sim->world.board_count;
	result->hosts = sim->world.host_count;
	measure_result(&sim->measure, result);
	result->decisions = sim->watch.decisions;
	result->plan_ns = sim->watch.total_ns;
	result->decision_p50_ns = stopwatch_percentile_ns(&sim->watch, 50);
	result->decision_p99_ns = stopwatch_percentile_ns(&sim->watch, 99);
	result->decision_max_ns = sim->watch.longest_ns;
	result->elapsed_ns = stopwatch_now_ns() - sim->begun_ns;
	result->processor_ns = processor_ns() - sim->processor_ns;
	if (getrusage(RUSAGE_SELF, &usage) == 0)
		result->memory_bytes = (int64_t)usage.ru_maxrss * 1024;
}

static void finish(struct sim *sim)
{
	world_finish(&sim->world);
	list_for_each_safe (link, &sim->jobs)
		free(list_container(link, struct sim_job, link));
	measure_finish(&sim->measure);
	timeline_finish(&sim->timeline);
	free(sim->sources);
}

struct result *simulate(const struct load *load, const struct recording *recording, const char *label)
{
	struct sim *sim = mem_alloc(sizeof(*sim));
	struct result *result = result_create(load, recording != NULL, label);

	sim->begun_ns = stopwatch_now_ns();
	sim->processor_ns = processor_ns();
	sim->load = load;
	sim->recording = recording;
	sim->result = result;
	begin(sim);
	run_to_the_end(sim);
	sum_up(sim);
	finish(sim);
	free(sim);
	return result;
}
