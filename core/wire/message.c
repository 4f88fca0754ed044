/* SPDX-License-Identifier: Apache-2.0 */
/* The table of messages, and the way from text to struct and back. */
#include "core/wire/message.h"

#include <stdlib.h>
#include <string.h>

#include "core/wire/codec.h"

static const struct {
	const char *name;
	enum wire_side side;
	void (*encode)(const struct wire_message *message, json_t **object);
	void (*decode)(struct wire_reader *reader, struct wire_message *message);
} types[] = {
#define X(upper, from, lower) [WIRE_##upper] = {#lower, WIRE_##from, wire_##lower##_encode, wire_##lower##_decode},
	WIRE_TYPES(X)
#undef X
};

#define TYPE_COUNT (sizeof types / sizeof types[0])

const char *wire_type_name(enum wire_type type)
{
	return (size_t)type < TYPE_COUNT ? types[type].name : "unknown";
}

static bool find_type(const char *name, enum wire_type *ret_type)
{
	for (size_t i = 0; i < TYPE_COUNT; i++) {
		if (strcmp(types[i].name, name) == 0) {
			*ret_type = (enum wire_type)i;
			return true;
		}
	}
	return false;
}

static void decode_object(struct wire_reader *reader, enum wire_side from, struct wire_message *message)
{
	const char *name = "";

	wire_read_text(reader, "type", 40, &name);
	if (reader->rc)
		return;
	if (!find_type(name, &message->type)) {
		wire_fail(reader, "type", "an unknown word", "the type of a message");
		return;
	}
	if (types[message->type].side != from) {
		wire_fail(reader, "type", name,
			  from == WIRE_AGENT ? "a message that agents send" : "a message that the daemon sends");
		return;
	}
	types[message->type].decode(reader, message);
}

/* Whether the other end would take it: what it would make of the text is what was written. */
static int check_encoded(enum wire_type type, json_t *object, struct err *err)
{
	struct wire_message message = {.owns = true, .root = json_incref(object)};
	struct wire_reader reader = {.where = "", .err = err, .object = object};

	decode_object(&reader, types[type].side, &message);
	wire_message_finish(&message);
	return reader.rc;
}

int wire_encode(const struct wire_message *message, struct buf *out, struct err *err)
{
	size_t before = out->len;
	json_t *object;
	int rc;

	if ((size_t)message->type >= TYPE_COUNT)
		return err_set(err, ERR_INVALID, "type: found number %d, expected a known message", message->type);
	object = json_object();
	json_put(&object, "type", json_string(types[message->type].name));
	types[message->type].encode(message, &object);
	if (!object)
		return err_set(err, ERR_NOMEM, "out of memory for a message");
	rc = check_encoded(message->type, object, err);
	if (rc == 0 && json_write(object, out))
		rc = ERR_TOO_BIG;
	if (rc == 0 && out->len - before > WIRE_MAX_BYTES) {
		out->len = before;
		out->data[before] = '\0';
		rc = ERR_TOO_BIG;
	}
	if (rc == ERR_TOO_BIG)
		(void)err_set(err, ERR_TOO_BIG, "%s: cannot be written: it is too long", types[message->type].name);
	json_decref(object);
	return rc;
}

/* Of a side's messages nearly all are of these. */
static bool comes_often(enum wire_type type)
{
	return type == WIRE_EVENT || type == WIRE_PING || type == WIRE_ACK;
}

static void decode_flat(struct wire_reader *reader, enum wire_side from, struct wire_message *message)
{
	const char *name = "";

	wire_read_text(reader, "type", 40, &name);
	if (reader->rc)
		return;
	if (find_type(name, &message->type) && comes_often(message->type) && types[message->type].side == from)
		types[message->type].decode(reader, message);
	else
		reader->rc = ERR_INVALID;
}

bool wire_decode_short(const char *text, size_t len, enum wire_side from, struct wire_message *ret_message)
{
	struct wire_message message = {.owns = true};
	struct flat flat;
	struct wire_reader reader = {.where = "", .flat = &flat};

	if (len > WIRE_MAX_BYTES || !flat_read(text, len, &flat))
		return false;
	message.text = flat.text;
	decode_flat(&reader, from, &message);
	if (reader.rc || !flat_all_taken(&flat)) {
		wire_message_finish(&message);
		return false;
	}
	*ret_message = message;
	return true;
}

int wire_decode_full(const char *text, size_t len, enum wire_side from, struct wire_message *ret_message,
		     struct err *err)
{
	struct wire_message message = {.owns = true};
	struct wire_reader reader = {.where = "", .err = err};
	int rc = json_parse(text, len, WIRE_MAX_BYTES, &message.root, err);

	if (rc)
		return rc;
	reader.object = message.root;
	if (json_is_object(message.root))
		decode_object(&reader, from, &message);
	else
		wire_fail(&reader, "message", "another value", "an object");
	if (reader.rc) {
		wire_message_finish(&message);
		return reader.rc;
	}
	*ret_message = message;
	return 0;
}

int wire_decode(const char *text, size_t len, enum wire_side from, struct wire_message *ret_message, struct err *err)
{
	if (wire_decode_short(text, len, from, ret_message))
		return 0;
	return wire_decode_full(text, len, from, ret_message, err);
}

void wire_message_finish(struct wire_message *message)
{
	if (message->owns && message->type == WIRE_HELLO) {
		free(message->as.hello.types);
		free(message->as.hello.boards);
		free((void *)(uintptr_t)message->as.hello.hubs);
		free(message->as.hello.runs);
	} else if (message->owns && message->type == WIRE_WELCOME) {
		free(message->as.welcome.runs);
	} else if (message->owns && message->type == WIRE_ASSIGN) {
		asked_finish(&message->as.assign.asked);
	}
	json_decref(message->root);
	free(message->text);
	free(message->bytes);
	free(message->measurements);
	free(message->tries);
	free(message->flashed);
	memset(message, 0, sizeof *message);
}
