/* SPDX-License-Identifier: Apache-2.0 */
/* Waivers as the judge sees them: which known defects (errata) of a board type are in force for a run. Who gave one,
 * why and until when is kept by the farm (struct waiver_record).
 *
 * A waiver covers a case that fails, is ignored although required, contradicts itself, or passes a limit of a
 * measurement. It never covers a crash, a hang, a missing or unterminated case, or another image. */
#ifndef ASSAY_SPEC_WAIVER_H
#define ASSAY_SPEC_WAIVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/json.h"

#define WAIVERS_MAX_IN_FORCE 500 /* for one run: they must fit a message to the agent */

struct waiver_rule {
	int64_t id;
	char *cases;       /* "Group.Case", or a beginning and * */
	bool intermittent; /* the case is known to pass at times, so a pass does not say that the waiver is not needed
			    */
};

struct waiver_rules {
	struct waiver_rule *item; /* by id */
	size_t count;
};

void waiver_rules_finish(struct waiver_rules *rules);
int waiver_rules_copy(struct waiver_rules *target, const struct waiver_rules *source); /* 0 or ERR_NOMEM */
/* The first that covers the case, or NULL. */
const struct waiver_rule *waiver_rules_find(const struct waiver_rules *rules, const char *case_name);
/* [{"id","case","intermittent"}] */
json_t *waiver_rules_to_json(const struct waiver_rules *rules);
int waiver_rules_from_json(const json_t *array, struct waiver_rules *ret_rules, struct err *err);

#endif
