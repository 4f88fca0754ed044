/* SPDX-License-Identifier: Apache-2.0 */
/* Boards: the state that follows from lease, agent and connection, and the pools of one type they are planned in. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/log.h"
#include "core/base/mem.h"
#include "core/farm/farm_state.h"

/* Which states may follow which. A board that recovers or is quarantined never goes straight into a lease. */
#define MAY(state) (1u << BOARD_##state)
static const unsigned may_follow[] = {
	[BOARD_OFFLINE] = MAY(IDLE) | MAY(RUNNING) | MAY(RECOVERING) | MAY(QUARANTINED),
	[BOARD_IDLE] = MAY(OFFLINE) | MAY(RUNNING) | MAY(RECOVERING) | MAY(QUARANTINED),
	[BOARD_RUNNING] = MAY(OFFLINE) | MAY(IDLE) | MAY(RECOVERING) | MAY(QUARANTINED),
	[BOARD_RECOVERING] = MAY(OFFLINE) | MAY(IDLE) | MAY(QUARANTINED),
	[BOARD_QUARANTINED] = MAY(OFFLINE) | MAY(IDLE) | MAY(RECOVERING),
};

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
	board->agent = agent;
	board->agent_state = BOARD_IDLE;
	board->ask_again_us = NEVER_US;
	list_init(&board->agent_link);
	list_init(&board->pool_link);
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
	free(board);
}

void board_keep(struct farm *farm, struct board *board)
{
	struct board_record *record = change_add(farm->open, RECORD_BOARD);

	board->record.changed_at_us = farm_unix(farm);
	*record = board->record;
}

void board_says(struct board *board, enum board_state state, const char *reason)
{
	board->agent_state = state;
	board->ask_again_us = NEVER_US;
	mem_text_into(board->agent_reason, sizeof(board->agent_reason), reason);
}

/* Pure: the state that all facts together mean, and why. */
static enum board_state state_of(const struct board *board, const char **ret_reason)
{
	*ret_reason = "";
	if (!board->agent->record.online) {
		*ret_reason = "its agent is not connected";
		return BOARD_OFFLINE;
	}
	if (!board->listed) {
		*ret_reason = "its agent no longer has it";
		return BOARD_OFFLINE;
	}
	if (board->run && board->run->frozen)
		*ret_reason = "its run is frozen: the store takes nothing of it";
	if (board->run)
		return BOARD_RUNNING;
	*ret_reason = board->agent_reason;
	if (board->agent_state == BOARD_RUNNING) {
		*ret_reason = "its agent is still busy with it";
		return BOARD_RECOVERING;
	}
	return board->agent_state;
}

void board_update(struct farm *farm, struct board *board)
{
	const char *reason;
	enum board_state state = state_of(board, &reason);
	bool falls_out = state == BOARD_QUARANTINED && board->record.state != BOARD_QUARANTINED;

	if (state == board->record.state && strcmp(reason, board->record.reason) == 0) {
		board_plan_state(farm, board);
		return;
	}
	assert(state == board->record.state || (may_follow[board->record.state] & (1u << state)));
	log_debug(board->record.name, "%s -> %s%s%s", board_state_name(board->record.state), board_state_name(state),
		  reason[0] ? ": " : "", reason);
	board->record.state = state;
	board_plan_state(farm, board);
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
}

void pool_destroy(struct pool *pool)
{
	if (!pool)
		return;
	free(pool->record.body);
	free(pool);
}
