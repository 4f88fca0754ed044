/* SPDX-License-Identifier: Apache-2.0 */
/* The tables of steps: what a run is, row by row. Read forward; what has an undo is undone backward, last first. */
#include <string.h>

#include "agents/bench/private.h"

#define CAPTURE_SLACK_MS 10000 /* capture has its own limit; the row's only catches what should not happen */

/* Of flash and verify: for any image, more for each byte of its file, up to what the farm can wait for. */
#define MEMORY_LIMIT_MS     60000
#define MEMORY_LIMIT_MAX_MS 300000
#define FLASH_BYTES_EACH_MS 8 /* erase, program and read back */
#define READ_BYTES_EACH_MS  32

#define HOLD_LIMIT_MS ((int64_t)400 * 24 * 3600 * 1000) /* beyond any sum of extensions */

#define ROW_POWER                                                                                                      \
	{                                                                                                              \
		.name = "power-on", .start = step_power_on, .undo = step_power_off, .undo_name = "power-off",          \
		.kill = step_power_kill, .limit_ms = 40000, .undo_limit_ms = 20000, .limit_cause = CAUSE_POWER,        \
		.undo_refused = true                                                                                   \
	}
#define ROW_ATTACH                                                                                                     \
	{                                                                                                              \
		.name = "attach", .start = step_attach, .undo = step_detach, .undo_name = "detach",                    \
		.kill = step_probe_kill, .limit_ms = 30000, .undo_limit_ms = 5000, .limit_cause = CAUSE_ATTACH         \
	}
#define ROW_IDENTIFY                                                                                                   \
	{                                                                                                              \
		.name = "identify", .start = step_identify, .kill = step_probe_kill, .limit_ms = 5000,                 \
		.limit_cause = CAUSE_PROBE                                                                             \
	}

static const struct step_row run_rows[] = {
	{.name = "image",
	 .start = step_image,
	 .abort = step_image_abort,
	 .limit_ms = 120000,
	 .limit_cause = CAUSE_IMAGE_UNAVAILABLE},
	ROW_POWER,
	{.name = "console-open",
	 .start = step_console_open,
	 .undo = step_console_close,
	 .undo_name = "console-close",
	 .kill = step_console_kill,
	 .limit_ms = 10000,
	 .undo_limit_ms = 5000,
	 .limit_cause = CAUSE_CONSOLE_LOST},
	ROW_ATTACH,
	ROW_IDENTIFY,
	{.name = "flash", .start = step_flash, .kill = step_probe_kill, .limit_cause = CAUSE_FLASH},
	{.name = "verify", .start = step_verify, .kill = step_probe_kill, .limit_cause = CAUSE_VERIFY},
	{.name = "reset", .start = step_reset, .kill = step_probe_kill, .limit_ms = 15000, .limit_cause = CAUSE_RESET},
	{.name = "capture", .start = step_capture, .abort = step_capture_abort, .limit_cause = CAUSE_INTERNAL},
	{.name = "snapshot",
	 .start = step_snapshot,
	 .abort = step_snapshot_abort,
	 .kill = step_probe_kill,
	 .limit_ms = 60000},
	{.name = "judge",
	 .start = step_judge,
	 .limit_ms = 30000,
	 .limit_cause = CAUSE_INTERNAL,
	 .always = true,
	 .needs_row = "capture"},
};

/* The last row of a lease; its own timer ends it, and the row's limit only catches what should not happen. */
static const struct step_row hold_row = {.name = "hold",
					 .start = step_hold,
					 .abort = step_hold_abort,
					 .limit_ms = HOLD_LIMIT_MS,
					 .limit_cause = CAUSE_INTERNAL};

static const struct step_row proof_rows[] = {ROW_ATTACH, ROW_IDENTIFY};

/* Nothing forward; the supply is switched off on the way back. */
static const struct step_row power_off_rows[] = {
	{.name = "power-off",
	 .start = step_power_off,
	 .kill = step_power_kill,
	 .limit_ms = 20000,
	 .limit_cause = CAUSE_POWER},
};

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* What the slowest probe that is of any use needs for so many bytes. */
static int64_t memory_limit_ms(int64_t bytes, int64_t bytes_each_ms)
{
	int64_t limit_ms = MEMORY_LIMIT_MS + bytes / bytes_each_ms;

	return limit_ms < MEMORY_LIMIT_MAX_MS ? limit_ms : MEMORY_LIMIT_MAX_MS;
}

size_t bench_table_run(struct step_row *rows, const struct end_rule *end, int64_t image_bytes)
{
	memcpy(rows, run_rows, sizeof run_rows);
	for (size_t i = 0; i < COUNT(run_rows); i++) {
		if (rows[i].start == step_flash)
			rows[i].limit_ms = memory_limit_ms(image_bytes, FLASH_BYTES_EACH_MS);
		if (rows[i].start == step_verify)
			rows[i].limit_ms = memory_limit_ms(image_bytes, READ_BYTES_EACH_MS);
		if (rows[i].start == step_capture)
			rows[i].limit_ms = end->limit_ms + end->settle_ms + CAPTURE_SLACK_MS;
	}
	return COUNT(run_rows);
}

/* A run as far as the image is in place, or without one. */
size_t bench_table_hold(struct step_row *rows, bool has_image, int64_t image_bytes)
{
	struct step_row all[COUNT(run_rows)];
	size_t count = 0;

	bench_table_run(all, &(struct end_rule){0}, image_bytes);
	for (size_t i = 0; all[i].start != step_reset; i++) {
		bool of_image = all[i].start == step_image || all[i].start == step_flash || all[i].start == step_verify;

		if (has_image || !of_image)
			rows[count++] = all[i];
	}
	rows[count++] = hold_row;
	return count;
}

/* What each rung does before its proof; LOOK does nothing. */
static const struct step_row rung_rows[RECOVERY_RUNG_COUNT] = {
	[RUNG_LINE_RESET] = {.start = step_rung_by_probe, .kill = step_probe_kill, .limit_cause = CAUSE_ATTACH},
	[RUNG_TARGET_RESET] = {.start = step_rung_by_probe, .kill = step_probe_kill, .limit_cause = CAUSE_ATTACH},
	[RUNG_UNDER_RESET] = {.start = step_rung_by_probe, .kill = step_probe_kill, .limit_cause = CAUSE_ATTACH},
	[RUNG_PROBE_RESTART] = {.start = step_rung_probe_restart, .limit_cause = CAUSE_PROBE},
	[RUNG_USB_RESET] = {.start = step_rung_usb_reset, .limit_cause = CAUSE_PROBE},
	[RUNG_POWER_CYCLE] = {.start = step_rung_power_cycle,
			      .undo = step_power_rest,
			      .undo_name = "power-off",
			      .kill = step_power_kill,
			      .undo_limit_ms = 20000,
			      .limit_cause = CAUSE_POWER,
			      .undo_refused = true},
};

#define RUNG_LIMIT_MS 60000 /* more than the slowest supply's commands and OpenOCD's start need */

size_t bench_table_recover(struct step_row *rows, enum recovery_rung rung)
{
	static const struct step_row power = ROW_POWER;
	size_t count = 0;

	if (rung != RUNG_POWER_CYCLE) {
		rows[count] = power;
		rows[count].start = step_power_keep;
		rows[count++].undo = step_power_rest;
	}
	if (rung_rows[rung].start) {
		rows[count] = rung_rows[rung];
		rows[count].name = recovery_rung_name(rung);
		rows[count++].limit_ms = RUNG_LIMIT_MS;
	}
	memcpy(&rows[count], proof_rows, sizeof proof_rows);
	return count + COUNT(proof_rows);
}

size_t bench_table_power_off(struct step_row *rows)
{
	memcpy(rows, power_off_rows, sizeof power_off_rows);
	return COUNT(power_off_rows);
}
