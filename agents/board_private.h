/* SPDX-License-Identifier: Apache-2.0 */
/* What board.c and board_recovery.c share. */
#ifndef ASSAY_AGENTS_BOARD_PRIVATE_H
#define ASSAY_AGENTS_BOARD_PRIVATE_H

#include "agents/board.h"

#define BOARD_PATH_BYTES 1024

/* What is on the bench now. */
enum walk { WALK_NONE, WALK_POWER_OFF, WALK_BRING_UP, WALK_RUN, WALK_LAST };

struct board {
	const struct bench_kind *kind;
	struct bench *bench;
	struct spool *spool;
	const struct board_config *config;
	struct board_events events;
	uv_timer_t timer; /* to the next bring-up */
	enum wire_board_state state;
	enum walk walk;
	char reason[300];
	char unique_id[65];
	char fence_path[BOARD_PATH_BYTES];
	int64_t fence;
	struct run *run;
	bool take_up;    /* anew when the run under way has ended */
	bool drop;       /* the run under way is of no use to the farm */
	bool yields;     /* it is to give the board to another */
	bool is_writing; /* its flash */
	bool started;    /* on_started was called */
	bool proven;     /* the first bring-up is over */
	uv_timer_t away; /* a hold without the farm ends */
	int64_t hold_ms; /* of the run under way; 0: it is a test */
	int64_t away_ms;
	int open_handles;
	bool stopping;
	bool stopped;
	unsigned run_failures; /* in a row, at the board itself */
	unsigned tries;        /* bring-ups that failed in a row */
	bool destroyed;
};

/* board_hold.c: the step is over. */
void board_hold_ended(struct board *board, const char *why);

/* board_recovery.c */
void board_set_state(struct board *board, enum wire_board_state state, const char *reason);
void board_quarantine(struct board *board, const char *reason);
/* A bring-up after wait_ms proves the board. */
void board_recover(struct board *board, const char *reason, int64_t wait_ms);
/* The bench's walk has ended: context is the board. */
void board_on_ended(void *context, const struct bench_outcome *ended);
/* Begins the last walk, from the loop. */
void board_on_stop_timer(uv_timer_t *timer);

#endif
