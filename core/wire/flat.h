/* SPDX-License-Identifier: Apache-2.0 */
/* Objects of plain members read without a tree of values: what nearly all messages of a run are; private to core/wire.
 *
 * Flat is an object as wire_encode writes it, without white space, whose members are texts without escapes, whole
 * numbers from 0, true, false and empty lists. Anything else, right or wrong, is left to core/base/json.h: a flat
 * object is never one that json_parse refuses, but for keys that stand twice. */
#ifndef ASSAY_WIRE_FLAT_H
#define ASSAY_WIRE_FLAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FLAT_MAX_MEMBERS 24

enum flat_kind { FLAT_TEXT, FLAT_NUMBER, FLAT_TRUE, FLAT_FALSE, FLAT_EMPTY_LIST };

struct flat_member {
	const char *key;
	enum flat_kind kind;
	bool taken;
	union {
		const char *text; /* UTF-8 */
		int64_t number;
	} as;
};

struct flat {
	char *text; /* what keys and texts point into; on the heap */
	struct flat_member members[FLAT_MAX_MEMBERS];
	size_t count;
	size_t next; /* where the next one to be taken is looked for first */
	size_t taken;
};

/* False when the text is not flat, or memory ran out: *ret_flat then holds nothing. */
bool flat_read(const char *text, size_t len, struct flat *ret_flat);
void flat_finish(struct flat *flat);

/* The member of that key, NULL when there is none left; each can be had once, so that of two of one key one is left. */
const struct flat_member *flat_take(struct flat *flat, const char *key);
/* Whether every member was: none was unknown, and no key stood twice. */
bool flat_all_taken(const struct flat *flat);

#endif
