/* SPDX-License-Identifier: Apache-2.0 */
/* Fault status bits as a table. Words after Arm's ARMv7-M and ARMv8-M architecture manuals. */
#include "core/image/fault.h"

#include <inttypes.h>
#include <stdio.h>

#include "core/base/err.h"

#define EXCEPTION_MASK 0x1ffu
#define FIRST_IRQ      16
#define LOCKUP         (1u << 19)
#define LOCKED_UP_PC   0xfffffffeu
#define NO_ADDRESS     CORE_REGISTER_COUNT

struct fault_bit {
	enum core_register in;
	uint32_t bit;
	const char *name;
	const char *means;
	enum core_register address; /* the register that holds the address meant, when address_valid is set */
	uint32_t address_valid;     /* a bit of CFSR */
};

#define MM_VALID  (1u << 7)
#define BUS_VALID (1u << 15)

static const struct fault_bit bits[] = {
	{CORE_HFSR, 1u << 1, "VECTTBL", "the vector of an exception could not be read", NO_ADDRESS, 0},
	{CORE_HFSR, 1u << 30, "FORCED", "another fault, whose own handler is off or could not run", NO_ADDRESS, 0},
	{CORE_HFSR, 1u << 31, "DEBUGEVT", "a breakpoint while no debugger had the core's events", NO_ADDRESS, 0},
	{CORE_CFSR, 1u << 0, "IACCVIOL", "instruction fetch from where execution is not allowed", NO_ADDRESS, 0},
	{CORE_CFSR, 1u << 1, "DACCVIOL", "data access that the memory protection does not allow", CORE_MMFAR, MM_VALID},
	{CORE_CFSR, 1u << 3, "MUNSTKERR", "memory protection violated while an exception returned", NO_ADDRESS, 0},
	{CORE_CFSR, 1u << 4, "MSTKERR", "memory protection violated while an exception was entered: a stack overflow?",
	 NO_ADDRESS, 0},
	{CORE_CFSR, 1u << 5, "MLSPERR", "memory protection violated while floating-point state was saved", NO_ADDRESS,
	 0},
	{CORE_CFSR, 1u << 7, "MMARVALID", "MMFAR holds an address", CORE_MMFAR, MM_VALID},
	{CORE_CFSR, 1u << 8, "IBUSERR", "bus error at an instruction fetch", NO_ADDRESS, 0},
	{CORE_CFSR, 1u << 9, "PRECISERR", "bus error at a data access", CORE_BFAR, BUS_VALID},
	{CORE_CFSR, 1u << 10, "IMPRECISERR", "bus error at an earlier write; the stacked PC is behind it", NO_ADDRESS,
	 0},
	{CORE_CFSR, 1u << 11, "UNSTKERR", "bus error while an exception returned", NO_ADDRESS, 0},
	{CORE_CFSR, 1u << 12, "STKERR", "bus error while an exception was entered: a stack overflow?", NO_ADDRESS, 0},
	{CORE_CFSR, 1u << 13, "LSPERR", "bus error while floating-point state was saved", NO_ADDRESS, 0},
	{CORE_CFSR, 1u << 15, "BFARVALID", "BFAR holds an address", CORE_BFAR, BUS_VALID},
	{CORE_CFSR, 1u << 16, "UNDEFINSTR", "undefined instruction", NO_ADDRESS, 0},
	{CORE_CFSR, 1u << 17, "INVSTATE", "not in Thumb state: a jump to an even address, a null pointer for one",
	 NO_ADDRESS, 0},
	{CORE_CFSR, 1u << 18, "INVPC", "an exception returned with a wrong EXC_RETURN or a damaged stack", NO_ADDRESS,
	 0},
	{CORE_CFSR, 1u << 19, "NOCP", "coprocessor instruction while it is off or not there: the FPU?", NO_ADDRESS, 0},
	{CORE_CFSR, 1u << 20, "STKOF", "the stack pointer passed its limit", NO_ADDRESS, 0},
	{CORE_CFSR, 1u << 24, "UNALIGNED", "unaligned access", NO_ADDRESS, 0},
	{CORE_CFSR, 1u << 25, "DIVBYZERO", "division by zero", NO_ADDRESS, 0},
	{CORE_DFSR, 1u << 0, "HALTED", "halted by request or after a step", NO_ADDRESS, 0},
	{CORE_DFSR, 1u << 1, "BKPT", "a breakpoint", NO_ADDRESS, 0},
	{CORE_DFSR, 1u << 2, "DWTTRAP", "a watchpoint", NO_ADDRESS, 0},
	{CORE_DFSR, 1u << 3, "VCATCH", "a vector catch", NO_ADDRESS, 0},
	{CORE_DFSR, 1u << 4, "EXTERNAL", "an external debug request", NO_ADDRESS, 0},
};

static const char *const names[CORE_REGISTER_COUNT] = {
#define X(name, text) text,
	CORE_REGISTERS(X)
#undef X
};

const char *core_register_name(enum core_register index)
{
	return (size_t)index < CORE_REGISTER_COUNT ? names[index] : "none";
}

bool core_is_small(const struct core_registers *registers)
{
	uint32_t part = registers->word[CORE_CPUID] >> 4 & 0xfff;

	/* Cortex-M0, M1, M0+, M23 */
	return part == 0xc20 || part == 0xc21 || part == 0xc60 || part == 0xd20;
}

bool fault_is_exc_return(uint32_t word)
{
	return word >= 0xffffff80u && (word & 3) == 1;
}

const char *fault_exception_name(uint32_t xpsr, char ret_name[24])
{
	static const char *const system[FIRST_IRQ] = {"thread mode",  "Reset",        "NMI",          "HardFault",
						      "MemManage",    "BusFault",     "UsageFault",   "SecureFault",
						      "exception 8",  "exception 9",  "exception 10", "SVCall",
						      "DebugMonitor", "exception 13", "PendSV",       "SysTick"};
	uint32_t number = xpsr & EXCEPTION_MASK;

	if (number < FIRST_IRQ)
		snprintf(ret_name, 24, "%s", system[number]);
	else
		snprintf(ret_name, 24, "IRQ %" PRIu32, number - FIRST_IRQ);
	return ret_name;
}

bool fault_locked_up(uint32_t dhcsr, uint32_t pc)
{
	return dhcsr & LOCKUP || pc == LOCKED_UP_PC;
}

static int describe_bit(const struct core_registers *registers, const struct fault_bit *bit, struct buf *out)
{
	bool has_address = bit->address != NO_ADDRESS && registers->word[CORE_CFSR] & bit->address_valid;

	if (has_address)
		return buf_appendf(out, "%s %s: %s, at 0x%08" PRIx32 "\n", core_register_name(bit->in), bit->name,
				   bit->means, registers->word[bit->address]);
	return buf_appendf(out, "%s %s: %s\n", core_register_name(bit->in), bit->name, bit->means);
}

int fault_describe(const struct core_registers *registers, struct buf *out)
{
	char name[24];
	int rc = buf_appendf(out, "the core was in %s%s\n", fault_exception_name(registers->word[CORE_XPSR], name),
			     fault_locked_up(registers->word[CORE_DHCSR], registers->word[CORE_PC]) ? ", locked up"
												    : "");

	if (rc == 0 && core_is_small(registers) && registers->word[CORE_XPSR] & EXCEPTION_MASK)
		rc = buf_append_text(out, "this architecture keeps no fault status: HardFault is all it tells\n");
	for (size_t i = 0; i < sizeof bits / sizeof bits[0] && rc == 0; i++) {
		if (registers->word[bits[i].in] & bits[i].bit && (bits[i].in == CORE_DFSR || !core_is_small(registers)))
			rc = describe_bit(registers, &bits[i], out);
	}
	if (rc == 0 && registers->word[CORE_AFSR])
		rc = buf_appendf(out, "afsr 0x%08" PRIx32 ": the chip maker's own fault status\n",
				 registers->word[CORE_AFSR]);
	return rc;
}

int fault_list_registers(const struct core_registers *registers, struct buf *out)
{
	int rc = 0;

	for (size_t i = 0; i < CORE_REGISTER_COUNT && rc == 0; i++)
		rc = buf_appendf(out, "%-6s0x%08" PRIx32 "%s", names[i], registers->word[i],
				 i % 4 == 3 || i == CORE_REGISTER_COUNT - 1 ? "\n" : "  ");
	if (rc || !registers->has_fp)
		return rc;
	rc = buf_appendf(out, "fpscr 0x%08" PRIx32 "\n", registers->fp[0]);
	for (size_t i = 0; i < CORE_FP_WORDS - 1 && rc == 0; i++)
		rc = buf_appendf(out, "s%-5zu0x%08" PRIx32 "%s", i, registers->fp[i + 1], i % 4 == 3 ? "\n" : "  ");
	return rc;
}
