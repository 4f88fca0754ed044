/* SPDX-License-Identifier: Apache-2.0 */
/* What each injected fault does, and what ends it. */
#include "agents/virtual/faults.h"

#include <string.h>

#define DHCSR           UINT32_C(0xe000edf0)
#define DHCSR_HALT      UINT32_C(2)
#define AIRCR           UINT32_C(0xe000ed0c)
#define AIRCR_ANY_RESET UINT32_C(5)

static const char *const names[] = {
#define X(name, text) text,
	FAULTS(X)
#undef X
};

#define NAME_COUNT (sizeof names / sizeof names[0])

const char *fault_name(enum fault fault)
{
	return (size_t)fault < NAME_COUNT ? names[fault] : "unknown";
}

bool fault_parse(const char *name, enum fault *ret_fault)
{
	for (size_t i = 0; i < NAME_COUNT; i++) {
		if (strcmp(names[i], name) == 0) {
			*ret_fault = (enum fault)i;
			return true;
		}
	}
	return false;
}

bool faults_target_answers(const struct faults *faults, bool line_low)
{
	switch (faults->fault) {
	case FAULT_PORT_SHUT:
		return line_low;
	case FAULT_TOOL_STUCK:
		return !faults->stuck_client;
	case FAULT_PROBE_STUCK:
	case FAULT_LATCHED:
	case FAULT_DEAD:
		return false;
	default:
		return true;
	}
}

bool faults_port_fails(const struct faults *faults)
{
	return faults->fault == FAULT_PORT_STUCK;
}

uint32_t faults_core_write(const struct faults *faults, uint32_t address, uint32_t value)
{
	if (faults->fault != FAULT_CORE_STUCK)
		return value;
	if (address == DHCSR)
		return value & ~DHCSR_HALT;
	return address == AIRCR ? value & ~AIRCR_ANY_RESET : value;
}

/* Ends the fault when it is this one. */
static void mend(struct faults *faults, enum fault fault)
{
	if (faults->fault == fault)
		faults->fault = FAULT_NONE;
}

void faults_port_aborted(struct faults *faults)
{
	mend(faults, FAULT_PORT_STUCK);
}

void faults_line_moved(struct faults *faults, bool low, bool caught)
{
	if (low)
		mend(faults, FAULT_CORE_STUCK);
	else if (caught)
		mend(faults, FAULT_PORT_SHUT);
}

void faults_probe_reset(struct faults *faults)
{
	mend(faults, FAULT_PROBE_STUCK);
}

void faults_power_gone(struct faults *faults, int64_t now_ms)
{
	faults->off_at_ms = now_ms;
}

void faults_power_came(struct faults *faults, int64_t now_ms)
{
	if (faults->suffered && now_ms - faults->off_at_ms >= FAULT_LATCH_MS)
		mend(faults, FAULT_LATCHED);
	faults->suffered = faults->fault != FAULT_NONE;
}
