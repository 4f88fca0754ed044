/* SPDX-License-Identifier: Apache-2.0 */
/* Counts SysTick interrupts. */
#include "systick.h"

#include "cpu.h"
#include "port.h"

#define SYST_CSR REG32(0xE000E010U)
#define SYST_RVR REG32(0xE000E014U)
#define SYST_CVR REG32(0xE000E018U)

static volatile uint32_t ticks;

void systick_start(uint32_t core_hz)
{
	SYST_RVR = core_hz / 1000U - 1U;
	SYST_CVR = 0;
	SYST_CSR = 7; /* core clock, interrupt, on */
}

uint32_t systick_ms(void)
{
	return ticks;
}

void port_systick(void)
{
	ticks++;
}
