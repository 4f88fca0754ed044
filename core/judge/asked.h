/* SPDX-License-Identifier: Apache-2.0 */
/* What one run is held to: the requirements as they are for its board type, the end rule, the waivers in force and the
 * limits of its measurements, all resolved before the run is given out. The agent gets it, the judge uses it, the run's
 * record keeps it; with it and the console bytes the verdict can be given again at any time. */
#ifndef ASSAY_JUDGE_ASKED_H
#define ASSAY_JUDGE_ASKED_H

#include "core/image/board_type.h"
#include "core/spec/spec.h"
#include "core/spec/waiver.h"
#include "core/verdict/baseline.h"

struct asked {
	struct requirements require; /* no conditions and no measure rules any more: those are optional cases and
				      * limits now */
	struct end_rule end;
	struct waiver_rules waivers;
	struct measure_limits limits;
};

void asked_init(struct asked *asked);
void asked_finish(struct asked *asked);
int asked_copy(struct asked *target, const struct asked *source); /* 0 or ERR_NOMEM */

/* Resolves for a board type: a case or group whose condition does not hold becomes optional; relative limits become
 * numbers. waivers (copied; may be NULL) are those in force. lookup NULL: no baselines. 0 or ERR_NOMEM; *ret_asked is
 * untouched on failure. */
int asked_resolve(const struct requirements *require, const struct end_rule *end, const struct board_type *type,
		  const struct waiver_rules *waivers, baseline_lookup_fn lookup, void *lookup_context,
		  struct asked *ret_asked);

/* {"require","end","waivers","limits"}: exactly what an assign carries. */
json_t *asked_to_json(const struct asked *asked);
int asked_from_json(const json_t *object, struct asked *ret_asked, struct err *err);

#endif
