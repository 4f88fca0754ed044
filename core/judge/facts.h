/* SPDX-License-Identifier: Apache-2.0 */
/* What a run's verdict rests on besides its console: how listening ended, what the probe saw, and the rack's clock at
 * each mark of the target's. The agent tells it at the end of a run; with it, with what was asked (core/judge/asked.h)
 * and with the console the verdict can be given again. */
#ifndef ASSAY_JUDGE_FACTS_H
#define ASSAY_JUDGE_FACTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/err.h"
#include "core/base/json.h"
#include "core/judge/judge.h"

#define FACTS_MAX_MARKS    2048
#define FACTS_MAX_BYTES    131072 /* as JSON */
#define IDENTITY_MAX_BYTES 16384  /* as JSON: {"dpidr","chip","unique_id","probe","tools"}, as read in the run */

/* When a line with a mark came. */
struct mark_time {
	uint64_t offset; /* of the line */
	int64_t at_us;
};

struct run_facts {
	struct judge_facts judge;
	struct mark_time *marks; /* by offset; owned */
	size_t mark_count;
	bool marks_cut; /* there were more */
};

void run_facts_init(struct run_facts *facts);
void run_facts_finish(struct run_facts *facts);
/* Forgets what is over FACTS_MAX_MARKS. 0 or ERR_NOMEM. */
int run_facts_mark(struct run_facts *facts, uint64_t offset, int64_t at_us);
/* 0 when no mark begins there. */
int64_t run_facts_marked_at(const struct run_facts *facts, uint64_t offset);

/* {"capture","console_bytes","console_dropped","probe_resets","core_faulted","core","expected_build_id","marks":
 * [[offset,at_us],…],"marks_cut"}. NULL when memory ran out. */
json_t *run_facts_to_json(const struct run_facts *facts);
/* ERR_INVALID with the field, or ERR_NOMEM; *ret_facts is untouched on failure. */
int run_facts_from_json(const json_t *object, struct run_facts *ret_facts, struct err *err);

const char *capture_end_name(enum capture_end end);

#endif
