/* SPDX-License-Identifier: Apache-2.0 */
/* Cases that go on over a restart: what the suite keeps of itself, and how it asks the farm for one (schema/target.h).
 */
#ifndef JOURNAL_H
#define JOURNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "fixture.h"

/*
 * A case of several boots asks journal_phase() first: 0 the first time, later what it gave to journal_restart. The
 * cases that ended before are not run again. Happy path: phase 0 -> journal_restart(1, …, ASK_RESET) -> the farm resets
 * the board -> main -> journal_begin -> the same case again, phase 1 -> … -> it ends -> journal_end, when all is done.
 * Ways it fails: the journal cannot be written -> the case fails; nobody restarts the board -> the case fails after
 * JOURNAL_WAIT_MS; the run is broken off -> the journal stays behind and differs from the image, which the farm finds
 * when it compares them before the next run.
 */
enum { JOURNAL_WAIT_MS = 10000 };

#define ASK_RESET      "reset"
#define ASK_SELF_RESET "self-reset"

/* Takes up what was done before a restart; nothing after the image was loaded. Before the first case. */
void journal_begin(void);

/* Of the case that runs. */
uint32_t journal_phase(void);
uint32_t journal_value(void); /* what it kept */

/* Keeps phase and value for the boot to come. */
void journal_keep(uint32_t phase, uint32_t value);
/* Asks the farm: "reset", "power-cycle 200" …. Returns once it was printed. */
void journal_ask(const char *what);
/* Waits for the restart that was asked for; fails the case when none comes. */
_Noreturn void journal_wait(void);
/* All three. */
_Noreturn void journal_restart(uint32_t phase, uint32_t value, const char *what);

/* All cases have ended: the journal is as it was loaded. */
void journal_end(void);

#endif
