/* SPDX-License-Identifier: Apache-2.0 */
/* The latest events in a circle of slots. */
#include "daemon/live/ring.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/err.h"

struct live_event *live_event_create(const struct event_record *record)
{
	size_t len = strlen(record->body);
	struct live_event *event = (struct live_event *)calloc(1, sizeof(*event) + len + 1);

	if (!event)
		return NULL;
	event->seq = record->seq;
	event->type = record->type;
	event->job = record->job;
	event->run = record->run;
	memcpy(event->org, record->org, sizeof(event->org));
	memcpy(event->board, record->board, sizeof(event->board));
	event->text_len = len;
	memcpy(event->text, record->body, len + 1);
	return event;
}

int ring_init(struct ring *ring, size_t room, size_t max_bytes, int64_t last_seq)
{
	*ring = (struct ring){.room = room, .max_bytes = max_bytes, .first = last_seq + 1, .last = last_seq};
	ring->slot = (struct live_event **)calloc(room, sizeof(*ring->slot));
	return ring->slot ? 0 : ERR_NOMEM;
}

static void ring_drop_first(struct ring *ring)
{
	struct live_event **slot = &ring->slot[(uint64_t)ring->first % ring->room];

	ring->bytes -= (*slot)->text_len;
	free(*slot);
	*slot = NULL;
	ring->first++;
}

static void ring_empty(struct ring *ring)
{
	while (ring->first <= ring->last)
		ring_drop_first(ring);
}

void ring_finish(struct ring *ring)
{
	if (ring->slot)
		ring_empty(ring);
	free(ring->slot);
	ring->slot = NULL;
}

bool ring_push(struct ring *ring, struct live_event *event)
{
	if (event->seq <= ring->last) {
		free(event);
		return false;
	}
	if (event->seq != ring->last + 1) {
		ring_empty(ring);
		ring->first = event->seq;
	}
	ring->last = event->seq - 1;
	while (ring->first <= ring->last && ((size_t)(ring->last - ring->first) + 1 >= ring->room ||
					     ring->bytes + event->text_len > ring->max_bytes))
		ring_drop_first(ring);
	ring->slot[(uint64_t)event->seq % ring->room] = event;
	ring->bytes += event->text_len;
	ring->last = event->seq;
	return true;
}

const struct live_event *ring_get(const struct ring *ring, int64_t seq)
{
	return seq >= ring->first && seq <= ring->last ? ring->slot[(uint64_t)seq % ring->room] : NULL;
}
