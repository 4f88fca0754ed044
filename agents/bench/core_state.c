/* SPDX-License-Identifier: Apache-2.0 */
/* Cortex-M registers in words. */
#include "agents/bench/core_state.h"

#include <inttypes.h>
#include <stdio.h>

#include "agents/driver/probe.h"
#include "core/image/fault.h"

#define FRAME_LR         5
#define FRAME_PC         6
#define FRAME_XPSR       7
#define FRAME_WORDS      8
#define EXCEPTION_FIRST  3 /* HardFault */
#define EXCEPTION_LAST   6 /* UsageFault */
#define BKPT_MASK        0xff00u
#define BKPT_CODE        0xbe00u
#define SEMIHOSTING_CODE 0xbeabu

static const struct {
	uint32_t bit;
	const char *text;
} causes[] = {
	{1u << 0, "instruction fetch not allowed"},
	{1u << 1, "data access not allowed"},
	{1u << 8, "instruction bus error"},
	{1u << 9, "bus error"},
	{1u << 10, "imprecise bus error"},
	{1u << 12, "bus error while stacking"},
	{1u << 16, "undefined instruction"},
	{1u << 17, "not in Thumb state"},
	{1u << 18, "bad return from exception"},
	{1u << 19, "no coprocessor"},
	{1u << 24, "unaligned access"},
	{1u << 25, "division by zero"},
};

static const char *cause_text(uint32_t cfsr)
{
	for (size_t i = 0; i < sizeof causes / sizeof causes[0]; i++) {
		if (cfsr & causes[i].bit)
			return causes[i].text;
	}
	return "no cause given";
}

static const char *handler_name(uint32_t exception)
{
	static const char *const names[] = {"HardFault", "MemManage", "BusFault", "UsageFault"};

	return names[exception - EXCEPTION_FIRST];
}

/* Where the exception's frame (R0-R3 R12 LR PC xPSR) lies among words: on the process stack, or on the main one right
 * above EXC_RETURN, or at SP while LR still holds it. NULL when it is not to be found. */
static const uint32_t *find_frame(const uint32_t *words)
{
	const uint32_t *stack = words + PROBE_CORE_STACK, *end = words + PROBE_CORE_PROCESS;
	uint32_t exc_return = words[PROBE_CORE_LR];

	for (; !fault_is_exc_return(exc_return) && stack < end; stack++)
		exc_return = *stack;
	if (!fault_is_exc_return(exc_return))
		return NULL;
	if (exc_return & 4)
		stack = words + PROBE_CORE_PROCESS;
	else if (end - stack < FRAME_WORDS)
		return NULL;
	/* What cannot be read is given as zeros. */
	return stack[FRAME_LR] || stack[FRAME_PC] || stack[FRAME_XPSR] ? stack : NULL;
}

static void describe_fault(const uint32_t *words, uint32_t exception, char *ret_text, size_t size)
{
	const uint32_t *frame = find_frame(words);
	uint32_t cfsr = words[PROBE_CORE_CFSR], hfsr = words[PROBE_CORE_HFSR];
	char where[64] = "", why[80] = "";

	if (frame)
		snprintf(where, sizeof where, " from PC 0x%08" PRIx32 " LR 0x%08" PRIx32, frame[FRAME_PC],
			 frame[FRAME_LR]);
	/* A Cortex-M0 keeps no cause. */
	if (cfsr || hfsr)
		snprintf(why, sizeof why, ": %s, CFSR 0x%08" PRIx32 " HFSR 0x%08" PRIx32, cause_text(cfsr), cfsr, hfsr);
	snprintf(ret_text, size, "in %s%s%s%s", handler_name(exception),
		 fault_locked_up(words[PROBE_CORE_DHCSR], words[PROBE_CORE_PC]) ? ", locked up" : "", where, why);
}

bool core_state_describe(const uint32_t *words, bool stopped, char *ret_text, size_t size)
{
	uint32_t exception = words[PROBE_CORE_XPSR] & 0x1ff, code = words[PROBE_CORE_CODE];
	uint32_t pc = words[PROBE_CORE_PC];

	if (exception >= EXCEPTION_FIRST && exception <= EXCEPTION_LAST) {
		describe_fault(words, exception, ret_text, size);
		return true;
	}
	if (fault_locked_up(words[PROBE_CORE_DHCSR], words[PROBE_CORE_PC])) {
		snprintf(ret_text, size, "locked up at PC 0x%08" PRIx32 ", CFSR 0x%08" PRIx32 " HFSR 0x%08" PRIx32, pc,
			 words[PROBE_CORE_CFSR], words[PROBE_CORE_HFSR]);
		return true;
	}
	if (stopped && (code & BKPT_MASK) == BKPT_CODE) {
		snprintf(ret_text, size, "stopped at a BKPT 0x%02" PRIx32 "%s, PC 0x%08" PRIx32 " LR 0x%08" PRIx32,
			 code & 0xff, code == SEMIHOSTING_CODE ? " (a semihosting call)" : "", pc,
			 words[PROBE_CORE_LR]);
		return true;
	}
	snprintf(ret_text, size, "%s at PC 0x%08" PRIx32 " LR 0x%08" PRIx32 " SP 0x%08" PRIx32 ", exception %" PRIu32,
		 stopped ? "stopped" : "running", pc, words[PROBE_CORE_LR], words[PROBE_CORE_SP], exception);
	return stopped;
}
