/* SPDX-License-Identifier: Apache-2.0 */
/* What waits: asks in flows, by priority and order; jobs that are held until a time; asks whose job or quota does not
 * let them go on. An ask is in its flow while it has runs that wait, its job is neither held nor known to be at its
 * limit, and its quota is not known to be used up. */
#include <stdlib.h>

#include "core/base/mem.h"
#include "core/plan/plan_private.h"

static struct plan_flow *flow_of(struct map_node *node)
{
	return map_container(node, struct plan_flow, node);
}

static struct plan_ask *ask_in_flow(struct rank_node *node)
{
	return node ? rank_container(node, struct plan_ask, node) : NULL;
}

/* --- Flows ----------------------------------------------------------------------------------------------------- */

static uint64_t hash_flow(const struct plan_class *class, const struct plan_member *member, unsigned band)
{
	return map_hash_int((int64_t)(((uintptr_t) class * 31 + (uintptr_t)member) * 31 + band));
}

struct plan_flow *plan_flow_hold(struct plan *plan, struct plan_class *class, struct plan_member *member, unsigned band)
{
	uint64_t hash = hash_flow(class, member, band);
	struct plan_flow *flow;

	for (struct map_node *node = map_first(&plan->flows, hash); node; node = map_same(node)) {
		flow = flow_of(node);
		if (flow->class == class && flow->member == member && flow->band == band) {
			flow->users++;
			return flow;
		}
	}
	flow = mem_alloc(sizeof(*flow));
	flow->class = class;
	flow->member = member;
	flow->band = band;
	flow->users = 1;
	plan_rank_set_init(&flow->asks);
	flow->party = plan_party_of(plan, class->selector.pool, member);
	flow->party->flows++;
	class->selector.pool->flow_count++;
	plan_share_init(&flow->share, &flow->party->share, 1);
	flow->stand = plan_stand_hold(plan, class, member);
	list_init(&flow->stand_link);
	list_init(&flow->age_link);
	list_init(&flow->org_link);
	map_add(&plan->flows, &flow->node, hash);
	return flow;
}

void plan_flow_release(struct plan *plan, struct plan_flow *flow)
{
	if (--flow->users > 0)
		return;
	flow->party->flows--;
	flow->class->selector.pool->flow_count--;
	plan_stand_release(plan, flow->stand);
	map_remove(&plan->flows, &flow->node);
	free(flow);
}

void plan_flow_free_all(struct plan *plan)
{
	for (struct map_node *node = map_next(&plan->flows, NULL), *next; node; node = next) {
		next = map_next(&plan->flows, node);
		free(flow_of(node));
	}
	map_finish(&plan->flows);
}

/* A gang waits where the first of its asks does. */
struct plan_ask *plan_gang_lead(const struct plan_job *job)
{
	list_for_each (link, &job->asks) {
		struct plan_ask *ask = list_container(link, struct plan_ask, job_link);

		if (ask->waiting > 0)
			return ask;
	}
	return NULL;
}

static bool stands_for_itself(const struct plan_ask *ask)
{
	return !ask->job->is_gang || ask == plan_gang_lead(ask->job);
}

static uint32_t weight_of(const struct plan_ask *ask)
{
	return ask->job->is_gang ? ask->job->waiting : ask->waiting;
}

static void flow_push(struct plan *plan, struct plan_flow *flow, struct plan_ask *ask, int64_t now_us)
{
	struct rank_key key = {.major = -ask->job->priority, .minor = ask->job->order};

	plan_rank_add(&flow->asks, &ask->node, key, weight_of(ask));
	if (!plan_flow_waits(flow))
		plan_flow_enter(plan, flow, now_us);
	plan_class_touch(plan, flow->class);
}

/* Who comes after it may have been kept by it (a gang that waits for another). */
static void flow_pull(struct plan *plan, struct plan_flow *flow, struct plan_ask *ask)
{
	plan_rank_remove(&flow->asks, &ask->node);
	if (plan_rank_first(&flow->asks)) {
		plan_class_touch(plan, flow->class);
		return;
	}
	plan_flow_leave(flow);
}

/* --- Asks ------------------------------------------------------------------------------------------------------ */

bool plan_job_is_at_limit(const struct plan_job *job)
{
	return !job->is_gang && job->max_parallel > 0 && job->running >= job->max_parallel;
}

static bool is_held(const struct plan_job *job)
{
	return job->held_until_us != INT64_MIN;
}

void plan_ask_settle(struct plan *plan, struct plan_ask *ask, int64_t now_us)
{
	bool waits = ask->waiting > 0 && !is_held(ask->job) && list_empty(&ask->parked_link) && stands_for_itself(ask);

	if (waits && plan_rank_node_is_in(&ask->node))
		plan_rank_reweigh(&ask->node, weight_of(ask));
	else if (waits)
		flow_push(plan, ask->flow, ask, now_us);
	else if (plan_rank_node_is_in(&ask->node))
		flow_pull(plan, ask->flow, ask);
}

void plan_job_settle(struct plan *plan, struct plan_job *job, int64_t now_us)
{
	struct plan_org *org = job->member->org;

	list_for_each (link, &job->asks)
		plan_ask_settle(plan, list_container(link, struct plan_ask, job_link), now_us);
	if (org->saver == job && job->waiting == 0)
		plan_org_save_no_more(plan, org);
}

static void ask_park(struct plan *plan, struct plan_ask *ask, struct list *parked)
{
	list_append(parked, &ask->parked_link);
	flow_pull(plan, ask->flow, ask);
}

void plan_job_unpark(struct plan *plan, struct plan_job *job, int64_t now_us)
{
	while (!list_empty(&job->parked)) {
		struct plan_ask *ask = list_container(job->parked.next, struct plan_ask, parked_link);

		list_remove(&ask->parked_link);
		plan_ask_settle(plan, ask, now_us);
	}
}

void plan_gang_shelve(struct plan *plan, struct plan_job *job, struct plan_pool *pool)
{
	ask_park(plan, plan_gang_lead(job), &job->parked);
	list_remove(&job->short_link);
	list_append(pool ? &pool->short_gangs : &plan->short_jointly, &job->short_link);
}

void plan_short_gangs_retry(struct plan *plan, struct plan_pool *pool)
{
	list_move_all(&pool->short_gangs, &plan->retries);
	plan_short_gangs_look(plan);
}

void plan_short_gangs_look(struct plan *plan)
{
	list_move_all(&plan->short_jointly, &plan->retries);
}

void plan_short_gangs_requeue(struct plan *plan, int64_t now_us)
{
	while (!list_empty(&plan->retries)) {
		struct plan_job *job = list_container(plan->retries.next, struct plan_job, short_link);

		list_remove(&job->short_link);
		plan_job_unpark(plan, job, now_us);
	}
}

struct plan_ask *plan_flow_head(struct plan *plan, struct plan_flow *flow, int64_t now_us)
{
	struct plan_ask *ask = ask_in_flow(plan_rank_first(&flow->asks));

	while (ask) {
		if (plan_job_is_at_limit(ask->job) || now_us >= ask->job->closes_us)
			ask_park(plan, ask, &ask->job->parked);
		else if (plan_ask_is_at_quota(ask))
			ask_park(plan, ask, &ask->quota->parked);
		else
			break;
		ask = ask_in_flow(plan_rank_first(&flow->asks));
	}
	return ask;
}

int plan_ask_add(struct plan *plan, struct plan_ask *ask, const struct plan_selector *selector)
{
	struct plan_job *job = ask->job;

	if (selector->traits.count > PLAN_MAX_TRAITS)
		return ERR_TOO_BIG;
	if (ask->limit_us < 1 || ask->estimate_us < 0 || ask->estimate_us > ask->limit_us)
		return ERR_INVALID;
	ask->class = plan_class_hold(plan, selector, job->member->org);
	ask->flow = plan_flow_hold(plan, ask->class, job->member, plan_band(job->priority));
	if (ask->limit_us > selector->pool->limit_us)
		selector->pool->limit_us = ask->limit_us;
	if (ask->limit_us > plan->limit_us)
		plan->limit_us = ask->limit_us;
	ask->waiting = ask->running = 0;
	list_init(&ask->runs);
	list_init(&ask->parked_link);
	list_init(&ask->quota_link);
	if (ask->quota)
		list_append(&ask->quota->asks, &ask->quota_link);
	plan_rank_node_init(&ask->node);
	list_append(&job->asks, &ask->job_link);
	return 0;
}

void plan_ask_remove(struct plan *plan, struct plan_ask *ask)
{
	list_remove(&ask->job_link);
	list_remove(&ask->parked_link);
	list_remove(&ask->quota_link);
	plan_flow_release(plan, ask->flow);
	plan_class_release(plan, ask->class);
}

/* --- Jobs ------------------------------------------------------------------------------------------------------ */

void plan_job_add(struct plan *plan, struct plan_job *job)
{
	(void)plan;
	job->running = job->waiting = 0;
	job->held_until_us = INT64_MIN;
	job->closes_us = PLAN_NEVER;
	list_init(&job->asks);
	list_init(&job->parked);
	plan_rank_node_init(&job->held_node);
	list_init(&job->short_link);
}

void plan_job_remove(struct plan *plan, struct plan_job *job)
{
	plan_rank_remove(&plan->held, &job->held_node);
	list_remove(&job->short_link);
}

static void settle_all(struct plan *plan, struct plan_job *job, int64_t now_us)
{
	plan_job_unpark(plan, job, now_us);
	plan_job_settle(plan, job, now_us);
}

void plan_job_set_window(struct plan *plan, struct plan_job *job, int64_t from_us, int64_t closes_us, int64_t now_us)
{
	if (job->member->org->saver == job)
		plan_org_save_no_more(plan, job->member->org);
	plan_rank_remove(&plan->held, &job->held_node);
	job->closes_us = closes_us;
	plan->claims_dirty = true; /* one of it may be too late */
	job->held_until_us = from_us > now_us ? from_us : INT64_MIN;
	if (from_us > now_us && from_us != PLAN_NEVER)
		plan_rank_add(&plan->held, &job->held_node, (struct rank_key){from_us, job->order}, 1);
	settle_all(plan, job, now_us);
}

void plan_hold_expire(struct plan *plan, int64_t now_us)
{
	for (struct rank_node *node = plan_rank_first(&plan->held); node && node->key.major <= now_us;
	     node = plan_rank_first(&plan->held)) {
		struct plan_job *job = rank_container(node, struct plan_job, held_node);

		plan_rank_remove(&plan->held, node);
		job->held_until_us = INT64_MIN;
		if (job->member->org->saver == job)
			plan_org_save_no_more(plan, job->member->org);
		settle_all(plan, job, now_us);
	}
}

static int64_t first_of(const struct rank_set *set)
{
	const struct rank_node *first = plan_rank_first(set);

	return first ? first->key.major : PLAN_NEVER;
}

int64_t plan_next_wake(const struct plan *plan)
{
	int64_t wake_us = first_of(&plan->held), reserved_us = plan_reserved_wake_us(plan);
	int64_t patient_us = first_of(&plan->patient);

	wake_us = reserved_us < wake_us ? reserved_us : wake_us;
	return patient_us < wake_us ? patient_us : wake_us;
}

/* --- Runs ------------------------------------------------------------------------------------------------------ */

static struct plan_run *run_of(struct list *link)
{
	return list_container(link, struct plan_run, link);
}

void plan_run_init(struct plan_run *run, struct plan_ask *ask)
{
	run->ask = ask;
	run->board = NULL;
	run->claim = NULL;
	run->reservation = NULL;
	run->started_us = run->charged_us = 0;
	run->level = 0;
	run->is_asked_to_yield = false;
	list_init(&run->link);
}

/* New runs come last; further attempts find their place near the head. */
static void insert_run(struct plan_ask *ask, struct plan_run *run)
{
	struct list *at = &ask->runs;

	if (!list_empty(at) && run_of(at->prev)->order > run->order) {
		at = at->next;
		while (run_of(at)->order <= run->order)
			at = at->next;
	}
	list_insert_before(at, &run->link);
}

int plan_run_add(struct plan *plan, struct plan_run *run, struct plan_ask *ask, int64_t now_us)
{
	if (ask->job->is_gang && ask->job->waiting == PLAN_MAX_GANG)
		return ERR_TOO_BIG;
	plan_run_init(run, ask);
	plan_run_enqueue(plan, run, now_us);
	return 0;
}

void plan_run_enqueue(struct plan *plan, struct plan_run *run, int64_t now_us)
{
	struct plan_ask *ask = run->ask;

	insert_run(ask, run);
	ask->waiting++;
	ask->job->waiting++;
	if (ask->job->is_gang)
		plan_job_settle(plan, ask->job, now_us);
	else
		plan_ask_settle(plan, ask, now_us);
}

void plan_run_dequeue(struct plan *plan, struct plan_run *run, int64_t now_us)
{
	struct plan_ask *ask = run->ask;

	list_remove(&run->link);
	ask->waiting--;
	ask->job->waiting--;
	if (ask->job->is_gang)
		plan_job_settle(plan, ask->job, now_us);
	else
		plan_ask_settle(plan, ask, now_us);
}

void plan_run_withdraw(struct plan *plan, struct plan_run *run, int64_t now_us)
{
	if (run->reservation) {
		plan_reserved_cancel(plan, run);
		return;
	}
	if (run->claim)
		plan_claim_disband(plan, run->claim, now_us);
	plan_run_dequeue(plan, run, now_us);
}

void plan_run_resume(struct plan *plan, struct plan_run *run, struct plan_ask *ask, struct plan_board *board,
		     int64_t started_us)
{
	plan_run_init(run, ask);
	plan_run_charge_again(plan, run);
	plan_run_start(plan, run, board, started_us);
}
