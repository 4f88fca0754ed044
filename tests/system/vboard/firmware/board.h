/* SPDX-License-Identifier: Apache-2.0 */
/* The little that the test images need of each chip: registers, UART, clock. CHIP_… is given on the command line. */
#ifndef VBOARD_TEST_BOARD_H
#define VBOARD_TEST_BOARD_H

#include <stdint.h>

#define REG(address) (*(volatile uint32_t *)(address))

#if defined(CHIP_STM32F405)
#define CPU_HZ 168000000u
static void uart_init(void)
{
	REG(0x4001100c) = 0x2008;
}
static void put_char(char c)
{
	while (!(REG(0x40011000) & 0x80))
		;
	REG(0x40011004) = (uint8_t)c;
}
#elif defined(CHIP_NRF51)
#define CPU_HZ 16000000u
static void uart_init(void)
{
	REG(0x40002500) = 4;
	REG(0x40002524) = 0x01d7e000;
	REG(0x4000250c) = 24;
	REG(0x40002008) = 1;
}
static void put_char(char c)
{
	REG(0x4000211c) = 0;
	REG(0x4000251c) = (uint8_t)c;
	while (!REG(0x4000211c))
		;
}
#else
#define CPU_HZ 25000000u
static void uart_init(void)
{
	REG(0x40004010) = 217;
	REG(0x40004008) = 3;
}
static void put_char(char c)
{
	while (REG(0x40004004) & 1)
		;
	REG(0x40004000) = (uint8_t)c;
}
#endif

static inline void put_text(const char *text)
{
	while (*text)
		put_char(*text++);
}

static inline void put_value(const char *name, uint32_t value)
{
	put_text(name);
	put_char('=');
	for (int shift = 28; shift >= 0; shift -= 4)
		put_char("0123456789abcdef"[value >> shift & 15]);
	put_text("\r\n");
}

static inline void systick_start(void)
{
	REG(0xe000e014) = CPU_HZ / 1000 - 1;
	REG(0xe000e018) = 0;
	REG(0xe000e010) = 7;
}

#endif
