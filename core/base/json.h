/* SPDX-License-Identifier: Apache-2.0 */
/* Reading jansson values with errors that name the field, and writing them compactly. */
#ifndef ASSAY_BASE_JSON_H
#define ASSAY_BASE_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "core/base/buf.h"
#include "core/base/err.h"

/* Parses one JSON value of at most max bytes; duplicate keys are refused. The caller owns *ret_value (json_decref). */
int json_parse(const char *text, size_t len, size_t max, json_t **ret_value, struct err *err);

/* Appends the value, compact, keys in insertion order. Returns 0, ERR_TOO_BIG or ERR_NOMEM. */
int json_write(const json_t *value, struct buf *out);
/* As compact text, on the heap; never NULL: for what must be kept whole, as mem.h says. A value of NULL is one that
 * could not be had. */
char *json_compact(const json_t *value);

/* Field readers: 0 when the field is there and of the right kind and range; ERR_INVALID with err naming the field
 * otherwise. Outputs are untouched on failure; borrowed from object. With required false an absent or null field
 * leaves the output untouched and is 0. */
int json_read_text(const json_t *object, const char *key, bool required, const char **ret_text, struct err *err);
/* A text that must be there, of at least min_bytes and fitting an array of size bytes. */
int json_read_text_into(const json_t *object, const char *key, size_t min_bytes, char *target, size_t size,
			struct err *err);
int json_read_int(const json_t *object, const char *key, bool required, int64_t min, int64_t max, int64_t *ret_value,
		  struct err *err);
int json_read_number(const json_t *object, const char *key, bool required, double *ret_value, struct err *err);
int json_read_bool(const json_t *object, const char *key, bool required, bool *ret_value, struct err *err);
int json_read_object(const json_t *object, const char *key, bool required, json_t **ret_value, struct err *err);
int json_read_array(const json_t *object, const char *key, bool required, json_t **ret_value, struct err *err);
/* The index of the text in names. */
int json_read_enum(const json_t *object, const char *key, bool required, const char *const names[], size_t name_count,
		   size_t *ret_index, struct err *err);

/* A JSON string of any bytes: what is not UTF-8 becomes U+FFFD, and at most max bytes of text are taken, cut at the
 * boundary of a character. NULL only when memory ran out. For text from boards and tools. */
json_t *json_text(const char *text, size_t max);
/* What stands for bytes that are no UTF-8. */
#define JSON_REPLACEMENT "\xef\xbf\xbd"
/* The length of the well-formed UTF-8 character at text, 0 when there is none. */
size_t json_utf8_len(const unsigned char *text, size_t left);

/* A number: whole ones as integers, so that they come back as they went. */
json_t *json_number(double value);

/* Building that never loses a field: each takes value over; when value is NULL, or memory runs out, *object is freed
 * and becomes NULL, and stays so. Check once, at the end. */
void json_put(json_t **object, const char *key, json_t *value);
void json_push(json_t **array, json_t *value);

#endif
