/* SPDX-License-Identifier: Apache-2.0 */
/* What happens next: events by time, and in the order they were set where times are equal. */
#ifndef ASSAY_SIM_TIMELINE_H
#define ASSAY_SIM_TIMELINE_H

#include <stddef.h>
#include <stdint.h>

/* Embedded in what it is about; stays where it is while it is set. */
struct event {
	/* set by the caller */
	int kind;
	/* the timeline's */
	int64_t at_us;
	uint64_t turn;
	size_t place; /* from 1; 0: not set */
};

#define event_container(event, type, member) ((type *)(void *)((char *)(event)-offsetof(type, member)))

struct timeline {
	struct event **heap;
	size_t count, capacity;
	uint64_t turns;
};

void timeline_init(struct timeline *timeline);
void timeline_finish(struct timeline *timeline);
/* Also moves one that is set. */
void timeline_set(struct timeline *timeline, struct event *event, int64_t at_us);
/* Nothing happens when it is not set. */
void timeline_clear(struct timeline *timeline, struct event *event);
/* NULL: nothing more happens. */
struct event *timeline_first(const struct timeline *timeline);

#endif
