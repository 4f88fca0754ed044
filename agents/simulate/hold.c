/* SPDX-License-Identifier: Apache-2.0 */
/* A simulated board that is held for a person: its console says whatever is typed into it; it has no gdb server. */
#include <stdio.h>

#include "agents/base/clock.h"
#include "agents/simulate/private.h"

static struct sim_bench *sim_of(struct bench *bench)
{
	return (struct sim_bench *)(void *)bench;
}

bool sim_holding(const struct bench *bench)
{
	return ((const struct sim_bench *)(const void *)bench)->holding;
}

static void end_well(struct sim_bench *sim, const char *why)
{
	struct step_result result = {.cause = CAUSE_LEASE_ENDED};

	sim->holding = false;
	sim->held = true;
	uv_timer_stop(&sim->hold);
	snprintf(sim->held_text, sizeof sim->held_text, "simulated: %s", why);
	snprintf(result.text, sizeof result.text, "%s", sim->held_text);
	capture_close(&sim->capture);
	steps_done(&sim->steps, sim->serial, &result);
}

void sim_end_hold(struct bench *bench, const char *why)
{
	if (sim_of(bench)->holding)
		end_well(sim_of(bench), why);
}

static void on_hold_over(uv_timer_t *timer)
{
	end_well(timer->data, "its time is over");
}

void sim_hold_for(struct bench *bench, int64_t hold_ms)
{
	struct sim_bench *sim = sim_of(bench);

	sim->job.hold_ms = hold_ms;
	if (sim->holding)
		uv_timer_start(&sim->hold, on_hold_over, (uint64_t)hold_ms, 0);
}

size_t sim_write_console(struct bench *bench, const uint8_t *data, size_t size_bytes)
{
	struct sim_bench *sim = sim_of(bench);

	if (!sim->holding)
		return 0;
	capture_data(&sim->capture, data, size_bytes, clock_rack_us());
	return size_bytes;
}

int sim_hold(void *context, uint64_t serial, struct step_result *refused)
{
	static const char greeting[] = "simulated: there is no board; what you type comes back\r\n";
	struct sim_bench *sim = context;

	(void)refused;
	sim->serial = serial;
	sim->holding = true;
	capture_record(&sim->capture, BENCH_MAX_HELD_BYTES);
	capture_data(&sim->capture, (const uint8_t *)greeting, sizeof greeting - 1, clock_rack_us());
	sim_hold_for(context, sim->job.hold_ms);
	return 0;
}

void sim_hold_abort(void *context, uint64_t serial)
{
	struct sim_bench *sim = context;

	(void)serial;
	end_well(sim, "given back");
}
