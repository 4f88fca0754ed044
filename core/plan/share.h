/* SPDX-License-Identifier: Apache-2.0 */
/* Fair shares of board time: start-time fair queueing in a tree (pool, organisations, members, flows), for each level
 * of urgency by itself. Pure arithmetic; who waits where is the plan's affair.
 *
 * A share's time goes on by what it is charged, divided by its weight. The one whose next start is earliest is next;
 * the parent's clock is the start of the one that was last in turn. A share that begins to wait starts at its parent's
 * clock: nobody saves up credit while idle; and one that could not be served while it waited keeps at most `window` of
 * it. Virtual times wrap around and are compared by their difference. */
#ifndef ASSAY_PLAN_SHARE_H
#define ASSAY_PLAN_SHARE_H

#include <stdbool.h>
#include <stdint.h>

#define SHARE_LEVELS     5
#define SHARE_WEIGHT_MAX 10000u

/* Of one share at one level of urgency. Times: microseconds of board time, divided by the weight. */
struct share_level {
	int64_t clock;   /* of its children: the start of the one last in turn */
	int64_t start;   /* where it stands among its siblings; fixed while it waits, but for what is given back */
	int64_t finish;  /* what it has been charged: where it starts next */
	uint64_t turn;   /* ties: whose start was set first */
	uint32_t active; /* children that wait, or 1 for a leaf that does */
};

struct share {
	struct share *parent; /* NULL: a root */
	uint32_t weight;      /* 1..SHARE_WEIGHT_MAX */
	uint64_t turns;       /* of a root: the last turn given */
	struct share_level level[SHARE_LEVELS];
};

void plan_share_init(struct share *share, struct share *parent, uint32_t weight);

/* A leaf begins to wait at a level, or waits there no longer; its parents follow. */
void plan_share_enter(struct share *leaf, unsigned level);
void plan_share_leave(struct share *leaf, unsigned level);
/* A share that was kept from being served (by its cap) may be again: what it stood ahead is forgotten. */
void plan_share_forgive(struct share *share, unsigned level);

/* Where a share stands at a level: what is smaller is served first, among siblings. */
struct share_place {
	int64_t start;
	uint64_t turn;
};

struct share_place plan_share_place(const struct share *share, unsigned level);
/* The place a share may fall back to by window_us of what it is charged meanwhile, but no further. */
int64_t plan_share_reserve(const struct share *share, unsigned level, int64_t window_us);
int64_t plan_share_later(int64_t a, int64_t b);
/* Its place, or the one that was reserved if that is better. */
struct share_place plan_share_place_within(const struct share *share, unsigned level, int64_t reserve);
/* Negative: a is served before b. 0: they stand at the same place. */
int plan_share_place_compare(struct share_place a, struct share_place b);

enum share_turn {
	SHARE_IN_TURN,    /* moves the parent's clock to where it was served */
	SHARE_ALONG,      /* with one that was in turn: does not */
	SHARE_OUT_OF_TURN /* nor this; leaves it at most a window behind */
};

struct share_cost {
	int64_t cost_us, window_us;
	enum share_turn turn;
	int64_t served_at; /* IN_TURN: the start of its place */
};

/* Charges a share for what starts now. */
void plan_share_charge(struct share *share, unsigned level, const struct share_cost *cost);
/* How much board time it stands ahead of its parent's clock; and: it does by so much, and does not wait. */
int64_t plan_share_ahead(const struct share *share, unsigned level);
void plan_share_owe(struct share *share, unsigned level, int64_t ahead_us);
/* What was charged was more (negative) or less than what was used. */
void plan_share_correct(struct share *share, unsigned level, int64_t difference_us);

#endif
