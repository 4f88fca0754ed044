/* SPDX-License-Identifier: Apache-2.0 */
/* What is now, as JSON for the API. */
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/farm/farm_state.h"
#include "core/farm/state_board.h"
#include "core/farm/state_image.h"
#include "core/farm/state_job.h"
#include "core/farm/state_rack.h"
#include "core/farm/state_run.h"
#include "core/farm/state_standard.h"

/* The elements of a map in the order of their names, since the map has none. Names stand first in every element's
 * record or are reached by name_of. */
typedef const char *(*name_of_fn)(const struct map_node *node);

struct named {
	const char *name;
	const struct map_node *node;
};

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct named *)a)->name, ((const struct named *)b)->name);
}

static struct named *sorted(const struct map *map, name_of_fn name_of)
{
	struct named *list = mem_alloc_array(map->count, sizeof(*list));
	size_t count = 0;

	for (struct map_node *node = map_next(map, NULL); node; node = map_next(map, node))
		list[count++] = (struct named){name_of(node), node};
	qsort(list, count, sizeof(*list), by_name);
	return list;
}

static const char *board_name(const struct map_node *node)
{
	return map_container(node, const struct board, node)->record.name;
}

static const char *agent_name(const struct map_node *node)
{
	return map_container(node, const struct agent, node)->record.name;
}

static const char *pool_name(const struct map_node *node)
{
	return map_container(node, const struct pool, node)->name;
}

static const char *suite_name(const struct map_node *node)
{
	return map_container(node, const struct suite_entry, node)->record.name;
}

json_t *farm_status_json(const struct farm *farm, const struct principal *who)
{
	size_t boards[BOARD_STATE_COUNT] = {0}, runs[RUN_IS_FINISHED + 1] = {0}, jobs = 0;
	json_t *object = json_object(), *by_state = json_object(), *run_states = json_object();

	for (struct map_node *node = map_next(&farm->boards, NULL); node; node = map_next(&farm->boards, node)) {
		if (principal_sees_shared(who, map_container(node, struct board, node)->record.org))
			boards[map_container(node, struct board, node)->record.state]++;
	}
	for (struct map_node *node = map_next(&farm->runs, NULL); node; node = map_next(&farm->runs, node)) {
		if (principal_sees(who, map_container(node, struct run, node)->record.org))
			runs[map_container(node, struct run, node)->record.state]++;
	}
	for (struct map_node *node = map_next(&farm->jobs, NULL); node; node = map_next(&farm->jobs, node)) {
		const struct job *job = map_container(node, struct job, node);

		jobs += principal_sees(who, job->record.org) && job->record.state != JOB_FINISHED;
	}
	for (int i = 0; i < BOARD_STATE_COUNT; i++)
		json_put(&by_state, board_state_name((enum board_state)i), json_integer((json_int_t)boards[i]));
	for (int i = 0; i < RUN_IS_FINISHED; i++)
		json_put(&run_states, run_state_name((enum run_state)i), json_integer((json_int_t)runs[i]));
	json_put(&object, "id", json_string(farm->id));
	json_put(&object, "degraded",
		 farm_degraded(farm) ? json_text(farm->trouble.text, sizeof(farm->trouble.text)) : json_null());
	json_put(&object, "boards", by_state);
	json_put(&object, "runs", run_states);
	json_put(&object, "jobs", json_integer((json_int_t)jobs));
	json_put(&object, "seq", json_integer(farm->durable_seq));
	return object;
}

static json_t *hold_json(const struct board_record *record)
{
	json_t *object;

	if (record->hold == BOARD_HOLD_NONE)
		return json_null();
	object = json_object();
	json_put(&object, "state", json_string(board_hold_name(record->hold)));
	json_put(&object, "by", json_string(record->held_by));
	json_put(&object, "why", json_text(record->held_why, sizeof(record->held_why)));
	json_put(&object, "at_us", json_integer(record->held_at_us));
	return object;
}

static json_t *board_json(const struct farm *farm, const struct board *board, const struct principal *who)
{
	const struct board_record *record = &board->record;
	json_t *object = json_object();
	const struct golden_entry *golden = golden_of(farm, board);
	bool open = board->run && principal_sees(who, board->run->record.org);

	json_put(&object, "name", json_string(record->name));
	json_put(&object, "org", json_string(record->org));
	json_put(&object, "type", json_string(record->type));
	json_put(&object, "agent", json_string(record->agent));
	json_put(&object, "state", json_string(board_state_name(record->state)));
	json_put(&object, "reason", json_text(record->reason, sizeof(record->reason)));
	json_put(&object, "unique_id", json_text(record->unique_id, sizeof(record->unique_id)));
	json_put(&object, "virtual", json_boolean(record->is_virtual));
	json_put(&object, "tags", tags_to_json(board_equipment(board)->tags));
	json_put(&object, "features",
		 features_to_json(board_equipment(board)->features, board_equipment(board)->feature_count));
	json_put(&object, "site", json_string(board->site));
	json_put(&object, "hub", json_string(board_equipment(board)->hub));
	json_put(&object, "simulated", json_boolean(board_type_is_simulated(record->type)));
	json_put(&object, "fence", json_integer(record->fence));
	json_put(&object, "run", open ? json_integer(board->run->record.id) : json_null());
	json_put(&object, "job", open ? json_integer(board->run->record.job) : json_null());
	json_put(&object, "waiting", json_integer((json_int_t)board->waiting));
	json_put(&object, "changed_at_us", json_integer(record->changed_at_us));
	json_put(&object, "hold", hold_json(record));
	json_put(&object, "golden", golden ? golden_json(&golden->record) : json_null());
	json_put(&object, "unproven", json_text(record->unproven, sizeof(record->unproven)));
	json_put(&object, "checks_failed", json_integer(record->checks_failed));
	json_put(&object, "runs_since_pass", json_integer(record->runs_since_pass));
	json_put(&object, "proven_at_us", json_integer(record->proven_at_us));
	return object;
}

json_t *farm_board_json(const struct farm *farm, const struct principal *who, const char *name)
{
	const struct board *board = board_find(farm, name);

	return board && principal_sees_shared(who, board->record.org) ? board_json(farm, board, who) : NULL;
}

json_t *farm_boards_json(const struct farm *farm, const struct principal *who)
{
	struct named *list = sorted(&farm->boards, board_name);
	json_t *array = json_array();

	for (size_t i = 0; i < farm->boards.count; i++) {
		const struct board *board = map_container(list[i].node, const struct board, node);

		if (principal_sees_shared(who, board->record.org))
			json_push(&array, board_json(farm, board, who));
	}
	free(list);
	return array;
}

static void put_count(const struct agent *agent, const struct hub *hub, uint32_t limit,
		      const struct drain_record *drain, json_t **object)
{
	json_int_t boards = 0, running = 0;

	list_for_each (link, &agent->boards) {
		const struct board *board = list_container(link, const struct board, agent_link);

		if (!board->listed || (hub && board->hub != hub))
			continue;
		boards++;
		running += board->run != NULL;
	}
	json_put(object, "limit", limit ? json_integer(limit) : json_null());
	json_put(object, "boards", json_integer(boards));
	json_put(object, "running", json_integer(running));
	json_put(object, "draining", drain_json(drain));
}

/* The host and its hubs: what they bear and have, and whether they take anything new. */
static void put_places(const struct agent *agent, json_t **object)
{
	json_t *hubs = json_array();

	put_count(agent, NULL, agent->limit, agent->drain, object);
	list_for_each (link, &agent->hubs) {
		const struct hub *hub = list_container(link, const struct hub, link);
		json_t *entry = json_object();

		json_put(&entry, "name", json_string(hub->about.name));
		put_count(agent, hub, hub->about.limit, hub->drain, &entry);
		json_push(&hubs, entry);
	}
	json_put(object, "hubs", hubs);
}

json_t *farm_agents_json(const struct farm *farm, const struct principal *who)
{
	struct named *list = sorted(&farm->agents, agent_name);
	json_t *array = json_array();

	for (size_t i = 0; i < farm->agents.count; i++) {
		const struct agent *agent = map_container(list[i].node, const struct agent, node);
		const struct agent_record *record = &agent->record;
		json_t *object;

		if (!principal_sees_shared(who, record->org))
			continue;
		object = json_object();
		json_put(&object, "name", json_string(record->name));
		json_put(&object, "version", json_text(record->version, sizeof(record->version)));
		json_put(&object, "online", json_boolean(record->online));
		json_put(&object, "seen_at_us", json_integer(record->seen_at_us));
		json_put(&object, "org", json_string(record->org));
		json_put(&object, "site", json_string(agent->site));
		put_places(agent, &object);
		json_push(&array, object);
	}
	free(list);
	return array;
}

json_t *farm_board_types_json(const struct farm *farm, const struct principal *who)
{
	struct named *list = sorted(&farm->pools, pool_name);
	json_t *array = json_array();

	for (size_t i = 0; i < farm->pools.count; i++) {
		const struct pool *pool = map_container(list[i].node, const struct pool, node);

		if (pool->has_type && principal_sees_shared(who, pool->record.org))
			json_push(&array, board_type_to_json(&pool->type));
	}
	free(list);
	return array;
}

static json_t *suite_json(const struct suite_entry *entry, bool whole)
{
	json_t *object = json_object();

	json_put(&object, "name", json_string(entry->record.name));
	json_put(&object, "version", json_text(entry->record.version, sizeof(entry->record.version)));
	json_put(&object, "changed_at_us", json_integer(entry->record.changed_at_us));
	json_put(&object, "cases", json_integer((json_int_t)entry->suite.require.case_count));
	if (whole) {
		json_put(&object, "text", json_text(entry->record.text, strlen(entry->record.text) + 1));
		json_put(&object, "require", requirements_to_json(&entry->suite.require));
		json_put(&object, "end", end_rule_to_json(&entry->suite.end));
	}
	return object;
}

json_t *farm_suites_json(const struct farm *farm, const struct principal *who)
{
	struct named *list = sorted(&farm->suites, suite_name);
	json_t *array = json_array();

	for (size_t i = 0; i < farm->suites.count; i++) {
		const struct suite_entry *entry = map_container(list[i].node, const struct suite_entry, node);

		if (principal_sees_shared(who, entry->record.org))
			json_push(&array, suite_json(entry, false));
	}
	free(list);
	return array;
}

json_t *farm_suite_json(const struct farm *farm, const struct principal *who, const char *name)
{
	const struct suite_entry *entry = suite_find(farm, name);

	return entry && principal_sees_shared(who, entry->record.org) ? suite_json(entry, true) : NULL;
}
