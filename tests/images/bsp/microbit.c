/* SPDX-License-Identifier: Apache-2.0 */
/* micro:bit: nRF51 UART0. SysTick is used although silicon lacks it: these images are for the virtual board. */
#include "bsp.h"

const uint32_t bsp_core_hz = 16000000;

void bsp_init(void)
{
	REG32(0x4000250CU) = 24;          /* TXD pin */
	REG32(0x40002524U) = 0x01D7E000U; /* 115200 */
	REG32(0x40002500U) = 4;
	REG32(0x40002008U) = 1; /* STARTTX */
}

void bsp_putc(char c)
{
	REG32(0x4000211CU) = 0;
	REG32(0x4000251CU) = (uint8_t)c;
	while (!REG32(0x4000211CU)) {
	}
}
