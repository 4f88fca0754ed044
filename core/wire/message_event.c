/* SPDX-License-Identifier: Apache-2.0 */
/* event: what happens in a run, one reader and writer for each kind. */
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "core/judge/facts.h"
#include "core/wire/codec.h"

static const char *const kinds[] = {
#define X(name, text) text,
	WIRE_EVENTS(X)
#undef X
};

#define KIND_COUNT (sizeof kinds / sizeof kinds[0])

static const char *const phases[] = {[STEP_FORWARD] = "forward", [STEP_BACK] = "back"};

/* Fields of every event, and the fields of the kind. */
#define KNOWN(...)                                                                                                     \
	(const char *const[])                                                                                          \
	{                                                                                                              \
		"type", "run", "fence", "n", "at_us", "event", __VA_ARGS__, NULL                                       \
	}

const char *wire_event_name(enum wire_event_kind kind)
{
	return (size_t)kind < KIND_COUNT ? kinds[kind] : "unknown";
}

struct wire_case wire_case_of(const struct case_result *result)
{
	return (struct wire_case){.group = result->group,
				  .name = result->name,
				  .verdict = result->verdict,
				  .message = result->message,
				  .required = result->required,
				  .waived_ignore = result->waived_ignore,
				  .category = result->category,
				  .standing = result->standing,
				  .waiver = result->waiver,
				  .measurements = result->measurements,
				  .measurement_count = result->measurement_count,
				  .offset = (int64_t)result->offset,
				  .end = (int64_t)result->end,
				  .begun_at_us = result->begun_us,
				  .ended_at_us = result->ended_us};
}

static void encode_step(const struct wire_event *event, json_t **object)
{
	const struct wire_step *step = &event->as.step;

	json_put(object, "step", wire_word(step->step));
	json_put(object, "phase", json_string(phases[step->phase == STEP_BACK]));
	json_put(object, "row", json_integer(step->row));
	if (event->kind == WIRE_EVENT_STEP_BEGUN)
		return;
	json_put(object, "cause", json_string(cause_name(step->cause)));
	json_put(object, "text", wire_text(step->text));
	json_put(object, "took_us", json_integer(step->took_us));
	if (step->flash)
		json_put(object, "flash", flashed_to_json(step->flash));
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

static void decode_step_begun(struct wire_reader *reader, struct wire_event *event)
{
	struct wire_step *step = &event->as.step;

	step->text = "";
	wire_read_name(reader, "step", &step->step);
	step->phase = (enum step_phase)wire_read_word(reader, "phase", phases, sizeof phases / sizeof phases[0]);
	wire_read_count(reader, "row", &step->row);
	if (!reader->rc && step->row >= STEPS_MAX)
		wire_fail(reader, "row", "a larger number", "a row of the table of steps");
}

static void decode_flash(struct wire_reader *reader, struct wire_message *message)
{
	struct err err = {0};

	if (reader->rc || !json_object_get(reader->object, "flash"))
		return;
	message->flashed = wire_array(reader, 1, sizeof *message->flashed);
	if (reader->rc)
		return;
	if (flashed_from_json(json_object_get(reader->object, "flash"), message->flashed, &err))
		wire_fail(reader, "flash", err.text, "what was erased of the flash");
	message->as.event.as.step.flash = message->flashed;
}

static void decode_step_ended(struct wire_reader *reader, struct wire_message *message)
{
	struct wire_event *event = &message->as.event;

	decode_step_begun(reader, event);
	event->as.step.cause = read_cause(reader);
	wire_read_text(reader, "text", WIRE_MAX_TEXT, &event->as.step.text);
	wire_read_count(reader, "took_us", &event->as.step.took_us);
	decode_flash(reader, message);
}

static json_t *base64(const uint8_t *data, size_t size_bytes)
{
	size_t room = sodium_base64_encoded_len(size_bytes, sodium_base64_VARIANT_ORIGINAL);
	char *text = malloc(room);
	json_t *value = NULL;

	if (text) {
		sodium_bin2base64(text, room, data, size_bytes, sodium_base64_VARIANT_ORIGINAL);
		value = json_stringn_nocheck(text, room - 1);
	}
	free(text);
	return value;
}

static void encode_console(const struct wire_event *event, json_t **object)
{
	json_put(object, "offset", json_integer(event->as.console.offset));
	json_put(object, "data", base64(event->as.console.data, event->as.console.size_bytes));
}

static void decode_console(struct wire_reader *reader, struct wire_message *message)
{
	struct wire_console *console = &message->as.event.as.console;
	size_t max = sodium_base64_encoded_len(WIRE_MAX_CONSOLE_BYTES, sodium_base64_VARIANT_ORIGINAL) - 1;
	const char *text = "";

	wire_read_count(reader, "offset", &console->offset);
	wire_read_text(reader, "data", max, &text);
	if (reader->rc)
		return;
	message->bytes = wire_array(reader, strlen(text) / 4 * 3 + 3, 1);
	if (reader->rc)
		return;
	if (sodium_base642bin(message->bytes, strlen(text) / 4 * 3 + 3, text, strlen(text), NULL, &console->size_bytes,
			      NULL, sodium_base64_VARIANT_ORIGINAL))
		wire_fail(reader, "data", "a text that is not base64", "base64 with padding");
	else if (!console->size_bytes || console->size_bytes > WIRE_MAX_CONSOLE_BYTES)
		wire_fail(reader, "data", console->size_bytes ? "too many bytes" : "no bytes", "1 to 65536 bytes");
	console->data = message->bytes;
}

static void encode_case(const struct wire_event *event, json_t **object)
{
	const struct wire_case *result = &event->as.result;

	json_put(object, "group", wire_name(result->group));
	json_put(object, "name", wire_name(result->name));
	json_put(object, "verdict", json_string(case_verdict_name(result->verdict)));
	json_put(object, "message", wire_text(result->message));
	json_put(object, "required", json_boolean(result->required));
	json_put(object, "waived_ignore", json_boolean(result->waived_ignore));
	json_put(object, "category", json_string(case_category_name(result->category)));
	json_put(object, "standing", json_string(case_standing_name(result->standing)));
	json_put(object, "waiver", json_integer(result->waiver));
	json_put(object, "measurements", wire_measurements(result->measurements, result->measurement_count));
	json_put(object, "offset", json_integer(result->offset));
	json_put(object, "end", json_integer(result->end));
	json_put(object, "begun_at_us", json_integer(result->begun_at_us));
	json_put(object, "ended_at_us", json_integer(result->ended_at_us));
}

/* How a case counts. */
static void decode_standing(struct wire_reader *reader, struct wire_case *result)
{
	const char *category = "", *standing = "";

	wire_read_text(reader, "category", 40, &category);
	if (!reader->rc && !case_category_parse(category, &result->category))
		wire_fail(reader, "category", "an unknown word", "the category of a case");
	wire_read_text(reader, "standing", 40, &standing);
	if (!reader->rc && !case_standing_parse(standing, &result->standing))
		wire_fail(reader, "standing", "an unknown word", "how a case stands");
	wire_read_count(reader, "waiver", &result->waiver);
	if (!reader->rc && (result->waiver != 0) != (result->standing == STANDING_WAIVED))
		wire_fail(reader, "waiver", result->waiver ? "a waiver" : "no waiver", "one where the case is waived");
}

static void decode_case(struct wire_reader *reader, struct wire_message *message)
{
	struct wire_case *result = &message->as.event.as.result;
	const char *verdict = "";

	wire_read_text(reader, "group", WIRE_MAX_NAME, &result->group);
	wire_read_name(reader, "name", &result->name);
	wire_read_text(reader, "verdict", 40, &verdict);
	if (!reader->rc && !case_verdict_parse(verdict, &result->verdict))
		wire_fail(reader, "verdict", "an unknown word", "the verdict of a case");
	wire_read_text(reader, "message", WIRE_MAX_TEXT, &result->message);
	wire_read_bool(reader, "required", &result->required);
	wire_read_bool(reader, "waived_ignore", &result->waived_ignore);
	decode_standing(reader, result);
	result->measurements = wire_read_measurements(reader, message, &result->measurement_count);
	wire_read_count(reader, "offset", &result->offset);
	wire_read_count(reader, "end", &result->end);
	wire_read_count(reader, "begun_at_us", &result->begun_at_us);
	wire_read_count(reader, "ended_at_us", &result->ended_at_us);
	if (!reader->rc && result->end < result->offset)
		wire_fail(reader, "end", "less than offset", "where the result's bytes end");
}

static json_t *counts_to_json(const struct wire_counts *counts)
{
	return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "passed", (json_int_t)counts->passed, "failed",
			 (json_int_t)counts->failed, "ignored", (json_int_t)counts->ignored, "missing",
			 (json_int_t)counts->missing, "crashed", (json_int_t)counts->crashed, "error",
			 (json_int_t)counts->error, "waived", (json_int_t)counts->waived, "expected",
			 (json_int_t)counts->expected);
}

static void encode_run_ended(const struct wire_event *event, json_t **object)
{
	const struct wire_run_ended *ended = &event->as.ended;

	json_put(object, "verdict", json_string(run_verdict_name(ended->verdict)));
	json_put(object, "cause", json_string(cause_name(ended->cause)));
	json_put(object, "text", wire_text(ended->text));
	json_put(object, "counts", counts_to_json(&ended->counts));
	json_put(object, "cases_total", json_integer(ended->cases_total));
	json_put(object, "console_bytes", json_integer(ended->console_bytes));
	json_put(object, "console_dropped", json_integer(ended->console_dropped));
	json_put(object, "console_sha256", wire_word(ended->console_sha256));
	json_put(object, "measurements", wire_measurements(ended->measurements, ended->measurement_count));
	if (ended->core)
		json_put(object, "core", wire_text(ended->core));
	if (ended->facts)
		json_put(object, "facts", json_deep_copy(ended->facts));
	if (ended->identity)
		json_put(object, "identity", json_deep_copy(ended->identity));
}

static void read_counts(struct wire_reader *parent, struct wire_counts *counts)
{
	static const char *const known[] = {"passed", "failed", "ignored",  "missing", "crashed",
					    "error",  "waived", "expected", NULL};
	struct wire_reader reader = {
		.object = wire_read_object(parent, "counts"), .where = "counts.", .err = parent->err, .rc = parent->rc};

	if (parent->rc)
		return;
	wire_known(&reader, known);
	wire_read_count(&reader, "passed", &counts->passed);
	wire_read_count(&reader, "failed", &counts->failed);
	wire_read_count(&reader, "ignored", &counts->ignored);
	wire_read_count(&reader, "missing", &counts->missing);
	wire_read_count(&reader, "crashed", &counts->crashed);
	wire_read_count(&reader, "error", &counts->error);
	wire_read_count(&reader, "waived", &counts->waived);
	wire_read_count(&reader, "expected", &counts->expected);
	parent->rc = reader.rc;
}

/* Facts that cannot be read would make a verdict that nobody can give again. */
static void decode_facts(struct wire_reader *reader, struct wire_run_ended *ended)
{
	struct run_facts facts;
	struct err err = {0};

	if (reader->rc || !(ended->facts = json_object_get(reader->object, "facts")))
		return;
	if (run_facts_from_json(ended->facts, &facts, &err))
		wire_fail(reader, "facts", err.text, "the facts of a run");
	else
		run_facts_finish(&facts);
}

static void decode_identity(struct wire_reader *reader, struct wire_run_ended *ended)
{
	if (reader->rc || !(ended->identity = json_object_get(reader->object, "identity")))
		return;
	if (!json_is_object(ended->identity) || json_dumpb(ended->identity, NULL, 0, JSON_COMPACT) > IDENTITY_MAX_BYTES)
		wire_fail(reader, "identity", "something else", "an object of at most 16 KiB");
}

static void decode_run_ended(struct wire_reader *reader, struct wire_message *message)
{
	struct wire_run_ended *ended = &message->as.event.as.ended;
	const char *verdict = "";

	wire_read_text(reader, "verdict", 40, &verdict);
	if (!reader->rc && (!run_verdict_parse(verdict, &ended->verdict) || ended->verdict == RUN_NONE))
		wire_fail(reader, "verdict", "another word", "the verdict of a run that ended");
	ended->cause = read_cause(reader);
	if (!reader->rc && cause_verdict(ended->cause) != ended->verdict)
		wire_fail(reader, "cause", cause_name(ended->cause), "a cause that leads to the verdict");
	wire_read_text(reader, "text", WIRE_MAX_TEXT, &ended->text);
	read_counts(reader, &ended->counts);
	wire_read_count(reader, "cases_total", &ended->cases_total);
	wire_read_count(reader, "console_bytes", &ended->console_bytes);
	wire_read_count(reader, "console_dropped", &ended->console_dropped);
	wire_read_hex(reader, "console_sha256", 64, 64, &ended->console_sha256);
	ended->measurements = wire_read_measurements(reader, message, &ended->measurement_count);
	if (json_object_get(reader->object, "core"))
		wire_read_text(reader, "core", WIRE_MAX_TEXT, &ended->core);
	decode_facts(reader, ended);
	decode_identity(reader, ended);
}

static void encode_artefact(const struct wire_event *event, json_t **object)
{
	const struct wire_artefact *artefact = &event->as.artefact;

	json_put(object, "name", wire_word(artefact->name));
	json_put(object, "kind", wire_word(artefact->kind));
	json_put(object, "size", json_integer(artefact->size_bytes));
	json_put(object, "sha256", wire_word(artefact->sha256));
	if (artefact->text)
		json_put(object, "text", json_text(artefact->text, ARTEFACT_MAX_TEXT));
}

static void decode_artefact(struct wire_reader *reader, struct wire_event *event)
{
	struct wire_artefact *artefact = &event->as.artefact;

	wire_read_name(reader, "name", &artefact->name);
	if (!reader->rc && !artefact_name_valid(artefact->name))
		wire_fail(reader, "name", artefact->name, "a name of letters, digits, '.', '-' and '_'");
	wire_read_text(reader, "kind", 40, &artefact->kind);
	if (!reader->rc && !artefact_kind_valid(artefact->kind))
		wire_fail(reader, "kind", artefact->kind, "a kind of artefact");
	wire_read_count(reader, "size", &artefact->size_bytes);
	if (!reader->rc && (artefact->size_bytes < 1 || artefact->size_bytes > (int64_t)ARTEFACT_MAX_BYTES))
		wire_fail(reader, "size", "a number out of range", "the size of an artefact");
	wire_read_hex(reader, "sha256", 64, 64, &artefact->sha256);
	if (json_object_get(reader->object, "text"))
		wire_read_text(reader, "text", ARTEFACT_MAX_TEXT, &artefact->text);
}

void wire_event_encode(const struct wire_message *message, json_t **object)
{
	const struct wire_event *event = &message->as.event;

	json_put(object, "run", json_integer(event->run));
	json_put(object, "fence", json_integer(event->fence));
	json_put(object, "n", json_integer(event->n));
	json_put(object, "at_us", json_integer(event->at_us));
	json_put(object, "event", json_string(wire_event_name(event->kind)));
	switch (event->kind) {
	case WIRE_EVENT_STEP_BEGUN:
	case WIRE_EVENT_STEP_ENDED:
		encode_step(event, object);
		break;
	case WIRE_EVENT_CONSOLE:
		encode_console(event, object);
		break;
	case WIRE_EVENT_CASE:
		encode_case(event, object);
		break;
	case WIRE_EVENT_ARTEFACT:
		encode_artefact(event, object);
		break;
	case WIRE_EVENT_RUN_ENDED:
		encode_run_ended(event, object);
		break;
	}
}

static void decode_kind(struct wire_reader *reader, struct wire_message *message)
{
	struct wire_event *event = &message->as.event;

	switch (event->kind) {
	case WIRE_EVENT_STEP_BEGUN:
		wire_known(reader, KNOWN("step", "phase", "row"));
		decode_step_begun(reader, event);
		break;
	case WIRE_EVENT_STEP_ENDED:
		wire_known(reader, KNOWN("step", "phase", "row", "cause", "text", "took_us", "flash"));
		decode_step_ended(reader, message);
		break;
	case WIRE_EVENT_CONSOLE:
		wire_known(reader, KNOWN("offset", "data"));
		decode_console(reader, message);
		break;
	case WIRE_EVENT_CASE:
		wire_known(reader,
			   KNOWN("group", "name", "verdict", "message", "required", "waived_ignore", "category",
				 "standing", "waiver", "measurements", "offset", "end", "begun_at_us", "ended_at_us"));
		decode_case(reader, message);
		break;
	case WIRE_EVENT_ARTEFACT:
		wire_known(reader, KNOWN("name", "kind", "size", "sha256", "text"));
		decode_artefact(reader, event);
		break;
	case WIRE_EVENT_RUN_ENDED:
		wire_known(reader,
			   KNOWN("verdict", "cause", "text", "counts", "cases_total", "console_bytes",
				 "console_dropped", "console_sha256", "measurements", "core", "facts", "identity"));
		decode_run_ended(reader, message);
		break;
	}
}

void wire_event_decode(struct wire_reader *reader, struct wire_message *message)
{
	struct wire_event *event = &message->as.event;

	wire_read_id(reader, "run", &event->run);
	wire_read_id(reader, "fence", &event->fence);
	wire_read_id(reader, "n", &event->n);
	wire_read_count(reader, "at_us", &event->at_us);
	event->kind = (enum wire_event_kind)wire_read_word(reader, "event", kinds, KIND_COUNT);
	if (!reader->rc)
		decode_kind(reader, message);
}
