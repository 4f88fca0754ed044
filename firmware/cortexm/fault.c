/* SPDX-License-Identifier: Apache-2.0 */
/* The fault handler: skips the instruction when a case expects the fault, otherwise reports and stops. */
#include "cpu.h"
#include "fixture.h"

#define CFSR_FETCH ((1U << 0) | (1U << 8) | (1U << 17)) /* IACCVIOL, IBUSERR, INVSTATE: pc is where it led to */
#define PSR_THUMB  (1U << 24)

void fault_entry(void);
void fault_handle(struct cpu_frame *frame);

static volatile bool expected;
static volatile struct cpu_fault taken;

void cpu_fault_expect(void)
{
	taken.count = 0;
	expected = true;
}

struct cpu_fault cpu_fault_end(void)
{
	expected = false;
	return taken;
}

_Noreturn void cpu_reset(void)
{
	__asm volatile("dsb" ::: "memory");
	SCB_AIRCR = 0x05FA0004U;
	__asm volatile("dsb" ::: "memory");
	for (;;) {
	}
}

/* Finds the frame on the stack that was in use, then tail-calls C with lr still holding EXC_RETURN. */
__attribute__((naked)) void fault_entry(void)
{
	__asm volatile("	movs r0, #4\n"
		       "	mov r1, lr\n"
		       "	tst r1, r0\n"
		       "	beq 1f\n"
		       "	mrs r0, psp\n"
		       "	b 2f\n"
		       "1:	mrs r0, msp\n"
		       "2:	ldr r1, 3f\n"
		       "	bx r1\n"
		       "	.align 2\n"
		       "3:	.word fault_handle\n");
}

/* Thumb instructions whose first halfword is at least 0xE800 take two halfwords. */
static uint32_t instruction_bytes(uint32_t pc)
{
	return *(const volatile uint16_t *)pc >= 0xE800U ? 4U : 2U;
}

__attribute__((used)) void fault_handle(struct cpu_frame *frame)
{
	if (!expected)
		cpu_fault_unexpected(frame);
	taken.count++;
	taken.exception = cpu_exception();
	taken.pc = frame->pc;
	taken.frame = (uintptr_t)frame;
	if (cpu_is_armv6m()) {
		taken.cfsr = 0;
		taken.bfar = 0;
		taken.mmfar = 0;
	} else {
		taken.cfsr = SCB_CFSR;
		taken.bfar = SCB_BFAR;
		taken.mmfar = SCB_MMFAR;
		SCB_CFSR = taken.cfsr; /* written ones clear */
		SCB_HFSR = SCB_HFSR;
	}
	if (taken.cfsr & CFSR_FETCH || !(frame->psr & PSR_THUMB)) {
		frame->pc = frame->lr & ~1U;
		frame->psr |= PSR_THUMB;
	} else {
		frame->pc += instruction_bytes(frame->pc);
	}
}

__attribute__((weak)) _Noreturn void cpu_fault_unexpected(const struct cpu_frame *frame)
{
	fixture_print("\r\nunexpected exception ");
	fixture_print_unsigned(cpu_exception());
	if (frame) {
		fixture_print(" pc ");
		fixture_print_hex(frame->pc);
		fixture_print(" lr ");
		fixture_print_hex(frame->lr);
	}
	if (!cpu_is_armv6m()) {
		fixture_print(" cfsr ");
		fixture_print_hex(SCB_CFSR);
		fixture_print(" hfsr ");
		fixture_print_hex(SCB_HFSR);
	}
	fixture_print_eol();
	for (;;) {
	}
}
