/* SPDX-License-Identifier: Apache-2.0 */
/* recovery: the account of how a board that did not answer was helped, rung by rung. */
#include <stdio.h>

#include "core/wire/codec.h"

#define TRY_MAX_TEXT (sizeof(((struct ladder_try *)0)->text) - 1)

static json_t *try_to_json(const struct ladder_try *entry)
{
	json_t *object = json_object();

	json_put(&object, "rung", json_string(recovery_rung_name(entry->rung)));
	json_put(&object, "result", json_string(rung_result_name(entry->result)));
	json_put(&object, "cause", json_string(cause_name(entry->cause)));
	json_put(&object, "text", json_text(entry->text, TRY_MAX_TEXT));
	json_put(&object, "took_us", json_integer(entry->took_us));
	return object;
}

void wire_recovery_encode(const struct wire_message *message, json_t **object)
{
	const struct wire_recovery *recovery = &message->as.recovery;
	json_t *list = json_array();

	json_put(object, "board", wire_word(recovery->board));
	json_put(object, "begun_at_us", json_integer(recovery->begun_at_us));
	json_put(object, "ended_at_us", json_integer(recovery->ended_at_us));
	json_put(object, "cause", json_string(cause_name(recovery->cause)));
	json_put(object, "text", wire_text(recovery->text));
	json_put(object, "end", json_string(ladder_end_name(recovery->end)));
	for (size_t i = 0; i < recovery->count; i++)
		json_push(&list, try_to_json(&recovery->tries[i]));
	json_put(object, "rungs", list);
}

static enum cause read_cause(struct wire_reader *reader)
{
	const char *word = "";
	enum cause cause = CAUSE_NONE;

	wire_read_text(reader, "cause", 40, &word);
	if (!reader->rc && !cause_parse(word, &cause))
		wire_fail(reader, "cause", "an unknown word", "a known cause");
	return cause;
}

/* Each rung in its place: the account leaves none out. */
static void read_try(struct wire_reader *parent, const json_t *object, size_t index, struct ladder_try *entry)
{
	static const char *const known[] = {"rung", "result", "cause", "text", "took_us", NULL};
	const char *rung = "", *result = "", *text = "";
	char where[32];
	struct wire_reader reader = {.object = object, .where = where, .err = parent->err};

	snprintf(where, sizeof where, "rungs[%zu].", index);
	wire_known(&reader, known);
	wire_read_text(&reader, "rung", 40, &rung);
	if (!reader.rc && (!recovery_rung_parse(rung, &entry->rung) || entry->rung != index))
		wire_fail(&reader, "rung", "another word", recovery_rung_name((enum recovery_rung)index));
	wire_read_text(&reader, "result", 40, &result);
	if (!reader.rc && !rung_result_parse(result, &entry->result))
		wire_fail(&reader, "result", "an unknown word", "what became of a rung");
	entry->cause = read_cause(&reader);
	wire_read_text(&reader, "text", TRY_MAX_TEXT, &text);
	wire_read_count(&reader, "took_us", &entry->took_us);
	snprintf(entry->text, sizeof entry->text, "%s", text);
	parent->rc = reader.rc;
}

void wire_recovery_decode(struct wire_reader *reader, struct wire_message *message)
{
	static const char *const known[] = {"type", "board", "begun_at_us", "ended_at_us", "cause",
					    "text", "end",   "rungs",       NULL};
	struct wire_recovery *recovery = &message->as.recovery;
	const char *end = "";
	json_t *list;

	wire_known(reader, known);
	wire_read_name(reader, "board", &recovery->board);
	wire_read_id(reader, "begun_at_us", &recovery->begun_at_us);
	wire_read_count(reader, "ended_at_us", &recovery->ended_at_us);
	recovery->cause = read_cause(reader);
	wire_read_text(reader, "text", WIRE_MAX_TEXT, &recovery->text);
	wire_read_text(reader, "end", 40, &end);
	if (!reader->rc && !ladder_end_parse(end, &recovery->end))
		wire_fail(reader, "end", "an unknown word", "how a recovery stands");
	if (!reader->rc && (recovery->end == LADDER_CLIMBING) != (recovery->ended_at_us == 0))
		wire_fail(reader, "ended_at_us", recovery->ended_at_us ? "a time" : "0", "a time once it has ended");
	list = wire_read_objects(reader, "rungs", RECOVERY_RUNG_COUNT);
	if (!list)
		return;
	message->tries = wire_array(reader, json_array_size(list), sizeof *message->tries);
	for (size_t i = 0; i < json_array_size(list) && !reader->rc; i++)
		read_try(reader, json_array_get(list, i), i, &message->tries[i]);
	recovery->tries = message->tries;
	recovery->count = reader->rc ? 0 : json_array_size(list);
}
