/* SPDX-License-Identifier: Apache-2.0 */
/* What the plan is told of the farm: who asks, for which boards, how long; and what it decides, done. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/farm/farm_state.h"
#include "core/farm/planning.h"
#include "core/farm/state_board.h"
#include "core/farm/state_hold.h"
#include "core/farm/state_image.h"
#include "core/farm/state_job.h"
#include "core/farm/state_org.h"
#include "core/farm/state_rack.h"
#include "core/farm/state_run.h"

/* --- who asks --- */

static struct farm_org *org_of(struct map_node *node)
{
	return map_container(node, struct farm_org, node);
}

static struct farm_member *member_of(struct map_node *node)
{
	return map_container(node, struct farm_member, node);
}

struct farm_org *org_find(const struct farm *farm, const char *name)
{
	struct map_node *node = map_first(&farm->orgs, map_hash_text(name));

	while (node && strcmp(org_of(node)->name, name) != 0)
		node = map_same(node);
	return node ? org_of(node) : NULL;
}

/* Any organisation but the farm's own may bring a rack of its own one day. */
struct farm_org *org_get(struct farm *farm, const char *name)
{
	struct farm_org *org = org_find(farm, name);

	if (org)
		return org;
	org = mem_alloc(sizeof(*org));
	mem_text_into(org->name, sizeof(org->name), name);
	org->plan.weight = ORG_USUAL_WEIGHT;
	org->plan.has_boards = strcmp(name, ORG_DEFAULT) != 0;
	plan_org_add(farm->plan, &org->plan);
	map_add(&farm->orgs, &org->node, map_hash_text(name));
	return org;
}

struct plan_org *org_owner(struct farm *farm, const char *name)
{
	return strcmp(name, ORG_DEFAULT) == 0 ? NULL : &org_get(farm, name)->plan;
}

struct farm_member *member_get(struct farm *farm, const char *org_name, const char *name)
{
	struct plan_org *org = &org_get(farm, org_name)->plan;
	struct map_node *node = map_first(&farm->members, map_hash_text(name));
	struct farm_member *member;

	while (node && (member_of(node)->plan.org != org || strcmp(member_of(node)->name, name) != 0))
		node = map_same(node);
	if (node)
		return member_of(node);
	member = mem_alloc(sizeof(*member));
	mem_text_into(member->name, sizeof(member->name), name);
	member->plan.org = org;
	member->plan.weight = ORG_USUAL_WEIGHT;
	plan_member_add(farm->plan, &member->plan);
	map_add(&farm->members, &member->node, map_hash_text(name));
	return member;
}

/* --- what is asked --- */

void job_plan(struct farm *farm, struct job *job)
{
	job->plan.member = &member_get(farm, job->record.org, job->record.owner)->plan;
	job->plan.priority = job->record.priority;
	job->plan.order = job->record.id;
	job->plan.max_parallel = job->spec->parallel;
	job->plan.is_gang = job->spec->together;
	job->plan.is_preemptible = job->spec->preemptible;
	plan_job_add(farm->plan, &job->plan);
	job->asks = mem_alloc_array(job->spec->run_count, sizeof(*job->asks));
}

void job_unplan(struct farm *farm, struct job *job)
{
	for (size_t i = 0; i < job->spec->run_count; i++) {
		struct plan_quota *quota = job->asks[i].quota;

		if (job->asks[i].job)
			plan_ask_remove(farm->plan, &job->asks[i]);
		job->asks[i].job = NULL;
		job->asks[i].quota = NULL;
		trial_ask_gone(farm, quota);
	}
	plan_job_remove(farm->plan, &job->plan);
}

static struct pool *run_pool(const struct farm *farm, const struct run *run)
{
	struct board *wanted = run->record.wanted_board[0] ? board_find(farm, run->record.wanted_board) : NULL;

	return wanted ? pool_of(wanted) : pool_find(farm, run->record.board_type);
}

struct plan_selector run_selector(const struct farm *farm, const struct run *run)
{
	struct board *wanted = run->record.wanted_board[0] ? board_find(farm, run->record.wanted_board) : NULL;
	struct pool *pool = run_pool(farm, run);

	return (struct plan_selector){
		.pool = &pool->plan,
		.board = wanted ? &wanted->plan : NULL,
		.traits = run_traits(farm, &run->job->spec->runs[run->record.spec], pool, run->job->record.kind)};
}

#define KIND_MAX (sizeof(struct took_record) + 4)

/* Runs that are alike in what they take. */
static void name_kind(const char *org, const char *board_type, const char *suite, const char *name,
		      char ret_kind[KIND_MAX])
{
	(void)snprintf(ret_kind, KIND_MAX, "%s\n%s\n%s\n%s", org, board_type, suite, suite[0] ? "" : name);
}

static void kind_of(const struct run *run, char ret_kind[KIND_MAX])
{
	const struct job_record *job = &run->job->record;

	name_kind(job->org, run->record.board_type, job->suite, job->name, ret_kind);
}

void planning_learn(struct farm *farm, const struct farm_records *records)
{
	char kind[KIND_MAX];

	for (size_t i = 0; i < records->took_count; i++) {
		const struct took_record *took = &records->tooks[i];

		name_kind(took->org, took->board_type, took->suite, took->name, kind);
		estimates_note(&farm->estimates, kind, took->took_us);
	}
}

/* Until the farm takes the board away from an agent that ends nothing. */
static int64_t limit_of(const struct farm *farm, int64_t own_ms)
{
	return 1000 * (own_ms + farm->config.run_slack_ms + farm->config.cancel_grace_ms);
}

static int64_t limit_us(const struct farm *farm, const struct run *run)
{
	return limit_of(farm, run->job->hold ? run->job->hold->record.asked_ms : run_end_rule(run)->limit_ms);
}

static uint64_t image_id(const char *sha256)
{
	char head[17];

	mem_text_into(head, sizeof(head), sha256);
	return strtoull(head, NULL, 16);
}

static int64_t at_most(int64_t value, int64_t limit)
{
	return value < limit ? value : limit;
}

/* The ask of the run's entry in the job file, made for the first of them. */
static struct plan_ask *run_ask_of(struct farm *farm, struct run *run)
{
	struct plan_ask *ask = &run->job->asks[run->record.spec];
	struct plan_selector selector;
	char kind[KIND_MAX];
	struct estimate estimate;
	int rc;

	if (ask->job)
		return ask;
	kind_of(run, kind);
	estimate = estimates_of(&farm->estimates, kind);
	if (run->job->hold)
		estimate.median_us = 1000 * run->job->hold->record.asked_ms;
	run_traits_learn(farm, &run->job->spec->runs[run->record.spec], run_pool(farm, run));
	selector = run_selector(farm, run);
	ask->job = &run->job->plan;
	ask->limit_us = limit_us(farm, run);
	ask->estimate_us = at_most(estimate.median_us, ask->limit_us);
	ask->estimate_short_us = run->job->hold ? 0 : at_most(estimate.short_us, ask->limit_us);
	ask->estimate_long_us = run->job->hold ? 0 : at_most(estimate.long_us, ask->limit_us);
	ask->image = image_id(run->record.image_sha256);
	ask->quota = trial_quota(farm, run);
	rc = plan_ask_add(farm->plan, ask, &selector);
	assert(rc == 0);
	(void)rc;
	return ask;
}

/* An attempt before this one gave its board to another run: once is enough. */
static bool has_yielded(const struct run *run)
{
	if (run->record.attempt <= 1)
		return false;
	list_for_each (link, &run->job->runs) {
		const struct run *other = list_container(link, struct run, job_link);

		if (other->record.index == run->record.index && other->record.attempt < run->record.attempt &&
		    other->record.cause == CAUSE_PREEMPTED)
			return true;
	}
	return false;
}

/* The plan's clock. */
static int64_t plan_time(const struct farm *farm, int64_t unix_us)
{
	int64_t at_us = farm_now(farm) + (unix_us - farm_unix(farm));

	return at_us > farm_now(farm) ? at_us : farm_now(farm);
}

void run_plan(struct farm *farm, struct run *run)
{
	const struct hold *hold = run->job->hold;

	run->plan.is_spared = has_yielded(run);
	run->plan.order = run->record.index;
	if (hold && hold->record.from_us && run->record.attempt == 1) {
		/* That it can be promised was seen when it was asked for; after a restart it stays promised. */
		plan_reserve_resume(farm->plan, &run->plan, run_ask_of(farm, run),
				    plan_time(farm, hold->record.from_us), farm_now(farm));
		return;
	}
	(void)plan_run_add(farm->plan, &run->plan, run_ask_of(farm, run), farm_now(farm)); /* no gang is too big */
}

int planning_try(struct farm *farm, const struct run_spec *spec, const struct hold_record *record,
		 int64_t *ret_earliest_us)
{
	struct board *wanted = spec->board[0] ? board_find(farm, spec->board) : NULL;
	struct pool *pool = wanted ? pool_of(wanted) : pool_find(farm, spec->board_type);
	struct plan_job job = {.member = &member_get(farm, record->org, record->holder)->plan, .order = INT64_MAX};
	struct plan_ask ask = {.job = &job, .limit_us = limit_of(farm, record->asked_ms)};
	struct plan_run run = {.order = 0};
	struct plan_selector selector = {.pool = &pool->plan, .board = wanted ? &wanted->plan : NULL};
	int64_t earliest_us = PLAN_NEVER, now_us = farm_now(farm);
	int rc;

	run_traits_learn(farm, spec, pool);
	selector.traits = run_traits(farm, spec, pool, JOB_IS_LEASE);
	ask.estimate_us = 1000 * record->asked_ms;
	plan_job_add(farm->plan, &job);
	rc = plan_ask_add(farm->plan, &ask, &selector);
	if (rc == 0) {
		rc = plan_reserve(farm->plan, &run, &ask, plan_time(farm, record->from_us), now_us, &earliest_us);
		if (rc == 0)
			plan_run_withdraw(farm->plan, &run, now_us);
		plan_ask_remove(farm->plan, &ask);
	}
	plan_job_remove(farm->plan, &job);
	*ret_earliest_us = earliest_us == PLAN_NEVER ? 0 : farm_unix(farm) + (earliest_us - now_us);
	return rc;
}

int planning_extend(struct farm *farm, struct run *run, int64_t for_ms, int64_t *ret_room_ms)
{
	int64_t latest_us = 0, limit = limit_of(farm, run->job->hold->record.asked_ms + for_ms);
	int rc = plan_run_extend(farm->plan, &run->plan, limit, farm_now(farm), &latest_us);

	*ret_room_ms = rc ? (latest_us - run->plan.started_us - run->plan.limit_us) / 1000 : for_ms;
	return rc;
}

void run_plan_now(struct farm *farm, struct run *run, struct board *board)
{
	run->plan.order = run->record.index;
	plan_run_resume(farm->plan, &run->plan, run_ask_of(farm, run), &board->plan, farm_now(farm));
}

void run_plan_resume(struct farm *farm, struct run *run)
{
	int64_t had_us = farm_unix(farm) - run->record.assigned_at_us, limit = limit_us(farm, run);

	had_us = had_us < 0 ? 0 : had_us > limit ? limit : had_us;
	run->plan.order = run->record.index;
	plan_run_resume(farm->plan, &run->plan, run_ask_of(farm, run), &run->board->plan, farm_now(farm) - had_us);
}

void run_plan_done(struct farm *farm, const struct run *run)
{
	char kind[KIND_MAX];

	if (run->job->hold || (run->record.verdict != RUN_PASSED && run->record.verdict != RUN_FAILED))
		return;
	kind_of(run, kind);
	estimates_note(&farm->estimates, kind, run->record.finished_at_us - run->record.assigned_at_us);
}

/* --- boards --- */

void board_plan_image(struct farm *farm, struct board *board)
{
	uint64_t image = board->record.flashed_run ? image_id(board->flashed.sha256) : 0;

	plan_board_set_image(farm->plan, &board->plan, image);
}

static enum plan_board_state plan_state_of(const struct board *board)
{
	switch (board->record.state) {
	case BOARD_FREE:
	case BOARD_LEASED:
	case BOARD_RUNNING: /* its run has it in the plan too */
		return PLAN_BOARD_READY;
	case BOARD_SUSPECT:
		return PLAN_BOARD_CHECKING;
	case BOARD_RECOVERING:
		return board->agent_state == BOARD_RUNNING ? PLAN_BOARD_BUSY : PLAN_BOARD_RECOVERING;
	case BOARD_QUARANTINED:
		return PLAN_BOARD_QUARANTINED;
	case BOARD_RETIRED:
		return PLAN_BOARD_RETIRED;
	case BOARD_OFFLINE:
	case BOARD_STATE_COUNT:
		break;
	}
	return PLAN_BOARD_OFFLINE;
}

static struct plan_place *board_place(const struct board *board)
{
	return board->hub ? &board->hub->plan : &board->agent->plan;
}

void board_plan(struct farm *farm, struct board *board)
{
	board->plan.pool = &pool_get(farm, board->record.type)->plan;
	board->plan.place = board_place(board);
	board->plan.owner = org_owner(farm, board->record.org);
	(void)plan_board_add(farm->plan, &board->plan); /* it has no traits that could be too many */
}

void board_plan_state(struct farm *farm, struct board *board)
{
	enum plan_board_state state = plan_state_of(board);

	if (board->plan.state != state)
		plan_board_set_state(farm->plan, &board->plan, state);
}

void board_plan_moved(struct farm *farm, struct board *board)
{
	struct plan_pool *pool = &pool_get(farm, board->record.type)->plan;
	struct plan_traits traits = board_traits(farm, board); /* never too many */

	(void)plan_board_change(farm->plan, &board->plan, pool, board_place(board), board->plan.owner, &traits);
}

/* --- what it decides --- */

void farm_plan(struct farm *farm)
{
	struct plan_action action;
	int64_t wake_us;

	if (farm_degraded(farm))
		return;
	checks_begin(farm);
	while ((action = plan_next(farm->plan, farm_now(farm))).kind != PLAN_NOTHING) {
		struct run *run = list_container(action.run, struct run, plan);

		if (action.kind == PLAN_PLACE)
			run_assign(farm, run, list_container(action.board, struct board, plan));
		else if (action.kind == PLAN_LATE)
			hold_late(farm, run);
		else
			run_preempt(farm, run);
	}
	wake_us = plan_next_wake(farm->plan);
	if (wake_us != PLAN_NEVER)
		farm_due(farm, wake_us);
}

void planning_init(struct farm *farm)
{
	static const struct plan_config config = PLAN_CONFIG_DEFAULT;

	farm->plan = plan_create(&config);
}

void planning_clear(struct farm *farm)
{
	struct map_node *node;

	plan_destroy(farm->plan);
	farm->plan = NULL;
	estimates_finish(&farm->estimates);
	estimates_init(&farm->estimates);
	while ((node = map_next(&farm->members, NULL))) {
		map_remove(&farm->members, node);
		free(member_of(node));
	}
	while ((node = map_next(&farm->orgs, NULL))) {
		map_remove(&farm->orgs, node);
		free(org_of(node));
	}
}
