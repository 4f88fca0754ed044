/* SPDX-License-Identifier: Apache-2.0 */
/* Vector table and reset: copies .data, clears .bss, paints the stack, calls main. */
#include "startup.h"

#include "cpu.h"
#include "port.h"

extern uint32_t data_load[], data_start[], data_end[], bss_start[], bss_end[];

int main(void);
_Noreturn void reset_entry(void);
void fault_entry(void);  /* fault.c; not a C function: it looks at EXC_RETURN */
void svc_entry(void);    /* context.c */
void switch_entry(void); /* context.c */

__attribute__((weak)) void port_irq(uint32_t irq)
{
	(void)irq;
	cpu_fault_unexpected(NULL);
}

__attribute__((weak)) void port_systick(void)
{
	cpu_fault_unexpected(NULL);
}

__attribute__((weak)) void port_nmi(void)
{
	cpu_fault_unexpected(NULL);
}

static void irq_entry(void)
{
	uint32_t irq = cpu_exception() - 16U;

	if (!cpu_irq_hooked(irq))
		port_irq(irq);
}

/* Runs before memory is set up: touches no variable but the ones it initialises. */
_Noreturn void reset_entry(void)
{
	for (volatile uint32_t *from = data_load, *to = data_start; to < data_end;)
		*to++ = *from++;
	for (volatile uint32_t *to = bss_start; to < bss_end;)
		*to++ = 0;
	for (volatile uint32_t *to = stack_limit; (uintptr_t)to < cpu_stack_pointer() - 64U;)
		*to++ = STACK_PAINT;
	main();
	for (;;) {
	}
}

union vector {
	void (*entry)(void);
	uint32_t *stack;
};

enum { IRQ_COUNT = 82 }; /* of the largest part ported; further ones only cost flash */

__attribute__((section(".vectors"), used)) static const union vector vectors[16 + IRQ_COUNT] = {
	[0] = {.stack = stack_top},
	[1] = {.entry = reset_entry},
	[2] = {.entry = port_nmi},
	[3 ... 10] = {.entry = fault_entry},
	[11] = {.entry = svc_entry},
	[12 ... 13] = {.entry = fault_entry},
	[14] = {.entry = switch_entry},
	[15] = {.entry = port_systick},
	[16 ... 15 + IRQ_COUNT] = {.entry = irq_entry},
};
