/* SPDX-License-Identifier: Apache-2.0 */
/* The registers of a halted Cortex-M core, as a probe reads them and as core files and reports show them. */
#ifndef ASSAY_IMAGE_CORE_REGISTERS_H
#define ASSAY_IMAGE_CORE_REGISTERS_H

#include <stdbool.h>
#include <stdint.h>

/* In the order of the probe's answer. SP is the stack pointer in use; MASKS is CONTROL, FAULTMASK, BASEPRI and PRIMASK,
 * one byte each, CONTROL the highest. From CPUID on words of the system control space, the status ones zero where the
 * architecture has none. DHCSR as it was before the core was halted. */
#define CORE_REGISTERS(X)                                                                                              \
	X(R0, "r0")                                                                                                    \
	X(R1, "r1")                                                                                                    \
	X(R2, "r2")                                                                                                    \
	X(R3, "r3")                                                                                                    \
	X(R4, "r4")                                                                                                    \
	X(R5, "r5")                                                                                                    \
	X(R6, "r6")                                                                                                    \
	X(R7, "r7")                                                                                                    \
	X(R8, "r8")                                                                                                    \
	X(R9, "r9")                                                                                                    \
	X(R10, "r10")                                                                                                  \
	X(R11, "r11")                                                                                                  \
	X(R12, "r12")                                                                                                  \
	X(SP, "sp")                                                                                                    \
	X(LR, "lr")                                                                                                    \
	X(PC, "pc")                                                                                                    \
	X(XPSR, "xpsr")                                                                                                \
	X(MSP, "msp")                                                                                                  \
	X(PSP, "psp")                                                                                                  \
	X(MASKS, "masks")                                                                                              \
	X(CPUID, "cpuid")                                                                                              \
	X(ICSR, "icsr")                                                                                                \
	X(VTOR, "vtor")                                                                                                \
	X(SHCSR, "shcsr")                                                                                              \
	X(CFSR, "cfsr")                                                                                                \
	X(HFSR, "hfsr")                                                                                                \
	X(DFSR, "dfsr")                                                                                                \
	X(MMFAR, "mmfar")                                                                                              \
	X(BFAR, "bfar")                                                                                                \
	X(AFSR, "afsr")                                                                                                \
	X(DHCSR, "dhcsr")

enum core_register {
#define X(name, text) CORE_##name,
	CORE_REGISTERS(X)
#undef X
		CORE_REGISTER_COUNT
};

#define CORE_FP_WORDS 33 /* FPSCR, then S0 … S31 */

struct core_registers {
	uint32_t word[CORE_REGISTER_COUNT];
	bool has_fp;
	uint32_t fp[CORE_FP_WORDS];
};

const char *core_register_name(enum core_register index);
/* ARMv6-M and ARMv8-M baseline: no fault status registers, no BASEPRI and FAULTMASK. */
bool core_is_small(const struct core_registers *registers);

#endif
