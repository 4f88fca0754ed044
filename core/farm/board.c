/* SPDX-License-Identifier: Apache-2.0 */
/* Boards: the state that follows from lease, agent and connection, and the pools of one type they are planned in. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/log.h"
#include "core/base/mem.h"
#include "core/farm/event.h"
#include "core/farm/farm_state.h"
#include "core/farm/planning.h"
#include "core/farm/state_board.h"
#include "core/farm/state_image.h"
#include "core/farm/state_job.h"
#include "core/farm/state_rack.h"
#include "core/farm/state_run.h"

struct board *board_find(const struct farm *farm, const char *name)
{
	struct map_node *node = map_first(&farm->boards, map_hash_text(name));

	while (node && strcmp(map_container(node, struct board, node)->record.name, name) != 0)
		node = map_same(node);
	return node ? map_container(node, struct board, node) : NULL;
}

struct board *board_add(struct farm *farm, const struct board_record *record, struct agent *agent)
{
	struct board *board = mem_alloc(sizeof(*board));

	board->record = *record;
	if (record->fence > farm->last_fence)
		farm->last_fence = record->fence;
	board->agent = agent;
	board->agent_state = BOARD_FREE;
	board->ask_again_us = NEVER_US;
	list_init(&board->agent_link);
	list_init(&board->pool_link);
	list_init(&board->check_link);
	list_init(&board->time_link);
	list_init(&board->trial_link);
	list_append(&agent->boards, &board->agent_link);
	list_append(&pool_get(farm, record->type)->boards, &board->pool_link);
	board_plan(farm, board);
	map_add(&farm->boards, &board->node, map_hash_text(board->record.name));
	return board;
}

void board_destroy(struct board *board)
{
	if (!board)
		return;
	list_remove(&board->agent_link);
	list_remove(&board->pool_link);
	free(board->equipment);
	wear_clear(&board->wear);
	time_ledger_finish(&board->time);
	free(board->agent_reason);
	list_remove(&board->check_link);
	list_remove(&board->time_link);
	list_remove(&board->trial_link);
	free(board);
}

void board_keep(struct farm *farm, struct board *board)
{
	struct board_record *record = change_add(farm->open, RECORD_BOARD);

	board->record.changed_at_us = farm_unix(farm);
	board->unkept = false;
	*record = board->record;
}

void board_says(struct board *board, enum board_state state, const char *reason)
{
	board->agent_state = state;
	board->absent = false;
	board->ask_again_us = NEVER_US;
	if (reason == board->agent_reason)
		return;
	free(board->agent_reason);
	board->agent_reason = reason[0] ? mem_text(reason) : NULL;
}

static const char *agent_reason(const struct board *board)
{
	return board->agent_reason ? board->agent_reason : "";
}

static enum board_work work_on(const struct board *board)
{
	static const enum board_work work[] = {[JOB_IS_TEST] = BOARD_WORK_RUN,
					       [JOB_IS_LEASE] = BOARD_WORK_LEASE,
					       [JOB_IS_CHECK] = BOARD_WORK_CHECK,
					       [JOB_IS_DIAGNOSIS] = BOARD_WORK_RUN};

	return board->run ? work[board->run->job->record.kind] : BOARD_WORK_NONE;
}

static bool is_connected(const struct board *board)
{
	return board->agent->record.online && board->listed && !board->absent;
}

static const char *reason_of(const struct board *board, enum board_state state)
{
	switch (state) {
	case BOARD_OFFLINE:
		if (board->agent->record.online && board->listed)
			return agent_reason(board); /* absent */
		return board->agent->record.online ? "its agent no longer has it" : "its agent is not connected";
	case BOARD_LEASED:
	case BOARD_RUNNING:
		return board->run->frozen ? "its run is frozen: the store takes nothing of it" : board->worn;
	case BOARD_SUSPECT:
		return board->record.unproven;
	case BOARD_QUARANTINED:
	case BOARD_RETIRED:
		return board->record.held_why;
	case BOARD_RECOVERING:
		return board->agent_state == BOARD_RUNNING ? "its agent is still busy with it" : agent_reason(board);
	case BOARD_FREE:
	case BOARD_STATE_COUNT:
		break;
	}
	return board->agent_reason ? board->agent_reason : board->worn;
}

static enum board_state state_of(const struct board *board)
{
	const struct board_facts facts = {.is_connected = is_connected(board),
					  .work = work_on(board),
					  .hold = board->record.hold,
					  .agent_says = board->agent_state,
					  .is_proven = !board->record.unproven[0]};

	return board_state_of(&facts);
}

/* Policy that follows from what is known: an agent that gives a board up gives it up for good, and a board that was
 * brought up is proven by that when there is no golden image for it. */
static void settle(struct farm *farm, struct board *board)
{
	if (board->agent_state == BOARD_QUARANTINED && board->record.hold == BOARD_HOLD_NONE &&
	    !board_forgiven(farm, board))
		board_put_away(farm, board, "agent", agent_reason(board));
	list_remove(&board->check_link);
	if (!is_connected(board) || board->agent_state != BOARD_FREE || board->run ||
	    board->record.hold != BOARD_HOLD_NONE || !board->record.unproven[0])
		return;
	if (golden_of(farm, board))
		list_append(&farm->to_check, &board->check_link);
	else
		board_prove(farm, board);
}

void board_update(struct farm *farm, struct board *board)
{
	const char *reason;
	enum board_state state;
	bool falls_out;

	settle(farm, board);
	state = state_of(board);
	reason = reason_of(board, state);
	falls_out = (state == BOARD_QUARANTINED || state == BOARD_RETIRED) && state != board->record.state;
	if (state == board->record.state && strcmp(reason, board->record.reason) == 0) {
		board_plan_state(farm, board);
		trial_look(farm, board);
		board_time_look(farm, board);
		if (board->unkept)
			board_keep(farm, board);
		return;
	}
	assert(state == board->record.state || board_state_may_follow(board->record.state, state));
	log_debug(board->record.name, "%s -> %s%s%s", board_state_name(board->record.state), board_state_name(state),
		  reason[0] ? ": " : "", reason);
	if (state != board->record.state)
		board_time_keep(farm, board);
	board->record.state = state;
	board_time_look(farm, board);
	board_plan_state(farm, board);
	trial_look(farm, board);
	mem_text_into(board->record.reason, sizeof(board->record.reason), reason);
	board_keep(farm, board);
	event_board(farm, board);
	if (falls_out)
		run_end_hopeless(farm);
}

static const struct equipment bare;

const struct equipment *board_equipment(const struct board *board)
{
	return board->equipment ? board->equipment : &bare;
}

void board_move(struct farm *farm, struct board *board, struct agent *agent, const char *type,
		const struct equipment *equipment, bool leases)
{
	struct hub *hub = equipment->hub[0] ? hub_get(farm, agent, equipment->hub) : NULL;

	if (board->equipment_known && board->agent == agent && strcmp(board->record.type, type) == 0 &&
	    equipment_same(board_equipment(board), equipment) && strcmp(board->site, agent->site) == 0 &&
	    board->leases == leases)
		return;
	board->leases = leases;
	board->equipment_known = true;
	free(board->equipment);
	board->equipment = equipment_same(equipment, &bare) ? NULL : mem_copy(equipment, sizeof(*equipment));
	board->hub = hub;
	mem_text_into(board->site, sizeof(board->site), agent->site);
	list_remove(&board->agent_link);
	list_append(&agent->boards, &board->agent_link);
	board->agent = agent;
	mem_text_into(board->record.type, sizeof(board->record.type), type);
	list_remove(&board->pool_link);
	list_append(&pool_get(farm, type)->boards, &board->pool_link);
	board_plan_moved(farm, board);
	board_wear_look(farm, board);
}

/* --- pools --- */

struct pool *pool_find(const struct farm *farm, const char *name)
{
	struct map_node *node = map_first(&farm->pools, map_hash_text(name));

	while (node && strcmp(map_container(node, struct pool, node)->name, name) != 0)
		node = map_same(node);
	return node ? map_container(node, struct pool, node) : NULL;
}

struct pool *pool_get(struct farm *farm, const char *name)
{
	struct pool *pool = pool_find(farm, name);

	if (pool)
		return pool;
	pool = mem_alloc(sizeof(*pool));
	mem_text_into(pool->name, sizeof(pool->name), name);
	list_init(&pool->boards);
	plan_pool_add(farm->plan, &pool->plan);
	map_add(&farm->pools, &pool->node, map_hash_text(pool->name));
	return pool;
}

struct pool *pool_of(const struct board *board)
{
	return list_container(board->plan.pool, struct pool, plan);
}

static char *type_body(const struct board_type *type)
{
	json_t *json = board_type_to_json(type);
	char *body = json_dumps(json, JSON_COMPACT);

	json_decref(json);
	return body;
}

bool pool_type_is(const struct pool *pool, const struct board_type *type)
{
	char *body = type_body(type);
	bool same = body && pool->has_type && strcmp(pool->record.body, body) == 0;

	free(body);
	return same;
}

/* What the farm's own organisation brings as well is everyone's from then on. */
void pool_set_type(struct farm *farm, struct pool *pool, const char *org, const struct board_type *type)
{
	char *body = type_body(type);
	bool shares = strcmp(org, ORG_DEFAULT) == 0 && strcmp(pool->record.org, ORG_DEFAULT) != 0;
	struct board_type_record *record;

	if (!body || (pool->has_type && !shares && strcmp(pool->record.body, body) == 0)) {
		free(body);
		return;
	}
	free(pool->record.body);
	pool->type = *type;
	pool->has_type = true;
	mem_text_into(pool->record.name, sizeof(pool->record.name), type->name);
	mem_text_into(pool->record.org, sizeof(pool->record.org), org);
	pool->record.body = body;
	pool->record.changed_at_us = farm_unix(farm);
	record = change_add(farm->open, RECORD_BOARD_TYPE);
	*record = pool->record;
	record->body = mem_text(body);
	list_for_each (link, &pool->boards)
		board_wear_look(farm, list_container(link, struct board, pool_link));
}

void pool_destroy(struct pool *pool)
{
	if (!pool)
		return;
	free(pool->record.body);
	free(pool);
}
