/* SPDX-License-Identifier: Apache-2.0 */
/* Clocks of the STM32F405: 168 MHz from the internal oscillator through the PLL. */
#include "board.h"
#include "cpu.h"

#define RCC_CR      REG32(0x40023800U)
#define RCC_PLLCFGR REG32(0x40023804U)
#define RCC_CFGR    REG32(0x40023808U)
#define RCC_APB1ENR REG32(0x40023840U)
#define PWR_CR      REG32(0x40007000U)
#define FLASH_ACR   REG32(0x40023C00U)

#define CR_HSION      (1U << 0)
#define CR_PLLON      (1U << 24)
#define CR_PLLRDY     (1U << 25)
#define APB1ENR_PWREN (1U << 28)
#define PWR_CR_VOS    (1U << 14)

#define ACR_LATENCY_MASK 7U
#define ACR_5WS_CACHES   (5U | (1U << 8) | (1U << 9) | (1U << 10)) /* wait states at 168 MHz; prefetch and caches on */

#define PLLCFGR_168MHZ (16U | (336U << 6) | (0U << 16) | (7U << 24)) /* 16 MHz / 16 * 336 / 2; 48 MHz = / 7 */

#define CFGR_PPRE1_DIV4 (5U << 10)
#define CFGR_PPRE2_DIV2 (4U << 13)
#define CFGR_SW_PLL     2U
#define CFGR_SW_MASK    3U
#define CFGR_SWS_PLL    (2U << 2)
#define CFGR_SWS_MASK   (3U << 2)

enum { WAIT_LIMIT = 200000 };

static const struct board_clocks reset_clocks = {.core_hz = 16000000, .apb2_hz = 16000000, .timer_hz = 16000000};
static const struct board_clocks pll_clocks = {.core_hz = 168000000, .apb2_hz = 84000000, .timer_hz = 84000000};

/* QEMU has no model of the RCC: its core clock is 168 MHz from the start and its timers count at 1 GHz. */
static const struct board_clocks emulator_clocks = {.core_hz = 168000000, .apb2_hz = 84000000, .timer_hz = 1000000000};

static int wait_for(volatile uint32_t *reg, uint32_t mask, uint32_t value)
{
	for (uint32_t i = 0; i < WAIT_LIMIT; i++) {
		if ((*reg & mask) == value)
			return 1;
	}
	return 0;
}

struct board_clocks clocks_start(void)
{
	/* Out of reset HSION reads as one, on every chip that can run this code: it runs from that oscillator. */
	if (!(RCC_CR & CR_HSION))
		return emulator_clocks;

	RCC_APB1ENR |= APB1ENR_PWREN;
	PWR_CR |= PWR_CR_VOS; /* scale 1, needed above 144 MHz */
	RCC_CR &= ~CR_PLLON;
	RCC_PLLCFGR = PLLCFGR_168MHZ;
	RCC_CR |= CR_PLLON;
	if (!wait_for(&RCC_CR, CR_PLLRDY, CR_PLLRDY))
		return reset_clocks;

	FLASH_ACR = ACR_5WS_CACHES; /* before the clock goes up */
	if (!wait_for(&FLASH_ACR, ACR_LATENCY_MASK, ACR_5WS_CACHES & ACR_LATENCY_MASK))
		return reset_clocks;
	RCC_CFGR = (RCC_CFGR & ~CFGR_SW_MASK) | CFGR_PPRE1_DIV4 | CFGR_PPRE2_DIV2 | CFGR_SW_PLL;
	wait_for(&RCC_CFGR, CFGR_SWS_MASK, CFGR_SWS_PLL); /* the switch cannot fail once the PLL is ready */
	return pll_clocks;
}
