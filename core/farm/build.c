/* SPDX-License-Identifier: Apache-2.0 */
/* The farm built from records and taken apart again. */
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/farm/event.h"
#include "core/farm/farm_state.h"
#include "core/farm/outbox.h"
#include "core/farm/planning.h"
#include "core/farm/state_board.h"
#include "core/farm/state_hold.h"
#include "core/farm/state_image.h"
#include "core/farm/state_job.h"
#include "core/farm/state_night.h"
#include "core/farm/state_org.h"
#include "core/farm/state_rack.h"
#include "core/farm/state_run.h"
#include "core/farm/state_standard.h"

static void load_boards(struct farm *farm, const struct farm_records *records)
{
	for (size_t i = 0; i < records->type_count; i++) {
		struct pool *pool = pool_get(farm, records->types[i].name);
		json_t *body = json_loads(records->types[i].body, 0, NULL);

		pool->record = records->types[i];
		pool->record.body = mem_text(records->types[i].body);
		pool->has_type = body && board_type_from_json(body, &pool->type, NULL) == 0;
		json_decref(body);
	}
	for (size_t i = 0; i < records->agent_count; i++)
		(void)agent_add(farm, &records->agents[i]);
	for (size_t i = 0; i < records->board_count; i++) {
		struct agent *agent = agent_find(farm, records->boards[i].agent);

		if (agent) /* board_image_load tells what is in its flash */
			board_add(farm, &records->boards[i], agent)->record.flashed_run = 0;
	}
	for (size_t i = 0; i < records->wear_count; i++) {
		struct board *board = board_find(farm, records->wears[i].board);

		if (board)
			board_wear_load(farm, board, &records->wears[i]);
	}
}

static void load_orgs(struct farm *farm, const struct farm_records *records)
{
	for (size_t i = 0; i < records->org_count; i++)
		org_load(farm, &records->orgs[i]);
	for (size_t i = 0; i < records->member_count; i++)
		member_load(farm, &records->members[i]);
	for (size_t i = 0; i < records->drain_count; i++)
		drain_load(farm, &records->drains[i]);
	debts_load(farm, records->debts);
}

static int load_jobs(struct farm *farm, const struct farm_records *records, struct err *err)
{
	for (size_t i = 0; i < records->job_count; i++) {
		const struct job_record *record = &records->jobs[i];
		struct job_spec *spec = NULL;
		json_t *json = json_loads(record->spec ? record->spec : "", 0, NULL);
		int rc = json ? job_spec_from_json(json, &spec, err)
			      : err_set(err, ERR_CORRUPT, "its specification is no JSON");

		json_decref(json);
		if (rc) {
			err_prefix(err, "job %lld", (long long)record->id);
			return rc;
		}
		(void)job_add(farm, record, spec);
		night_job_added(farm, record->night);
	}
	return 0;
}

static void load_holds(struct farm *farm, const struct farm_records *records)
{
	for (size_t i = 0; i < records->hold_count; i++) {
		struct job *job = job_find(farm, records->holds[i].job);

		if (job)
			hold_add(farm, job, &records->holds[i]);
	}
}

/* Where the attempt before this one was, to go elsewhere again. */
static const struct plan_board *board_before(const struct farm *farm, const struct run *run)
{
	list_for_each (link, &run->job->runs) {
		const struct run *other = list_container(link, struct run, job_link);
		const struct board *board;

		if (other->record.index != run->record.index || other->record.attempt + 1 != run->record.attempt)
			continue;
		board = board_find(farm, other->record.board);
		return board ? &board->plan : NULL;
	}
	return NULL;
}

/* What an assign that may have to be sent again says; NULL when it is not readable any more: then it is resolved
 * anew. */
static struct asked *load_asked(const struct run_record *record)
{
	json_t *json = json_loads(record->asked ? record->asked : "", 0, NULL);
	struct asked *asked = mem_alloc(sizeof(*asked));

	if (!json || asked_from_json(json, asked, NULL)) {
		free(asked);
		asked = NULL;
	}
	json_decref(json);
	return asked;
}

static void add_run(struct farm *farm, const struct run_record *record)
{
	struct job *job = job_find(farm, record->job);

	if (job && record->spec < job->spec->run_count)
		run_add(farm, job, record)->durable = record->have;
}

/* Where it stands, once all of its job are there. A run that has a board is leased to it again; its agent has
 * agent_grace_ms from now to come. */
static void load_run(struct farm *farm, const struct run_record *record)
{
	struct run *run = run_find(farm, record->id);

	if (!run || record->state == RUN_IS_FINISHED)
		return;
	if (record->state == RUN_IS_QUEUED) {
		run->plan.avoid = board_before(farm, run);
		run_queue(farm, run);
		return;
	}
	run->asked = record->state == RUN_IS_ASSIGNED ? load_asked(record) : NULL;
	run->assign_sent = true;
	run->board = board_find(farm, record->board);
	if (run->board && !run->board->run) {
		run->board->run = run;
		list_append(&farm->leased, &run->lease_link);
		run_plan_resume(farm, run);
		if (record->state == RUN_IS_ASSIGNED && !run->asked)
			run_ask(farm, run);
		return;
	}
	run->board = NULL;
	run_finish(farm, run, CAUSE_INTERNAL, "the record of its lease is damaged", false);
}

static void load_runs(struct farm *farm, const struct farm_records *records)
{
	for (size_t i = 0; i < records->run_count; i++)
		add_run(farm, &records->runs[i]);
	for (size_t i = 0; i < records->diagnosis_count; i++)
		diagnosis_count(farm, &records->diagnoses[i]);
	for (size_t i = 0; i < records->run_count; i++)
		load_run(farm, &records->runs[i]);
	for (size_t i = 0; i < records->open_step_count; i++) {
		struct run *run = run_find(farm, records->open_steps[i].run);

		if (run) {
			run->step = records->open_steps[i];
			run->step_open = true;
		}
	}
	for (size_t i = 0; i < records->board_image_count; i++)
		board_image_load(farm, &records->board_images[i]);
}

/* After a restart nobody is connected. */
static void all_gone(struct farm *farm)
{
	for (struct map_node *node = map_next(&farm->agents, NULL); node; node = map_next(&farm->agents, node)) {
		struct agent *agent = map_container(node, struct agent, node);

		if (agent->record.online) {
			agent->record.online = false;
			agent_keep(farm, agent);
			event_agent(farm, EVENT_AGENT_OFFLINE, agent);
		}
	}
	for (struct map_node *node = map_next(&farm->boards, NULL); node; node = map_next(&farm->boards, node))
		board_update(farm, map_container(node, struct board, node));
}

static void load_suites(struct farm *farm, const struct farm_records *records)
{
	for (size_t i = 0; i < records->suite_count; i++) {
		struct doc_problems *problems = mem_alloc(sizeof(*problems));

		doc_problems_init(problems, records->suites[i].name);
		(void)suite_add(farm, &records->suites[i], problems);
		free(problems);
	}
}

static void load_nights(struct farm *farm, const struct farm_records *records)
{
	for (size_t i = 0; i < records->schedule_count; i++)
		schedule_load(farm, &records->schedules[i]);
	for (size_t i = 0; i < records->drop_count; i++)
		drop_load(farm, &records->drops[i]);
	for (size_t i = 0; i < records->night_count; i++)
		(void)night_load(farm, &records->nights[i]);
	for (size_t i = 0; i < records->secret_count; i++)
		secret_load(farm, &records->secrets[i]);
}

static struct farm *farm_alloc(const struct farm_ports *ports, const struct farm_config *config)
{
	struct farm *farm = mem_alloc(sizeof(*farm));

	farm->ports = *ports;
	farm->config = config ? *config : farm_config_default;
	farm->timer_us = NEVER_US;
	farm->created_us = farm_now(farm);
	list_init(&farm->outbox);
	list_init(&farm->acks);
	list_init(&farm->leased);
	list_init(&farm->holds);
	list_init(&farm->barred);
	list_init(&farm->waivers);
	list_init(&farm->schedules);
	list_init(&farm->nights);
	list_init(&farm->secrets);
	map_init(&farm->drops);
	list_init(&farm->to_check);
	list_init(&farm->times);
	map_init(&farm->goldens);
	map_init(&farm->images);
	list_init(&farm->suspects);
	map_init(&farm->trials);
	list_init(&farm->tried);
	map_init(&farm->jobs);
	map_init(&farm->runs);
	map_init(&farm->boards);
	map_init(&farm->agents);
	map_init(&farm->pools);
	map_init(&farm->suites);
	map_init(&farm->baselines);
	map_init(&farm->orgs);
	map_init(&farm->members);
	map_init(&farm->words);
	list_init(&farm->timed);
	list_init(&farm->settling);
	estimates_init(&farm->estimates);
	return farm;
}

int farm_build(struct farm *farm, const struct farm_records *records, struct err *err)
{
	int rc;

	farm->last_job = records->last_job;
	farm->last_run = records->last_run;
	farm->last_seq = records->last_seq;
	farm->last_waiver = records->last_waiver;
	farm->last_night = records->last_night;
	farm->durable_seq = records->last_seq;
	planning_init(farm);
	load_boards(farm, records);
	board_times_load(farm, records);
	load_orgs(farm, records);
	load_suites(farm, records);
	for (size_t i = 0; i < records->waiver_count; i++)
		waiver_load(farm, &records->waivers[i]);
	for (size_t i = 0; i < records->golden_count; i++)
		golden_load(farm, &records->goldens[i]);
	for (size_t i = 0; i < records->held_image_count; i++)
		held_image_load(farm, &records->held_images[i]);
	for (size_t i = 0; i < records->tried_image_count; i++)
		tried_image_load(farm, &records->tried_images[i]);
	for (size_t i = 0; i < records->accepted_count; i++)
		baseline_load(farm, &records->accepted[i]);
	load_nights(farm, records);
	planning_learn(farm, records);
	rc = load_jobs(farm, records, err);
	if (rc)
		return rc;
	load_holds(farm, records);
	for (size_t i = 0; i < records->diagnosis_count; i++)
		diagnosis_load(farm, &records->diagnoses[i]);
	load_runs(farm, records);
	all_gone(farm);
	nights_resume(farm);
	return 0;
}

int farm_create(const struct farm_ports *ports, const struct farm_config *config, const struct farm_records *records,
		struct farm **ret_farm, struct err *err)
{
	struct farm *farm = farm_alloc(ports, config);
	int rc;

	mem_text_into(farm->id, sizeof(farm->id), records->farm_id);
	farm_enter(farm);
	rc = farm_build(farm, records, err);
	if (rc) {
		change_destroy(farm->open);
		farm->open = NULL;
		farm_destroy(farm);
		return rc;
	}
	farm_leave(farm);
	farm_arm(farm);
	*ret_farm = farm;
	return 0;
}

void farm_clear(struct farm *farm)
{
	struct map_node *node;

	planning_clear(farm);
	while ((node = map_next(&farm->jobs, NULL)))
		job_forget(farm, map_container(node, struct job, node));
	farm->waiting = 0;
	while ((node = map_next(&farm->boards, NULL))) {
		map_remove(&farm->boards, node);
		board_destroy(map_container(node, struct board, node));
	}
	while ((node = map_next(&farm->agents, NULL))) {
		map_remove(&farm->agents, node);
		agent_destroy(map_container(node, struct agent, node));
	}
	while ((node = map_next(&farm->pools, NULL))) {
		map_remove(&farm->pools, node);
		pool_destroy(map_container(node, struct pool, node));
	}
	while ((node = map_next(&farm->suites, NULL))) {
		map_remove(&farm->suites, node);
		suite_entry_destroy(map_container(node, struct suite_entry, node));
	}
	waivers_clear(farm);
	schedules_clear(farm);
	drops_clear(farm);
	nights_clear(farm);
	secrets_clear(farm);
	goldens_clear(farm);
	images_clear(farm);
	trials_clear(farm);
	baselines_clear(farm);
}

void farm_destroy(struct farm *farm)
{
	struct err err;

	if (!farm)
		return;
	(void)err_set(&err, ERR_CANCELLED, "the farm is closing");
	outbox_finish(&farm->outbox, 0, &err, &err);
	farm_clear(farm);
	barred_finish(farm);
	map_finish(&farm->goldens);
	map_finish(&farm->images);
	map_finish(&farm->trials);
	map_finish(&farm->jobs);
	map_finish(&farm->runs);
	map_finish(&farm->boards);
	map_finish(&farm->agents);
	map_finish(&farm->pools);
	map_finish(&farm->suites);
	map_finish(&farm->baselines);
	map_finish(&farm->drops);
	map_finish(&farm->orgs);
	map_finish(&farm->members);
	words_forget(farm);
	estimates_finish(&farm->estimates);
	free(farm);
}
