/* SPDX-License-Identifier: Apache-2.0 */
/* What the message files share: the fields' readers and writers, and each family's pair; private to core/wire. */
#ifndef ASSAY_WIRE_CODEC_H
#define ASSAY_WIRE_CODEC_H

#include "core/base/json.h"
#include "core/wire/flat.h"
#include "core/wire/message.h"

/* Of runs, jobs, fences, byte counts and offsets: what a JSON number holds exactly everywhere. */
#define WIRE_MAX_NUMBER ((int64_t)1 << 53)

/* Reads the fields of one object. The first error stays; every later read is then a no-op, so a decoder reads all its
 * fields and looks at rc once. */
struct wire_reader {
	const json_t *object;
	struct flat
		*flat; /* instead of the object, or NULL; what is not flat is an error then, and nobody hears of it */
	const char *where; /* put before field names, as "boards[2]." */
	struct err *err;
	int rc;
};

/* Refuses fields that are not in known (NULL-terminated). */
void wire_known(struct wire_reader *reader, const char *const known[]);
/* Sets the reader's error unless one is set. */
void wire_fail(struct wire_reader *reader, const char *field, const char *found, const char *expected);

/* 0..WIRE_MAX_NUMBER, or from 1. */
void wire_read_count(struct wire_reader *reader, const char *key, int64_t *ret_value);
void wire_read_id(struct wire_reader *reader, const char *key, int64_t *ret_value);
void wire_read_bool(struct wire_reader *reader, const char *key, bool *ret_value);
/* Text of 0 to max bytes; a name is 1 to WIRE_MAX_NAME bytes without control characters. */
void wire_read_text(struct wire_reader *reader, const char *key, size_t max, const char **ret_text);
void wire_read_name(struct wire_reader *reader, const char *key, const char **ret_text);
/* Lower-case hex of min to max digits. */
void wire_read_hex(struct wire_reader *reader, const char *key, size_t min, size_t max, const char **ret_text);
/* The index of the word in names. */
size_t wire_read_word(struct wire_reader *reader, const char *key, const char *const names[], size_t count);
json_t *wire_read_object(struct wire_reader *reader, const char *key);
/* The array, of at most max objects; NULL on error. */
json_t *wire_read_objects(struct wire_reader *reader, const char *key, size_t max);
/* Whether the object is flat and the list is there and empty: wire_read_objects has none for it. */
bool wire_read_empty_list(struct wire_reader *reader, const char *key);
/* A zeroed array for count elements (at least one); NULL with the reader's error set. */
void *wire_array(struct wire_reader *reader, size_t count, size_t size);

/* JSON strings; NULL counts as "". A word is the program's own and must be right; a name came from a board and is made
 * right (cut to WIRE_MAX_NAME, control characters replaced); a free text is cut to WIRE_MAX_TEXT. */
json_t *wire_word(const char *text);
json_t *wire_name(const char *text);
json_t *wire_text(const char *text);

/* Measurements as a list; and that list out of the field "measurements", into an array that the message owns. */
json_t *wire_measurements(const struct measurement *measurements, size_t count);
const struct measurement *wire_read_measurements(struct wire_reader *reader, struct wire_message *message,
						 size_t *ret_count);

/* One pair a family. encode adds the fields to *object, which has its type; decode reads them from the reader's
 * object into message, whose type is set. What decode allocated before it failed is freed by wire_message_finish. */
void wire_hello_encode(const struct wire_message *message, json_t **object);
void wire_hello_decode(struct wire_reader *reader, struct wire_message *message);
void wire_event_encode(const struct wire_message *message, json_t **object);
void wire_event_decode(struct wire_reader *reader, struct wire_message *message);
void wire_board_encode(const struct wire_message *message, json_t **object);
void wire_board_decode(struct wire_reader *reader, struct wire_message *message);
void wire_ping_encode(const struct wire_message *message, json_t **object);
void wire_ping_decode(struct wire_reader *reader, struct wire_message *message);
void wire_rejected_encode(const struct wire_message *message, json_t **object);
void wire_rejected_decode(struct wire_reader *reader, struct wire_message *message);
void wire_recovery_encode(const struct wire_message *message, json_t **object);
void wire_recovery_decode(struct wire_reader *reader, struct wire_message *message);
void wire_welcome_encode(const struct wire_message *message, json_t **object);
void wire_welcome_decode(struct wire_reader *reader, struct wire_message *message);
void wire_assign_encode(const struct wire_message *message, json_t **object);
void wire_assign_decode(struct wire_reader *reader, struct wire_message *message);
void wire_cancel_encode(const struct wire_message *message, json_t **object);
void wire_cancel_decode(struct wire_reader *reader, struct wire_message *message);
void wire_extend_encode(const struct wire_message *message, json_t **object);
void wire_extend_decode(struct wire_reader *reader, struct wire_message *message);
void wire_ack_encode(const struct wire_message *message, json_t **object);
void wire_ack_decode(struct wire_reader *reader, struct wire_message *message);
void wire_stale_encode(const struct wire_message *message, json_t **object);
void wire_stale_decode(struct wire_reader *reader, struct wire_message *message);
void wire_recover_encode(const struct wire_message *message, json_t **object);
void wire_recover_decode(struct wire_reader *reader, struct wire_message *message);
void wire_refused_encode(const struct wire_message *message, json_t **object);
void wire_refused_decode(struct wire_reader *reader, struct wire_message *message);

/* The two ways of wire_decode. The short one takes the messages that come often while they are flat, and makes of them
 * what the full one makes; false, with *ret_message untouched: it is for the full one, whatever the reason. */
bool wire_decode_short(const char *text, size_t len, enum wire_side from, struct wire_message *ret_message);
int wire_decode_full(const char *text, size_t len, enum wire_side from, struct wire_message *ret_message,
		     struct err *err);

/* State and reason, which boards carry in hello and in board messages. */
void wire_board_state_decode(struct wire_reader *reader, struct wire_board *board);
void wire_board_state_encode(const struct wire_board *board, json_t **object);

#endif
