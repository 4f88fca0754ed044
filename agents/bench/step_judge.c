/* SPDX-License-Identifier: Apache-2.0 */
/* judge: the verdict, by core/judge/judge.h, from what was required, heard and seen. Also after a failed capture, so
 * that the cases heard until then are told. */
#include <stdio.h>

#include "agents/bench/private.h"

int step_judge(void *context, uint64_t serial, struct step_result *refused)
{
	struct bench *bench = bench_enter(context, serial);
	struct judge_facts facts = {.capture = bench->capture.end,
				    .console_bytes = bench->capture.bytes,
				    .console_dropped = bench->capture.dropped,
				    .probe_resets = bench->capture.probe_resets,
				    .core_faulted = bench->core_faulted};

	(void)refused;
	capture_close(&bench->capture);
	snprintf(facts.core_text, sizeof facts.core_text, "%s", bench->core_text);
	snprintf(facts.expected_build_id, sizeof facts.expected_build_id, "%s", bench->image.build_id);
	collector_judge(bench->capture.collector, &facts, &bench->judgement);
	bench->capture.facts.judge = facts;
	bench->judged = true;
	return bench_done_later(bench, bench->judgement.cause, "%s", bench->judgement.text);
}
