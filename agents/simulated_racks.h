/* SPDX-License-Identifier: Apache-2.0 */
/* Racks of simulated boards, made instead of read: as many as it takes, each an agent of its own to the farm. */
#ifndef ASSAY_AGENTS_SIMULATED_RACKS_H
#define ASSAY_AGENTS_SIMULATED_RACKS_H

#include "agents/rack.h"
#include "agents/simulate/bench.h"

struct simulated_rack {
	struct rack rack;
	struct sim_rack sim; /* for its benches */
};

/* Racks for so many boards, as the script says; the script outlives them. ERR_NOMEM. */
int simulated_racks_create(const struct sim_script *script, int64_t boards, struct simulated_rack **ret_racks,
			   size_t *ret_count, struct err *err);
void simulated_racks_destroy(struct simulated_rack *racks, size_t count); /* accepts NULL */

#endif
