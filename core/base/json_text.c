/* SPDX-License-Identifier: Apache-2.0 */
/* The writer of JSON text. */
#include "core/base/json_text.h"

#include <string.h>

static void put(struct json_writer *writer, const char *data, size_t len)
{
	if (buf_append(writer->out, data, len))
		writer->failed = true;
}

static void put_key(struct json_writer *writer, const char *key)
{
	size_t len = strlen(key);
	char *at = buf_reserve(writer->out, len + 4);

	if (!at) {
		writer->failed = true;
		return;
	}
	if (!writer->first)
		*at++ = ',';
	*at++ = '"';
	memcpy(at, key, len);
	at += len;
	*at++ = '"';
	*at++ = ':';
	*at = '\0';
	writer->out->len = (size_t)(at - writer->out->data);
	writer->first = false;
}

void json_begin(struct json_writer *writer, struct buf *out)
{
	*writer = (struct json_writer){.out = out, .first = true};
	put(writer, "{", 1);
}

void json_end(struct json_writer *writer)
{
	put(writer, "}", 1);
}

void json_open(struct json_writer *writer, const char *key)
{
	put_key(writer, key);
	put(writer, "{", 1);
	writer->first = true;
}

void json_close(struct json_writer *writer)
{
	put(writer, "}", 1);
	writer->first = false;
}

void json_add_int(struct json_writer *writer, const char *key, int64_t value)
{
	uint64_t left = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
	char digits[20], *at = digits + sizeof(digits);

	put_key(writer, key);
	do {
		*--at = (char)('0' + left % 10);
		left /= 10;
	} while (left);
	if (value < 0)
		put(writer, "-", 1);
	put(writer, at, (size_t)(digits + sizeof(digits) - at));
}

void json_add_bool(struct json_writer *writer, const char *key, bool value)
{
	put_key(writer, key);
	put(writer, value ? "true" : "false", value ? 4 : 5);
}

/* How the byte is written in a string, as jansson does it; NULL: as it is. */
static const char *escape(unsigned char byte, char room[7])
{
	static const char short_ones[32][3] = {
		['\b'] = "\\b", ['\t'] = "\\t", ['\n'] = "\\n", ['\f'] = "\\f", ['\r'] = "\\r"};
	static const char hex[] = "0123456789ABCDEF";

	if (byte == '"')
		return "\\\"";
	if (byte == '\\')
		return "\\\\";
	if (byte >= 0x20)
		return NULL;
	if (short_ones[byte][0])
		return short_ones[byte];
	memcpy(room, "\\u00", 4);
	room[4] = hex[byte >> 4];
	room[5] = hex[byte & 15];
	room[6] = '\0';
	return room;
}

static bool is_plain(unsigned char byte)
{
	return byte >= 0x20 && byte < 0x80 && byte != '"' && byte != '\\';
}

/* One character: its length in text is returned, that of what is kept of it counted in *kept. */
static size_t put_character(struct json_writer *writer, const char *text, size_t left, size_t max, size_t *kept)
{
	static const char replacement[] = JSON_REPLACEMENT;
	size_t len = json_utf8_len((const unsigned char *)text, left), size = len ? len : sizeof(replacement) - 1;
	char room[7];
	const char *escaped = len == 1 ? escape((unsigned char)*text, room) : NULL;

	if (size > max - *kept) {
		*kept = max;
		return left; /* the cut */
	}
	*kept += size;
	if (escaped)
		put(writer, escaped, strlen(escaped));
	else
		put(writer, len ? text : replacement, size);
	return len ? len : 1;
}

void json_add_text(struct json_writer *writer, const char *key, const char *text, size_t max)
{
	size_t left = strlen(text), kept = 0;

	put_key(writer, key);
	put(writer, "\"", 1);
	while (left && kept < max) {
		size_t plain = 0, most = left < max - kept ? left : max - kept;

		while (plain < most && is_plain((unsigned char)text[plain]))
			plain++;
		put(writer, text, plain);
		kept += plain;
		text += plain;
		left -= plain;
		if (left && kept < max) {
			size_t len = put_character(writer, text, left, max, &kept);

			text += len;
			left -= len;
		}
	}
	put(writer, "\"", 1);
}

void json_add(struct json_writer *writer, const char *key, json_t *value)
{
	put_key(writer, key);
	if (json_write(value, writer->out))
		writer->failed = true;
	json_decref(value);
}

void json_add_members(struct json_writer *writer, json_t *object)
{
	size_t before = writer->out->len;

	if (json_object_size(object) > 0 && json_write(object, writer->out)) {
		writer->failed = true;
	} else if (json_object_size(object) > 0) {
		/* its opening brace becomes the comma, or goes; the closing one goes */
		if (writer->first) {
			memmove(writer->out->data + before, writer->out->data + before + 1,
				writer->out->len - before - 1);
			writer->out->len--;
		} else {
			writer->out->data[before] = ',';
		}
		writer->out->data[--writer->out->len] = '\0';
		writer->first = false;
	}
	json_decref(object);
}
