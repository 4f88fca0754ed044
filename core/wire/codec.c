/* SPDX-License-Identifier: Apache-2.0 */
/* Field readers that keep the first error, and writers of text. */
#include "core/wire/codec.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Puts the place before the error that a reader of core/base has set. */
static void keep(struct wire_reader *reader, int rc)
{
	char text[sizeof reader->err->text];

	reader->rc = rc;
	if (!rc || !reader->where[0] || !reader->err)
		return;
	memcpy(text, reader->err->text, sizeof text);
	snprintf(reader->err->text, sizeof reader->err->text, "%s%s", reader->where, text);
}

void wire_fail(struct wire_reader *reader, const char *field, const char *found, const char *expected)
{
	if (!reader->rc)
		reader->rc = err_set(reader->err, ERR_INVALID, "%s%s: found %s, expected %s", reader->where, field,
				     found, expected);
}

/* What is not as it should be in a flat object is for the full way to tell. */
static void refuse_flat(struct wire_reader *reader)
{
	reader->rc = ERR_INVALID;
}

/* A member of the flat object, NULL when it is not there or of another kind. */
static const struct flat_member *take(struct wire_reader *reader, const char *key, enum flat_kind kind)
{
	const struct flat_member *member = flat_take(reader->flat, key);

	if (member && member->kind == kind)
		return member;
	refuse_flat(reader);
	return NULL;
}

/* Of a flat object nothing is left when it is read (flat_all_taken), which says as much. */
void wire_known(struct wire_reader *reader, const char *const known[])
{
	void *at = json_object_iter((json_t *)(uintptr_t)reader->object);

	for (; at && !reader->rc; at = json_object_iter_next((json_t *)(uintptr_t)reader->object, at)) {
		const char *key = json_object_iter_key(at);
		bool found = false;

		for (size_t i = 0; known[i] && !found; i++)
			found = strcmp(known[i], key) == 0;
		if (!found) {
			char field[80];

			snprintf(field, sizeof field, "%.64s", key);
			wire_fail(reader, field, "an unknown field", "only the fields of the message");
		}
	}
}

static void read_number(struct wire_reader *reader, const char *key, int64_t min, int64_t *ret_value)
{
	const struct flat_member *member;

	if (reader->rc)
		return;
	if (!reader->flat) {
		keep(reader, json_read_int(reader->object, key, true, min, WIRE_MAX_NUMBER, ret_value, reader->err));
		return;
	}
	member = take(reader, key, FLAT_NUMBER);
	if (!member || member->as.number < min || member->as.number > WIRE_MAX_NUMBER)
		refuse_flat(reader);
	else
		*ret_value = member->as.number;
}

void wire_read_count(struct wire_reader *reader, const char *key, int64_t *ret_value)
{
	read_number(reader, key, 0, ret_value);
}

void wire_read_id(struct wire_reader *reader, const char *key, int64_t *ret_value)
{
	read_number(reader, key, 1, ret_value);
}

void wire_read_bool(struct wire_reader *reader, const char *key, bool *ret_value)
{
	const struct flat_member *member;

	if (reader->rc)
		return;
	if (!reader->flat) {
		keep(reader, json_read_bool(reader->object, key, true, ret_value, reader->err));
		return;
	}
	member = flat_take(reader->flat, key);
	if (!member || (member->kind != FLAT_TRUE && member->kind != FLAT_FALSE))
		refuse_flat(reader);
	else
		*ret_value = member->kind == FLAT_TRUE;
}

/* A text of any length; "" on error. */
static const char *read_text(struct wire_reader *reader, const char *key)
{
	const struct flat_member *member;
	const char *text = "";

	if (!reader->flat) {
		keep(reader, json_read_text(reader->object, key, true, &text, reader->err));
		return text;
	}
	member = take(reader, key, FLAT_TEXT);
	return member ? member->as.text : "";
}

void wire_read_text(struct wire_reader *reader, const char *key, size_t max, const char **ret_text)
{
	const char *text;
	char found[40], expected[40];

	if (reader->rc)
		return;
	text = read_text(reader, key);
	if (!reader->rc && strlen(text) > max) {
		snprintf(found, sizeof found, "%zu bytes", strlen(text));
		snprintf(expected, sizeof expected, "at most %zu", max);
		wire_fail(reader, key, found, expected);
	}
	if (!reader->rc)
		*ret_text = text;
}

void wire_read_name(struct wire_reader *reader, const char *key, const char **ret_text)
{
	const char *text = "";

	wire_read_text(reader, key, WIRE_MAX_NAME, &text);
	if (!reader->rc && !text[0])
		wire_fail(reader, key, "an empty text", "a name");
	for (const char *c = text; *c && !reader->rc; c++) {
		if ((unsigned char)*c < 0x20 || *c == 0x7f)
			wire_fail(reader, key, "a control character", "a name");
	}
	if (!reader->rc)
		*ret_text = text;
}

void wire_read_hex(struct wire_reader *reader, const char *key, size_t min, size_t max, const char **ret_text)
{
	const char *text = "";
	char expected[60];
	size_t len;

	wire_read_text(reader, key, max, &text);
	len = strlen(text);
	if (!reader->rc && (len < min || strspn(text, "0123456789abcdef") != len)) {
		snprintf(expected, sizeof expected, "%zu to %zu lower-case hex digits", min, max);
		wire_fail(reader, key, len ? "another text" : "an empty text", expected);
	}
	if (!reader->rc)
		*ret_text = text;
}

static size_t take_word(struct wire_reader *reader, const char *key, const char *const names[], size_t count)
{
	const struct flat_member *member = take(reader, key, FLAT_TEXT);

	for (size_t i = 0; member && i < count; i++) {
		if (strcmp(member->as.text, names[i]) == 0)
			return i;
	}
	refuse_flat(reader);
	return 0;
}

size_t wire_read_word(struct wire_reader *reader, const char *key, const char *const names[], size_t count)
{
	size_t index = 0;

	if (!reader->rc && reader->flat)
		return take_word(reader, key, names, count);
	if (!reader->rc)
		keep(reader, json_read_enum(reader->object, key, true, names, count, &index, reader->err));
	return index;
}

json_t *wire_read_object(struct wire_reader *reader, const char *key)
{
	json_t *value = NULL;

	if (!reader->rc && reader->flat)
		refuse_flat(reader);
	if (!reader->rc)
		keep(reader, json_read_object(reader->object, key, true, &value, reader->err));
	return value;
}

json_t *wire_read_objects(struct wire_reader *reader, const char *key, size_t max)
{
	json_t *list = NULL;
	char found[40], expected[40];

	if (!reader->rc && reader->flat)
		refuse_flat(reader);
	if (reader->rc)
		return NULL;
	keep(reader, json_read_array(reader->object, key, true, &list, reader->err));
	if (reader->rc)
		return NULL;
	if (json_array_size(list) > max) {
		snprintf(found, sizeof found, "%zu entries", json_array_size(list));
		snprintf(expected, sizeof expected, "at most %zu", max);
		wire_fail(reader, key, found, expected);
	}
	for (size_t i = 0; i < json_array_size(list) && !reader->rc; i++) {
		if (!json_is_object(json_array_get(list, i)))
			wire_fail(reader, key, "an entry that is no object", "objects");
	}
	return reader->rc ? NULL : list;
}

bool wire_read_empty_list(struct wire_reader *reader, const char *key)
{
	return !reader->rc && reader->flat && take(reader, key, FLAT_EMPTY_LIST);
}

void *wire_array(struct wire_reader *reader, size_t count, size_t size)
{
	void *array = calloc(count ? count : 1, size);

	if (!array && !reader->rc)
		reader->rc = err_set(reader->err, ERR_NOMEM, "out of memory for a message");
	return array;
}

json_t *wire_word(const char *text)
{
	return json_text(text ? text : "", WIRE_MAX_BYTES);
}

json_t *wire_text(const char *text)
{
	return json_text(text ? text : "", WIRE_MAX_TEXT);
}

json_t *wire_name(const char *text)
{
	struct buf clean;
	json_t *value;
	int rc;

	buf_init(&clean, WIRE_MAX_NAME);
	rc = buf_append(&clean, text ? text : "", text ? strnlen(text, WIRE_MAX_NAME) : 0);
	for (size_t i = 0; i < clean.len; i++) {
		if ((unsigned char)clean.data[i] < 0x20 || clean.data[i] == 0x7f)
			clean.data[i] = '?';
	}
	value = rc ? NULL : json_text(buf_text(&clean), WIRE_MAX_NAME);
	buf_finish(&clean);
	return value;
}
