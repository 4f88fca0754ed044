/* SPDX-License-Identifier: Apache-2.0 */
/* What board.c and board_recovery.c share. */
#ifndef ASSAY_AGENTS_BOARD_PRIVATE_H
#define ASSAY_AGENTS_BOARD_PRIVATE_H

#include "agents/board.h"

#define BOARD_PATH_BYTES 1024

/* What is on the bench now. */
enum walk { WALK_NONE, WALK_POWER_OFF, WALK_RUNG, WALK_REST, WALK_LOOK, WALK_RUN, WALK_LAST };

/* The account of the board's latest recovery. */
struct board_account {
	int64_t begun_at_us, ended_at_us; /* rack clock; 0: it is under way */
	enum cause cause;
	char text[300];
	struct ladder ladder;
};

struct board {
	const struct bench_kind *kind;
	struct bench *bench;
	struct spool *spool;
	const struct board_config *config;
	struct board_events events;
	uv_timer_t timer; /* to the next rung, or the last walk */
	enum wire_board_state state;
	enum walk walk;
	char reason[300];
	char unique_id[65];
	char fence_path[BOARD_PATH_BYTES];
	int64_t fence;
	struct run *run;
	bool absent;     /* nothing answers, and it is looked for */
	int64_t look_ms; /* until the next look */
	bool take_up;    /* anew when the run under way has ended */
	bool drop;       /* the run under way is of no use to the farm */
	bool yields;     /* it is to give the board to another */
	bool is_writing; /* its flash */
	bool started;    /* on_started was called */
	uv_timer_t away; /* a hold without the farm ends */
	int64_t hold_ms; /* of the run under way; 0: it is a test */
	int64_t away_ms;
	int open_handles;
	bool stopping;
	bool stopped;
	unsigned run_failures;         /* in a row, at the board itself */
	bool lost_run;                 /* the last one's tool was lost: the board counts as failed if it is gone too */
	struct board_account *account; /* NULL: none worth telling */
	int64_t rung_begun_us;
	bool destroyed;
};

/* board_hold.c: the step is over. */
void board_hold_ended(struct board *board, const char *why);

/* board_recovery.c */
void board_set_state(struct board *board, enum wire_board_state state, const char *reason);
void board_quarantine(struct board *board, const char *reason);
/* The bench's walk has ended: context is the board. */
void board_on_ended(void *context, const struct bench_outcome *ended);
/* Begins the last walk, from the loop. */
void board_on_stop_timer(uv_timer_t *timer);

/* board_ladder.c: climbs the ladder, from the loop. cause: of what began it; CAUSE_NONE: nothing is known to be wrong.
 */
void board_recover(struct board *board, enum cause cause, const char *reason);
/* The rung's walk has ended; the walk that took the power away after the last has. */
void board_ladder_ended(struct board *board, const struct bench_outcome *outcome);
void board_ladder_rested(struct board *board);
void board_ladder_stop(struct board *board);
/* board_absent.c: looks for a board where nothing answers until it does; a look has ended. */
void board_look_for(struct board *board, const char *reason);
void board_looked(struct board *board, const struct bench_outcome *outcome);

bool board_climbs(const struct board *board); /* a rung is under way, or the next one waits for the loop */

#endif
