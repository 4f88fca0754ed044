/* SPDX-License-Identifier: Apache-2.0 */
/* Finds the first bad one of a row of images, of which the first is good and the last is bad, with several boards at
 * once and with tests that may lie now and then. Pure.
 *
 * A point is bad when more of its runs failed than passed, good when more passed. With n boards, n points between the
 * last good and the first bad one are tested at once, so that what is left shrinks by n + 1 each round. Points that
 * contradict each other (one passes, and one before it fails) are tested again until they do no longer. What is found
 * is confirmed: the last good and the first bad point have confirm results each before it is said. */
#ifndef ASSAY_NIGHT_BISECT_H
#define ASSAY_NIGHT_BISECT_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/err.h"

#define BISECT_MAX_POINTS  10000
#define BISECT_MAX_CONFIRM 20
#define BISECT_MAX_LOST    5 /* runs of a point that neither passed nor failed, one after the other */

enum bisect_result { BISECT_PASSED, BISECT_FAILED, BISECT_LOST };

enum bisect_state {
	BISECT_GOES_ON,
	BISECT_FOUND,
	BISECT_GOOD_FAILS, /* the first image is not good */
	BISECT_BAD_PASSES, /* the last image is not bad */
	BISECT_CONTRADICTS,
	BISECT_NO_RESULT /* a point's runs come to nothing again and again */
};

struct bisect_point {
	uint32_t passed, failed;
	uint32_t lost; /* since one came to something */
};

struct bisect {
	struct bisect_point *point; /* count of them */
	size_t count;
	uint32_t confirm, most; /* most: results after which a point is not tested again */
};

/* count from 2, confirm from 1. 0, ERR_INVALID or ERR_NOMEM. */
int bisect_init(struct bisect *bisect, size_t count, uint32_t confirm);
void bisect_finish(struct bisect *bisect);

void bisect_add(struct bisect *bisect, size_t point, enum bisect_result result);

/* What to test next, at most max (from 1) at once and the same point perhaps several times, when all results are in.
 * BISECT_FOUND, _CONTRADICTS, _NO_RESULT: *ret_at is the first bad point; the first one that contradicts a later; the
 * one. */
enum bisect_state bisect_next(const struct bisect *bisect, size_t max, size_t *ret_points, size_t *ret_count,
			      size_t *ret_at);

#endif
