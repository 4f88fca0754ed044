/* SPDX-License-Identifier: Apache-2.0 */
/* The frames told last, in a circle of slots. */
#include "daemon/live/frames.h"

#include <stdio.h>
#include <string.h>

void frames_init(struct frames *frames, size_t room, size_t max_bytes)
{
	frames->next = 0;
	frames->room = room;
	for (size_t i = 0; i < FRAMES_MAX; i++) {
		frames->slot[i] = (struct frame){.key = ""};
		buf_init(&frames->slot[i].bytes, room + max_bytes);
	}
}

void frames_finish(struct frames *frames)
{
	for (size_t i = 0; i < FRAMES_MAX; i++)
		buf_finish(&frames->slot[i].bytes);
}

struct frame *frames_find(struct frames *frames, const char *key, int64_t from)
{
	for (size_t i = 0; i < FRAMES_MAX; i++) {
		struct frame *frame = &frames->slot[i];
		if (frame->from == from && frame->key[0] && strcmp(frame->key, key) == 0)
			return frame;
	}
	return NULL;
}

struct frame *frames_add(struct frames *frames, const char *key, int64_t from)
{
	struct frame *frame = &frames->slot[frames->next];

	frames->next = (frames->next + 1) % FRAMES_MAX;
	frame->key[0] = '\0';
	buf_reset(&frame->bytes);
	if (!buf_reserve(&frame->bytes, frames->room))
		return NULL;
	frame->bytes.len = frames->room;
	frame->from = frame->to = from;
	snprintf(frame->key, sizeof(frame->key), "%s", key);
	return frame;
}
