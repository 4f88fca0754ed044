/* SPDX-License-Identifier: Apache-2.0 */
/* An in-memory world for the step engine: its own clock, rows that behave as told, a cancel at any instant, and a check
 * of everything the engine promises. */
#ifndef ASSAY_SIM_WORLD_H
#define ASSAY_SIM_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/farm/steps.h"

/* How a start or an undo goes. X(name, what it does) */
#define BEHAVIOURS(X)                                                                                                  \
	X(OK, "done well after a while")                                                                               \
	X(FAIL, "done with an error after a while")                                                                    \
	X(REFUSE, "returns an error")                                                                                  \
	X(REFUSE_MUTE, "returns an error and does not say why")                                                        \
	X(HANG, "comes back only when aborted")                                                                        \
	X(HANG_SYNC, "comes back from inside abort")                                                                   \
	X(WIN, "answers an abort with a success")                                                                      \
	X(ABORT_FAIL, "answers an abort with an error of its own")                                                     \
	X(KILL, "comes back only when killed")                                                                         \
	X(KILL_SYNC, "comes back from inside kill")                                                                    \
	X(NEVER, "never comes back")                                                                                   \
	X(LATE, "comes back after it was given up")                                                                    \
	X(AT_LIMIT, "done well at the very instant of its limit")                                                      \
	X(TWICE, "done well, and then once more")

enum behaviour {
#define X(name, text) BEHAVE_##name,
	BEHAVIOURS(X)
#undef X
		BEHAVIOUR_COUNT
};

#define NO_CANCEL     SIZE_MAX
#define WORLD_PENDING 64

/* One run: a table, how each row behaves, and when the cancel comes. */
struct scenario {
	const struct step_row *rows;
	size_t row_count;
	enum behaviour forward[STEPS_MAX];
	enum behaviour back[STEPS_MAX];
	size_t cancel_at; /* the how-manieth instant; NO_CANCEL: never */
	bool timer_first; /* of a timer and a completion at one instant the timer is served first */
};

/* What the world saw of one call of start or undo. */
struct call {
	size_t row;
	enum step_phase phase;
	uint64_t serial;
	int64_t begun_us;
	bool called, refused, done, ended;
	bool cancelled_before; /* the cancel had come before the row was told to begin */
	bool cancelled_during; /* it came while the row ran */
	enum cause done_cause;
	int64_t done_us;
	int64_t touched_us; /* when abort or kill came first; -1: never */
	bool touched_by_cancel;
	int64_t killed_us; /* -1: never */
	enum cause told_cause;
};

/* Something that will happen. */
struct pending {
	int64_t at_us;
	size_t call; /* whose completion it is */
	enum cause cause;
};

struct world {
	const struct scenario *scenario;
	struct steps steps;
	int64_t now_us;
	int64_t timer_us; /* -1: disarmed */
	struct pending pending[WORLD_PENDING];
	size_t pending_count;
	struct call calls[2 * STEPS_MAX];
	size_t call_count;
	bool in_call; /* between a row's begun and ended */
	size_t instants;
	bool cancelled;
	size_t calls_at_cancel; /* how many calls had begun then */
	size_t calls_at_tick;   /* while the timer fires: how many had begun before; else 0 */
	size_t all_done;
	bool engine_gone;
	uint32_t stale; /* completions that must be dropped */
	struct steps_outcome outcome;
	bool bad;
	char complaint[300];
};

/* Plays a scenario and checks it. Returns false with world->complaint set when a promise was broken. */
bool world_play(struct world *world, const struct scenario *scenario);

/* The row functions that a table of the simulator uses. */
int world_start(void *context, uint64_t serial, struct step_result *refused);
int world_undo(void *context, uint64_t serial, struct step_result *refused);
void world_abort(void *context, uint64_t serial);
void world_kill(void *context, uint64_t serial);

const char *behaviour_name(enum behaviour behaviour);
/* The limit of a call in microseconds. */
int64_t call_limit_us(const struct world *world, const struct call *call);
/* The error that a row of that number ends with. */
enum cause world_row_cause(size_t row);

/* check.c: everything that can only be said when the run is over. */
void world_check(struct world *world);
void world_complain(struct world *world, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
