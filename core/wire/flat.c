/* SPDX-License-Identifier: Apache-2.0 */
/* The reader of flat objects: one pass over a copy of the text, in which each closing quote becomes the end of a text.
 */
#include "core/wire/flat.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/json.h"

#define MAX_DIGITS 18 /* what an int64_t holds in any case */

/* Where reading stands; the text ends with a NUL, which is no part of anything flat. */
struct place {
	char *at;
	const char *end;
};

static bool skip(struct place *place, const char *word)
{
	size_t len = strlen(word);

	if ((size_t)(place->end - place->at) < len || memcmp(place->at, word, len) != 0)
		return false;
	place->at += len;
	return true;
}

/* After the opening quote. */
static bool read_text(struct place *place, const char **ret_text)
{
	char *begin = place->at, *at = begin;

	for (;;) {
		unsigned char byte = (unsigned char)*at;

		if (byte == '"')
			break;
		if (byte < 0x20 || byte == '\\')
			return false;
		size_t len = byte < 0x80 ? 1 : json_utf8_len((const unsigned char *)at, (size_t)(place->end - at));
		if (!len)
			return false;
		at += len;
	}
	*at = '\0';
	place->at = at + 1;
	*ret_text = begin;
	return true;
}

/* What follows the digits, a fraction say, is no end of a member. */
static bool read_number(struct place *place, int64_t *ret_number)
{
	const char *begin = place->at;
	int64_t number = 0;

	while (*place->at >= '0' && *place->at <= '9' && place->at - begin < MAX_DIGITS)
		number = number * 10 + (*place->at++ - '0');
	if (place->at == begin || (*begin == '0' && place->at - begin > 1))
		return false;
	*ret_number = number;
	return true;
}

static bool read_value(struct place *place, struct flat_member *member)
{
	if (skip(place, "\"")) {
		member->kind = FLAT_TEXT;
		return read_text(place, &member->as.text);
	}
	if (read_number(place, &member->as.number)) {
		member->kind = FLAT_NUMBER;
		return true;
	}
	if (skip(place, "true"))
		member->kind = FLAT_TRUE;
	else if (skip(place, "false"))
		member->kind = FLAT_FALSE;
	else if (skip(place, "[]"))
		member->kind = FLAT_EMPTY_LIST;
	else
		return false;
	return true;
}

static bool read_members(struct place *place, struct flat *flat)
{
	if (!skip(place, "{"))
		return false;
	do {
		struct flat_member *member = &flat->members[flat->count];

		if (flat->count == FLAT_MAX_MEMBERS || !skip(place, "\"") || !read_text(place, &member->key) ||
		    !skip(place, ":") || !read_value(place, member))
			return false;
		member->taken = false;
		flat->count++;
	} while (skip(place, ","));
	return skip(place, "}") && place->at == place->end;
}

bool flat_read(const char *text, size_t len, struct flat *ret_flat)
{
	char *copy = malloc(len + 1);
	struct place place = {.at = copy, .end = copy + len};

	if (!copy)
		return false;
	memcpy(copy, text, len);
	copy[len] = '\0';
	ret_flat->text = copy;
	ret_flat->count = ret_flat->next = ret_flat->taken = 0;
	if (read_members(&place, ret_flat))
		return true;
	flat_finish(ret_flat);
	return false;
}

void flat_finish(struct flat *flat)
{
	free(flat->text);
	flat->text = NULL;
	flat->count = 0;
}

const struct flat_member *flat_take(struct flat *flat, const char *key)
{
	for (size_t i = 0, at = flat->next; i < flat->count; i++, at++) {
		if (at >= flat->count)
			at = 0;
		struct flat_member *member = &flat->members[at];
		if (member->taken || strcmp(member->key, key) != 0)
			continue;
		member->taken = true;
		flat->taken++;
		flat->next = at + 1;
		return member;
	}
	return NULL;
}

bool flat_all_taken(const struct flat *flat)
{
	return flat->taken == flat->count;
}
