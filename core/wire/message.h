/* SPDX-License-Identifier: Apache-2.0 */
/* The messages between the daemon and an agent: one JSON object per websocket text message, as structs, with encode
 * and strict decode for every one. schema/json/wire/ describes the same messages as JSON Schema, with examples.
 *
 * Strictness: decode refuses unknown types, unknown, missing, null and repeated fields, values out of range and
 * messages the other side may not send; what is allowed is fixed by WIRE_PROTOCOL, which hello announces. Binary
 * messages on the same connection are frames of the tunnels to leased boards (core/tunnel/frame.h). */
#ifndef ASSAY_WIRE_MESSAGE_H
#define ASSAY_WIRE_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/buf.h"
#include "core/base/err.h"
#include "core/farm/artefact.h"
#include "core/farm/steps.h"
#include "core/health/ladder.h"
#include "core/health/wear.h"
#include "core/image/board_type.h"
#include "core/judge/asked.h"
#include "core/judge/judge.h"
#include "core/spec/equipment.h"
#include "core/spec/spec.h"
#include "core/spec/tags.h"
#include "core/verdict/verdict.h"

#define WIRE_PROTOCOL    1
#define WIRE_SUBPROTOCOL "assay-link-1"
#define WIRE_PATH        "/api/v1/link"
#define WIRE_MAX_BYTES   (1u << 20) /* of one encoded message */

#define WIRE_MAX_TYPES         128   /* board types in a hello */
#define WIRE_MAX_BOARDS        512   /* boards in a hello */
#define WIRE_MAX_RUNS          1024  /* runs in a hello or welcome */
#define WIRE_MAX_CONSOLE_BYTES 65536 /* console bytes in one event, before base64 */
#define WIRE_MAX_MEASUREMENTS  2048  /* of one case */
#define WIRE_MAX_TEXT          2000  /* bytes of a free text (reasons, step texts, case messages) */
#define WIRE_MAX_NAME          200   /* bytes of a name */
#define WIRE_MAX_HOLD_MS       ((int64_t)31 * 24 * 3600 * 1000)

/* Every message, with the side that may send it. */
#define WIRE_TYPES(X)                                                                                                  \
	X(HELLO, AGENT, hello)       /* who the agent is, what it has, what it still holds */                          \
	X(EVENT, AGENT, event)       /* something that happened in a run */                                            \
	X(BOARD, AGENT, board)       /* a board changed outside a run */                                               \
	X(PING, AGENT, ping)         /* every 5 s when idle */                                                         \
	X(REJECTED, AGENT, rejected) /* an assign that is not taken */                                                 \
	X(RECOVERY, AGENT, recovery) /* how far a board's latest recovery has come */                                  \
	X(WELCOME, DAEMON, welcome)  /* the answer to hello: where each run goes on */                                 \
	X(ASSIGN, DAEMON, assign)    /* a run to do on a board, under a fence */                                       \
	X(CANCEL, DAEMON, cancel)    /* end the run early, undo what was begun, report */                              \
	X(EXTEND, DAEMON, extend)    /* a hold ends at another time */                                                 \
	X(ACK, DAEMON, ack)          /* a run's events up to n are durable */                                          \
	X(STALE, DAEMON, stale)      /* the fence is old: stop, undo, drop */                                          \
	X(RECOVER, DAEMON, recover)  /* take a board up again, also one that was given up */                           \
	X(REFUSED, DAEMON, refused)  /* the hello is not accepted; the link closes */

enum wire_side { WIRE_AGENT, WIRE_DAEMON };

enum wire_type {
#define X(name, side, text) WIRE_##name,
	WIRE_TYPES(X)
#undef X
};

#define WIRE_BOARD_STATES(X)                                                                                           \
	X(IDLE, "idle")                                                                                                \
	X(RUNNING, "running")                                                                                          \
	X(RECOVERING, "recovering")                                                                                    \
	X(QUARANTINED, "quarantined")

enum wire_board_state {
#define X(name, text) WIRE_BOARD_##name,
	WIRE_BOARD_STATES(X)
#undef X
};

/* Why an assign is not taken. */
#define WIRE_REJECTIONS(X)                                                                                             \
	X(OLD_FENCE, "old fence") /* not larger than the last one seen for the board */                                \
	X(BUSY, "busy")                                                                                                \
	X(UNKNOWN_BOARD, "unknown board")                                                                              \
	X(QUARANTINED, "quarantined")                                                                                  \
	X(SHUTTING_DOWN, "shutting down")

enum wire_rejection {
#define X(name, text) WIRE_REJECT_##name,
	WIRE_REJECTIONS(X)
#undef X
};

#define WIRE_EVENTS(X)                                                                                                 \
	X(STEP_BEGUN, "step.begun")                                                                                    \
	X(STEP_ENDED, "step.ended")                                                                                    \
	X(CONSOLE, "console")                                                                                          \
	X(CASE, "case")                                                                                                \
	X(ARTEFACT, "artefact")                                                                                        \
	X(RUN_ENDED, "run.ended")

enum wire_event_kind {
#define X(name, text) WIRE_EVENT_##name,
	WIRE_EVENTS(X)
#undef X
};

/* A board as the agent has it. */
struct wire_board {
	const char *name;
	const char *type; /* name of one of hello's types; unused in WIRE_BOARD */
	enum wire_board_state state;
	const char *reason;    /* why recovering or quarantined; "" else */
	const char *unique_id; /* up to 32 hex digits as read from the chip; "" while unknown */
	bool absent;           /* recovering: nothing answers, and it is looked for; not sent when false */
	bool is_virtual;       /* unused in WIRE_BOARD, as */
	struct equipment equipment;
};

/* A run the agent holds events of. */
struct wire_held_run {
	int64_t run;
	int64_t fence;
	int64_t last; /* n of its last event; 0: none yet */
	bool ended;   /* run.ended is among them */
};

struct wire_hello {
	int64_t protocol;    /* WIRE_PROTOCOL */
	const char *agent;   /* the rack's name */
	const char *version; /* of the program */
	const char *boot;    /* random hex, new with every start of the agent */
	int64_t limit;       /* boards that may work at a time; 0, not sent: all */
	bool leases;         /* it knows holds and tunnels; not sent when false */
	bool recovers;       /* it knows WIRE_RECOVER; not sent when false */
	const char *site;    /* NULL, not sent: not told */
	const struct equipment_hub *hubs;
	size_t hub_count;
	struct board_type *types;
	size_t type_count;
	struct wire_board *boards;
	size_t board_count;
	struct wire_held_run *runs;
	size_t run_count;
};

struct wire_step {
	const char *step; /* the row's name, or its undo's */
	enum step_phase phase;
	int64_t row;
	enum cause cause;            /* step.ended: CAUSE_NONE when it went well */
	const char *text;            /* step.ended; "" when there is nothing to say */
	int64_t took_us;             /* step.ended */
	const struct flashed *flash; /* step.ended: what was erased; NULL: no flash was written */
};

struct wire_console {
	int64_t offset; /* of the first byte, in the run's console */
	const uint8_t *data;
	size_t size_bytes; /* 1..WIRE_MAX_CONSOLE_BYTES */
};

/* As struct case_result of the judge. */
struct wire_case {
	const char *group; /* may be "" */
	const char *name;
	enum case_verdict verdict;
	const char *message; /* "" when none */
	bool required;
	bool waived_ignore;
	enum case_category category;
	enum case_standing standing;
	int64_t waiver; /* 0: none */
	const struct measurement *measurements;
	size_t measurement_count;
	int64_t offset, end;
	int64_t begun_at_us, ended_at_us; /* 0 when unknown */
};

/* Something that the run leaves behind. A text is all here; a file's bytes are sent once run.ended is acknowledged, by
 * PUT /api/v1/runs/{run}/artefacts/{name}. */
struct wire_artefact {
	const char *name; /* a word: letters, digits, '.', '-', '_' */
	const char *kind; /* one of artefact_kind_name() */
	int64_t size_bytes;
	const char *sha256;
	const char *text; /* NULL: it is a file */
};

struct wire_counts {
	int64_t passed, failed, ignored, missing, crashed, error, waived, expected;
};

/* Of a console that its agent does not know to its end, for it was restarted. */
#define WIRE_SHA256_UNKNOWN "0000000000000000000000000000000000000000000000000000000000000000"

struct wire_run_ended {
	enum run_verdict verdict; /* never RUN_NONE */
	enum cause cause;
	const char *text;
	struct wire_counts counts;
	int64_t cases_total; /* case events sent for this run */
	int64_t console_bytes;
	int64_t console_dropped;
	const char *console_sha256;             /* 64 lower-case hex digits; WIRE_SHA256_UNKNOWN */
	const char *core;                       /* post-mortem of the core in words; NULL when none was taken */
	const struct measurement *measurements; /* printed while no case was open */
	size_t measurement_count;
	const json_t *facts;    /* as run_facts_to_json; NULL: nothing was judged */
	const json_t *identity; /* an object, what was read in this run (core/judge/facts.h); NULL: nothing was */
};

struct wire_event {
	int64_t run;
	int64_t fence;
	int64_t n;     /* 1, 2, 3 … within the run, no gaps */
	int64_t at_us; /* unix time, rack clock */
	enum wire_event_kind kind;
	union {
		struct wire_step step; /* STEP_BEGUN, STEP_ENDED */
		struct wire_console console;
		struct wire_case result; /* CASE */
		struct wire_artefact artefact;
		struct wire_run_ended ended;
	} as;
};

struct wire_rejected {
	int64_t run;
	int64_t fence;
	enum wire_rejection reason;
};

/* The whole account of a board's latest recovery, told anew after each rung and at each connection: what was told twice
 * changes nothing. */
struct wire_recovery {
	const char *board;
	int64_t begun_at_us; /* unix time, rack clock; with the board its key, and larger in each later one */
	int64_t ended_at_us; /* 0 while climbing */
	enum cause cause;    /* of what began it; CAUSE_NONE when the agent began with it */
	const char *text;
	enum ladder_end end;
	const struct ladder_try *tries; /* in the order of the rungs */
	size_t count;                   /* up to RECOVERY_RUNG_COUNT */
};

/* Where a run of the hello stands with the farm. */
struct wire_known_run {
	int64_t run;
	int64_t have; /* durable up to this n: resend what is after */
	bool known;   /* false: drop the run (stop it when it is running) */
	bool cancel;  /* a cancel was asked for meanwhile */
};

struct wire_welcome {
	const char *farm; /* the farm's id */
	struct wire_known_run *runs;
	size_t run_count;
};

struct wire_assign {
	int64_t run;
	int64_t job;
	int64_t attempt; /* from 1 */
	int64_t fence;
	const char *board;
	const char *name;         /* of the job */
	const char *image_sha256; /* of a hold: "" when nothing is to be flashed; the two below then are nothing */
	int64_t image_size_bytes;
	const char *image_name; /* for people */
	/* Of a lease: the board is held for a person so long, from the beginning of that step; and so long without the
	 * farm. 0: a test, and asked says what of. */
	int64_t hold_ms;
	int64_t away_ms;
	/* On decode owned by the message: to keep it, copy the struct out and asked_init() the one here. On encode only
	 * read, so a shallow copy will do. */
	struct asked asked;
};

struct wire_cancel {
	enum cause cause; /* that it is to end with: CAUSE_CANCELLED, not sent, or CAUSE_PREEMPTED */
	int64_t run;
	int64_t fence;
	const char *reason;
};

/* The hold now ends so long after this came, sooner or later than it did. */
struct wire_extend {
	int64_t run;
	int64_t fence;
	int64_t hold_ms;
};

struct wire_ack {
	int64_t run;
	int64_t n;
};

struct wire_stale {
	int64_t run;
	int64_t fence;
};

struct wire_recover {
	const char *board;
	const char *reason;
};

struct wire_refused {
	const char *field;
	const char *found;
	const char *expected;
};

/* One message. To encode: zero it, set type and the member of that name; every const char * must be set (NULL counts
 * as ""), nothing is taken over, wire_message_finish is not needed. After decode: strings and arrays live until
 * wire_message_finish. */
struct wire_message {
	enum wire_type type;
	union {
		struct wire_hello hello;
		struct wire_event event;
		struct wire_board board;
		struct wire_rejected rejected;
		struct wire_recovery recovery;
		struct wire_welcome welcome;
		struct wire_assign assign;
		struct wire_cancel cancel;
		struct wire_extend extend;
		struct wire_ack ack;
		struct wire_stale stale;
		struct wire_recover recover;
		struct wire_refused refused;
	} as;
	/* private */
	json_t *root;   /* holds the strings, or */
	char *text;     /* does, of a message that was read the short way */
	uint8_t *bytes; /* holds decoded base64 */
	struct measurement *measurements;
	struct ladder_try *tries;
	struct flashed *flashed;
	bool owns; /* arrays and requirements are the message's */
};

/* Appends the message as one line of JSON without a newline. Texts that are not UTF-8 have the bad bytes replaced by
 * U+FFFD; free texts (reasons, step and run texts, case messages) and names of cases are cut to their maximum.
 * Returns 0, ERR_NOMEM, ERR_TOO_BIG (out's maximum or WIRE_MAX_BYTES) or ERR_INVALID (decode would refuse it; err
 * names the field); out is unchanged on failure. */
int wire_encode(const struct wire_message *message, struct buf *out, struct err *err);

/* Reads one message that came from the given side. Returns 0 and the message (wire_message_finish it), or
 * ERR_INVALID, ERR_TOO_BIG, ERR_NOMEM, or ERR_UNSUPPORTED for a hello of another protocol, with err naming the field;
 * *ret_message needs no finish then. */
int wire_decode(const char *text, size_t len, enum wire_side from, struct wire_message *ret_message, struct err *err);

/* Frees what a decoded message owns; also good for a zeroed one, and twice. */
void wire_message_finish(struct wire_message *message);

const char *wire_type_name(enum wire_type type);
const char *wire_board_state_name(enum wire_board_state state);
const char *wire_rejection_name(enum wire_rejection reason);
const char *wire_event_name(enum wire_event_kind kind);

/* The judge's result as it goes over the wire; borrows its strings. */
struct wire_case wire_case_of(const struct case_result *result);

#endif
