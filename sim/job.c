/* SPDX-License-Identifier: Apache-2.0 */
/* A simulated job from its arrival to its last run:
 *
 *   it comes -> its window opens (at once without one) -> the plan places a run -> the run ends -> after the last the
 *   job is gone.
 *
 * A window that closes holds what still waits until it opens again. A run that reaches its limit is ended there. One
 * that is asked to yield ends a little later, unless it is over before, and waits again with all its work to do. */
#include <stdlib.h>

#include "core/base/mem.h"
#include "sim/sim.h"

struct sim_job *job_create(struct sim *sim, size_t org, size_t member, size_t stream, size_t asks, size_t runs)
{
	struct sim_job *job = mem_alloc(sizeof(*job) + asks * sizeof(struct plan_ask) + runs * sizeof(struct sim_run));

	job->asks = (struct plan_ask *)(void *)(job + 1);
	job->runs = (struct sim_run *)(void *)(job->asks + asks);
	job->org = org;
	job->stream = stream;
	job->due_us = INT64_MIN;
	job->event.kind = EVENT_WINDOW;
	job->job.member = &sim->world.orgs[org].members[member];
	job->job.order = ++sim->orders;
	return job;
}

static void job_finish(struct sim *sim, struct sim_job *job)
{
	timeline_clear(&sim->timeline, &job->event);
	list_remove(&job->link);
	for (size_t i = 0; i < job->ask_count; i++)
		plan_ask_remove(sim->world.plan, &job->asks[i]);
	plan_job_remove(sim->world.plan, &job->job);
	free(job);
}

/* --- Windows --------------------------------------------------------------------------------------------------- */

/* What waits could be had from now on, or not before the window opens again. */
static void set_open(struct sim *sim, struct sim_job *job, bool is_open)
{
	if (job->is_open == is_open)
		return;
	job->is_open = is_open;
	if (is_open && job->due_us == INT64_MIN)
		job->due_us = sim->now_us;
	for (size_t i = 0; i < job->run_count && job->waiting > 0; i++)
		if (job->runs[i].is_waiting)
			measure_waiting(&sim->measure, job->org, job->runs[i].pool, sim->now_us, is_open ? 1 : -1);
}

/* The next span, which may have begun. */
static void next_window(struct sim *sim, struct sim_job *job)
{
	int64_t now_us = sim->now_us, start_us = sim->load->start_us;
	struct calendar_span span;

	if (!calendar_window_at(job->window, start_us + now_us, &span))
		return;
	job->closes_us = span.until_us - start_us;
	plan_job_set_window(sim->world.plan, &job->job, span.from_us - start_us, job->closes_us, now_us);
	set_open(sim, job, span.from_us - start_us <= now_us);
	timeline_set(&sim->timeline, &job->event, job->is_open ? job->closes_us : span.from_us - start_us);
}

void job_on_window(struct sim *sim, struct sim_job *job)
{
	if (job->is_open) {
		set_open(sim, job, false);
		next_window(sim, job);
		return;
	}
	set_open(sim, job, true);
	timeline_set(&sim->timeline, &job->event, job->closes_us);
}

/* --- What it asks ---------------------------------------------------------------------------------------------- */

void job_submit(struct sim *sim, struct sim_job *job)
{
	sim->result->jobs++;
	list_append(&sim->jobs, &job->link);
	plan_job_add(sim->world.plan, &job->job);
	if (job->window)
		next_window(sim, job);
	else
		set_open(sim, job, true);
}

struct plan_ask *job_add_ask(struct sim *sim, struct sim_job *job, const struct plan_selector *selector,
			     int64_t estimate_us, int64_t limit_us, uint64_t image)
{
	struct plan_ask *ask = &job->asks[job->ask_count++];

	ask->job = &job->job;
	ask->limit_us = limit_us > 0 ? limit_us : 1;
	ask->estimate_us = estimate_us < ask->limit_us ? estimate_us : ask->limit_us;
	ask->image = image;
	(void)plan_ask_add(sim->world.plan, ask, selector); /* within what a load may say */
	return ask;
}

static void wait_for_board(struct sim *sim, struct sim_run *run)
{
	struct sim_job *job = run->job;

	stopwatch_start(&sim->watch);
	(void)plan_run_add(sim->world.plan, &run->run, run->run.ask, sim->now_us); /* gangs are small enough */
	(void)stopwatch_stop(&sim->watch);
	job->waiting++;
	run->is_waiting = true;
	if (job->is_open)
		measure_waiting(&sim->measure, job->org, run->pool, sim->now_us, 1);
}

void job_add_run(struct sim *sim, struct sim_job *job, struct plan_ask *ask, size_t pool, int64_t takes_us)
{
	struct sim_run *run = &job->runs[job->run_count++];

	run->job = job;
	run->pool = pool;
	run->takes_us = takes_us;
	run->run.order = (int64_t)job->run_count;
	run->run.ask = ask;
	job->left++;
	sim->result->runs++;
	wait_for_board(sim, run);
}

/* --- Its runs -------------------------------------------------------------------------------------------------- */

/* How much longer it takes on this board. */
static int64_t flash(struct sim *sim, const struct sim_run *run, struct world_board *board)
{
	uint64_t image = run->run.ask->image;

	if (image == 0)
		return 0;
	if (board->image == image) {
		sim->result->spared++;
		return 0;
	}
	sim->result->flashed++;
	board->image = image;
	plan_board_set_image(sim->world.plan, &board->board, image);
	plan_board_set_wear(sim->world.plan, &board->board, board->board.wear + 1, false, false);
	return run->job->flash_us;
}

void run_place(struct sim *sim, struct sim_run *run, struct world_board *board)
{
	struct sim_job *job = run->job;
	int64_t takes_us = run->takes_us + flash(sim, run, board);
	int64_t limit_us = run->run.ask->limit_us;

	measure_waiting(&sim->measure, job->org, run->pool, sim->now_us, -1);
	measure_in_use(&sim->measure, job->org, run->pool, sim->now_us, 1);
	if (!run->has_begun)
		measure_start(&sim->measure, job->org, job->stream, sim->now_us - job->due_us);
	run->has_begun = true;
	run->is_waiting = false;
	job->waiting--;
	sim->running++;
	sim->last_us = sim->now_us;
	sim->result->timed_out += takes_us > limit_us;
	run->event.kind = EVENT_RUN_ENDS;
	timeline_set(&sim->timeline, &run->event, sim->now_us + (takes_us < limit_us ? takes_us : limit_us));
}

void run_ask_to_yield(struct sim *sim, struct sim_run *run)
{
	int64_t at_us = sim->now_us + sim->load->yield_us;

	if (run->event.at_us <= at_us)
		return;
	run->event.kind = EVENT_RUN_YIELDS;
	timeline_set(&sim->timeline, &run->event, at_us);
}

static void give_back(struct sim *sim, struct sim_run *run, bool is_charged)
{
	measure_in_use(&sim->measure, run->job->org, run->pool, sim->now_us, -1);
	sim->running--;
	sim->last_us = sim->now_us;
	stopwatch_start(&sim->watch);
	plan_run_end(sim->world.plan, &run->run, sim->now_us, is_charged);
	(void)stopwatch_stop(&sim->watch);
}

void run_on_yield(struct sim *sim, struct sim_run *run)
{
	sim->result->preempted++;
	sim->measure.lost_us += (double)(sim->now_us - run->run.started_us);
	run->run.is_spared = true;
	give_back(sim, run, false);
	wait_for_board(sim, run);
}

void run_on_end(struct sim *sim, struct sim_run *run)
{
	struct sim_job *job = run->job;

	give_back(sim, run, true);
	sim->result->finished++;
	sim->result->makespan_us = sim->now_us;
	if (--job->left == 0)
		job_finish(sim, job);
}
