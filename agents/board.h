/* SPDX-License-Identifier: Apache-2.0 */
/* A board of the rack: what it is doing, what it was last leased under, and what happens to it when a run ends badly.
 *
 * Happy path: board_start -> powered off (whatever an earlier agent left) -> looked at: power, probe, identity, off
 * again -> idle -> board_assign -> running -> idle.
 * Ways it fails: a look that fails, a run that ends for reasons of the rack or could not undo everything, a tool that
 * dies while the board is idle -> recovering: the recovery ladder (board_ladder.c) proves the board before it is idle
 * again; no rung helps -> quarantined. Three runs in a row that failed at the board itself, or a step that never came
 * back -> quarantined too. Quarantine ends with the agent's next start, or when the farm says so
 * (board_take_up). A lease's run (its board is held for a person) ends -> looked at, however well it ended: nobody
 * knows what he left behind. */
#ifndef ASSAY_AGENTS_BOARD_H
#define ASSAY_AGENTS_BOARD_H

#include <stdbool.h>

#include <uv.h>

#include "agents/bench/bench.h"
#include "agents/run.h"
#include "agents/spool.h"
#include "core/wire/message.h"

#define BOARD_MAX_FAILURES 3

struct board;

struct board_events {
	void *context;
	void (*on_changed)(void *context, struct board *board); /* state, reason or unique id */
	void (*on_started)(void *context, struct board *board); /* it has no power now; once */
	void (*on_message)(void *context, struct run *run);
	/* A hold takes bytes for its console again; and it is over (why, in words), or its board no longer there. */
	void (*on_console_room)(void *context, struct board *board);
	void (*on_hold_over)(void *context, struct board *board, const char *why);
	void (*on_run_over)(void *context, struct board *board, struct spool_run *spooled);
	void (*on_recovery)(void *context, struct board *board); /* board_recovery has news */
	void (*on_stopped)(void *context,
			   struct board *board); /* after board_stop: no power, nothing under way; once */
};

/* fence_path: the file that keeps the last lease's number. options as for the kind's create. */
int board_create(uv_loop_t *loop, struct spool *spool, const char *fence_path, const struct bench_kind *kind,
		 const struct bench_options *options, const struct board_events *events, struct board **ret_board,
		 struct err *err);
void board_start(struct board *board);
/* Takes a run on, or says why not. Returns true when taken. */
bool board_assign(struct board *board, const struct wire_assign *assign, enum wire_rejection *ret_why);
/* Ends the run early. drop: its messages are of no use to the farm, the spool forgets them when it has ended. */
void board_cancel(struct board *board, bool drop);
/* As board_cancel for a run whose board is to go to another: not in the middle of writing flash, which would only be
 * done again; it ends preempted. */
void board_preempt(struct board *board);
/* A lease's hold: see bench.h. away_ms of the assign: how long it goes on while the farm is away, which these two tell.
 * board_hold_for is for a lease that is not held yet, too. */
bool board_holding(const struct board *board);
void board_hold_for(struct board *board, int64_t hold_ms);
uint16_t board_gdb_port(const struct board *board);
size_t board_write_console(struct board *board, const uint8_t *data, size_t size_bytes);
void board_farm_gone(struct board *board);
void board_farm_back(struct board *board);
/* Brings it up anew, also out of quarantine; after what is under way. Its state is told even if it stays the same. */
void board_take_up(struct board *board, const char *reason);
/* Ends what is under way and takes the power away; on_stopped comes in any case. */
void board_stop(struct board *board);
void board_destroy(struct board *board); /* accepts NULL */

/* As the farm is told; strings are valid until the next turn of the loop. */
struct wire_board board_describe(const struct board *board);
struct run *board_run(const struct board *board); /* NULL: none under way */
const char *board_name(const struct board *board);
enum wire_board_state board_state(const struct board *board);
/* The account of its latest recovery; false: there is none. Valid until the next turn of the loop. */
bool board_recovery(const struct board *board, struct wire_recovery *ret_recovery);

#endif
