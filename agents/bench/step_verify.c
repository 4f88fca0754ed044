/* SPDX-License-Identifier: Apache-2.0 */
/* verify: what was written is read back and compared, never taken on a tool's word. */
#include "agents/bench/private.h"

static void on_compared(struct bench *bench, const char *difference)
{
	if (difference[0])
		bench_done(bench, CAUSE_VERIFY, "read back: %s", difference);
	else
		bench_done(bench, CAUSE_NONE, "%zu bytes read back and equal, image %.12s",
			   bench_bytes(bench, false) + (bench->flash_equal ? 0 : bench_bytes(bench, true)),
			   bench->image.sha256);
}

int step_verify(void *context, uint64_t serial, struct step_result *refused)
{
	struct bench *bench = bench_enter(context, serial);
	bool ram = bench_bytes(bench, false) > 0;

	(void)refused;
	if (bench->flash_equal && !ram)
		return bench_done_later(bench, CAUSE_NONE, "read back just now and equal, image %.12s",
					bench->image.sha256);
	bench_read_back(bench, !bench->flash_equal, ram, CAUSE_VERIFY, on_compared);
	return 0;
}
