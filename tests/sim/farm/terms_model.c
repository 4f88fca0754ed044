/* SPDX-License-Identifier: Apache-2.0 */
/* What people said of when and with whom their runs start, of what organisations may have and of racks that take
 * nothing new: each lease is held against it as it is stored. */
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/spec/spec.h"
#include "tests/sim/farm/sim.h"

void terms_read(struct world *world, struct stored_job *job)
{
	struct doc_problems *problems = mem_alloc(sizeof(*problems));
	json_t *json = json_loads(job->spec, 0, NULL);
	struct job_spec *spec = NULL;
	struct err err = {0};

	CHECK(world, json && job_spec_from_json(json, &spec, &err) == 0, "a specification: %s", err.text);
	doc_problems_init(problems, "");
	CHECK(world, spec_when_resolve(&spec->when, SIM_EPOCH_S * 1000000 + world->now_us, NULL, &job->terms, problems),
	      "%s: %s", problems->item[0].field, problems->item[0].found);
	job->when = spec->when;
	job->together = spec->together;
	job->preemptible = spec->preemptible;
	job_spec_destroy(spec);
	json_decref(json);
	free(problems);
}

static void check_hours(struct world *world, const struct stored_job *job, int64_t at_us)
{
	const struct job_terms *terms = &job->terms;
	struct calendar_span span;

	CHECK(world, at_us >= terms->not_before_us, "job %lld begins early", (long long)job->record.id);
	CHECK(world, at_us < terms->deadline_us, "job %lld begins after its deadline", (long long)job->record.id);
	CHECK(world, !terms->has_window || (calendar_window_at(&terms->window, at_us, &span) && span.from_us <= at_us),
	      "job %lld begins outside its window", (long long)job->record.id);
}

static void check_after(struct world *world, const struct stored_job *job)
{
	for (size_t i = 0; i < job->when.after_count; i++) {
		const struct job_record *other = &world->store.jobs[job->when.after[i]].record;

		CHECK(world, other->state == JOB_FINISHED && (job->when.after_any_end || other->verdict == RUN_PASSED),
		      "job %lld begins before job %lld is over, and well", (long long)job->record.id,
		      (long long)other->id);
	}
}

/* With the lease that was just opened. */
static void check_cap(struct world *world, const char *org)
{
	const struct org_record *limits = NULL;
	uint32_t leased = 0;

	for (size_t i = 0; i < SIM_ORGS; i++) {
		if (strcmp(world->store.orgs[i].name, org) == 0)
			limits = &world->store.orgs[i];
	}
	for (int i = 0; i < SIM_BOARDS; i++) {
		const struct stored_board *board = &world->store.boards[i];

		leased += board->lease_fence && strcmp(world->store.runs[board->lease_run].record.org, org) == 0;
	}
	CHECK(world, !limits || !limits->cap || leased <= limits->cap, "%s has %u boards, its cap is %u", org, leased,
	      limits ? limits->cap : 0);
}

void terms_check_lease(struct world *world, const struct lease_record *lease)
{
	struct stored_job *job = &world->store.jobs[world->store.runs[lease->run].record.job];

	if (job->record.kind == JOB_IS_CHECK)
		return; /* the farm's own */
	check_hours(world, job, lease->begun_at_us);
	check_after(world, job);
	check_cap(world, lease->org);
	CHECK(world, !world->store.drained[sim_board_index(lease->board) / SIM_AGENT_BOARDS],
	      "%s is leased while its rack is drained", lease->board);
	if (job->together)
		world->store.gang = lease->run;
	world->counts.gangs += job->together;
}

/* After a change in which one of those that belong together got its board all have one, or are over. */
void terms_check_change(struct world *world)
{
	const struct run_record *begun = &world->store.runs[world->store.gang].record;
	int64_t gang = begun->state == RUN_IS_ASSIGNED ? begun->job : 0; /* or it was given back at once */

	world->store.gang = 0;
	for (int64_t i = 1; gang && i <= world->store.last_run; i++) {
		const struct run_record *run = &world->store.runs[i].record;

		CHECK(world, run->job != gang || run->state != RUN_IS_QUEUED,
		      "run %lld waits, though others of job %lld have their boards", (long long)i, (long long)gang);
	}
}

void terms_put_org(struct world *world, const struct org_record *record)
{
	for (size_t i = 0; i < SIM_ORGS; i++) {
		struct org_record *org = &world->store.orgs[i];

		if (org->name[0] && strcmp(org->name, record->name) != 0)
			continue;
		*org = *record;
		return;
	}
}

void terms_put_drain(struct world *world, const struct drain_record *record)
{
	int agent = sim_agent_index(record->agent);

	world->store.drained[agent] = record->draining;
	world->store.drains[agent] = *record;
}

void terms_records(const struct store_model *store, struct farm_records *ret_records)
{
	ret_records->orgs = mem_alloc_array(SIM_ORGS, sizeof(*ret_records->orgs));
	ret_records->drains = mem_alloc_array(SIM_AGENTS, sizeof(*ret_records->drains));
	for (size_t i = 0; i < SIM_ORGS; i++) {
		if (store->orgs[i].name[0])
			ret_records->orgs[ret_records->org_count++] = store->orgs[i];
	}
	for (size_t i = 0; i < SIM_AGENTS; i++) {
		if (store->drained[i])
			ret_records->drains[ret_records->drain_count++] = store->drains[i];
	}
}
