/* SPDX-License-Identifier: Apache-2.0 */
/* What a simulated board prints: Unity's own text, made from what the job requires, so that the very parser and judge
 * that real boards meet give the verdict. Pure. */
#ifndef ASSAY_AGENTS_SIMULATE_PRINT_H
#define ASSAY_AGENTS_SIMULATE_PRINT_H

#include "agents/simulate/script.h"
#include "core/base/buf.h"
#include "core/spec/spec.h"

/* Measurements that a job sets limits to are not printed, nor is the build id that a required banner would have to
 * name: such runs fail, since nothing was measured and no image ran. first is printed at reset, rest at the end of the
 * capture; both are appended to. Returns 0, ERR_TOO_BIG or ERR_NOMEM. */
int sim_print(const struct requirements *require, const struct sim_script *script, enum sim_outcome outcome,
	      const char *board, struct buf *first, struct buf *rest);

#endif
