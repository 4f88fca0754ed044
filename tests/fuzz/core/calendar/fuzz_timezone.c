/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a TZif file: refused, or taken, and then spans follow each other and local times lead back. */
#include <stdint.h>
#include <stdlib.h>

#include "core/calendar/timezone.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require_that(int good)
{
	if (!good)
		abort();
}

static void try_instant(const struct time_zone *zone, int64_t at_s)
{
	struct time_zone_span span, next;
	int64_t back_s;

	time_zone_span_at(zone, at_s, &span);
	require_that(span.from_s <= at_s && span.until_s > at_s);
	require_that(time_zone_to_local(zone, at_s) == at_s + span.offset_s);
	require_that(time_zone_from_local(zone, at_s + span.offset_s, &back_s) != LOCAL_NEVER || back_s <= at_s);
	require_that(back_s <= at_s);
	if (span.until_s == INT64_MAX)
		return;
	time_zone_span_at(zone, span.until_s, &next);
	require_that(next.from_s <= span.until_s && next.until_s > span.until_s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct time_zone *zone;
	int64_t before_s = INT64_MIN;

	if (time_zone_read("Fuzz", data, size, &zone, NULL))
		return 0;
	for (int64_t at_s = -4000000000; at_s < 8000000000; at_s += 40000001)
		try_instant(zone, at_s);
	try_instant(zone, TIME_ZONE_LIMIT_S);
	try_instant(zone, -TIME_ZONE_LIMIT_S);
	/* Later local times never give earlier instants. */
	for (int64_t local_s = 1790000000; local_s < 1800000000; local_s += 9973) {
		int64_t at_s;

		time_zone_from_local(zone, local_s, &at_s);
		require_that(at_s >= before_s);
		before_s = at_s;
	}
	time_zone_destroy(zone);
	return 0;
}
