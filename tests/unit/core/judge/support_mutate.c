/* SPDX-License-Identifier: Apache-2.0 */
/* Changing logs at random, as lists of pieces. */
#include "tests/unit/core/judge/support_mutate.h"

#include <stdio.h>
#include <string.h>

#define CHUNK_MAX 400 /* bytes that are dropped, repeated or moved at once */

struct range {
	size_t from, to;
};

uint32_t mutate_random(uint64_t *state, uint32_t below)
{
	*state = *state * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(*state >> 33) % below;
}

static size_t length(const struct mutant *mutant)
{
	size_t len = 0;

	for (size_t i = 0; i < mutant->count; i++)
		len += mutant->pieces[i].len;
	return len;
}

/* The piece that begins at `at`, which splits one if need be. */
static size_t split(struct mutant *mutant, size_t at)
{
	size_t i = 0;
	struct piece *piece;

	while (i < mutant->count && at >= mutant->pieces[i].len)
		at -= mutant->pieces[i++].len;
	if (at == 0 || i == mutant->count)
		return i;
	memmove(&mutant->pieces[i + 1], &mutant->pieces[i], (mutant->count - i) * sizeof(*mutant->pieces));
	mutant->count++;
	piece = &mutant->pieces[i];
	piece[1].from += at;
	piece[1].len -= at;
	if (!piece->log)
		memmove(piece[1].literal, piece->literal + at, piece[1].len);
	piece->len = at;
	return i + 1;
}

static void remove_range(struct mutant *mutant, struct range range)
{
	size_t from = split(mutant, range.from);
	size_t to = split(mutant, range.to);

	memmove(&mutant->pieces[from], &mutant->pieces[to], (mutant->count - to) * sizeof(*mutant->pieces));
	mutant->count -= to - from;
}

static bool insert_piece(struct mutant *mutant, size_t at, const struct piece *piece)
{
	size_t i;

	if (mutant->count + 4 > MUTANT_PIECES_MAX)
		return false;
	i = split(mutant, at);
	memmove(&mutant->pieces[i + 1], &mutant->pieces[i], (mutant->count - i) * sizeof(*mutant->pieces));
	mutant->pieces[i] = *piece;
	mutant->count++;
	return true;
}

/* Puts the pieces of the range in once more at `at`. */
static void copy_range(struct mutant *mutant, struct range range, size_t at)
{
	struct piece copies[MUTANT_PIECES_MAX];
	size_t from = split(mutant, range.from);
	size_t count = split(mutant, range.to) - from;

	memcpy(copies, &mutant->pieces[from], count * sizeof(*copies));
	for (size_t i = 0; i < count && insert_piece(mutant, at, &copies[i]); i++)
		at += copies[i].len;
}

static char byte_at(const struct mutant *mutant, size_t at)
{
	size_t i = 0;

	while (at >= mutant->pieces[i].len)
		at -= mutant->pieces[i++].len;
	return mutant->pieces[i].log ? mutant->pieces[i].log->data[mutant->pieces[i].from + at]
				     : (char)mutant->pieces[i].literal[at];
}

/* Moves a position forward to where a line begins, if one does within the reach of a line. */
static size_t line_begin(const struct mutant *mutant, size_t at, size_t len)
{
	for (size_t i = at; i < len && i < at + CHUNK_MAX; i++) {
		if (i == 0 || byte_at(mutant, i - 1) == '\n')
			return i;
	}
	return at < len / 2 ? 0 : len;
}

/* Some of the bytes; whole lines, or not. */
static struct range choose(const struct mutant *mutant, bool lines, uint64_t *random)
{
	size_t len = length(mutant);
	struct range range = {.from = mutate_random(random, (uint32_t)len + 1)};

	range.to = range.from + mutate_random(random, mutate_random(random, 2) ? CHUNK_MAX : 12);
	if (range.to > len)
		range.to = len;
	if (lines) {
		range.from = line_begin(mutant, range.from, len);
		range.to = line_begin(mutant, range.to + 1, len);
		if (range.to < range.from)
			range.to = range.from;
	}
	return range;
}

/* Bytes of the kinds that damage a log most: ends of lines, blanks, digits, brackets, colours, and anything. */
static struct piece damage(size_t len, uint64_t *random)
{
	static const char likely[] = "\r\n :.,()[]0159TESPAFIok#-_\x1b[m\t\x80\xc3";
	struct piece piece = {.len = len};

	for (size_t i = 0; i < len; i++)
		piece.literal[i] = mutate_random(random, 3) ? (uint8_t)likely[mutate_random(random, sizeof(likely) - 1)]
							    : (uint8_t)mutate_random(random, 256);
	return piece;
}

void mutant_begin(struct mutant *mutant, const struct buf *log)
{
	mutant->count = 1;
	mutant->pieces[0] = (struct piece){.log = log, .len = log->len};
	mutant->moved_bytes = false;
	mutant->story[0] = '\0';
}

static void tell(struct mutant *mutant, const char *what, size_t from, size_t to, size_t at)
{
	size_t len = strlen(mutant->story);

	snprintf(mutant->story + len, sizeof(mutant->story) - len, "%s %zu..%zu (%zu); ", what, from, to, at);
}

enum change { DROP, REPEAT, MOVE, CUT_END, CUT_FRONT, SPLICE, LINES, CORRUPT = LINES, INSERT, CHANGES };

void mutant_change(struct mutant *mutant, const struct buf *other, uint64_t *random)
{
	static const char *const names[] = {"drop",          "repeat", "move",    "cut the end",
					    "cut the front", "splice", "corrupt", "insert"};
	enum change change = (enum change)mutate_random(random, CHANGES);
	bool lines = change < LINES && mutate_random(random, 2);
	struct range range = choose(mutant, lines, random);
	size_t len = length(mutant);
	size_t at = mutate_random(random, (uint32_t)len + 1);
	struct piece piece;

	if (mutant->count + 12 > MUTANT_PIECES_MAX || len == 0)
		return;
	if (lines)
		at = line_begin(mutant, at, len);
	mutant->moved_bytes |= !lines;
	tell(mutant, names[change], range.from, range.to, at);
	switch (change) {
	case DROP:
		remove_range(mutant, range);
		break;
	case REPEAT:
		copy_range(mutant, range, at);
		break;
	case MOVE:
		copy_range(mutant, range, at);
		if (at <= range.from)
			range = (struct range){range.from + (range.to - range.from),
					       range.to + (range.to - range.from)};
		if (at <= range.from || at >= range.to)
			remove_range(mutant, range);
		break;
	case CUT_END:
		remove_range(mutant, (struct range){range.from, len});
		break;
	case CUT_FRONT:
		remove_range(mutant, (struct range){0, range.from});
		break;
	case SPLICE:
		remove_range(mutant, (struct range){range.from, len});
		piece = (struct piece){.log = other, .from = mutate_random(random, (uint32_t)other->len + 1)};
		if (lines) {
			while (piece.from > 0 && piece.from < other->len && other->data[piece.from - 1] != '\n')
				piece.from++;
		}
		piece.len = other->len - piece.from;
		if (piece.len)
			insert_piece(mutant, range.from, &piece);
		break;
	case CORRUPT:
	case INSERT:
		piece = damage(1 + mutate_random(random, 8), random);
		if (change == CORRUPT)
			remove_range(mutant, (struct range){at, at + piece.len > len ? len : at + piece.len});
		insert_piece(mutant, at, &piece);
		break;
	case CHANGES:
		break;
	}
}

void mutant_write(const struct mutant *mutant, struct buf *out)
{
	out->len = 0;
	for (size_t i = 0; i < mutant->count; i++) {
		const struct piece *piece = &mutant->pieces[i];

		buf_append(out, piece->log ? (const void *)(piece->log->data + piece->from) : piece->literal,
			   piece->len);
	}
}

bool mutant_holds(const struct mutant *mutant, const struct buf *log, size_t from, size_t to, size_t after,
		  size_t *ret_at)
{
	size_t begin = 0;

	for (size_t i = 0; i < mutant->count; begin += mutant->pieces[i++].len) {
		const struct piece *piece = &mutant->pieces[i];
		size_t first = from;
		size_t at = begin + (from - piece->from);
		size_t k = i;

		if (piece->log != log || from < piece->from || from >= piece->from + piece->len || at < after)
			continue;
		/* Splits that changed nothing stand side by side. */
		while (k < mutant->count && mutant->pieces[k].log == log && first >= mutant->pieces[k].from &&
		       first < mutant->pieces[k].from + mutant->pieces[k].len) {
			first = mutant->pieces[k].from + mutant->pieces[k].len;
			k++;
			if (first >= to || k >= mutant->count || mutant->pieces[k].from != first)
				break;
		}
		if (first < to)
			continue;
		*ret_at = at;
		return true;
	}
	return false;
}
