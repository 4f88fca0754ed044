/* SPDX-License-Identifier: Apache-2.0 */
/* Reset and vectors of the test images. */
#include <stdint.h>

#include "bsp.h"

extern uint32_t __data_load__[], __data_start__[], __data_end__[], __bss_start__[], __bss_end__[], __stack_top__[];

int main(void);
_Noreturn void Reset_Handler(void);
void Default_Handler(void);

void Default_Handler(void)
{
	for (;;) {
	}
}

#define WEAK_HANDLER __attribute__((weak, alias("Default_Handler")))

WEAK_HANDLER void HardFault_Handler(void);
WEAK_HANDLER void SVC_Handler(void);
WEAK_HANDLER void PendSV_Handler(void);
WEAK_HANDLER void SysTick_Handler(void);
WEAK_HANDLER void IRQ13_Handler(void);

/* STARTUP_KEEPS_BSS: like the start code of some vendors, trusts RAM to be zero after power-up. */
_Noreturn void Reset_Handler(void)
{
	volatile uint32_t *from = __data_load__;

	for (volatile uint32_t *to = __data_start__; to < __data_end__; to++)
		*to = *from++;
#ifndef STARTUP_KEEPS_BSS
	for (volatile uint32_t *to = __bss_start__; to < __bss_end__; to++)
		*to = 0;
#endif
	main();
	for (;;) {
	}
}

union vector {
	void (*entry)(void);
	uint32_t *stack;
};

__attribute__((section(".vectors"), used)) static const union vector vectors[16 + 32] = {
	[0] = {.stack = __stack_top__},           [1] = {.entry = Reset_Handler},
	[2] = {.entry = Default_Handler},         [3] = {.entry = HardFault_Handler},
	[4 ... 10] = {.entry = Default_Handler},  [11] = {.entry = SVC_Handler},
	[12 ... 13] = {.entry = Default_Handler}, [14] = {.entry = PendSV_Handler},
	[15] = {.entry = SysTick_Handler},        [16 ... 28] = {.entry = Default_Handler},
	[29] = {.entry = IRQ13_Handler},          [30 ... 47] = {.entry = Default_Handler},
};
