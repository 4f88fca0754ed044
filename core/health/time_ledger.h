/* SPDX-License-Identifier: Apache-2.0 */
/* What a board's time goes into: every microsecond since its ledger began is in exactly one kind, by UTC day. Pure. */
#ifndef ASSAY_HEALTH_TIME_LEDGER_H
#define ASSAY_HEALTH_TIME_LEDGER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/health/board_state.h"

#define TIME_KINDS(X)                                                                                                  \
	X(IDLE, "idle")             /* free */                                                                         \
	X(STAGING, "staging")       /* a run has it: image, console, contact, reset, and between two steps */          \
	X(POWER, "power")           /* its supply is switched */                                                       \
	X(FLASH, "flash")           /* written and verified */                                                         \
	X(RUNNING, "running")       /* the firmware runs and is judged */                                              \
	X(RECOVERING, "recovering") /* its agent is busy with it */                                                    \
	X(CHECKING, "checking")     /* in doubt: it waits for its health check, or is under it; and diagnoses */       \
	X(LEASED, "leased")         /* a person has it */                                                              \
	X(OFFLINE, "offline")       /* of no use: not connected, quarantined, retired, or the daemon was down */

enum time_kind {
#define X(name, text) TIME_##name,
	TIME_KINDS(X)
#undef X
		TIME_KIND_COUNT
};

const char *time_kind_name(enum time_kind kind); /* "unknown" for what is none */
bool time_kind_parse(const char *name, enum time_kind *ret_kind);
/* What a board in a state is in. is_looked_into: what it runs is a check or a diagnosis. step: of its run, that is
 * under way; NULL: none. */
enum time_kind time_kind_of(enum board_state state, bool is_looked_into, const char *step);

#define TIME_DAY_US    (INT64_C(86400) * 1000000)
#define TIME_DAYS_KEPT 31 /* today among them */
/* A span that is longer comes of a clock that was wrong: the ledger begins anew, and of the day before only what was
 * spent by then is told. It bounds what one move has to tell. */
#define TIME_GAP_MAX_DAYS 1000

struct time_day {
	int64_t day; /* since 1970-01-01 */
	int64_t us[TIME_KIND_COUNT];
};

/* All zero: not begun. Read freely, written by the functions below. Days that are over take room as they come. */
struct time_ledger {
	bool begun;
	enum time_kind kind;   /* now, */
	int64_t since_us;      /* since then: unix; it never goes back */
	struct time_day today; /* of since_us; what ended before it */
	struct time_day *past; /* the oldest first */
	size_t past_count, past_room;
};

/* A day that is over. */
typedef void (*time_on_day_fn)(void *context, const struct time_day *day);

void time_ledger_begin(struct time_ledger *ledger, enum time_kind kind, int64_t at_us);
void time_ledger_finish(struct time_ledger *ledger);
/* From at_us on it is in kind; a time before the last move counts as that. A span over midnights is split, and on_day
 * (NULL: nobody) told of each day that ended, in order. */
void time_ledger_move(struct time_ledger *ledger, enum time_kind kind, int64_t at_us, time_on_day_fn on_day,
		      void *context);
/* As it was: days that are over, in order, then the open one. */
void time_ledger_restore_past(struct time_ledger *ledger, const struct time_day *day);
void time_ledger_restore_open(struct time_ledger *ledger, const struct time_day *day, enum time_kind kind,
			      int64_t since_us);
/* The last days as of now, at most max, the oldest first, today the last; returns how many. The open kind is told until
 * seen_us, and what follows as offline. *ret_until_us: what they are told up to: now, or the last move when that was
 * later. Nothing of a ledger that has not begun. */
size_t time_ledger_days(const struct time_ledger *ledger, int64_t seen_us, int64_t now_us, size_t max,
			struct time_day ret_days[TIME_DAYS_KEPT], int64_t *ret_until_us);
int64_t time_day_sum_us(const struct time_day *day);

#endif
