/* SPDX-License-Identifier: Apache-2.0 */
/* What agents and the farm tell each other, as plain structs; daemon/link translates to and from core/wire. Strings and
 * arrays are the giver's and valid during the call only. */
#ifndef ASSAY_FARM_AGENT_H
#define ASSAY_FARM_AGENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/farm/record_job.h"
#include "core/farm/steps.h"
#include "core/health/board_state.h"
#include "core/health/ladder.h"
#include "core/image/board_type.h"
#include "core/judge/asked.h"
#include "core/spec/equipment.h"
#include "core/spec/spec.h"

#define HOLD_STEP "hold" /* of a lease: its begin is when the person may come in */

/* A board as its agent sees it. state: BOARD_FREE, _RUNNING, _RECOVERING or _QUARANTINED. */
struct agent_board {
	const char *name;
	const char *type; /* only in a hello */
	enum board_state state;
	const char *reason;
	const char *unique_id;
	bool is_virtual;                   /* only in a hello, as */
	const struct equipment *equipment; /* NULL: nothing */
	bool absent;                       /* RECOVERING: nothing answers, its agent looks for it */
};

/* A run the agent still holds events of. */
struct agent_held_run {
	int64_t run, fence;
	int64_t last;
	bool ended;
};

struct agent_hello {
	const char *agent;
	const char *version;
	const char *boot;
	const struct board_type *types;
	size_t type_count;
	const struct agent_board *boards;
	size_t board_count;
	const struct agent_held_run *runs;
	size_t run_count;
	uint32_t limit; /* boards that may have a run at a time; 0: all */
	bool leases;    /* it knows how to hold a board for a person */
	bool recovers;  /* it knows how to take a board up when told to */
	const struct equipment_hub *hubs;
	size_t hub_count;
	const char *site; /* NULL: not told */
};

/* Why a hello was not accepted. */
struct agent_refusal {
	char field[160];
	char found[120];
	char expected[240];
};

enum agent_event_kind {
	AGENT_STEP_BEGUN,
	AGENT_STEP_ENDED,
	AGENT_CONSOLE,
	AGENT_CASE,
	AGENT_ARTEFACT,
	AGENT_RUN_ENDED
};

struct agent_step {
	const char *step;
	enum step_phase phase;
	uint32_t row;
	enum cause cause; /* of an ended one, as text and took_us */
	const char *text;
	int64_t took_us;
	const struct flashed *flash; /* what an ended one erased; NULL: it wrote no flash */
};

struct agent_console {
	uint64_t offset;
	const uint8_t *data;
	size_t size_bytes;
};

struct agent_case {
	const char *group, *name, *message;
	enum case_verdict verdict;
	bool required, waived_ignore;
	enum case_category category;
	enum case_standing standing;
	int64_t waiver; /* 0: none */
	const struct measurement *measurements;
	size_t measurement_count;
	uint64_t offset, end;
	int64_t begun_at_us, ended_at_us;
};

struct agent_artefact {
	const char *name, *kind;
	uint64_t size_bytes;
	const char *sha256;
	const char *text; /* NULL: a file, which comes on its own */
};

struct agent_run_ended {
	enum run_verdict verdict;
	enum cause cause;
	const char *text;
	struct run_counts counts;
	int64_t cases_total;
	uint64_t console_bytes, console_dropped;
	const char *console_sha256;             /* "": not known */
	const char *core;                       /* NULL: none */
	const struct measurement *measurements; /* printed while no case was open */
	size_t measurement_count;
	const json_t *facts;    /* as run_facts_to_json; NULL: nothing was judged */
	const json_t *identity; /* what was read in the run; NULL: nothing was */
};

struct agent_event {
	int64_t run, fence;
	int64_t n;
	int64_t at_us;
	enum agent_event_kind kind;
	union {
		struct agent_step step;
		struct agent_console console;
		struct agent_case result;
		struct agent_artefact artefact;
		struct agent_run_ended ended;
	} as;
};

/* How far a board's latest recovery has come. */
struct agent_recovery {
	const char *board;
	int64_t begun_at_us, ended_at_us; /* rack clock */
	enum cause cause;
	const char *text;
	enum ladder_end end;
	const struct ladder_try *tries;
	size_t count;
};

enum agent_rejection {
	AGENT_REJECT_OLD_FENCE,
	AGENT_REJECT_BUSY,
	AGENT_REJECT_UNKNOWN_BOARD,
	AGENT_REJECT_QUARANTINED,
	AGENT_REJECT_SHUTTING_DOWN
};

/* The farm's answers and orders. */
struct agent_known_run {
	int64_t run;
	int64_t have; /* durable; resend what comes after */
	bool known;
	bool cancel;
};

struct agent_assign {
	int64_t run, job, fence;
	uint32_t attempt;
	const char *board;
	const char *name;
	const char *image_sha256;
	uint64_t image_bytes;
	const char *image_name;
	const struct asked *asked; /* may be NULL for a lease */
	/* Of a lease: the board is held for a person so long, from the beginning of the step "hold", and so long
	 * without the farm; its image_sha256 may be "" then: nothing is flashed. 0: a test. */
	int64_t hold_ms, away_ms;
};

#endif
