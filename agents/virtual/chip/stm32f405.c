/* SPDX-License-Identifier: Apache-2.0 */
/* STM32F405RG as on the Netduino Plus 2: Cortex-M4F, 1 MiB flash, 128 KiB RAM (QEMU lacks the core-coupled 64 KiB). */
#include "agents/virtual/bytes.h"
#include "agents/virtual/chip/chip.h"

static const struct chip_region regions[] = {
	{0x00000000, 0x100000, CHIP_ALIAS},  {0x08000000, 0x100000, CHIP_FLASH}, {0x1fff7800, 0x400, CHIP_FIXED},
	{0x20000000, 0x20000, CHIP_RAM},     {0x40000000, 0x30000, CHIP_DEVICE}, {0x50000000, 0x61000, CHIP_DEVICE},
	{0xe0000000, 0x100000, CHIP_DEVICE},
};

static bool fixed(uint32_t address, const uint8_t unique[CHIP_UNIQUE_SIZE], uint32_t *ret_value)
{
	switch (address) {
	case 0xe0042000: /* DBGMCU_IDCODE: STM32F405, revision Y */
		*ret_value = 0x100f6413;
		return true;
	case 0x1fff7a10: /* unique device id */
	case 0x1fff7a14:
	case 0x1fff7a18:
		*ret_value = bytes_get32(unique + (address - 0x1fff7a10));
		return true;
	case 0x1fff7a20: /* flash size in KiB, in the upper half */
		*ret_value = 0x0400ffff;
		return true;
	default:
		if (address < 0x1fff7800 || address >= 0x1fff7c00)
			return false;
		*ret_value = UINT32_MAX; /* one-time programmable bytes that never were */
		return true;
	}
}

const struct chip chip_stm32f405 = {
	.name = "stm32f405",
	.machine = "netduinoplus2",
	.icount_shift = 5,
	.dpidr = 0x2ba01477,
	.ap_idr = 0x24770011,
	.ap_base = 0xe00ff003,
	.cpuid = 0x410fc241,
	.has_fpu = true,
	.breakpoints = 6,
	.watchpoints = 4,
	.scratch = 0x20000000,
	.regions = regions,
	.region_count = sizeof regions / sizeof *regions,
	.flash = CHIP_FLASH_STM32F4,
	.flash_base = 0x08000000,
	.flash_size = 0x100000,
	/* RCC_CSR: BORRSTF, PINRSTF and PORRSTF; SFTRSTF and PINRSTF; RMVF */
	.cause = {.address = 0x40023874, .at_power = 0x0e000000, .at_reset = 0x14000000, .clears_all = 1 << 24},
	.fixed = fixed,
};
