/* SPDX-License-Identifier: Apache-2.0 */
/* Frames of events that are told to many: each is written once and its bytes are sent to everyone who stands at the
 * same place of the same events. */
#ifndef ASSAY_LIVE_FRAMES_H
#define ASSAY_LIVE_FRAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/buf.h"

#define FRAMES_MAX     16  /* frames kept; the one written longest ago goes */
#define FRAMES_KEY_MAX 256 /* bytes of a key with its NUL */

/* What the events after `from`, up to and with `to`, look like to whoever has this key. */
struct frame {
	char key[FRAMES_KEY_MAX]; /* "" while the slot is empty */
	int64_t from, to;
	struct buf bytes; /* the room, then the frame; nothing behind the room when there is nothing to tell */
};

/* In the caller's memory. */
struct frames {
	struct frame slot[FRAMES_MAX];
	size_t next; /* the slot that is written next */
	size_t room; /* bytes before each frame, for its head */
};

/* max_bytes of each frame. */
void frames_init(struct frames *frames, size_t room, size_t max_bytes);
void frames_finish(struct frames *frames);
/* The frame that begins behind `from`, or NULL. Valid until frames_add. */
struct frame *frames_find(struct frames *frames, const char *key, int64_t from);
/* A frame under this key with nothing behind its room, `to` being `from`: the caller writes it. The key is shorter than
 * FRAMES_KEY_MAX. NULL when memory runs out. */
struct frame *frames_add(struct frames *frames, const char *key, int64_t from);

#endif
