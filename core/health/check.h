/* SPDX-License-Identifier: Apache-2.0 */
/* Health checks: when a board needs one though nothing went wrong on it, and what follows from how one ended. Pure. */
#ifndef ASSAY_HEALTH_CHECK_H
#define ASSAY_HEALTH_CHECK_H

#include <stdbool.h>
#include <stdint.h>

struct check_policy {
	uint32_t after_runs;   /* that ended since one passed; 0: never for that */
	int64_t after_us;      /* since it was last seen to work; 0: never for that */
	uint32_t max_failures; /* checks in a row that failed: a person is needed */
	uint32_t max_spoiled;  /* checks in a row that said nothing of the board */
};

/* Whether nobody has seen the board work for too long. proven_at_us 0: it never was. */
bool check_is_due(const struct check_policy *policy, uint32_t runs_since_pass, int64_t proven_at_us, int64_t now_us);

enum check_end {
	CHECK_PASSED,
	CHECK_FAILED, /* the golden image failed, or the board could not be worked with */
	CHECK_SPOILED /* it was cancelled, its agent went away, … */
};

enum check_next {
	CHECK_PROVEN,
	CHECK_RECOVER, /* its agent takes it up anew, then it is checked again */
	CHECK_AGAIN,
	CHECK_GIVE_UP /* quarantined */
};

/* failed, spoiled: how many in a row have, this one among them. */
enum check_next check_next(const struct check_policy *policy, enum check_end end, uint32_t failed, uint32_t spoiled);

#endif
