/* SPDX-License-Identifier: Apache-2.0 */
/* One simulation, as its parts see it. */
#ifndef ASSAY_SIM_SIM_H
#define ASSAY_SIM_SIM_H

#include "sim/draw.h"
#include "sim/measure.h"
#include "sim/recording.h"
#include "sim/stopwatch.h"
#include "sim/timeline.h"
#include "sim/world.h"

enum sim_event { EVENT_ARRIVAL, EVENT_RECORDED, EVENT_RUN_ENDS, EVENT_RUN_YIELDS, EVENT_WINDOW, EVENT_WAKE };

/* A stream of the load, and when its next job comes. */
struct sim_source {
	const struct load_stream *stream;
	struct event event;
	struct draw draw;
	size_t org;
	int64_t left;
};

struct sim_run {
	struct plan_run run;
	struct sim_job *job;
	struct event event; /* while it has a board */
	size_t pool;
	int64_t takes_us;
	bool is_waiting;
	bool has_begun; /* it had a board before */
};

struct sim_job {
	struct plan_job job;
	struct list link;                     /* in sim->jobs */
	const struct calendar_window *window; /* NULL: always open */
	struct event event;                   /* the window opens or closes */
	int64_t due_us;                       /* when it came, or its window opened first; INT64_MIN: not yet */
	int64_t closes_us;
	int64_t flash_us;
	size_t org, stream;
	size_t waiting, left; /* runs */
	bool is_open;
	size_t ask_count, run_count;
	struct plan_ask *asks;
	struct sim_run *runs;
};

struct sim {
	const struct load *load;
	const struct recording *recording; /* NULL: none */
	struct world world;
	struct timeline timeline;
	struct measure measure;
	struct stopwatch watch;
	struct result *result;
	struct list jobs;
	size_t running;  /* runs */
	int64_t last_us; /* when one began or ended */
	int64_t now_us;
	int64_t orders;
	struct sim_source *sources;
	struct event recorded, wake;
	int64_t begun_ns, processor_ns; /* of the machine */
	size_t next_recorded;
};

/* job.c */
struct sim_job *job_create(struct sim *sim, size_t org, size_t member, size_t stream, size_t asks, size_t runs);
/* What else there is to know of the job is filled in first; then come its asks, each followed by its runs. */
void job_submit(struct sim *sim, struct sim_job *job);
struct plan_ask *job_add_ask(struct sim *sim, struct sim_job *job, const struct plan_selector *selector,
			     int64_t estimate_us, int64_t limit_us, uint64_t image);
void job_add_run(struct sim *sim, struct sim_job *job, struct plan_ask *ask, size_t pool, int64_t takes_us);
void job_on_window(struct sim *sim, struct sim_job *job);
/* As the plan decided. */
void run_place(struct sim *sim, struct sim_run *run, struct world_board *board);
void run_ask_to_yield(struct sim *sim, struct sim_run *run);
/* Its time is over. The job may be gone then. */
void run_on_end(struct sim *sim, struct sim_run *run);
void run_on_yield(struct sim *sim, struct sim_run *run);

/* source.c */
void source_init(struct sim *sim, struct sim_source *source, const struct load_stream *stream);
void source_on_arrival(struct sim *sim, struct sim_source *source);
void recorded_init(struct sim *sim);
void recorded_on_arrival(struct sim *sim);

#endif
