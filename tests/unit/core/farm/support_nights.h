/* SPDX-License-Identifier: Apache-2.0 */
/* A farm with a schedule, and what becomes of its nights. */
#ifndef ASSAY_TESTS_FARM_SUPPORT_NIGHTS_H
#define ASSAY_TESTS_FARM_SUPPORT_NIGHTS_H

#include "core/farm/nights.h"
#include "tests/unit/core/farm/support_farm.h"

#define MINUTE_US INT64_C(60000000)

extern const char night_suite[]; /* of the name smoke */

/* A farm with two boards, a suite, a drop and the schedule "nightly". */
void nights_begin(struct farm_world *world, const char *when, const char *missed);
void tick_at(struct farm_world *world, int64_t at_us);
/* The last record of a night that is not durable yet; NULL: none. */
const struct night_record *last_night(const struct farm_world *world);
/* The last that was said of its cells. */
const char *last_cells(const struct farm_world *world);
/* Runs that wait or have a board. */
size_t waiting(const struct farm_world *world);

#endif
