/* SPDX-License-Identifier: Apache-2.0 */
/* Injected faults: what a board can be told to suffer from, each until the means that would help a real one. One at a
 * time. */
#ifndef ASSAY_VIRTUAL_FAULTS_H
#define ASSAY_VIRTUAL_FAULTS_H

#include <stdbool.h>
#include <stdint.h>

#define FAULTS(X)                                                                                                      \
	X(NONE, "none")                                                                                                \
	X(PORT_STUCK, "port-stuck")   /* an access hangs in the debug port; until it is aborted there */               \
	X(CORE_STUCK, "core-stuck")   /* the core neither stops nor resets itself; until its reset line is pulled */   \
	X(PORT_SHUT, "port-shut")     /* the firmware shuts the port as it starts; until it is caught at its vector */ \
	X(TOOL_STUCK, "tool-stuck")   /* the probe's connections of now find no target; new ones do */                 \
	X(PROBE_STUCK, "probe-stuck") /* the probe finds no target; until it starts again */                           \
	X(LATCHED, "latched")         /* the chip is latched up; until it has no power for FAULT_LATCH_MS */           \
	X(DEAD, "dead")               /* the chip is gone for good */

enum fault {
#define X(name, text) FAULT_##name,
	FAULTS(X)
#undef X
};

#define FAULT_LATCH_MS 900

struct faults {
	enum fault fault;
	bool stuck_client; /* the one served now is of those before TOOL_STUCK */
	bool suffered;     /* it had power with this fault */
	int64_t off_at_ms; /* monotonic: since when it has no power */
};

const char *fault_name(enum fault fault);
bool fault_parse(const char *name, enum fault *ret_fault);

/* Whether the probe finds a target. line_low: its reset line is held. */
bool faults_target_answers(const struct faults *faults, bool line_low);
/* Whether accesses through the debug port fail. */
bool faults_port_fails(const struct faults *faults);
/* What came over the debug port to a register of the core, as it reaches it. */
uint32_t faults_core_write(const struct faults *faults, uint32_t address, uint32_t value);

/* What the board went through, each of which may end a fault. */
void faults_port_aborted(struct faults *faults);
/* low: it was pulled; else let go, and then caught says whether the core stands at its vector. */
void faults_line_moved(struct faults *faults, bool low, bool caught);
void faults_probe_reset(struct faults *faults);
void faults_power_gone(struct faults *faults, int64_t now_ms);
void faults_power_came(struct faults *faults, int64_t now_ms);

#endif
