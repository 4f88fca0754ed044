/* SPDX-License-Identifier: Apache-2.0 */
/* MPS2 with AN385: CMSDK UART 0. */
#include "bsp.h"

const uint32_t bsp_core_hz = 25000000;

void bsp_init(void)
{
	REG32(0x40004010U) = 217; /* 115200 from 25 MHz */
	REG32(0x40004008U) = 1;
}

void bsp_putc(char c)
{
	while (REG32(0x40004004U) & 1U) {
	}
	REG32(0x40004000U) = (uint8_t)c;
}
