/* SPDX-License-Identifier: Apache-2.0 */
/* hello and its answers, welcome and refused; and board, which tells what hello told. */
#include <stdio.h>

#include "core/wire/codec.h"

static const char *const board_states[] = {
#define X(name, text) text,
	WIRE_BOARD_STATES(X)
#undef X
};

#define STATE_COUNT (sizeof board_states / sizeof board_states[0])

const char *wire_board_state_name(enum wire_board_state state)
{
	return (size_t)state < STATE_COUNT ? board_states[state] : "unknown";
}

void wire_board_state_encode(const struct wire_board *board, json_t **object)
{
	json_put(object, "state", json_string(wire_board_state_name(board->state)));
	json_put(object, "reason", wire_text(board->reason));
	json_put(object, "unique_id", wire_word(board->unique_id));
	if (board->absent)
		json_put(object, "absent", json_true());
}

void wire_board_state_decode(struct wire_reader *reader, struct wire_board *board)
{
	board->state = (enum wire_board_state)wire_read_word(reader, "state", board_states, STATE_COUNT);
	wire_read_text(reader, "reason", WIRE_MAX_TEXT, &board->reason);
	wire_read_hex(reader, "unique_id", 0, 32, &board->unique_id);
	if (json_object_get(reader->object, "absent"))
		wire_read_bool(reader, "absent", &board->absent);
}

static json_t *types_to_json(const struct wire_hello *hello)
{
	json_t *list = json_array();

	for (size_t i = 0; i < hello->type_count; i++)
		json_push(&list, board_type_to_json(&hello->types[i]));
	return list;
}

static void equipment_encode(const struct equipment *equipment, json_t **entry)
{
	if (equipment->tags[0])
		json_put(entry, "tags", tags_to_json(equipment->tags));
	if (equipment->feature_count)
		json_put(entry, "features", features_to_json(equipment->features, equipment->feature_count));
	if (equipment->hub[0])
		json_put(entry, "hub", wire_word(equipment->hub));
}

static json_t *hubs_to_json(const struct wire_hello *hello)
{
	json_t *list = json_array();

	for (size_t i = 0; i < hello->hub_count; i++) {
		json_t *entry = json_object();

		json_put(&entry, "name", wire_word(hello->hubs[i].name));
		json_put(&entry, "limit", json_integer(hello->hubs[i].limit));
		json_push(&list, entry);
	}
	return list;
}

static json_t *boards_to_json(const struct wire_hello *hello)
{
	json_t *list = json_array();

	for (size_t i = 0; i < hello->board_count; i++) {
		const struct wire_board *board = &hello->boards[i];
		json_t *entry = json_object();

		json_put(&entry, "name", wire_word(board->name));
		json_put(&entry, "type", wire_word(board->type));
		wire_board_state_encode(board, &entry);
		json_put(&entry, "virtual", json_boolean(board->is_virtual));
		equipment_encode(&board->equipment, &entry);
		json_push(&list, entry);
	}
	return list;
}

static json_t *held_runs_to_json(const struct wire_hello *hello)
{
	json_t *list = json_array();

	for (size_t i = 0; i < hello->run_count; i++) {
		const struct wire_held_run *run = &hello->runs[i];

		json_push(&list, json_pack("{s:I, s:I, s:I, s:b}", "run", (json_int_t)run->run, "fence",
					   (json_int_t)run->fence, "last", (json_int_t)run->last, "ended", run->ended));
	}
	return list;
}

void wire_hello_encode(const struct wire_message *message, json_t **object)
{
	const struct wire_hello *hello = &message->as.hello;

	json_put(object, "protocol", json_integer(hello->protocol));
	json_put(object, "agent", wire_word(hello->agent));
	json_put(object, "version", wire_word(hello->version));
	json_put(object, "boot", wire_word(hello->boot));
	if (hello->limit)
		json_put(object, "limit", json_integer(hello->limit));
	if (hello->leases)
		json_put(object, "leases", json_true());
	if (hello->recovers)
		json_put(object, "recovers", json_true());
	if (hello->site && hello->site[0])
		json_put(object, "site", wire_word(hello->site));
	if (hello->hub_count)
		json_put(object, "hubs", hubs_to_json(hello));
	json_put(object, "types", types_to_json(hello));
	json_put(object, "boards", boards_to_json(hello));
	json_put(object, "runs", held_runs_to_json(hello));
}

static void read_types(struct wire_reader *reader, struct wire_hello *hello)
{
	json_t *list = wire_read_objects(reader, "types", WIRE_MAX_TYPES);

	if (!list)
		return;
	hello->types = wire_array(reader, json_array_size(list), sizeof *hello->types);
	for (size_t i = 0; i < json_array_size(list) && !reader->rc; i++) {
		reader->rc = board_type_from_json(json_array_get(list, i), &hello->types[i], reader->err);
		if (reader->rc)
			err_prefix(reader->err, "types[%zu]", i);
		hello->type_count++;
	}
}

static void equipment_decode(struct wire_reader *reader, struct equipment *equipment)
{
	const json_t *tags = json_object_get(reader->object, "tags"),
		     *features = json_object_get(reader->object, "features");
	const char *hub = "";

	if (tags && !tags_from_json(tags, equipment->tags))
		wire_fail(reader, "tags", "something else", "a list of up to 8 tags");
	if (features && !equipment_features_from_json(features, equipment))
		wire_fail(reader, "features", "something else", "up to 8 names, each with a text");
	if (json_object_get(reader->object, "hub"))
		wire_read_name(reader, "hub", &hub);
	if (!reader->rc && hub[0] && !tag_valid(hub))
		wire_fail(reader, "hub", hub, "the name of a hub");
	(void)snprintf(equipment->hub, sizeof equipment->hub, "%s", hub);
}

static void read_board(struct wire_reader *parent, const json_t *object, size_t index, struct wire_board *board)
{
	static const char *const known[] = {"name", "type",     "state", "reason", "unique_id", "virtual",
					    "tags", "features", "hub",   "absent", NULL};
	char where[32];
	struct wire_reader reader = {.object = object, .where = where, .err = parent->err};

	snprintf(where, sizeof where, "boards[%zu].", index);
	wire_known(&reader, known);
	wire_read_name(&reader, "name", &board->name);
	wire_read_name(&reader, "type", &board->type);
	wire_board_state_decode(&reader, board);
	wire_read_bool(&reader, "virtual", &board->is_virtual);
	equipment_decode(&reader, &board->equipment);
	parent->rc = reader.rc;
}

static void read_boards(struct wire_reader *reader, struct wire_hello *hello)
{
	json_t *list = wire_read_objects(reader, "boards", WIRE_MAX_BOARDS);

	if (!list)
		return;
	hello->boards = wire_array(reader, json_array_size(list), sizeof *hello->boards);
	for (size_t i = 0; i < json_array_size(list) && !reader->rc; i++) {
		read_board(reader, json_array_get(list, i), i, &hello->boards[i]);
		hello->board_count++;
	}
}

static void read_hubs(struct wire_reader *reader, struct wire_hello *hello)
{
	static const char *const known[] = {"name", "limit", NULL};
	json_t *list =
		json_object_get(reader->object, "hubs") ? wire_read_objects(reader, "hubs", EQUIPMENT_MAX_HUBS) : NULL;

	struct equipment_hub *hubs;

	if (!list)
		return;
	hubs = wire_array(reader, json_array_size(list), sizeof *hubs);
	hello->hubs = hubs;
	for (size_t i = 0; i < json_array_size(list) && !reader->rc; i++) {
		char where[32];
		struct wire_reader hub = {.object = json_array_get(list, i), .where = where, .err = reader->err};
		const char *name = "";
		int64_t limit = 0;

		snprintf(where, sizeof where, "hubs[%zu].", i);
		wire_known(&hub, known);
		wire_read_name(&hub, "name", &name);
		wire_read_count(&hub, "limit", &limit);
		if (!hub.rc && (!tag_valid(name) || limit > UINT32_MAX))
			wire_fail(&hub, "name", name, "the name of a hub, and a limit");
		(void)snprintf(hubs[i].name, sizeof hubs[i].name, "%s", name);
		hubs[i].limit = (uint32_t)limit;
		hello->hub_count++;
		reader->rc = hub.rc;
	}
}

static void read_held_run(struct wire_reader *parent, const json_t *object, size_t index, struct wire_held_run *run)
{
	static const char *const known[] = {"run", "fence", "last", "ended", NULL};
	char where[32];
	struct wire_reader reader = {.object = object, .where = where, .err = parent->err};

	snprintf(where, sizeof where, "runs[%zu].", index);
	wire_known(&reader, known);
	wire_read_id(&reader, "run", &run->run);
	wire_read_id(&reader, "fence", &run->fence);
	wire_read_count(&reader, "last", &run->last);
	wire_read_bool(&reader, "ended", &run->ended);
	parent->rc = reader.rc;
}

static void read_held_runs(struct wire_reader *reader, struct wire_hello *hello)
{
	json_t *list = wire_read_objects(reader, "runs", WIRE_MAX_RUNS);

	if (!list)
		return;
	hello->runs = wire_array(reader, json_array_size(list), sizeof *hello->runs);
	for (size_t i = 0; i < json_array_size(list) && !reader->rc; i++) {
		read_held_run(reader, json_array_get(list, i), i, &hello->runs[i]);
		hello->run_count++;
	}
}

void wire_hello_decode(struct wire_reader *reader, struct wire_message *message)
{
	static const char *const known[] = {"type",     "protocol", "agent", "version", "boot",   "limit", "leases",
					    "recovers", "site",     "hubs",  "types",   "boards", "runs",  NULL};
	struct wire_hello *hello = &message->as.hello;

	wire_read_id(reader, "protocol", &hello->protocol);
	if (!reader->rc && hello->protocol != WIRE_PROTOCOL) {
		reader->rc = err_set(reader->err, ERR_UNSUPPORTED, "protocol: found %lld, expected %d",
				     (long long)hello->protocol, WIRE_PROTOCOL);
		return;
	}
	wire_known(reader, known);
	wire_read_name(reader, "agent", &hello->agent);
	wire_read_name(reader, "version", &hello->version);
	wire_read_hex(reader, "boot", 8, 64, &hello->boot);
	if (json_object_get(reader->object, "limit"))
		wire_read_id(reader, "limit", &hello->limit);
	if (json_object_get(reader->object, "leases"))
		wire_read_bool(reader, "leases", &hello->leases);
	if (json_object_get(reader->object, "recovers"))
		wire_read_bool(reader, "recovers", &hello->recovers);
	if (json_object_get(reader->object, "site"))
		wire_read_name(reader, "site", &hello->site);
	read_hubs(reader, hello);
	read_types(reader, hello);
	read_boards(reader, hello);
	read_held_runs(reader, hello);
}

void wire_board_encode(const struct wire_message *message, json_t **object)
{
	json_put(object, "name", wire_word(message->as.board.name));
	wire_board_state_encode(&message->as.board, object);
}

void wire_board_decode(struct wire_reader *reader, struct wire_message *message)
{
	static const char *const known[] = {"type", "name", "state", "reason", "unique_id", "absent", NULL};

	wire_known(reader, known);
	message->as.board.type = "";
	wire_read_name(reader, "name", &message->as.board.name);
	wire_board_state_decode(reader, &message->as.board);
}

void wire_refused_encode(const struct wire_message *message, json_t **object)
{
	json_put(object, "field", wire_text(message->as.refused.field));
	json_put(object, "found", wire_text(message->as.refused.found));
	json_put(object, "expected", wire_text(message->as.refused.expected));
}

void wire_refused_decode(struct wire_reader *reader, struct wire_message *message)
{
	static const char *const known[] = {"type", "field", "found", "expected", NULL};

	wire_known(reader, known);
	wire_read_text(reader, "field", WIRE_MAX_TEXT, &message->as.refused.field);
	wire_read_text(reader, "found", WIRE_MAX_TEXT, &message->as.refused.found);
	wire_read_text(reader, "expected", WIRE_MAX_TEXT, &message->as.refused.expected);
}
