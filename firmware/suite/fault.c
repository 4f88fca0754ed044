/* SPDX-License-Identifier: Apache-2.0 */
/* Group Fault: a fault made on purpose reaches the handler, says where it was, and execution goes on. */
#include "cpu.h"
#include "port.h"
#include "startup.h"
#include "suite.h"

enum { HARDFAULT = 3, BUSFAULT = 5, USAGEFAULT = 6, MANY = 100 };

#define CFSR_PRECISERR  (1U << 9)
#define CFSR_BFARVALID  (1U << 15)
#define CFSR_UNDEFINSTR (1U << 16)
#define CFSR_INVSTATE   (1U << 17)
#define CFSR_UNALIGNED  (1U << 24)
#define CFSR_DIVBYZERO  (1U << 25)

/* The permanently undefined instruction, at an address that is known, and a return. */
void execute_undefined(void);
__asm(".pushsection .text.execute_undefined, \"ax\"\n"
      ".syntax unified\n"
      ".thumb\n"
      ".thumb_func\n"
      ".global execute_undefined\n"
      "execute_undefined:\n"
      "	.inst.n 0xDE00\n"
      "	bx lr\n"
      ".popsection\n");

static void case_undefined_instruction(void)
{
	cpu_fault_expect();
	execute_undefined();
	struct cpu_fault fault = cpu_fault_end();

	CHECK_EQUAL(1, fault.count, "faults taken");
	CHECK_EQUAL(HARDFAULT, fault.exception, "the exception that ran");
	CHECK_EQUAL_HEX((uint32_t)(uintptr_t)execute_undefined & ~1U, fault.pc, "stacked program counter");
	if (!cpu_is_armv6m())
		CHECK_EQUAL_HEX(CFSR_UNDEFINSTR, fault.cfsr, "fault status");
}

static void case_bad_access(void)
{
	cpu_fault_expect();
	uint32_t ignored = *(const volatile uint32_t *)port_board.bad_address;
	struct cpu_fault fault = cpu_fault_end();

	(void)ignored;
	CHECK_EQUAL(1, fault.count, "faults taken");
	CHECK_EQUAL(HARDFAULT, fault.exception, "the exception that ran");
	if (cpu_is_armv6m())
		return;
	CHECK_EQUAL_HEX(CFSR_PRECISERR | CFSR_BFARVALID, fault.cfsr, "fault status");
	CHECK_EQUAL_HEX((uint32_t)port_board.bad_address, fault.bfar, "fault address");
}

/* Entry and return balance: after many faults registers and stack are where they were. */
static void case_many_resume(void)
{
	uintptr_t sp = cpu_stack_pointer();
	uint32_t sum = 0;

	cpu_fault_expect();
	for (uint32_t i = 1; i <= MANY; i++) {
		execute_undefined();
		sum += i;
	}
	struct cpu_fault fault = cpu_fault_end();

	CHECK_EQUAL(MANY, fault.count, "faults taken");
	CHECK_EQUAL(MANY * (MANY + 1) / 2, sum, "a register changed across a fault");
	CHECK(cpu_stack_pointer() == sp, "the stack pointer moved");
	CHECK_EQUAL(0, cpu_exception(), "still inside the exception");
}

static void case_frame_on_stack(void)
{
	cpu_fault_expect();
	execute_undefined();
	struct cpu_fault fault = cpu_fault_end();

	CHECK_EQUAL(1, fault.count, "faults taken");
	CHECK(fault.frame >= (uintptr_t)stack_limit, "the frame lies below the stack");
	CHECK(fault.frame + sizeof(struct cpu_frame) <= (uintptr_t)stack_top, "the frame lies above the stack");
	CHECK_EQUAL(0, (uint32_t)(fault.frame % 8), "the frame is not aligned to 8 bytes");
}

/* Runs what must fault, with the exceptions of their own for each class where there are such. */
static struct cpu_fault provoke(void (*what)(void), uint32_t traps)
{
	if (!cpu_is_armv6m()) {
		SCB_SHCSR |= SHCSR_FAULT_ENA;
		SCB_CCR |= traps;
		cpu_barrier();
	}
	cpu_fault_expect();
	what();
	struct cpu_fault fault = cpu_fault_end();
	if (!cpu_is_armv6m()) {
		SCB_SHCSR &= ~SHCSR_FAULT_ENA;
		SCB_CCR &= ~traps;
		cpu_barrier();
	}
	return fault;
}

/* ARMv6-M has HardFault only, and no status. */
static void check_fault(struct cpu_fault fault, uint32_t exception, uint32_t cfsr)
{
	CHECK_EQUAL(1, fault.count, "faults taken");
	CHECK_EQUAL(cpu_is_armv6m() ? HARDFAULT : exception, fault.exception, "the exception that ran");
	if (!cpu_is_armv6m())
		CHECK_EQUAL_HEX(cfsr, fault.cfsr, "fault status");
}

static void read_bad_address(void)
{
	(void)*(const volatile uint32_t *)port_board.bad_address;
}

static void read_unaligned(void)
{
	static const volatile uint32_t words[2];
	const volatile uint8_t *odd = (const volatile uint8_t *)words + 1;
	uint32_t value;

	__asm volatile("ldr %0, [%1]" : "=l"(value) : "l"(odd) : "memory");
}

static void call_arm_code(void)
{
	/* An even address asks for the ARM instruction set, which the core has not got. */
	uint32_t even = (uint32_t)(uintptr_t)execute_undefined & ~1U;

	__asm volatile("blx %0" ::"l"(even) : "r0", "r1", "r2", "r3", "r12", "lr", "memory");
}

static void case_own_exceptions(void)
{
	check_fault(provoke(execute_undefined, 0), USAGEFAULT, CFSR_UNDEFINSTR);
	check_fault(provoke(read_bad_address, 0), BUSFAULT, CFSR_PRECISERR | CFSR_BFARVALID);
}

static void case_unaligned(void)
{
	check_fault(provoke(read_unaligned, CCR_UNALIGN_TRP), USAGEFAULT, CFSR_UNALIGNED);
}

static void case_wrong_state(void)
{
	check_fault(provoke(call_arm_code, 0), USAGEFAULT, CFSR_INVSTATE);
}

#ifdef __ARM_FEATURE_IDIV
static void divide_by_zero(void)
{
	uint32_t quotient;

	__asm volatile("udiv %0, %1, %2" : "=r"(quotient) : "r"(1U), "r"(0U));
}

static void case_divide_by_zero(void)
{
	check_fault(provoke(divide_by_zero, CCR_DIV_0_TRP), USAGEFAULT, CFSR_DIVBYZERO);
}
#else
static void case_divide_by_zero(void)
{
	IGNORE("no division in hardware on this core");
}
#endif

static const struct fixture_case cases[] = {
	{"undefined_instruction", case_undefined_instruction},
	{"bad_access", case_bad_access},
	{"many_resume", case_many_resume},
	{"frame_on_stack", case_frame_on_stack},
	{"own_exceptions", case_own_exceptions},
	{"unaligned", case_unaligned},
	{"wrong_state", case_wrong_state},
	{"divide_by_zero", case_divide_by_zero},
};
FIXTURE_GROUP(group_fault, "Fault", cases);
