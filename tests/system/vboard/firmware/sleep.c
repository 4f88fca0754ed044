/* SPDX-License-Identifier: Apache-2.0 */
/* Sleeps for ever: between ticks, with interrupts masked, in a fault handler, or with the 32-bit WFI. */
#include "board.h"

volatile uint32_t naps;

__attribute__((noinline)) void doze(void)
{
	for (;;) {
#ifdef WIDE
		__asm volatile(".hword 0xf3af, 0x8003");
#else
		__asm volatile("wfi");
#endif
		naps++;
	}
}

/* Where a debugger may send a sleeper. */
__attribute__((used, noinline)) void elsewhere(void)
{
	put_text("elsewhere\r\n");
	for (;;)
		;
}

void Fault(void)
{
	put_text("sleeping\r\n");
	doze();
}

int main(void)
{
	uart_init();
#ifdef IN_FAULT
	__asm volatile(".hword 0xde00");
#elif defined MASKED
	__asm volatile("cpsid i");
#elif defined TICKING
	systick_start();
#endif
	put_text("sleeping\r\n");
	doze();
}
