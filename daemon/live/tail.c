/* SPDX-License-Identifier: Apache-2.0 */
/* The latest console bytes of each run. */
#include "daemon/live/tail.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "core/base/err.h"

#define PIECE_MAX  (1u << 20)
#define ROOM_FIRST 4096u

void tails_init(struct tails *tails, size_t tail_bytes)
{
	*tails = (struct tails){.tail_bytes = tail_bytes};
	list_init(&tails->list);
}

static void tail_destroy(struct tails *tails, struct tail *tail)
{
	list_remove(&tail->link);
	tails->count--;
	buf_finish(&tail->piece);
	free(tail->data);
	free(tail);
}

void tails_finish(struct tails *tails)
{
	list_for_each_safe (link, &tails->list)
		tail_destroy(tails, list_container(link, struct tail, link));
}

struct tail *tails_find(struct tails *tails, int64_t run)
{
	list_for_each (link, &tails->list) {
		struct tail *tail = list_container(link, struct tail, link);
		if (tail->run == run)
			return tail;
	}
	return NULL;
}

static struct tail *tail_create(struct tails *tails, int64_t run, uint64_t start)
{
	struct tail *tail = (struct tail *)calloc(1, sizeof(*tail));

	if (!tail)
		return NULL;
	tail->run = run;
	tail->start = tail->end = start;
	/* Twice the bytes: the older half goes only when the room is full, so that bytes move rarely. */
	tail->max = 2 * tails->tail_bytes;
	buf_init(&tail->piece, PIECE_MAX);
	list_append(&tails->list, &tail->link);
	if (++tails->count > TAIL_MAX_RUNS)
		tail_destroy(tails, list_container(list_first(&tails->list), struct tail, link));
	return tail;
}

static void tail_mark(struct tail *tail, uint64_t offset, int64_t at_us)
{
	if (tail->mark_count == TAIL_MAX_MARKS) {
		tail->mark_count = TAIL_MAX_MARKS / 2;
		memmove(tail->mark, tail->mark + TAIL_MAX_MARKS - tail->mark_count,
			tail->mark_count * sizeof(tail->mark[0]));
	}
	tail->mark[tail->mark_count++] = (struct tail_mark){.offset = offset, .at_us = at_us};
}

/* Most runs print little: the room grows with what comes. Returns whether it is enough. */
static bool tail_grow(struct tail *tail, size_t len)
{
	size_t want = (size_t)(tail->end - tail->start) + len, room = tail->room ? tail->room : ROOM_FIRST;
	uint8_t *data;

	want = want < tail->max ? want : tail->max;
	while (room < want)
		room *= 2;
	room = room < tail->max ? room : tail->max;
	if (room <= tail->room)
		return true;
	data = (uint8_t *)realloc(tail->data, room);
	if (!data)
		return false;
	tail->data = data;
	tail->room = room;
	return true;
}

static void tail_add(struct tail *tail, const uint8_t *data, size_t len)
{
	size_t held = (size_t)(tail->end - tail->start);

	if (len > tail->max) {
		data += len - tail->max;
		tail->start = tail->end + (len - tail->max);
		tail->end = tail->start;
		len = tail->max;
		held = 0;
	} else if (held + len > tail->max) {
		size_t keep = tail->max / 2 < tail->max - len ? tail->max / 2 : tail->max - len;
		keep = keep < held ? keep : held;
		memmove(tail->data, tail->data + held - keep, keep);
		tail->start = tail->end - keep;
		held = keep;
	}
	memcpy(tail->data + held, data, len);
	tail->end += len;
}

struct tail *tails_append(struct tails *tails, const struct console_record *console, int64_t job, const char *org,
			  const char *board)
{
	struct tail *tail = tails_find(tails, console->run);
	uint64_t skip = 0;

	if (!tail)
		tail = tail_create(tails, console->run, console->offset);
	if (!tail)
		return NULL;
	tail->job = job;
	snprintf(tail->org, sizeof(tail->org), "%s", org);
	snprintf(tail->board, sizeof(tail->board), "%s", board);
	if (console->offset > tail->end) {
		tail->start = tail->end = console->offset;
		tail->mark_count = 0;
	}
	if (console->offset < tail->end)
		skip = tail->end - console->offset;
	if (skip >= console->size_bytes)
		return tail;
	if (!tail_grow(tail, console->size_bytes - (size_t)skip))
		return NULL;
	tail_mark(tail, tail->end, console->at_us);
	tail_add(tail, console->data + skip, console->size_bytes - (size_t)skip);
	list_remove(&tail->link);
	list_append(&tails->list, &tail->link);
	return tail;
}

/* When the byte at offset came; 0 when that is no longer known. */
static int64_t tail_time(const struct tail *tail, uint64_t offset)
{
	for (size_t i = tail->mark_count; i-- > 0;)
		if (tail->mark[i].offset <= offset)
			return tail->mark[i].at_us;
	return 0;
}

int console_piece_write(struct buf *out, int64_t run, uint64_t offset, int64_t at_us, const uint8_t *data, size_t len)
{
	size_t room = sodium_base64_ENCODED_LEN(len, sodium_base64_VARIANT_ORIGINAL);
	int rc = buf_appendf(out, "{\"run\":%" PRId64 ",\"offset\":%" PRIu64 ",\"at_us\":%" PRId64 ",\"data\":\"", run,
			     offset, at_us);

	if (rc)
		return rc;
	char *text = buf_reserve(out, room);
	if (!text)
		return ERR_TOO_BIG;
	sodium_bin2base64(text, room, data, len, sodium_base64_VARIANT_ORIGINAL);
	out->len += room - 1;
	return buf_append_text(out, "\"}");
}

const char *tail_piece(struct tail *tail, uint64_t offset, size_t max_len, size_t *ret_len)
{
	size_t len = (size_t)(tail->end - offset);

	len = len < max_len ? len : max_len;
	if (!tail->piece.len || tail->piece_offset != offset || tail->piece_len != len) {
		buf_reset(&tail->piece);
		if (console_piece_write(&tail->piece, tail->run, offset, tail_time(tail, offset),
					tail->data + (offset - tail->start), len))
			return NULL;
		tail->piece_offset = offset;
		tail->piece_len = len;
	}
	*ret_len = len;
	return buf_text(&tail->piece);
}
