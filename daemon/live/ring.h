/* SPDX-License-Identifier: Apache-2.0 */
/* The latest events, each once, in the order of their numbers and without gaps. */
#ifndef ASSAY_LIVE_RING_H
#define ASSAY_LIVE_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/farm/principal.h"
#include "core/farm/record_event.h"

/* An event as viewers need it; one heap block. */
struct live_event {
	int64_t seq;
	enum event_type type;
	int64_t job, run;
	char org[ORG_MAX];
	char board[FARM_NAME_MAX];
	size_t text_len;
	char text[]; /* the event as JSON, serialised once */
};

/* In the caller's memory. first..last are there; empty when last < first. */
struct ring {
	struct live_event **slot; /* of seq: slot[seq % room] */
	size_t room;
	size_t bytes;     /* of texts held */
	size_t max_bytes; /* older events go when more would be held */
	int64_t first, last;
};

/* NULL when memory runs out. */
struct live_event *live_event_create(const struct event_record *record);

/* last_seq: the number before the first event to come. Returns 0 or ERR_NOMEM. */
int ring_init(struct ring *ring, size_t room, size_t max_bytes, int64_t last_seq);
void ring_finish(struct ring *ring);
/* Takes the event over. An event that does not follow the last one empties the ring first; one that is already there is
 * dropped (returns false). */
bool ring_push(struct ring *ring, struct live_event *event);
/* The event, or NULL when it is not there. */
const struct live_event *ring_get(const struct ring *ring, int64_t seq);

#endif
