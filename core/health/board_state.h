/* SPDX-License-Identifier: Apache-2.0 */
/* The states of a board as a declared machine: what they are called, which may follow which, and which one the facts
 * about a board mean. Pure.
 *
 *   offline ◀──────────────────────────────── any, when its agent is gone, or nothing answers there
 *   free ──▶ running ──▶ free                 a run that ended well: nothing stands between it and the next
 *   free ──▶ leased ──▶ recovering            a person's hands: brought up and checked afterwards
 *   recovering ──▶ suspect ──▶ free           brought up again, and its health check passed
 *                  suspect ──▶ recovering     the check failed: further down the ladder
 *                  suspect ──▶ quarantined    too often
 *   quarantined ──▶ recovering | suspect      only by a person's release
 *   retired ──▶ recovering | suspect          only by a person */
#ifndef ASSAY_HEALTH_BOARD_STATE_H
#define ASSAY_HEALTH_BOARD_STATE_H

#include <stdbool.h>

#define BOARD_STATES(X)                                                                                                \
	X(OFFLINE, "offline")         /* no agent has it, or nothing answers there */                                  \
	X(FREE, "free")               /* may be given out */                                                           \
	X(LEASED, "leased")           /* a person has it */                                                            \
	X(RUNNING, "running")         /* a run has it */                                                               \
	X(RECOVERING, "recovering")   /* its agent is busy with it */                                                  \
	X(SUSPECT, "suspect")         /* waits for its health check, or is under it */                                 \
	X(QUARANTINED, "quarantined") /* until a person releases it */                                                 \
	X(RETIRED, "retired")         /* taken out of service by a person */

enum board_state {
#define X(name, text) BOARD_##name,
	BOARD_STATES(X)
#undef X
		BOARD_STATE_COUNT
};

const char *board_state_name(enum board_state state); /* "unknown" for what is none */
bool board_state_parse(const char *name, enum board_state *ret_state);
/* Whether a board may go from one state right into another one. */
bool board_state_may_follow(enum board_state before, enum board_state after);

/* What is done on a board under a lease. */
enum board_work { BOARD_WORK_NONE, BOARD_WORK_RUN, BOARD_WORK_LEASE, BOARD_WORK_CHECK };

/* What a person, or the farm's own policy, decided for good. */
#define BOARD_HOLDS(X)                                                                                                 \
	X(NONE, "")                                                                                                    \
	X(QUARANTINED, "quarantined")                                                                                  \
	X(RETIRED, "retired")

enum board_hold {
#define X(name, text) BOARD_HOLD_##name,
	BOARD_HOLDS(X)
#undef X
};

const char *board_hold_name(enum board_hold hold);
bool board_hold_parse(const char *name, enum board_hold *ret_hold);

struct board_facts {
	bool is_connected; /* its agent is there and has it */
	enum board_work work;
	enum board_hold hold;
	enum board_state agent_says; /* FREE, RUNNING, RECOVERING or QUARANTINED */
	bool is_proven;              /* nothing happened since it was last seen to work that needs a check */
};

/* The one state that all facts together mean. A hold waits for the end of what is under way. */
enum board_state board_state_of(const struct board_facts *facts);

#endif
