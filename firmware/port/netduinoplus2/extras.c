/* SPDX-License-Identifier: Apache-2.0 */
/* What else the STM32F405 has: reset flags, watchdog, random numbers, and interrupts for software. */
#include "cpu.h"
#include "port.h"

#define RCC_AHB2ENR REG32(0x40023834U)
#define RCC_CSR     REG32(0x40023874U)
#define IWDG_KR     REG32(0x40003000U)
#define IWDG_PR     REG32(0x40003004U)
#define IWDG_RLR    REG32(0x40003008U)
#define IWDG_SR     REG32(0x4000300CU)
#define RNG_CR      REG32(0x50060800U)
#define RNG_SR      REG32(0x50060804U)
#define RNG_DR      REG32(0x50060808U)

#define AHB2ENR_RNG   (1U << 6)
#define CSR_RMVF      (1U << 24)
#define CSR_BOR       (1U << 25)
#define CSR_PIN       (1U << 26)
#define CSR_POR       (1U << 27)
#define CSR_SOFTWARE  (1U << 28)
#define CSR_WATCHDOGS (3U << 29)
#define CSR_LOW_POWER (1U << 31)
#define CSR_ALL       0xFE000000U
#define CR_RNGEN      (1U << 2)
#define SR_DRDY       (1U << 0)
#define SR_ERRORS     (3U << 1)

enum { FIRST_LINE = 76, LOW_HZ = 32000, PRESCALER = 32, PR_32 = 3, RLR_RESET = 0xFFF, WAIT_LIMIT = 1000000 };

struct port_interrupts port_interrupts(void)
{
	return (struct port_interrupts){.line = {FIRST_LINE, FIRST_LINE + 1, FIRST_LINE + 2}}; /* USB HS, DCMI */
}

/* Every start sets a flag; bare QEMU, which has no model of the RCC, shows none. */
struct port_reset port_reset_cause(void)
{
	static struct port_reset reset;
	static bool is_read;

	if (is_read)
		return reset;
	is_read = true;
	uint32_t flags = RCC_CSR & CSR_ALL;
	RCC_CSR |= CSR_RMVF;
	reset.absent = flags == 0;
	if (flags & (CSR_POR | CSR_BOR))
		reset.causes |= PORT_RESET_POWER;
	if (flags & CSR_PIN) /* set with every other cause too: the chip pulls its own line */
		reset.causes |= PORT_RESET_PIN;
	if (flags & CSR_SOFTWARE)
		reset.causes |= PORT_RESET_SOFTWARE;
	if (flags & CSR_WATCHDOGS)
		reset.causes |= PORT_RESET_WATCHDOG;
	if (flags & CSR_LOW_POWER)
		reset.causes |= PORT_RESET_OTHER;
	return reset;
}

/* Out of reset the reload register reads 0xFFF; QEMU has no model of the watchdog, and shows zero. */
bool port_watchdog_start(uint32_t limit_ms)
{
	if (IWDG_RLR != RLR_RESET)
		return false;
	IWDG_KR = 0xCCCCU;
	IWDG_KR = 0x5555U;
	IWDG_PR = PR_32;
	IWDG_RLR = LOW_HZ / PRESCALER * limit_ms / 1000U;
	for (uint32_t i = 0; IWDG_SR && i < WAIT_LIMIT; i++) {
	}
	IWDG_KR = 0xAAAAU;
	return true;
}

void port_watchdog_feed(void)
{
	IWDG_KR = 0xAAAAU;
}

struct port_entropy port_entropy_start(void)
{
	RCC_AHB2ENR |= AHB2ENR_RNG;
	(void)RCC_AHB2ENR;
	RNG_CR = CR_RNGEN;
	return (struct port_entropy){.absent = !(RNG_CR & CR_RNGEN), .bits_per_byte = 7};
}

size_t port_entropy_read(uint8_t *bytes, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		for (uint32_t turn = 0; !(RNG_SR & SR_DRDY); turn++) {
			if (turn == WAIT_LIMIT || RNG_SR & SR_ERRORS)
				return i;
		}
		bytes[i] = (uint8_t)RNG_DR;
	}
	return size;
}

uint32_t port_mpu_regions(void)
{
	return 8;
}

struct port_crypto port_crypto(void)
{
	return (struct port_crypto){0}; /* the F415 has what the F405 lacks */
}
