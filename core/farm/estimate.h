/* SPDX-License-Identifier: Apache-2.0 */
/* How long runs of a kind have a board: the median and the spread of the last few, kept in memory and learned again
 * from the last stored runs after a start. What is not known is guessed; the plan charges what a run really used at its
 * end, so a guess costs nobody anything. */
#ifndef ASSAY_FARM_ESTIMATE_H
#define ASSAY_FARM_ESTIMATE_H

#include <stdint.h>

#include "core/base/list.h"
#include "core/base/map.h"

#define ESTIMATE_LAST      15   /* runs of a kind that count */
#define ESTIMATE_MAX_KINDS 4096 /* the one that was longest not told of is forgotten first */
#define ESTIMATE_GUESS_US  INT64_C(60000000)

struct estimates {
	struct map kinds;
	struct list recent; /* all kinds, the last told of at the end */
};

void estimates_init(struct estimates *estimates);
void estimates_finish(struct estimates *estimates);

/* kind: any text that runs alike have in common. */
void estimates_note(struct estimates *estimates, const char *kind, int64_t took_us);
/* Of the last runs of a kind. */
struct estimate {
	int64_t median_us;
	int64_t short_us, long_us; /* a tenth was shorter, a tenth longer; of few the extremes */
};

/* All ESTIMATE_GUESS_US when nothing is known. */
struct estimate estimates_of(const struct estimates *estimates, const char *kind);

#endif
