/* SPDX-License-Identifier: Apache-2.0 */
/* snapshot: when a run did not end well by itself, what the core was doing. Never fails a run. */
#include <inttypes.h>
#include <stdio.h>

#include "agents/bench/core_state.h"
#include "agents/bench/private.h"

static bool is_wanted(const struct bench *bench)
{
	return bench->capture.end != CAPTURE_COMPLETE && bench->capture.end != CAPTURE_CANCELLED &&
	       bench->capture.end != CAPTURE_OPEN;
}

static void on_snapshot(void *context, const struct probe_result *result)
{
	struct bench *bench = context;

	if (!bench_current(bench, bench->probe_serial))
		return;
	if (result->err || result->word_count != PROBE_CORE_WORDS) {
		bench_done(bench, CAUSE_NONE, "no post-mortem: %s",
			   result->err ? result->err->text : "the probe gave too few words");
		return;
	}
	bench->has_core = true;
	bench->core_faulted = core_state_describe(result->words, bench->capture.end == CAPTURE_CRASHED,
						  bench->core_text, sizeof bench->core_text);
	bench_done(bench, CAUSE_NONE, "%s", bench->core_text);
}

int step_snapshot(void *context, uint64_t serial, struct step_result *refused)
{
	struct bench *bench = bench_enter(context, serial);
	struct err err = {0};

	(void)refused;
	if (!is_wanted(bench))
		return bench_done_later(bench, CAUSE_NONE, "not needed");
	if (bench->probe->ops->snapshot(bench->probe, on_snapshot, bench, &err))
		return bench_done_later(bench, CAUSE_NONE, "no post-mortem: %s", err.text);
	bench->probe_serial = serial;
	return 0;
}
