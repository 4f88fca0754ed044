/* SPDX-License-Identifier: Apache-2.0 */
/* Netduino Plus 2: USART1 as QEMU's machine has it; 168 MHz is the emulated core's clock. */
#include "bsp.h"

const uint32_t bsp_core_hz = 168000000;

void bsp_init(void)
{
	REG32(0x40023844U) |= 1U << 4; /* USART1 on */
	REG32(0x40011008U) = 729;      /* 115200 from 84 MHz */
	REG32(0x4001100CU) = (1U << 13) | (1U << 3);
}

void bsp_putc(char c)
{
	while (!(REG32(0x40011000U) & (1U << 7))) {
	}
	REG32(0x40011004U) = (uint8_t)c;
}
