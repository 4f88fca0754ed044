/* SPDX-License-Identifier: Apache-2.0 */
/* assign and what may follow it on the same run: rejected, cancel, extend, ack, stale; recover, and
 * ping. */
#include "core/wire/codec.h"

static const char *const rejections[] = {
#define X(name, text) text,
	WIRE_REJECTIONS(X)
#undef X
};

#define REJECTION_COUNT (sizeof rejections / sizeof rejections[0])

const char *wire_rejection_name(enum wire_rejection reason)
{
	return (size_t)reason < REJECTION_COUNT ? rejections[reason] : "unknown";
}

/* Its fields stand in the message itself. */
static void put_asked(const struct asked *asked, json_t **object)
{
	json_t *fields = asked_to_json(asked), *value;
	const char *key;

	if (!fields)
		json_put(object, "require", NULL);
	json_object_foreach(fields, key, value) json_put(object, key, json_incref(value));
	json_decref(fields);
}

static void put_image(const struct wire_assign *assign, json_t **object)
{
	json_t *image = json_object();

	json_put(&image, "sha256", wire_word(assign->image_sha256));
	json_put(&image, "size", json_integer(assign->image_size_bytes));
	json_put(&image, "name", wire_text(assign->image_name));
	json_put(object, "image", image);
}

void wire_assign_encode(const struct wire_message *message, json_t **object)
{
	const struct wire_assign *assign = &message->as.assign;

	json_put(object, "run", json_integer(assign->run));
	json_put(object, "job", json_integer(assign->job));
	json_put(object, "attempt", json_integer(assign->attempt));
	json_put(object, "fence", json_integer(assign->fence));
	json_put(object, "board", wire_word(assign->board));
	json_put(object, "name", wire_word(assign->name));
	if (!assign->hold_ms || (assign->image_sha256 && assign->image_sha256[0]))
		put_image(assign, object);
	if (!assign->hold_ms) {
		put_asked(&assign->asked, object);
		return;
	}
	json_put(object, "hold_ms", json_integer(assign->hold_ms));
	json_put(object, "away_ms", json_integer(assign->away_ms));
}

static void read_image(struct wire_reader *parent, struct wire_assign *assign)
{
	static const char *const known[] = {"sha256", "size", "name", NULL};
	struct wire_reader reader = {
		.object = wire_read_object(parent, "image"), .where = "image.", .err = parent->err, .rc = parent->rc};

	if (parent->rc)
		return;
	wire_known(&reader, known);
	wire_read_hex(&reader, "sha256", 64, 64, &assign->image_sha256);
	wire_read_id(&reader, "size", &assign->image_size_bytes);
	wire_read_text(&reader, "name", WIRE_MAX_TEXT, &assign->image_name);
	parent->rc = reader.rc;
}

static void read_asked(struct wire_reader *reader, struct wire_assign *assign)
{
	wire_read_object(reader, "require");
	wire_read_object(reader, "end");
	wire_read_objects(reader, "waivers", WAIVERS_MAX_IN_FORCE);
	wire_read_objects(reader, "limits", SPEC_MAX_MEASURES);
	if (!reader->rc)
		reader->rc = asked_from_json(reader->object, &assign->asked, reader->err);
}

static void read_span(struct wire_reader *reader, const char *key, int64_t *ret_ms)
{
	wire_read_id(reader, key, ret_ms);
	if (!reader->rc && *ret_ms > WIRE_MAX_HOLD_MS)
		wire_fail(reader, key, "more", "at most 31 days");
}

void wire_assign_decode(struct wire_reader *reader, struct wire_message *message)
{
	static const char *const of_test[] = {"type",  "run",     "job", "attempt", "fence",  "board", "name",
					      "image", "require", "end", "waivers", "limits", NULL};
	static const char *const of_hold[] = {"type", "run",   "job",     "attempt", "fence", "board",
					      "name", "image", "hold_ms", "away_ms", NULL};
	struct wire_assign *assign = &message->as.assign;
	bool hold = json_object_get(reader->object, "hold_ms") != NULL;

	asked_init(&assign->asked);
	assign->image_sha256 = assign->image_name = "";
	wire_known(reader, hold ? of_hold : of_test);
	wire_read_id(reader, "run", &assign->run);
	wire_read_id(reader, "job", &assign->job);
	wire_read_id(reader, "attempt", &assign->attempt);
	wire_read_id(reader, "fence", &assign->fence);
	wire_read_name(reader, "board", &assign->board);
	wire_read_name(reader, "name", &assign->name);
	if (!hold || json_object_get(reader->object, "image"))
		read_image(reader, assign);
	if (!hold) {
		read_asked(reader, assign);
		return;
	}
	read_span(reader, "hold_ms", &assign->hold_ms);
	read_span(reader, "away_ms", &assign->away_ms);
}

void wire_rejected_encode(const struct wire_message *message, json_t **object)
{
	const struct wire_rejected *rejected = &message->as.rejected;

	json_put(object, "run", json_integer(rejected->run));
	json_put(object, "fence", json_integer(rejected->fence));
	json_put(object, "reason", json_string(wire_rejection_name(rejected->reason)));
}

void wire_rejected_decode(struct wire_reader *reader, struct wire_message *message)
{
	static const char *const known[] = {"type", "run", "fence", "reason", NULL};
	struct wire_rejected *rejected = &message->as.rejected;

	wire_known(reader, known);
	wire_read_id(reader, "run", &rejected->run);
	wire_read_id(reader, "fence", &rejected->fence);
	rejected->reason = (enum wire_rejection)wire_read_word(reader, "reason", rejections, REJECTION_COUNT);
}

void wire_cancel_encode(const struct wire_message *message, json_t **object)
{
	json_put(object, "run", json_integer(message->as.cancel.run));
	json_put(object, "fence", json_integer(message->as.cancel.fence));
	json_put(object, "reason", wire_text(message->as.cancel.reason));
	if (message->as.cancel.cause == CAUSE_PREEMPTED)
		json_put(object, "cause", json_string(cause_name(CAUSE_PREEMPTED)));
}

void wire_cancel_decode(struct wire_reader *reader, struct wire_message *message)
{
	static const char *const known[] = {"type", "run", "fence", "reason", "cause", NULL};
	static const char *const causes[] = {"cancelled", "preempted"};

	wire_known(reader, known);
	message->as.cancel.cause = CAUSE_CANCELLED;
	if (json_object_get(reader->object, "cause") && wire_read_word(reader, "cause", causes, 2) == 1)
		message->as.cancel.cause = CAUSE_PREEMPTED;
	wire_read_id(reader, "run", &message->as.cancel.run);
	wire_read_id(reader, "fence", &message->as.cancel.fence);
	wire_read_text(reader, "reason", WIRE_MAX_TEXT, &message->as.cancel.reason);
}

void wire_extend_encode(const struct wire_message *message, json_t **object)
{
	json_put(object, "run", json_integer(message->as.extend.run));
	json_put(object, "fence", json_integer(message->as.extend.fence));
	json_put(object, "hold_ms", json_integer(message->as.extend.hold_ms));
}

void wire_extend_decode(struct wire_reader *reader, struct wire_message *message)
{
	static const char *const known[] = {"type", "run", "fence", "hold_ms", NULL};

	wire_known(reader, known);
	wire_read_id(reader, "run", &message->as.extend.run);
	wire_read_id(reader, "fence", &message->as.extend.fence);
	read_span(reader, "hold_ms", &message->as.extend.hold_ms);
}

void wire_ack_encode(const struct wire_message *message, json_t **object)
{
	json_put(object, "run", json_integer(message->as.ack.run));
	json_put(object, "n", json_integer(message->as.ack.n));
}

void wire_ack_decode(struct wire_reader *reader, struct wire_message *message)
{
	static const char *const known[] = {"type", "run", "n", NULL};

	wire_known(reader, known);
	wire_read_id(reader, "run", &message->as.ack.run);
	wire_read_id(reader, "n", &message->as.ack.n);
}

void wire_stale_encode(const struct wire_message *message, json_t **object)
{
	json_put(object, "run", json_integer(message->as.stale.run));
	json_put(object, "fence", json_integer(message->as.stale.fence));
}

void wire_stale_decode(struct wire_reader *reader, struct wire_message *message)
{
	static const char *const known[] = {"type", "run", "fence", NULL};

	wire_known(reader, known);
	wire_read_id(reader, "run", &message->as.stale.run);
	wire_read_id(reader, "fence", &message->as.stale.fence);
}

void wire_recover_encode(const struct wire_message *message, json_t **object)
{
	json_put(object, "board", wire_word(message->as.recover.board));
	json_put(object, "reason", wire_text(message->as.recover.reason));
}

void wire_recover_decode(struct wire_reader *reader, struct wire_message *message)
{
	static const char *const known[] = {"type", "board", "reason", NULL};

	wire_known(reader, known);
	wire_read_name(reader, "board", &message->as.recover.board);
	wire_read_text(reader, "reason", WIRE_MAX_TEXT, &message->as.recover.reason);
}

void wire_ping_encode(const struct wire_message *message, json_t **object)
{
	(void)message;
	(void)object;
}

void wire_ping_decode(struct wire_reader *reader, struct wire_message *message)
{
	static const char *const known[] = {"type", NULL};

	(void)message;
	wire_known(reader, known);
}
