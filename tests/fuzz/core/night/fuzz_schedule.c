/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a schedule file: refused with a problem, or taken, and then its cells can be gone through and it is due
 * at a time that is not later than now. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/night/schedule.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require_that(int good)
{
	if (!good)
		abort();
}

static const struct time_zone *find_zone(void *context, const char *name)
{
	(void)context;
	require_that(time_zone_name_valid(name));
	return strcmp(name, "Europe/Berlin") == 0 ? time_zone_utc() : NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct time_zones zones = {NULL, find_zone};
	int64_t now_us = 1795000000000000, due_us;
	size_t cursor = 0, cells = 0;
	struct schedule *schedule;
	struct doc_problems problems;
	struct schedule_cell cell;

	doc_problems_init(&problems, "fuzz.yaml");
	if (schedule_read("fuzz.yaml", (const char *)data, size, &zones, &schedule, &problems)) {
		require_that(problems.count > 0);
		return 0;
	}
	require_that(problems.count == 0);
	while (schedule_cell_next(schedule, &cursor, &cell)) {
		require_that(cell.source[0] && cell.suite[0] && cell.type[0] && cell.image[0]);
		cells++;
	}
	require_that(cells > 0 && cells <= SCHEDULE_MAX_CELLS);
	if (schedule_due(schedule, now_us - 1000000000000, now_us, &due_us))
		require_that(due_us <= now_us && due_us > now_us - 1000000000000);
	schedule_destroy(schedule);
	return 0;
}
