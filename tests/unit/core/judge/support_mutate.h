/* SPDX-License-Identifier: Apache-2.0 */
/* Logs with pieces dropped, repeated, moved, damaged or taken from another log, that remember where each byte is from.
 */
#ifndef ASSAY_TESTS_FARM_SUPPORT_MUTATE_H
#define ASSAY_TESTS_FARM_SUPPORT_MUTATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/buf.h"

#define MUTANT_PIECES_MAX 64

/* Bytes [from, from + len) of a log; log NULL: bytes of nobody's, in literal. */
struct piece {
	const struct buf *log;
	size_t from, len;
	uint8_t literal[8];
};

struct mutant {
	struct piece pieces[MUTANT_PIECES_MAX];
	size_t count;
	bool moved_bytes; /* some change was not of whole lines */
	char story[400];  /* what was done to it */
};

/* A fixed generator: the same state gives the same mutants. */
uint32_t mutate_random(uint64_t *state, uint32_t below);

/* The log as it is. */
void mutant_begin(struct mutant *mutant, const struct buf *log);
/* One change at random; `other` is what a splice continues with. */
void mutant_change(struct mutant *mutant, const struct buf *other, uint64_t *random);
/* The bytes, into *out, which is emptied before. */
void mutant_write(const struct mutant *mutant, struct buf *out);
/* Whether bytes [from, to) of the log stand in the mutant side by side as they did; where, the first time at or behind
 * position `after`. */
bool mutant_holds(const struct mutant *mutant, const struct buf *log, size_t from, size_t to, size_t after,
		  size_t *ret_at);

#endif
