/* SPDX-License-Identifier: Apache-2.0 */
/* Agents coming, going and telling of their boards. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/log.h"
#include "core/base/mem.h"
#include "core/farm/event.h"
#include "core/farm/farm_state.h"
#include "core/farm/outbox.h"
#include "core/farm/state_board.h"
#include "core/farm/state_hold.h"
#include "core/farm/state_job.h"
#include "core/farm/state_rack.h"
#include "core/farm/state_run.h"

struct agent *agent_find(const struct farm *farm, const char *name)
{
	struct map_node *node = map_first(&farm->agents, map_hash_text(name));

	while (node && strcmp(map_container(node, struct agent, node)->record.name, name) != 0)
		node = map_same(node);
	return node ? map_container(node, struct agent, node) : NULL;
}

struct agent *agent_add(struct farm *farm, const struct agent_record *record)
{
	struct agent *agent = mem_alloc(sizeof(*agent));

	agent->record = *record;
	agent->gone_us = farm_now(farm);
	list_init(&agent->boards);
	list_init(&agent->hubs);
	plan_place_add(farm->plan, &agent->plan);
	map_add(&farm->agents, &agent->node, map_hash_text(agent->record.name));
	return agent;
}

void agent_destroy(struct agent *agent)
{
	if (!agent)
		return;
	list_remove(&agent->boards);
	while (!list_empty(&agent->hubs)) {
		struct hub *hub = list_container(agent->hubs.next, struct hub, link);

		list_remove(&hub->link);
		free(hub->drain);
		free(hub);
	}
	free(agent->drain);
	free(agent);
}

struct hub *hub_find(const struct agent *agent, const char *name)
{
	list_for_each (link, &agent->hubs) {
		struct hub *hub = list_container(link, struct hub, link);

		if (strcmp(hub->about.name, name) == 0)
			return hub;
	}
	return NULL;
}

struct hub *hub_get(struct farm *farm, struct agent *agent, const char *name)
{
	struct hub *hub = hub_find(agent, name);

	if (hub)
		return hub;
	hub = mem_alloc(sizeof(*hub));
	hub->agent = agent;
	mem_text_into(hub->about.name, sizeof(hub->about.name), name);
	hub->plan.parent = &agent->plan;
	plan_place_add(farm->plan, &hub->plan);
	list_append(&agent->hubs, &hub->link);
	return hub;
}

void agent_keep(struct farm *farm, struct agent *agent)
{
	agent->record.seen_at_us = farm_unix(farm);
	*(struct agent_record *)change_add(farm->open, RECORD_AGENT) = agent->record;
}

/* --- coming --- */

/* A hub that is no longer told of has no limit any more. */
static void take_hubs(struct farm *farm, struct agent *agent, const struct agent_hello *hello)
{
	list_for_each (link, &agent->hubs)
		list_container(link, struct hub, link)->about.limit = 0;
	for (size_t i = 0; i < hello->hub_count; i++)
		hub_get(farm, agent, hello->hubs[i].name)->about.limit = hello->hubs[i].limit;
	list_for_each (link, &agent->hubs) {
		struct hub *hub = list_container(link, struct hub, link);

		plan_place_set_tokens(farm->plan, &hub->plan, hub->about.limit);
	}
}

static struct agent *come_online(struct farm *farm, const struct principal *who, const struct agent_hello *hello)
{
	struct agent *agent = agent_find(farm, hello->agent);
	struct agent_record record = {0};

	if (!agent) {
		mem_text_into(record.name, sizeof(record.name), hello->agent);
		mem_text_into(record.org, sizeof(record.org), who->org);
		agent = agent_add(farm, &record);
	}
	agent->is_fresh = strcmp(agent->record.boot, hello->boot) != 0;
	mem_text_into(agent->record.version, sizeof(agent->record.version), hello->version);
	mem_text_into(agent->record.boot, sizeof(agent->record.boot), hello->boot);
	agent->record.online = true;
	agent->limit = hello->limit;
	agent->recovers = hello->recovers;
	mem_text_into(agent->site, sizeof(agent->site), hello->site ? hello->site : "");
	plan_place_set_tokens(farm->plan, &agent->plan, hello->limit);
	take_hubs(farm, agent, hello);
	agent_keep(farm, agent);
	event_agent(farm, EVENT_AGENT_ONLINE, agent);
	return agent;
}

static struct board *board_get(struct farm *farm, struct agent *agent, const struct agent_board *said)
{
	struct board *board = board_find(farm, said->name);
	struct board_record record = {.state = BOARD_OFFLINE};

	if (board)
		return board;
	mem_text_into(record.name, sizeof(record.name), said->name);
	mem_text_into(record.org, sizeof(record.org), agent->record.org);
	mem_text_into(record.type, sizeof(record.type), said->type);
	return board_add(farm, &record, agent);
}

static void take_boards(struct farm *farm, struct agent *agent, const struct agent_hello *hello)
{
	static const struct equipment bare;

	list_for_each (link, &agent->boards)
		list_container(link, struct board, agent_link)->listed = false;
	for (size_t i = 0; i < hello->board_count; i++) {
		const struct agent_board *said = &hello->boards[i];
		struct board *board = board_get(farm, agent, said);

		board_move(farm, board, agent, said->type, said->equipment ? said->equipment : &bare, hello->leases);

		mem_text_into(board->record.agent, sizeof(board->record.agent), agent->record.name);
		mem_text_into(board->record.unique_id, sizeof(board->record.unique_id), said->unique_id);
		board_wear_look(farm, board);
		board->record.is_virtual = said->is_virtual;
		board->listed = true;
		board_heard(farm, board, said->state, said->reason, true);
		board->absent = said->absent && board->agent_state == BOARD_RECOVERING;
		if (agent->is_fresh)
			board_doubt(farm, board, "its agent was started");
		board_keep(farm, board);
	}
}

/* What the farm knows of a run that the agent holds. */
static struct agent_known_run know_run(struct farm *farm, const struct agent *agent, const struct agent_held_run *held)
{
	struct agent_known_run known = {.run = held->run};
	struct run *run = run_find(farm, held->run);

	if (!run || run->frozen || run->record.fence != held->fence ||
	    strcmp(run->record.agent, agent->record.name) != 0)
		return known;
	if (run->record.state == RUN_IS_FINISHED && !run->ended_by_agent)
		return known;
	/* Its host lost power, or its spool was damaged: the number of its end, or of what comes next, is taken
	 * already. */
	if (run->record.state != RUN_IS_FINISHED &&
	    (held->last < run->record.have || (held->ended && held->last == run->record.have)))
		return known;
	known.known = true;
	known.have = run->durable;
	known.cancel =
		run->record.state != RUN_IS_FINISHED && (run->job->record.cancel_wanted || run->overdue || run->yields);
	run->seen = true;
	return known;
}

/* A leased run after the hello of its agent. */
static void resume_run(struct farm *farm, struct run *run)
{
	if (run->frozen)
		return;
	if (!run->seen && run->record.state == RUN_IS_RUNNING) {
		run_finish(farm, run, CAUSE_AGENT_RESTARTED, "its agent came back without the record of it", false);
		return;
	}
	if (!run->seen && !run->board->listed) {
		run_finish(farm, run, CAUSE_AGENT_RESTARTED, "its agent came back without the board", false);
		return;
	}
	if (!run->seen && run->job->record.cancel_wanted) {
		run_finish(farm, run, CAUSE_CANCELLED, run->job->why_cancelled ? run->job->why_cancelled : "cancelled",
			   false);
		return;
	}
	if (!run->seen && run->yields) {
		run_give_back(farm, run);
		return;
	}
	if (!run->seen) { /* the assign never arrived */
		if (!run->assign_queued)
			outbox_assign(farm, run);
		return;
	}
	run->limit_us = run_limit_us(farm, run);
	if (run->job->hold && run->job->hold->record.granted_at_us)
		outbox_extend(farm, run); /* the last word on it may have been lost */
	if (run->job->record.cancel_wanted || run->overdue || run->yields)
		run->cancel_us = farm_now(farm) + 1000 * farm->config.cancel_grace_ms;
	farm_due(farm, run_due_us(farm, run));
}

static void resume_runs(struct farm *farm, struct agent *agent, const struct agent_hello *hello)
{
	struct agent_known_run *known = mem_alloc_array(hello->run_count, sizeof(*known));

	list_for_each (link, &farm->leased)
		list_container(link, struct run, lease_link)->seen = false;
	for (size_t i = 0; i < hello->run_count; i++)
		known[i] = know_run(farm, agent, &hello->runs[i]);
	farm->ports.send_welcome(farm->ports.context, agent->record.name, farm->id, known, hello->run_count);
	for (size_t i = 0; i < hello->run_count; i++) {
		if (known[i].known && hello->runs[i].ended && known[i].have >= hello->runs[i].last)
			outbox_ack(farm, run_find(farm, known[i].run), known[i].have);
	}
	free(known);
	list_for_each_safe (link, &farm->leased) {
		struct run *run = list_container(link, struct run, lease_link);

		if (run->board->agent == agent)
			resume_run(farm, run);
	}
}

int farm_agent_hello(struct farm *farm, const struct principal *who, const struct agent_hello *hello,
		     struct agent_refusal *ret_refusal, struct err *err)
{
	struct agent *agent;
	int rc;

	if (who->role != ROLE_AGENT && who->role != ROLE_ADMIN)
		return err_set(err, ERR_DENIED, "this is not an agent's token");
	rc = hello_check(farm, who, hello, ret_refusal, err);
	if (rc)
		return rc;
	farm_enter(farm);
	agent = come_online(farm, who, hello);
	for (size_t i = 0; i < hello->type_count; i++)
		pool_set_type(farm, pool_get(farm, hello->types[i].name), who->org, &hello->types[i]);
	take_boards(farm, agent, hello);
	resume_runs(farm, agent, hello);
	list_for_each (link, &agent->boards)
		board_update(farm, list_container(link, struct board, agent_link));
	farm_leave(farm);
	return 0;
}

void farm_agent_gone(struct farm *farm, const char *name)
{
	struct agent *agent = agent_find(farm, name);

	if (!agent || !agent->record.online)
		return;
	farm_enter(farm);
	agent->record.online = false;
	agent->gone_us = farm_now(farm);
	agent_keep(farm, agent);
	event_agent(farm, EVENT_AGENT_OFFLINE, agent);
	list_for_each (link, &agent->boards) {
		struct board *board = list_container(link, struct board, agent_link);

		board->ask_again_us = NEVER_US;
		board_update(farm, board);
		if (board->run)
			farm_due(farm, run_due_us(farm, board->run));
	}
	farm_leave(farm);
}

int farm_agent_board(struct farm *farm, const char *name, const struct agent_board *said, struct err *err)
{
	struct agent *agent = agent_find(farm, name);
	struct board *board = board_find(farm, said->name);

	if (!agent || !agent->record.online || !board || board->agent != agent || !board->listed)
		return err_set(err, ERR_PROTOCOL, "board %s is not one of agent %s's hello", said->name, name);
	farm_enter(farm);
	board_heard(farm, board, said->state, said->reason, false);
	board->absent = said->absent && board->agent_state == BOARD_RECOVERING;
	if (said->unique_id[0] && strcmp(said->unique_id, board->record.unique_id) != 0) {
		mem_text_into(board->record.unique_id, sizeof(board->record.unique_id), said->unique_id);
		board_wear_look(farm, board);
		board_keep(farm, board);
	}
	board_update(farm, board);
	farm_leave(farm);
	return 0;
}
