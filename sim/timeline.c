/* SPDX-License-Identifier: Apache-2.0 */
/* A binary heap whose elements know their places. */
#include "sim/timeline.h"

#include <stdbool.h>
#include <stdlib.h>

#include "core/base/mem.h"

void timeline_init(struct timeline *timeline)
{
	*timeline = (struct timeline){0};
}

void timeline_finish(struct timeline *timeline)
{
	free(timeline->heap);
	timeline_init(timeline);
}

static bool is_before(const struct event *a, const struct event *b)
{
	return a->at_us != b->at_us ? a->at_us < b->at_us : a->turn < b->turn;
}

static void put(struct timeline *timeline, size_t place, struct event *event)
{
	timeline->heap[place - 1] = event;
	event->place = place;
}

static void rise(struct timeline *timeline, struct event *event, size_t place)
{
	while (place > 1 && is_before(event, timeline->heap[place / 2 - 1])) {
		put(timeline, place, timeline->heap[place / 2 - 1]);
		place /= 2;
	}
	put(timeline, place, event);
}

static void sink(struct timeline *timeline, struct event *event, size_t place)
{
	for (;;) {
		size_t child = place * 2;

		if (child > timeline->count)
			break;
		if (child < timeline->count && is_before(timeline->heap[child], timeline->heap[child - 1]))
			child++;
		if (!is_before(timeline->heap[child - 1], event))
			break;
		put(timeline, place, timeline->heap[child - 1]);
		place = child;
	}
	put(timeline, place, event);
}

void timeline_clear(struct timeline *timeline, struct event *event)
{
	size_t place = event->place;
	struct event *last;

	if (place == 0)
		return;
	event->place = 0;
	last = timeline->heap[--timeline->count];
	if (last == event)
		return;
	if (place > 1 && is_before(last, timeline->heap[place / 2 - 1]))
		rise(timeline, last, place);
	else
		sink(timeline, last, place);
}

void timeline_set(struct timeline *timeline, struct event *event, int64_t at_us)
{
	timeline_clear(timeline, event);
	if (timeline->count == timeline->capacity) {
		timeline->capacity = timeline->capacity ? timeline->capacity * 2 : 64;
		timeline->heap = mem_resize_array(timeline->heap, timeline->capacity, sizeof(struct event *));
	}
	event->at_us = at_us;
	event->turn = ++timeline->turns;
	timeline->count++;
	rise(timeline, event, timeline->count);
}

struct event *timeline_first(const struct timeline *timeline)
{
	return timeline->count > 0 ? timeline->heap[0] : NULL;
}
