/* SPDX-License-Identifier: Apache-2.0 */
/* JSON objects written as text, member after member, where objects that live only to be written would cost too much. */
#ifndef ASSAY_BASE_JSON_TEXT_H
#define ASSAY_BASE_JSON_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/buf.h"
#include "core/base/json.h"

/* What does not fit into out's maximum sets failed, and out is of no use then. */
struct json_writer {
	struct buf *out; /* the caller's; what is in it stays before the object */
	bool failed;
	bool first; /* no member yet */
};

/* Between begin and end an object is open; a member of it may be another one, between open and close. Keys are written
 * as they are: letters, digits and underscores. */
void json_begin(struct json_writer *writer, struct buf *out);
void json_end(struct json_writer *writer);
void json_open(struct json_writer *writer, const char *key);
void json_close(struct json_writer *writer);

void json_add_int(struct json_writer *writer, const char *key, int64_t value);
void json_add_bool(struct json_writer *writer, const char *key, bool value);
/* Cleaned and cut as json_text does it, and then as json_write writes it. */
void json_add_text(struct json_writer *writer, const char *key, const char *text, size_t max);
/* Of any kind; steals value. NULL fails. */
void json_add(struct json_writer *writer, const char *key, json_t *value);
/* The members of an object, if it is one that has any; steals it. */
void json_add_members(struct json_writer *writer, json_t *object);

#endif
