/* SPDX-License-Identifier: Apache-2.0 */
/* The script of a simulated rack: what its boards do, how long it takes them, and what goes wrong. YAML, all of it
 * optional:
 *
 * name: sim                      # racks are sim1, sim2 …, boards sim1-1, sim1-2 …; lower-case letters, digits, '-'
 * rack-boards: 500               # boards of one rack, 1 to 512: each rack is an agent of its own to the farm
 * seed: 1                        # of all chance in it
 * steps:                         # how long each step takes; default 0
 *   attach: 20ms
 *   flash: {uniform: [100ms, 400ms]}
 *   capture: {lognormal: {median: 2s, sigma: 0.6, most: 30s}}   # from reset to the end of the console
 * outcomes: {pass: 95, fail: 3, vanish: 2}       # shares; default: every run passes
 * cases: 8                       # printed when the job does not say which
 * flood: 1M                      # bytes that outcome flood prints before its results, up to 16M
 * away: 500ms                    # how long a board that vanished does not answer; past a second or so it is
 * quarantined
 * boards:                        # boards that are different, by their number among all, from 1
 *   - {from: 3, to: 5, outcomes: {hang: 1}}
 *   - {from: 4, tags: [scope], features: {psram: 8M}, hub: front}   # as a rack file says of a board
 * site: desk                     # of all racks, and hubs of each; as in a rack file
 * hubs: {front: {limit: 1}}
 * racks:                         # racks that go wrong as a whole, by number from 1
 *   - {rack: 2, fault: deaf}                       # takes what the farm says, never answers
 *   - {rack: 3, fault: leaves, every: 10s, for: 2s}  # breaks its connection, comes back
 */
#ifndef ASSAY_AGENTS_SIMULATE_SCRIPT_H
#define ASSAY_AGENTS_SIMULATE_SCRIPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agents/simulate/random.h"
#include "core/base/doc.h"
#include "core/spec/equipment.h"

#define SIM_MAX_BOARDS      100000 /* in one process */
#define SIM_MAX_RACK_BOARDS 512    /* what one hello holds */
#define SIM_MAX_SPECIAL     64
#define SIM_MAX_CASES       10000
#define SIM_MAX_FLOOD       (16 << 20)
#define SIM_NAME_MAX        20
#define SIM_DELAY_MAX_MS    (24 * 3600 * 1000)

/* The steps of a simulated run, in order. */
#define SIM_STEPS(X)                                                                                                   \
	X(POWER_ON, "power-on")                                                                                        \
	X(CONSOLE_OPEN, "console-open")                                                                                \
	X(ATTACH, "attach")                                                                                            \
	X(IDENTIFY, "identify")                                                                                        \
	X(FLASH, "flash")                                                                                              \
	X(VERIFY, "verify")                                                                                            \
	X(RESET, "reset")                                                                                              \
	X(CAPTURE, "capture")                                                                                          \
	X(JUDGE, "judge")

enum sim_step {
#define X(name, text) SIM_##name,
	SIM_STEPS(X)
#undef X
		SIM_STEP_COUNT
};

/* What becomes of a run. */
#define SIM_OUTCOMES(X)                                                                                                \
	X(PASS, "pass")       /* prints what the job requires */                                                       \
	X(FAIL, "fail")       /* the last case fails */                                                                \
	X(MISSING, "missing") /* the last case does not come */                                                        \
	X(SILENT, "silent")   /* prints nothing */                                                                     \
	X(REBOOT, "reboot")   /* starts again in the middle; the probe sees it */                                      \
	X(FLOOD, "flood")     /* prints very much, then passes */                                                      \
	X(PROBE, "probe")     /* the probe does not answer at attach */                                                \
	X(VANISH, "vanish")   /* the board is gone in the middle, for a while */                                       \
	X(HANG, "hang")       /* attach never comes back, until it is cancelled */                                     \
	X(REJECT, "reject")   /* the assign is not taken: busy */

enum sim_outcome {
#define X(name, text) SIM_##name,
	SIM_OUTCOMES(X)
#undef X
		SIM_OUTCOME_COUNT
};

struct sim_special {
	int64_t from, to;
	bool has_shares;
	struct equipment equipment;
	uint32_t share[SIM_OUTCOME_COUNT];
};

enum sim_rack_fault { SIM_DEAF, SIM_LEAVES };

struct sim_rack_special {
	int64_t rack;
	enum sim_rack_fault fault;
	int64_t every_ms, for_ms; /* SIM_LEAVES */
};

struct sim_script {
	char name[SIM_NAME_MAX + 1];
	int64_t rack_boards;
	int64_t seed;
	struct sim_delay step[SIM_STEP_COUNT];
	uint32_t share[SIM_OUTCOME_COUNT];
	int64_t cases;
	int64_t flood_bytes;
	int64_t away_ms;
	struct sim_special special[SIM_MAX_SPECIAL];
	size_t special_count;
	char site[TAG_SIZE];
	struct equipment_hub hubs[EQUIPMENT_MAX_HUBS];
	size_t hub_count;
	struct sim_rack_special rack[SIM_MAX_SPECIAL];
	size_t rack_count;
};

/* Every run passes, at once. */
void sim_script_init(struct sim_script *script);
/* Reads a script's text into script, over the defaults. All mistakes go to problems; returns 0 or ERR_INVALID. */
int sim_script_read(const char *file, const char *text, size_t len, struct sim_script *script,
		    struct doc_problems *problems);
/* The shares of the board with that number, from 1: of the last entry that names it. */
const uint32_t *sim_script_shares(const struct sim_script *script, int64_t board);
/* What it has: by the last entry that names it. */
struct equipment sim_script_equipment(const struct sim_script *script, int64_t board);

const char *sim_step_name(enum sim_step step);
const char *sim_outcome_name(enum sim_outcome outcome);

#endif
