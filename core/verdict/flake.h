/* SPDX-License-Identifier: Apache-2.0 */
/* How often a case changes its mind while the firmware does not: the flake score. Pure.
 *
 * The population are the last FLAKE_MAX_RESULTS results of a case on a board type: passes, and failures of any kind
 * (fail, crashed, error). Runs that the farm is to blame for, ignored and missing cases say nothing and are left out.
 * Two results that follow each other on the same image are a pair; a pair whose results differ is a flip. The score is
 * the share of flips among the pairs, from 0 (never) to 1 (every time), with the 95 % Wilson interval, as pairs are
 * mostly few. A case that fails because the firmware changed flips on no image, and scores 0. */
#ifndef ASSAY_VERDICT_FLAKE_H
#define ASSAY_VERDICT_FLAKE_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/json.h"

#define FLAKE_MAX_RESULTS 100
#define FLAKE_IMAGE_MAX   65 /* a SHA-256 in hex, with the NUL */

struct flake {
	size_t results, passed, pairs, flips;
	double score;     /* 0 without pairs */
	double low, high; /* the interval; 0 and 1 without pairs */
};

/* The results of one case, taken one after the other. */
struct flake_history {
	struct flake flake; /* counts; the rest by flake_history_score */
	struct {
		char image[FLAKE_IMAGE_MAX];
		bool passed;
	} last[FLAKE_MAX_RESULTS]; /* of each image */
	size_t image_count;
};

void flake_history_init(struct flake_history *history);
/* Oldest first or newest first, but always the same way; more than FLAKE_MAX_RESULTS are not taken. */
void flake_history_add(struct flake_history *history, const char *image_sha256, bool passed);
void flake_history_score(const struct flake_history *history, struct flake *ret_flake);

/* {"results","passed","pairs","flips","score","low","high"}; NULL when memory ran out. */
json_t *flake_to_json(const struct flake *flake);

#endif
