/* SPDX-License-Identifier: Apache-2.0 */
/* Where jobs come from: the streams of a load, and a recording. */
#include "sim/sim.h"

/* --- Streams --------------------------------------------------------------------------------------------------- */

/* The next time after one; INT64_MAX: never. */
static int64_t next_time_us(const struct sim *sim, struct sim_source *source, int64_t after_us)
{
	const struct load_stream *stream = source->stream;
	struct calendar_instant instant;

	if (stream->arrivals == ARRIVE_RANDOMLY)
		return after_us + draw_exponential(&source->draw, stream->between_us);
	if (stream->arrivals == ARRIVE_EVERY)
		return after_us + stream->between_us;
	if (!calendar_next(&stream->at, sim->load->start_us + after_us, &instant))
		return INT64_MAX;
	return instant.at_us - sim->load->start_us;
}

static void set_next(struct sim *sim, struct sim_source *source, int64_t after_us)
{
	int64_t at_us = next_time_us(sim, source, after_us);

	if (source->left > 0 && at_us < sim->load->horizon_us)
		timeline_set(&sim->timeline, &source->event, at_us);
}

void source_init(struct sim *sim, struct sim_source *source, const struct load_stream *stream)
{
	source->stream = stream;
	source->event.kind = EVENT_ARRIVAL;
	source->left = stream->total;
	source->org = (size_t)(load_find_org(sim->load, stream->org) - sim->load->orgs);
	draw_init(&source->draw, sim->load->seed, stream->name);
	set_next(sim, source, -1); /* a calendar's midnight, and what comes every so often, is at 0 too */
	if (stream->arrivals == ARRIVE_EVERY && source->left > 0)
		timeline_set(&sim->timeline, &source->event, 0);
}

static uint64_t image_of(struct sim_source *source, size_t stream)
{
	if (source->stream->images == 0)
		return 0;
	return ((uint64_t)stream + 1) << 32 | (draw_below(&source->draw, (uint64_t)source->stream->images) + 1);
}

static void add_part(struct sim *sim, struct sim_source *source, struct sim_job *job, const struct load_part *part,
		     uint64_t image)
{
	const struct load_stream *stream = source->stream;
	struct world_pool *pool = world_find_pool(&sim->world, part->type);
	struct plan_selector selector = {.pool = &pool->pool, .traits = world_traits(&sim->world, &part->traits)};
	int64_t estimate_us = (int64_t)((double)load_mean_us(&stream->takes) * stream->estimate);
	struct plan_ask *ask = job_add_ask(sim, job, &selector, estimate_us, stream->limit_us, image);

	for (int64_t i = 0; i < part->count; i++)
		job_add_run(sim, job, ask, (size_t)(pool - sim->world.pools),
			    draw_takes(&source->draw, &stream->takes));
}

static void submit(struct sim *sim, struct sim_source *source)
{
	const struct load_stream *stream = source->stream;
	size_t number = (size_t)(source - sim->sources), runs = 0;
	uint64_t members = (uint64_t)sim->load->orgs[source->org].members;
	uint64_t image = image_of(source, number);
	struct sim_job *job;

	for (size_t i = 0; i < stream->part_count; i++)
		runs += (size_t)stream->part[i].count;
	job = job_create(sim, source->org, draw_below(&source->draw, members), number, stream->part_count, runs);
	job->job.priority = (int)stream->priority;
	job->job.max_parallel = (uint32_t)stream->parallel;
	job->job.is_gang = stream->together;
	job->job.is_preemptible = stream->preemptible;
	job->window = stream->has_window ? &stream->window : NULL;
	job->flash_us = stream->flash_us;
	job_submit(sim, job);
	for (size_t i = 0; i < stream->part_count; i++)
		add_part(sim, source, job, &stream->part[i], image);
}

void source_on_arrival(struct sim *sim, struct sim_source *source)
{
	for (int64_t i = 0; i < source->stream->burst && source->left > 0; i++) {
		source->left--;
		submit(sim, source);
	}
	set_next(sim, source, sim->now_us);
}

/* --- A recording ----------------------------------------------------------------------------------------------- */

static void set_next_recorded(struct sim *sim)
{
	const struct recording *recording = sim->recording;

	if (sim->next_recorded < recording->run_count)
		timeline_set(&sim->timeline, &sim->recorded, recording->runs[sim->next_recorded].at_us);
}

void recorded_init(struct sim *sim)
{
	sim->recorded.kind = EVENT_RECORDED;
	if (sim->recording)
		set_next_recorded(sim);
}

/* The runs of one job that were queued at one time for one type; estimated as runs of the type took on average. */
void recorded_on_arrival(struct sim *sim)
{
	const struct recording *recording = sim->recording;
	const struct recorded_run *run = &recording->runs[sim->next_recorded];
	const struct recorded_job *from = &recording->jobs[run->job];
	const struct recorded_type *type = &recording->types[run->type];
	struct world_pool *pool = world_find_pool(&sim->world, type->name);
	struct plan_selector selector = {.pool = &pool->pool};
	struct plan_ask *ask;
	struct sim_job *job;
	size_t count = 1;

	if (run->wanted >= 0 && type->has_names)
		selector.board = &sim->world.boards[pool->first + (size_t)run->wanted].board;
	while (sim->next_recorded + count < recording->run_count && run[count].job == run->job &&
	       run[count].type == run->type && run[count].at_us == run->at_us && run[count].wanted == run->wanted &&
	       run[count].image == run->image)
		count++;
	job = job_create(sim, from->org, from->member, sim->load->stream_count, 1, count);
	job->job.priority = from->priority;
	job_submit(sim, job);
	ask = job_add_ask(sim, job, &selector, (int64_t)(type->sum_us / (double)type->runs), type->longest_us,
			  run->image);
	for (size_t i = 0; i < count; i++)
		job_add_run(sim, job, ask, (size_t)(pool - sim->world.pools), run[i].takes_us);
	sim->next_recorded += count;
	set_next_recorded(sim);
}
