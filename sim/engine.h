/* SPDX-License-Identifier: Apache-2.0 */
/* A simulation: a load, or a recording, in the plan that the farm uses. */
#ifndef ASSAY_SIM_ENGINE_H
#define ASSAY_SIM_ENGINE_H

#include "sim/load.h"
#include "sim/recording.h"
#include "sim/result.h"

/* Jobs come until the load's horizon; it ends when nothing more can happen. recording: its jobs come too; NULL: none.
 * Never NULL; result_destroy. */
struct result *simulate(const struct load *load, const struct recording *recording, const char *label);

#endif
