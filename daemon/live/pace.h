/* SPDX-License-Identifier: Apache-2.0 */
/* How often viewers are told what is new: as soon as it is there while that costs little, and less often the more it
 * costs, so that telling stays within its share of a core however many look on. */
#ifndef ASSAY_LIVE_PACE_H
#define ASSAY_LIVE_PACE_H

#include <stddef.h>
#include <stdint.h>

#define PACE_SHARE_PERCENT 20  /* of a core, that all the telling may take */
#define PACE_MIN_MS        1   /* between two turns of telling */
#define PACE_MAX_MS        250 /* of a round: the share is passed rather than that people notice */

/* In the caller's memory; all zero: nobody was told anything yet. */
struct pace {
	int64_t looked_ms; /* when the last turn began, by any clock that only goes on */
	int64_t spent_us;  /* processor time of the thread at that moment */
	int64_t wait_ms;   /* from then until the next turn may begin */
};

/* A turn begins now; a round of all viewers is that many. What was spent since the one before tells how long the next
 * must wait. */
void pace_looked(struct pace *pace, int64_t now_ms, int64_t spent_us, size_t turns);
/* How long from now until the next turn may begin; 0: at once. */
uint64_t pace_left_ms(const struct pace *pace, int64_t now_ms);

#endif
