/* SPDX-License-Identifier: Apache-2.0 */
/* Thin readers and a writer over jansson. */
#include "core/base/json.h"

#include <math.h>
#include <string.h>

#include "core/base/mem.h"

int json_parse(const char *text, size_t len, size_t max, json_t **ret_value, struct err *err)
{
	json_error_t error;
	json_t *value;

	if (len > max)
		return err_set(err, ERR_TOO_BIG, "JSON of %zu bytes, expected at most %zu", len, max);
	value = json_loadb(text, len, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
	if (!value)
		return err_set(err, ERR_INVALID, "line %d: %s", error.line, error.text);
	*ret_value = value;
	return 0;
}

static int append(const char *data, size_t len, void *context)
{
	return buf_append(context, data, len) ? -1 : 0;
}

int json_write(const json_t *value, struct buf *out)
{
	size_t before = out->len;

	if (!value)
		return ERR_NOMEM;
	if (json_dump_callback(value, append, out, JSON_COMPACT | JSON_ENCODE_ANY) == 0)
		return 0;
	out->len = before;
	if (out->data)
		out->data[before] = '\0';
	return ERR_TOO_BIG;
}

char *json_compact(const json_t *value)
{
	char *text = value ? json_dumps(value, JSON_COMPACT) : NULL;

	if (!text)
		mem_exhausted();
	return text;
}

static const char *kind_name(const json_t *value)
{
	static const char *const names[] = {"an object", "an array", "a string", "an integer",
					    "a number",  "true",     "false",    "null"};

	return value ? names[json_typeof(value)] : "nothing";
}

json_t *json_number(double value)
{
	if (fabs(value) < 9007199254740992.0 && value == floor(value))
		return json_integer((json_int_t)value);
	return json_real(value);
}

/* The field, or NULL with *ret_rc telling whether its absence is an error. */
static json_t *field(const json_t *object, const char *key, bool required, const char *expected, int *ret_rc,
		     struct err *err)
{
	json_t *value = json_object_get(object, key);

	*ret_rc = 0;
	if (value && !json_is_null(value))
		return value;
	if (required)
		*ret_rc = err_set(err, ERR_INVALID, "%s: found %s, expected %s", key, kind_name(value), expected);
	return NULL;
}

static int mismatch(const json_t *value, const char *key, const char *expected, struct err *err)
{
	return err_set(err, ERR_INVALID, "%s: found %s, expected %s", key, kind_name(value), expected);
}

int json_read_text(const json_t *object, const char *key, bool required, const char **ret_text, struct err *err)
{
	int rc;
	json_t *value = field(object, key, required, "a string", &rc, err);

	if (!value)
		return rc;
	if (!json_is_string(value))
		return mismatch(value, key, "a string", err);
	*ret_text = json_string_value(value);
	return 0;
}

int json_read_text_into(const json_t *object, const char *key, size_t min_bytes, char *target, size_t size,
			struct err *err)
{
	const char *text = "";
	int rc = json_read_text(object, key, true, &text, err);
	size_t len = strlen(text);

	if (rc)
		return rc;
	if (len < min_bytes || len >= size)
		return err_set(err, ERR_INVALID, "%s: found a text of %zu bytes, expected %zu to %zu", key, len,
			       min_bytes, size - 1);
	memcpy(target, text, len + 1);
	return 0;
}

int json_read_int(const json_t *object, const char *key, bool required, int64_t min, int64_t max, int64_t *ret_value,
		  struct err *err)
{
	int rc;
	json_t *value = field(object, key, required, "an integer", &rc, err);
	int64_t number;

	if (!value)
		return rc;
	if (!json_is_integer(value))
		return mismatch(value, key, "an integer", err);
	number = json_integer_value(value);
	if (number < min || number > max)
		return err_set(err, ERR_INVALID, "%s: found %lld, expected %lld to %lld", key, (long long)number,
			       (long long)min, (long long)max);
	*ret_value = number;
	return 0;
}

int json_read_number(const json_t *object, const char *key, bool required, double *ret_value, struct err *err)
{
	int rc;
	const json_t *value = field(object, key, required, "a number", &rc, err);

	if (!value)
		return rc;
	if (!json_is_number(value))
		return err_set(err, ERR_INVALID, "%s: found %s, expected a number", key, kind_name(value));
	*ret_value = json_number_value(value);
	return 0;
}

int json_read_bool(const json_t *object, const char *key, bool required, bool *ret_value, struct err *err)
{
	int rc;
	json_t *value = field(object, key, required, "true or false", &rc, err);

	if (!value)
		return rc;
	if (!json_is_boolean(value))
		return mismatch(value, key, "true or false", err);
	*ret_value = json_is_true(value);
	return 0;
}

int json_read_object(const json_t *object, const char *key, bool required, json_t **ret_value, struct err *err)
{
	int rc;
	json_t *value = field(object, key, required, "an object", &rc, err);

	if (!value)
		return rc;
	if (!json_is_object(value))
		return mismatch(value, key, "an object", err);
	*ret_value = value;
	return 0;
}

int json_read_array(const json_t *object, const char *key, bool required, json_t **ret_value, struct err *err)
{
	int rc;
	json_t *value = field(object, key, required, "an array", &rc, err);

	if (!value)
		return rc;
	if (!json_is_array(value))
		return mismatch(value, key, "an array", err);
	*ret_value = value;
	return 0;
}

int json_read_enum(const json_t *object, const char *key, bool required, const char *const names[], size_t name_count,
		   size_t *ret_index, struct err *err)
{
	const char *text = NULL;
	int rc = json_read_text(object, key, required, &text, err);

	if (rc || !text)
		return rc;
	for (size_t i = 0; i < name_count; i++) {
		if (strcmp(text, names[i]) == 0) {
			*ret_index = i;
			return 0;
		}
	}
	return err_set(err, ERR_INVALID, "%s: found \"%.60s\", expected a known word", key, text);
}

size_t json_utf8_len(const unsigned char *text, size_t left)
{
	/* The lead byte's range, the length, and the bounds of the second byte, which rule out overlong forms,
	 * surrogates and what lies beyond U+10FFFF. */
	static const struct {
		unsigned char first, last, len, low, high;
	} forms[] = {{0x01, 0x7f, 1, 0, 0},       {0xc2, 0xdf, 2, 0x80, 0xbf}, {0xe0, 0xe0, 3, 0xa0, 0xbf},
		     {0xe1, 0xec, 3, 0x80, 0xbf}, {0xed, 0xed, 3, 0x80, 0x9f}, {0xee, 0xef, 3, 0x80, 0xbf},
		     {0xf0, 0xf0, 4, 0x90, 0xbf}, {0xf1, 0xf3, 4, 0x80, 0xbf}, {0xf4, 0xf4, 4, 0x80, 0x8f}};

	for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
		if (text[0] < forms[i].first || text[0] > forms[i].last)
			continue;
		if (forms[i].len > left || (forms[i].len > 1 && (text[1] < forms[i].low || text[1] > forms[i].high)))
			return 0;
		for (size_t k = 2; k < forms[i].len; k++) {
			if ((text[k] & 0xc0) != 0x80)
				return 0;
		}
		return forms[i].len;
	}
	return 0;
}

json_t *json_text(const char *text, size_t max)
{
	static const char replacement[] = JSON_REPLACEMENT;
	size_t left = strlen(text);
	struct buf out;
	json_t *value;
	int rc = 0;

	buf_init(&out, max);
	while (left && !rc) {
		size_t len = json_utf8_len((const unsigned char *)text, left);

		rc = len ? buf_append(&out, text, len) : buf_append_text(&out, replacement);
		text += len ? len : 1;
		left -= len ? len : 1;
	}
	/* ERR_TOO_BIG is the wanted cut. */
	value = rc == ERR_NOMEM ? NULL : json_stringn_nocheck(buf_text(&out), out.len);
	buf_finish(&out);
	return value;
}

static void drop(json_t **container)
{
	json_decref(*container);
	*container = NULL;
}

void json_put(json_t **object, const char *key, json_t *value)
{
	if (!*object)
		json_decref(value);
	else if (json_object_set_new(*object, key, value))
		drop(object);
}

void json_push(json_t **array, json_t *value)
{
	if (!*array)
		json_decref(value);
	else if (json_array_append_new(*array, value))
		drop(array);
}
